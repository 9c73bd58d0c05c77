"""A document as one self-contained HTML file: contents, search, print style. Every text of the plan is escaped."""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from hashlib import sha256

from jinja2 import BaseLoader, ChoiceLoader, DictLoader, PackageLoader, PrefixLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from golive.guide.document import (
    Block,
    Cell,
    Chapter,
    Code,
    Document,
    Facts,
    Gap,
    Items,
    Line,
    Paragraph,
    Picture,
    Row,
    Section,
    Span,
    Table,
)

Templates = Mapping[str, str]
"""Templates of the plan's own, by name; they stand in place of the built-in ones."""


def html(document: Document, templates: Templates | None = None) -> str:
    """The document as HTML: equal documents give equal text.

    Args:
        document: the document.
        templates: the plan's own ``guide.html.j2`` or ``style.css``. Raises jinja2.TemplateError when they are wrong.
    """
    environment = _environment(tuple((templates or {}).items()))
    script = environment.get_template("golive/search.js").render()
    allowed = b64encode(sha256(script.encode()).digest()).decode()
    bodies = [(chapter, Markup("").join(_chapter(chapter))) for chapter in document.chapters]
    contents = Markup("").join(_contents(document.chapters))
    page = environment.get_template("guide.html.j2")
    facts = Markup("").join(_facts(Facts(document.facts)))
    values = {"document": document, "chapters": bodies, "contents": contents, "facts": facts}
    return page.render(**values, script=Markup(script), script_digest=allowed)


