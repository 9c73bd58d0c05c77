"""Each file of ``mistakes/`` is a plan with mistakes and, behind ``--- says``, exactly what is said about it.

A file's parts begin with ``--- NAME`` lines; a part without a name before it is golive.yaml. ``BASE`` on a line of its
own stands for the sound beginning of a plan below.
"""

import re
from pathlib import Path

import pytest

from .plans import problems, write

CASES = sorted((Path(__file__).parent / "mistakes").glob("*.yaml"))
BASE = """\
golive: 1
solution: {name: notes, version: "2.1"}
roles: {web: {}}
components: {site: {on: web}}
sites: {lyon: {hosts: {web-1: {address: 192.0.2.10, role: web}}}}
"""


def parts(text: str) -> dict[str, str]:
    """The files of a case, by name, and what is said."""
    split = re.split(r"^--- (\S+)\n", text, flags=re.MULTILINE)
    named = dict(zip(split[1::2], split[2::2], strict=True))
    return {"golive.yaml": split[0]} | named


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_exactly_these_problems(case: Path, tmp_path: Path):
    files = {name: text.replace("BASE\n", BASE) for name, text in parts(case.read_text(encoding="utf-8")).items()}
    says = files.pop("says")
    write(tmp_path, dict(files))
    assert "\n".join(problems(tmp_path)) == says.strip("\n")


def test_the_base_itself_is_sound(tmp_path: Path):
    write(tmp_path, {"golive.yaml": BASE})
    assert problems(tmp_path) == []
