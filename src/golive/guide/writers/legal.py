"""What a text must not hold in print: signs that no format can carry, and words that are wider than a column. Pure."""

import re

_ILLEGAL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
_LONG = re.compile(r"\S{13,}")
_JOINT = re.compile(r"(?<=[/_.:@=,;&?|\\)\]}-])(?=\w)|(?<=[a-z0-9])(?=[A-Z])")
_RUN = re.compile(r"[^\u200b]{17,}")
SPACE = "\u200b"
"""A space without width: a line may break there."""


def legal(text: str) -> str:
    """The text with a mark in place of each sign that XML 1.0, and so DOCX, cannot carry."""
    return _ILLEGAL.sub("\ufffd", text)


def breakable(text: str) -> str:
    """The text with places to break inside long words: paths, ids, digests. Otherwise they run out of their cell."""
    return _LONG.sub(lambda found: _broken(found[0]), text)


def _broken(word: str) -> str:
    return _RUN.sub(lambda run: _cut(run[0], 16), _JOINT.sub(SPACE, word))


def _cut(run: str, size: int) -> str:
    return SPACE.join(run[at : at + size] for at in range(0, len(run), size))


def wrapped(line: str, width: int) -> str:
    """A line of a script with places to break in words that are wider than the page."""
    if len(line) <= width:
        return line
    return re.sub(rf"\S{{{width},}}", lambda found: _cut(found[0], width), line)
