"""What of a shell script is code: its text without comments, and with each quoted text replaced by the letter Q.

A reader of its own, which shares nothing with golive's quoting: it knows single quotes, double quotes, substitutions,
comments and here-documents. Values that are quoted leave no trace in it, values that are not do.
"""

import re

_CODE = re.compile(
    r"""(?P<quoted>'[^']*'|\\')|(?P<escaped>\\.)|(?P<double>")|(?P<inner>\$\()|(?P<paren>[()])"""
    r"""|(?P<comment>(?<![^\s;&|(])\#[^\n]*)|(?P<here><<'?(?P<end>\w+)'?)|(?P<line>\n)|(?P<plain>[^'\\"$()#<\n]+|.)""",
    re.DOTALL,
)
_DOUBLE = re.compile(r"""(?P<escaped>\\.)|(?P<double>")|(?P<inner>\$\()|(?P<plain>[^\\"$]+|.)""", re.DOTALL)


def skeleton(script: str) -> str:
    """The script's code, in which neighbouring quoted texts are one, numbers are N, and no line is empty.

    Raises:
        ValueError: a quote, a substitution or a here-document has no end.
    """
    found = "".join(_pieces(script))
    found = re.sub(r"\b([0-9a-f]{16}|[0-9]+)\b", "N", found)
    return re.sub(r"\n\s+", "\n", re.sub("\ue0ff([ \t]*\ue0ff)*", "Q", found))


def _pieces(script: str) -> list[str]:
    pieces: list[str] = []
    depths = [0]  # of parentheses, for each substitution that is open; None stands for double quotes
    inside: list[bool] = []
    at, awaited = 0, list[str]()
    while at < len(script):
        double = bool(inside) and inside[-1]
        match = (_DOUBLE if double else _CODE).match(script, at)
        assert match is not None, "both expressions take any character"
        at, kind, text = match.end(), match.lastgroup, match[0]
        if kind == "double":
            inside.pop() if double else inside.append(True)
        elif kind == "inner":
            inside.append(False)
            depths.append(0)
        elif kind == "paren":
            if text == ")" and depths[-1] == 0 and inside:
                inside.pop()
                depths.pop()
            else:
                depths[-1] += 1 if text == "(" else -1 if depths[-1] else 0
        elif kind == "end" or kind == "here":
            awaited.append(match["end"])
        elif kind == "line" and awaited:
            text, at = _here(script, at, awaited)
        if kind == "plain" and text == "'" and not double:
            raise ValueError("a quote has no end")
        pieces.append("\ue0ff" if kind == "quoted" else "" if kind == "comment" else text)
    if inside:
        raise ValueError("a double quote or a substitution has no end")
    return pieces


def _here(script: str, at: int, awaited: list[str]) -> tuple[str, int]:
    """The here-documents that begin at a position, as they are, and where they end."""
    began = at
    while awaited:
        end = script.find(f"\n{awaited.pop(0)}\n", at - 1)
        if end < 0:
            raise ValueError("a here-document has no end")
        at = script.index("\n", end + 1)
    held = re.sub(r'"[A-Za-z_][A-Za-z0-9_$-]*"(\."[A-Za-z_][A-Za-z0-9_$-]*")*', '"name"', script[began:at])  # in SQL
    return "\n" + held, at
