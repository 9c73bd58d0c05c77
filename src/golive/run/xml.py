"""XML that comes from outside: what declares entities or another file is refused before anything of it is read."""

from xml.parsers import expat

_SAID = "it declares XML entities, which no results of tests need"


class _Body(Exception):
    """The first element: nothing can be declared any more."""


def refuse_entities(body: bytes) -> None:
    """Looks at what stands before the first element, in whatever encoding. Raises ValueError that says why."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = _stop
    try:
        parser.Parse(body, True)
    except _Body:
        return
    except expat.ExpatError as error:
        raise ValueError(f"it is no JUnit XML: {error}") from error


def _refuse(*_: object) -> None:
    raise ValueError(_SAID)


def _stop(*_: object) -> None:
    raise _Body
