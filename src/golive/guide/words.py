"""Words for people: durations, times, sizes, and who does what. Pure."""

from datetime import date, datetime, time

from golive.calendar.zone import day
from golive.graph.step import Stage, Step
from golive.graph.words import span
from golive.plan.component import Need
from golive.resources.sh import SECRET_MARK

PARTIES = {"team": "project team", "operators": "client's operators"}


def at(seconds: float) -> str:
    """A time counted from the beginning of the rollout."""
    return f"T + {span(seconds)}" if round(seconds) else "T"


def size(count: int) -> str:
    """Bytes as people read them."""
    for unit, step in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= step:
            return f"{count / step:.1f} {unit}"
    return f"{count} B"


def binary(count: int) -> str:
    """Memory and disks, in the units in which they are bought."""
    for unit, step in (("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20)):
        if count >= step:
            return f"{count / step:g} {unit}"
    return f"{count} B"


def visible(text: str) -> str:
    """The text with each secret's marker turned into words."""
    return SECRET_MARK.sub(lambda match: f"(secret {match[1]})", text)


def listed(items: tuple[str, ...] | list[str]) -> str:
    """Items in a sentence: ``a, b and c``."""
    return ", ".join(items[:-1]) + " and " + items[-1] if len(items) > 1 else "".join(items)


def need_words(need: Need) -> str:
    """What a component needs, with where it must be when that is not anywhere at its site."""
    if need.at:
        return f"{need.component} at {need.at}"
    return f"{need.component} on the same host" if need.on == "host" else need.component


def day_of(on: date) -> str:
    """A date with its weekday."""
    return day(datetime.combine(on, time()))


def undone(step: Step) -> str:
    """How a step is undone, in a sentence."""
    if step.no_return:
        return "Cannot be undone: this is the point of no return."
    if step.undo:
        return "By its inverse, in a back-out."
    if step.kept:
        return f"Stays: {visible(step.kept)}."
    if step.stage is Stage.HANDOVER:
        return "Stays: a back-out does not cover the handover."
    if step.do.kind == "gather" or step.do.kind == "guide":
        return "Nothing: no host is touched."
    return "Nothing to take back."
