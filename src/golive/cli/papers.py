"""What the guide is written with and about: templates, fonts, formats, and the register of its issues."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from golive.errors import GateRefused, UsageError

if TYPE_CHECKING:
    from golive.graph.graph import Graph
    from golive.guide.document import Document
    from golive.guide.issue import History, Issue
    from golive.plan.plan import Loaded

TEMPLATES = "guide"
"""The folder beside the plan with templates of its own."""
ISSUED = "issued"
"""The folder beside the plan with the issues of the guide, and what was signed about them."""
_EXTRA = "pip install 'golive[documents]'"


def made(document: "Document", kind: str, folder: Path) -> bytes:
    """The document in a format, with the templates of the plan's folder. Raises UsageError when one is wrong."""
    if kind == "html":
        return _html(document, folder)
    try:
        return _pdf(document, folder) if kind == "pdf" else _docx(document, folder)
    except ModuleNotFoundError as error:
        raise UsageError(f"the format {kind} needs {error.name}, which is not installed", _EXTRA) from error


def _html(document: "Document", folder: Path) -> bytes:
    from jinja2 import TemplateError

    from golive.guide.writers.html import html

    try:
        return html(document, templates(folder, "guide.html.j2", "style.css")).encode()
    except TemplateError as error:
        where = f"{TEMPLATES}/{getattr(error, 'name', None) or 'guide.html.j2'}"
        line = f":{error.lineno}" if getattr(error, "lineno", None) else ""  # pyright: ignore
        raise UsageError(f"{where}{line}: {error}", "mend the template, or take it out") from error


def _pdf(document: "Document", folder: Path) -> bytes:
    import typst

    from golive.guide.writers.pdf import pdf

    own = templates(folder, "guide.typ")
    try:
        return pdf(document, fonts(), own)
    except typst.TypstError as error:
        if not own:
            raise
        raise UsageError(f"{TEMPLATES}/guide.typ: {error.message}", "mend the template, or take it out") from error


def _docx(document: "Document", folder: Path) -> bytes:
    from zipfile import BadZipFile

    from docx.opc.exceptions import PackageNotFoundError

    from golive.guide.writers.docx import docx

    own, to = folder / TEMPLATES / "guide.docx", BytesIO()
    try:
        docx(document, to, fonts(), BytesIO(own.read_bytes()) if own.is_file() else None)
    except (PackageNotFoundError, BadZipFile, ValueError, KeyError) as error:
        if not own.is_file():
            raise
        raise UsageError(f"{TEMPLATES}/guide.docx is no DOCX with the usual styles: {error}", "save it anew") from error
    return to.getvalue()


def templates(folder: Path, *names: str) -> Mapping[str, str]:
    """The plan's own templates of these names, as far as there are any."""
    found = {name: folder / TEMPLATES / name for name in names}
    return {name: path.read_text(encoding="utf-8") for name, path in found.items() if path.is_file()}


@cache
def fonts() -> tuple[str, ...]:
    """Folders with the fonts that came with golive, so that a guide looks alike on every machine."""
    from importlib.util import find_spec

    found = find_spec("font_source_sans_pro")
    return tuple(str(Path(place, "files")) for place in (found.submodule_search_locations or ())) if found else ()


def issues(folder: Path) -> Iterator["Issue"]:
    """The issues of the guide, oldest first. Raises UsageError when one cannot be read."""
    from golive.guide.issue import from_text

    for number in range(1, 100_000):
        path = folder / ISSUED / f"{number}.json"
        if not path.is_file():
            return
        try:
            yield from_text(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UsageError(f"{path} is no issue of the guide: {error}", "restore it from a copy") from error


def history(folder: Path, loaded: "Loaded") -> "History":
    """The issues until now, what changed since the last one, and who has signed it."""
    from golive.guide.issue import History, changes, flat

    found = tuple(issues(folder))
    if not found:
        return History()
    last = found[-1]
    return History(found, changes(last.plan, flat(loaded)), dict(_approved(folder, loaded, last.number)))


def _approved(folder: Path, loaded: "Loaded", number: int) -> Iterator[tuple[str, str]]:
    """Who has signed an issue, with an SSH signature that holds; and whose signature does not."""
    from golive.run.decide import verify

    document = folder / ISSUED / f"{number}.json"
    for name, person in loaded.plan.people.items():
        signed = document.with_name(f"{document.name}.{name}.sig")
        if person.key is None or not signed.is_file():
            continue
        try:
            text, signature = document.read_text(encoding="utf-8"), signed.read_text(encoding="utf-8")
            verify(text, signature, name, {name: loaded.files[person.key]})
        except (GateRefused, UnicodeDecodeError):
            yield name, f"{signed.name} is not this person's signature"
        else:
            yield name, f"issue {number} approved, by SSH signature"


def issue_next(folder: Path, loaded: "Loaded", graph: "Graph", author: str, note: str) -> str:
    """Records the guide of a plan as the next issue; says so. Raises UsageError."""
    from golive.guide.issue import issued, to_text

    people = loaded.plan.people
    if author not in people:
        known = f"people: {', '.join(people)}" if people else "name the people of the rollout in the plan"
        raise UsageError("an issue has an author: --as PERSON, by the name in the plan", known)
    earlier = tuple(issues(folder))
    if earlier and earlier[-1].graph == graph.digest and not history(folder, loaded).changes:
        raise UsageError(f"nothing changed since issue {earlier[-1].number}", "there is nothing to issue")
    at = datetime.now().astimezone()
    new = issued(loaded, graph, earlier, f"{at:%Y-%m-%d %H:%M %Z}", people[author].name, note)
    path = folder / ISSUED / f"{new.number}.json"
    path.parent.mkdir(exist_ok=True)
    with path.open("x", encoding="utf-8") as stream:
        stream.write(to_text(new))
    return f"issued version {new.number} ({path}); who approves it signs that file:\n  {_SIGN.format(path)}"


_SIGN = "ssh-keygen -Y sign -n golive -f KEY < {0} > {0}.PERSON.sig"