@cache
def _environment(templates: tuple[tuple[str, str], ...]) -> SandboxedEnvironment:
    built_in = PackageLoader("golive.guide", "templates")
    loaders: list[BaseLoader] = [DictLoader(dict(templates)), PrefixLoader({"golive": built_in}), built_in]
    return SandboxedEnvironment(
        loader=ChoiceLoader(loaders), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


_Pieces = Iterator[Markup]


def _chapter(chapter: Chapter) -> _Pieces:
    number = Markup("<span>{}</span> ").format(chapter.number) if chapter.number.isdigit() else Markup("")
    kind = "chapter flows" if chapter.flows else "chapter"
    yield Markup('<section class="{}" id="{}"><h1>{}{}</h1>\n').format(kind, chapter.name, number, chapter.title)
    yield from _blocks(chapter.blocks, 2)
    yield Markup("</section>\n")


def _contents(chapters: Iterable[Chapter]) -> _Pieces:
    yield Markup("<ol>\n")
    for chapter in chapters:
        number = Markup("<b>{}</b> ").format(chapter.number) if chapter.number.isdigit() else Markup("")
        yield Markup('<li>{}<a href="#{}">{}</a>').format(number, chapter.name, chapter.title)
        named = [block for block in chapter.blocks if isinstance(block, Section) and block.anchor]
        if named and chapter.name != "scripts":
            yield Markup("<ol>")
            for block in named:
                said = (block.number, block.anchor, block.title)
                yield Markup('<li><b>{}</b> <a href="#{}">{}</a></li>').format(*said)
            yield Markup("</ol>")
        yield Markup("</li>\n")
    yield Markup("</ol>\n")


def _blocks(blocks: Iterable[Block], level: int) -> _Pieces:
    for block in blocks:
        yield from _block(block, level)


def _block(block: Block, level: int) -> _Pieces:
    match block:
        case Section():
            yield from _section(block, level)
        case Paragraph():
            yield Markup("<p{}>{}</p>\n").format(_class(block.tone, block.keep), _line(block.line))
        case Items():
            yield from _items(block)
        case Facts():
            yield from _facts(block)
        case Table():
            yield from _table(block)
        case Picture():
            svg = Markup(block.svg)
            yield Markup("<figure>{}<figcaption>{}</figcaption></figure>\n").format(svg, block.caption)
        case Code():
            yield from _code(block)
        case Gap():
            yield from _gap(block)


def _class(name: str, keep: bool) -> Markup:
    names = " ".join(one for one in (name, "keep" if keep else "") if one)
    return Markup(' class="{}"').format(names) if names else Markup("")


def _section(section: Section, level: int) -> _Pieces:
    anchor = Markup(' id="{}"').format(section.anchor) if section.anchor else Markup("")
    kind = Markup(' class="page"') if section.page else Markup("")
    number = Markup("<span>{}</span> ").format(section.number) if section.number else Markup("")
    tag = f"h{min(level, 5)}"
    yield Markup("<div{}{}><{}>{}{}</{}>\n").format(anchor, kind, tag, number, section.title, tag)
    yield from _blocks(section.blocks, level + 1)
    yield Markup("</div>\n")


def _items(block: Items) -> _Pieces:
    box = Markup('<span class="box"></span>') if block.boxes else Markup("")
    yield Markup("<ul{}>").format(_class("boxes" if block.boxes else "", block.keep))
    for line in block.lines:
        yield Markup("<li>{}{}</li>\n").format(box, _line(line))
    yield Markup("</ul>\n")


def _facts(block: Facts) -> _Pieces:
    yield Markup("<dl{}>\n").format(_class("", block.keep))
    for name, said in block.rows:
        yield Markup("<dt>{}</dt><dd>{}</dd>\n").format(name, _cell(said))
    yield Markup("</dl>\n")


def _table(block: Table) -> _Pieces:
    total = sum(column.share for column in block.columns)
    yield Markup('<div class="table"><table{}><colgroup>').format(_class(block.kind, block.keep))
    for column in block.columns:
        yield Markup('<col style="width:{}%">').format(f"{100 * column.share / total:.1f}")
    yield Markup("</colgroup><thead><tr>")
    for column in block.columns:
        yield Markup("<th{}>{}</th>").format(_NUMBER if column.number else "", column.title)
    yield Markup("</tr></thead><tbody>\n")
    numbers = [column.number for column in block.columns]
    for row in block.rows:
        yield _row(row, numbers, block.kind == "check")
    yield Markup("</tbody></table></div>\n")


_NUMBER = Markup(' class="number"')


def _row(row: Row, numbers: list[bool], boxed: bool) -> Markup:
    anchor = Markup(' id="{}"').format(row.anchor) if row.anchor else ""
    tone = Markup(' class="{}"').format(row.tone) if row.tone else ""
    cells = [
        f"<td{_NUMBER if number else ''}>{_cell(cell)}</td>" for cell, number in zip(row.cells, numbers, strict=True)
    ]
    if boxed:
        cells[0] = '<td><span class="box"></span></td>'
    return Markup(f"<tr{anchor}{tone}>{''.join(cells)}</tr>\n")


def _cell(cell: Cell) -> Markup:
    if len(cell.lines) == 1:
        return _line(cell.lines[0])
    return Markup("").join(Markup("<div>{}</div>").format(_line(line)) for line in cell.lines)


def _line(line: Line) -> Markup:
    return Markup("").join(map(_span, line))


def _span(span: Span) -> Markup:
    said = escape(span.text)
    if "\n" in span.text:
        said = said.replace("\n", Markup("<br>"))
    match span.style:
        case "":
            pass
        case "code":
            said = Markup("<code>{}</code>").format(said)
        case "strong":
            said = Markup("<strong>{}</strong>").format(said)
        case style:
            said = Markup('<span class="{}">{}</span>').format(style, said)
    return Markup('<a href="#{}">{}</a>').format(span.to, said) if span.to else said


def _code(block: Code) -> _Pieces:
    anchor = Markup(' id="{}"').format(block.anchor) if block.anchor else Markup("")
    text = Markup("<pre>{}</pre>").format(block.text) if block.text else Markup("")
    if block.folded:
        said = (anchor, _line(block.title), text)
        yield Markup("<details{}><summary>{}</summary>{}</details>\n").format(*said)
        return
    title = Markup('<p class="name">{}</p>').format(_line(block.title)) if block.title else Markup("")
    yield Markup('<div class="code"{}>{}{}</div>\n').format(anchor, title, text)


def _gap(block: Gap) -> _Pieces:
    yield Markup('<div class="missing"><p>Still missing</p><ul>\n')
    for item in block.items:
        keys = Markup(", ").join(Markup("<code>{}</code>").format(key) for key in item.keys[:6])
        more = Markup(" and {} more").format(len(item.keys) - 6) if len(item.keys) > 6 else Markup("")
        owed = Markup('<span class="dim">Owed by {}, {}.</span>').format(item.owner, item.due)
        yield Markup("<li>{} ({}{}) {}</li>\n").format(item.what, keys, more, owed)
    yield Markup("</ul></div>\n")
