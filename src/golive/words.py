"""Words that all layers share, the service on the old host of a cutover as well. Pure."""


def several(count: int, one: str, many: str = "") -> str:
    """A count with what is counted: ``1 host``, ``2 hosts``; for other plurals, or with a verb, both are given."""
    return f"{count} {one if count == 1 else many or one + 's'}"
