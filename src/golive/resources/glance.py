"""A glance: which of many resources are as wanted already, by one question of each sort instead of checks one by one.

What costs on a host is the starting of processes. A resource that can be recognised by lines that a host prints about
many things at once says so in ``sights()``. A glance never decides that something is wrong: what it does not recognise
is checked by the resource's own ``check``, unless the host denied it in so many words. It says nothing any more once
anything was changed, and is taken anew when a resource after the changed one was found as wanted, of what stands from
there on; so where everything has to be done, hardly any is taken. Neighbours that were changed together are proven by a
glance at them alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from golive.resources.sh import quote

WORTH = 4
"""Below so many resources their own checks are as quick."""


@dataclass(frozen=True)
class Question:
    """What a host is asked about many things: ``text``, with all of them as ``"$@"``, prints a line about each.

    A line ``not ANSWER`` denies: what is wanted is not so, and no check need ask again.
    """

    name: str
    text: str


@dataclass(frozen=True)
class Sight:
    """The line with which the host answers a question about one thing when that is as wanted."""

    question: Question
    about: str
    answer: str


Sights = Sequence[tuple[int, Sequence[Sight]]]

_GLANCE = r"""
# --- a glance at all of it: one question of each sort, and the numbers of those that are as wanted by the answers
%(questions)swanted() {
cat <<'END'
%(wanted)s
END
}
among() { [ "$number" -le "$2" ] && [ "$1" -le "$last" ]; }  # FIRST LAST: whether those are looked at
glance() {  # at what stands from NUMBER on, to LAST
  seen=" $({
%(asked)s
echo '='
wanted
} 2>/dev/null | awk '
    told {
      number = $1; sub(/^[0-9]+ /, ""); all[number]
      if (!($0 in seen)) missed[number]
      if (("not " $0) in seen) denied[number]
      next
    }
    $0 == "=" { told = 1; next }
    { seen[$0] }
    END {
      for (number in denied) printf "!%%s ", number
      for (number in all) if (!(number in missed)) printf "%%s ", number
    }')"
}
as_wanted() {  # whether NUMBER is, by the last glance if it holds ("view"), or else by its own check
  if [ "$view" = none ]; then
    glance
    view=clear
  fi
  if [ "$view" = clear ]; then case $seen in *" $number "*) return 0 ;; *" !$number "*) return 1 ;; esac fi
  "check_$number" >/dev/null 2>&1
}
"""

_ONE_BY_ONE = """as_wanted() { "check_$number" >/dev/null 2>&1; }
"""


def as_wanted(sights: Sights) -> str:
    """Shell text of a function ``as_wanted``, which tells whether the resource ``$number`` is as wanted.

    Args:
        sights: the numbers of the resources that can be recognised, and by what.
    """
    if len(sights) < WORTH:
        return _ONE_BY_ONE
    lines = [f"{number} {sight.answer}" for number, seen in sights for sight in seen]
    asked = _asked(sights)
    reach = _reach(sights)
    return _GLANCE % {
        "questions": "".join(f"ask_{question.name}() {{\n{question.text}\n}}\n" for question in asked),
        "wanted": "\n".join(lines),
        "asked": "\n".join(_call(question, about, reach[question]) for question, about in asked.items()),
    }


def _asked(sights: Sights) -> Mapping[Question, Sequence[str]]:
    """Each question with everything that it is asked about, once."""
    asked: dict[Question, dict[str, None]] = {}
    for _, seen in sights:
        for sight in seen:
            asked.setdefault(sight.question, {})[sight.about] = None
    return {question: list(about) for question, about in asked.items()}


def _reach(sights: Sights) -> Mapping[Question, tuple[int, int]]:
    """The first and the last resource that each question is about."""
    reach: dict[Question, tuple[int, int]] = {}
    for number, seen in sights:
        for sight in seen:
            first, _ = reach.get(sight.question, (number, number))
            reach[sight.question] = (first, number)
    return reach


def _call(question: Question, about: Sequence[str], reach: tuple[int, int]) -> str:
    words = " \\\n  ".join(quote(one) for one in about)
    hush = "# shellcheck disable=SC2016\n" if "$" in words or "`" in words else ""
    return f"{hush}! among {reach[0]} {reach[1]} || ask_{question.name} \\\n  {words}"
