"""Reads a picture as a page that is printed: what is out of its place, too small, or not plain."""

from collections.abc import Iterator
from xml.etree import ElementTree

from golive.pictures.sheet import SMALL, TALL, WIDTH
from golive.pictures.text import width

SVG = "{http://www.w3.org/2000/svg}"
PLAIN = {SVG + name for name in ("svg", "g", "title", "desc", "rect", "path", "circle", "text")}
Box = tuple[float, float, float, float]
SLACK = 1.5


def faults(picture: str) -> Iterator[str]:
    """What is wrong with a picture; nothing is what is wanted."""
    root = ElementTree.fromstring(picture)
    high = float(root.get("height", "0"))
    if high > TALL or float(root.get("width", "0")) != WIDTH:
        yield f"the sheet is {root.get('width')} × {high}"
    for node in root.iter():
        if node.tag not in PLAIN:
            yield f"{node.tag} is no plain shape"
        if strange := set(node.attrib) & {"style", "class", "id", "href", "onload", "onclick"}:
            yield f"{node.tag} has {strange}"
    boxes = [_box(node) for node in root.iter(SVG + "rect")]
    texts = [(node, _extent(node)) for node in root.iter(SVG + "text") if node.get("transform") is None]
    for node, (left, top, right, bottom) in texts:
        if float(node.get("font-size", "0")) < SMALL:
            yield f"“{node.text}” is too small"
        inside = [box for box in boxes if _holds(box, (float(node.get("x", "0")), bottom))]
        x1, y1, x2, y2 = min(inside, key=lambda box: (box[2] - box[0]) * (box[3] - box[1]), default=(0, 0, WIDTH, high))
        if left < x1 - SLACK or right > x2 + SLACK or bottom > y2 + SLACK or top < y1 - SLACK:
            yield f"“{node.text}” ({left:.0f} to {right:.0f}) leaves its box ({x1:.0f} to {x2:.0f})"
    yield from _on_each_other(texts)


def _on_each_other(texts: list[tuple[ElementTree.Element, Box]]) -> Iterator[str]:
    for index, (one, (left, top, right, bottom)) in enumerate(texts):
        for other, (left2, top2, right2, bottom2) in texts[index + 1 :]:
            if min(right, right2) - max(left, left2) > SLACK and min(bottom, bottom2) - max(top, top2) > SLACK:
                yield f"“{one.text}” and “{other.text}” lie on each other"


def _box(node: ElementTree.Element) -> Box:
    x, y, wide, high = (float(node.get(name, "0")) for name in ("x", "y", "width", "height"))
    return x, y, x + wide, y + high


def _holds(box: Box, at: tuple[float, float]) -> bool:
    return box[0] <= at[0] <= box[2] and box[1] <= at[1] <= box[3]


def _extent(node: ElementTree.Element) -> Box:
    size, x, y = (float(node.get(name, "0")) for name in ("font-size", "x", "y"))
    wide = width(node.text or "", size, node.get("font-weight") == "bold")
    left = x - wide * {"start": 0.0, "middle": 0.5, "end": 1.0}[node.get("text-anchor", "start")]
    return left, y - size * 0.75, left + wide, y
