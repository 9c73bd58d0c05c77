"""The topology of a site: how golive reaches it, its hosts by role, and what the cutover moves between them."""

from collections.abc import Iterator, Sequence

from golive.method.choose import Mechanism, choose
from golive.pictures.sheet import DIM, INK, NORMAL, PAPER, SMALL, TINT, WIDTH, Sheet
from golive.pictures.text import width
from golive.plan.plan import Plan
from golive.words import several

_LEFT, _TOP, _ROW = 150.0, 66.0, 5
"""Where the site begins, where its hosts begin, and how many roles stand side by side."""
_HOST, _GAP, _MOST = 40.0, 8.0, 9
_LINE, _OLD = "#3d6b99", "#8a6d3b"


def sheets(plan: Plan, site: str) -> tuple[str, ...]:
    """The site as one picture.

    Args:
        plan: the plan.
        site: the site's name.
    """
    sheet, spec = Sheet(), plan.sites[site]
    roles = [role for role in plan.roles if spec.with_role(role)]
    rows = [roles[start : start + _ROW] for start in range(0, len(roles), _ROW)]
    tops = list(_tops(plan, site, rows))
    bottom = tops.pop()
    label = f"{spec.title} ({site})" if spec.title else site
    sheet.box(_LEFT, 14, WIDTH - _LEFT - 4, bottom - 14, TINT, rx=6)
    sheet.words(_LEFT + 12, 34, label, WIDTH - _LEFT - 30, 13, bold=True)
    _reach(sheet, plan, site)
    for row, top in zip(rows, tops, strict=True):
        for place, role in enumerate(row):
            _role(sheet, plan, site, role, *_column(len(row), place), top)
    flows = list(_flows(plan, roles))
    high = _drawn(sheet, flows, rows, bottom)
    said = f"{several(len(spec.hosts), 'host')} in {several(len(roles), 'role')}, reached by golive; " + "; ".join(
        f"{text} from {start} to {end}" for start, end, text in flows
    )
    return (sheet.svg(f"Topology of {label}", said.rstrip("; "), high),)


def _column(count: int, place: int) -> tuple[float, float]:
    """Where a role stands, and how wide it is."""
    wide = min(128.0, (WIDTH - _LEFT - 20 - 10 * count) / count)
    return _LEFT + 14 + place * (wide + 10), wide


def _tops(plan: Plan, site: str, rows: Sequence[Sequence[str]]) -> Iterator[float]:
    """Where each row of roles begins, and where the site ends."""
    top = _TOP
    for row in rows:
        yield top
        tall = max(min(len(plan.sites[site].with_role(role)), _MOST + 1) for role in row)
        top += 18 + tall * (_HOST + _GAP) + 14
    yield max(top, _TOP + 90)


def _reach(sheet: Sheet, plan: Plan, site: str) -> None:
    """The controller, and the line on which the solution comes to the site."""
    spec, method = plan.sites[site], choose(plan.sites[site])
    bundle = method.mechanism is Mechanism.BUNDLE
    sheet.box(4, _TOP, 84, 44, edge=_LINE, rx=4, stroke_width=2)
    sheet.words(46, _TOP + 26, "controller", 78, anchor="middle")
    sheet.path(
        f"M88 {_TOP + 22:g}H{_LEFT - 8:g}", _LINE, stroke_width=1.5, stroke_dasharray="6 4" if bundle else "none"
    )
    sheet.head(_LEFT - 1, _TOP + 22, "right", _LINE)
    sheet.words(116, _TOP + 14, "courier" if bundle else "SSH", 56, SMALL, anchor="middle")
    y = _TOP + 64
    notes = [f"by way of {spec.jump}"] if spec.jump else []
    notes += [f"line of {spec.link.megabits:g} Mbit/s, of which {spec.link.share:.0%}"] if spec.link else []
    notes += [f"installed by the {method.installer}"]
    for note in notes:
        y += 12 * sheet.words(4, y, note, _LEFT - 14, SMALL, lines=3, colour=DIM) + 4


def _role(sheet: Sheet, plan: Plan, site: str, role: str, x: float, wide: float, y: float) -> None:
    spec, names = plan.sites[site], plan.sites[site].with_role(role)
    existing = plan.roles[role].existing
    colour, dash = (_OLD, {"stroke_dasharray": "4 3"}) if existing else (_LINE, {})
    middle, more = x + wide / 2, f" × {len(names)}" if len(names) > 1 else ""
    head = f"{role}{more}" + (" (existing)" if existing else "")
    sheet.words(middle, y + 8, head, wide, bold=True, colour=colour, anchor="middle")
    shown = names if len(names) <= _MOST + 1 else names[:_MOST]
    y += 18
    for name in shown:
        hover = f"{site}/{name}, {role}, {spec.hosts[name].address}"
        sheet.box(x, y, wide, _HOST, edge=colour, rx=4, **dash)
        sheet.words(middle, y + 16, name, wide - 8, anchor="middle", hover=hover)
        sheet.words(middle, y + 31, spec.hosts[name].address, wide - 8, SMALL, colour=DIM, anchor="middle")
        y += _HOST + _GAP
    if rest := names[len(shown) :]:
        said = f"and {len(rest)} more"
        sheet.words(middle, y + 16, said, wide, anchor="middle", colour=DIM, hover=", ".join(rest))


def _flows(plan: Plan, roles: list[str]) -> Iterator[tuple[str, str, str]]:
    """What the cutover moves: from which role, to which, and what."""
    cutover = plan.cutover
    for mover in cutover.move if cutover else ():
        if mover.source in roles and mover.target in roles:
            yield mover.source, mover.target, f"data ({mover.kind})"
    for switch in cutover.switch if cutover else ():
        to = str(getattr(switch, "to", ""))
        if switch.on in roles and to in roles:
            yield switch.on, to, f"traffic after the switch ({switch.kind})"


def _drawn(sheet: Sheet, flows: list[tuple[str, str, str]], rows: Sequence[Sequence[str]], bottom: float) -> float:
    """The flows below the site, as arrows from role to role; where roles stand in rows, as sentences."""
    if len(rows) > 1:
        for index, (start, end, said) in enumerate(flows):
            sheet.words(_LEFT + 12, bottom + 20 + index * 18, f"{start} → {end}: {said}", WIDTH - _LEFT - 24)
        return bottom + 18 * len(flows) + 12
    columns = ((role, _column(len(rows[0]), place)) for place, role in enumerate(rows[0])) if rows else ()
    centres = {role: x + wide / 2 for role, (x, wide) in columns}
    level, labels = bottom - 10, list[tuple[float, float, str]]()
    for index, (start, end, said) in enumerate(flows):
        level += 32
        x1, x2 = centres[start] + 7 * index, centres[end] + 7 * index + (14 if start == end else 0)
        sheet.path(f"M{x1:g} {bottom - 8:g}V{level:g}H{x2:g}V{bottom:g}", INK, stroke_width=1.4)
        sheet.head(x2, bottom - 8, "up")
        sheet.dot(x1, bottom - 8, 3, INK)
        labels.append(((x1 + x2) / 2, level, said))
    for x, y, said in labels:
        room = min(width(said, NORMAL), 2 * min(x - 4, WIDTH - 4 - x))
        sheet.box(x - room / 2 - 3, y + 2, room + 6, 14, PAPER, "")
        sheet.words(x, y + 13, said, room, NORMAL, anchor="middle")
    return level + 22
