"""The pictures of a document as PNG, for formats that have no SVG; drawn by Typst, all at once."""

import json
from collections.abc import Mapping, Sequence

from golive.guide.document import Document, Picture, walk
from golive.guide.writers.legal import legal
from golive.guide.writers.pdf import fonts_in, size

DENSITY = 200.0
"""Dots an inch, when printed at the width at which it is shown."""
WIDTH = 481.0
_SOURCE = """#let shown = json(bytes(sys.inputs.shown))
#set page(width: auto, height: auto, margin: 0pt)
#for (place, one) in shown.enumerate() {
  if place > 0 { pagebreak() }
  image(bytes(one.svg), format: "svg", width: one.width * 1pt)
}
"""


def pictures(document: Document, fonts: Sequence[str] = ()) -> Mapping[str, bytes]:
    """All pictures of a document as PNG, by their SVG."""
    found = [block.svg for chapter in document.chapters for block in walk(chapter.blocks) if isinstance(block, Picture)]
    wanted = list(dict.fromkeys(found))
    if not wanted:
        return {}
    import typst

    shown = json.dumps([{"svg": legal(svg), "width": min(size(svg)[0] * 0.75, WIDTH)} for svg in wanted])
    compiler = typst.Compiler(_SOURCE.encode(), font_paths=fonts_in(tuple(fonts)), sys_inputs={"shown": shown})
    made = compiler.compile(format="png", ppi=DENSITY)
    pages = made if isinstance(made, list) else [made or b""]
    return dict(zip(wanted, pages, strict=True))
