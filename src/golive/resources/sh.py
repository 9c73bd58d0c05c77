"""Quoting for POSIX sh, and the markers that stand for secrets in text until it is rendered."""

import re

SECRET_MARK = re.compile("\ue000([a-z][a-z0-9_]*)\ue001")
"""Where a secret stands in rendered text; the private-use characters keep it apart from anything a person writes."""

_READ = re.compile(r"\$\{GOLIVE_SECRET_([a-z][a-z0-9_]*)\}")


def mark(secret: str) -> str:
    """The marker for the secret of this name."""
    return f"\ue000{secret}\ue001"


def quote(text: str) -> str:
    """``text`` as one shell word, whatever it contains. Raises ValueError on NUL, which no shell can hold."""
    if "\x00" in text:
        raise ValueError("NUL cannot be written in a shell script")
    return "'" + text.replace("'", "'\\''") + "'"


def variable(secret: str) -> str:
    """The shell variable that holds a secret while a script runs."""
    return f"GOLIVE_SECRET_{secret}"


def word(text: str) -> str:
    """Like ``quote``, with each secret's marker turned into its variable."""
    parts = SECRET_MARK.split(text)
    rendered = [quote(part) if index % 2 == 0 else f'"${{{variable(part)}}}"' for index, part in enumerate(parts)]
    return "".join(part for part in rendered if part != "''") or "''"


def code(text: str) -> str:
    """Shell text written by the plan's author, with each secret's marker turned into its variable."""
    return SECRET_MARK.sub(lambda match: f"${{{variable(match[1])}}}", text)


def function(name: str, body: str) -> str:
    """A shell function with this body, left as it is, since indenting could change a quoted text."""
    return f"{name}() {{\n{body or ':'}\n}}\n"


def hush(text: str) -> str:
    """Keeps ShellCheck from asking whether a dollar in a quoted text was meant."""
    return "# shellcheck disable=SC2016\n" if "$" in text else ""


def secrets_in(text: str) -> frozenset[str]:
    """The names of the secrets that the text refers to."""
    marked = SECRET_MARK.findall(text) if "\ue000" in text else ()
    read = _READ.findall(text) if "${GOLIVE_SECRET_" in text else ()
    return frozenset(marked) | frozenset(read)
