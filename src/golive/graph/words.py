"""Durations and names of steps as people read them. Pure."""

from golive.graph.step import Step

NO_RETURN = "point of no return"


def span(seconds: float) -> str:
    """A duration as people read it: ``2 min 30 s``; the two largest units."""
    left, parts = max(round(seconds), 0), list[str]()
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        parts += [f"{count} {unit}"] if count else ["0"] if parts else []
    return " ".join(part for part in parts[:2] if part != "0") or "0 s"


def short(step: Step) -> str:
    """What the step is called within its site and stage and on its host."""
    return step.id.rpartition("/")[2].partition("@")[0]
