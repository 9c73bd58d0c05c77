"""The picture of a site: how golive reaches it, its hosts by role, and what the cutover moves between them."""

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

from golive.guide.context import Context
from golive.method.choose import Mechanism

_COLUMN, _BOX, _LEFT, _TOP, _HOST, _GAP = 172, 136, 190, 64, 44, 10
_INK, _DIM, _LINE, _OLD = "#1c2733", "#55606c", "#3d6b99", "#8a6d3b"


def topology(context: Context, site: str) -> str:
    """The site as one self-contained SVG."""
    spec = context.site(site)
    roles = [role for role in context.plan.roles if spec.with_role(role)]
    tall = max((len(spec.with_role(role)) for role in roles), default=1)
    flows = list(_flows(context, roles))
    bottom = _TOP + 36 + tall * (_HOST + _GAP)
    width, height = _LEFT + max(len(roles), 1) * _COLUMN + 20, bottom + 26 + 30 * len(flows)
    parts = [_head(context.label(site), width, height), _frame(context, site, width, bottom), _reach(context, site)]
    for index, role in enumerate(roles):
        parts += _role(context, site, role, _LEFT + 10 + index * _COLUMN)
    centres = {role: _LEFT + 10 + index * _COLUMN + _BOX / 2 for index, role in enumerate(roles)}
    parts += [_flow(*flow, centres, bottom + 26 + 30 * index) for index, flow in enumerate(flows)]
    return "\n".join([*parts, "</svg>"])


def _head(site: str, width: float, height: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" aria-label={quoteattr(f"Topology of {site}")} font-size="12" fill="{_INK}" '
        f"font-family=\"'Liberation Sans', Arial, Helvetica, sans-serif\">"
    )


def _frame(context: Context, site: str, width: float, bottom: float) -> str:
    return (
        f'<rect x="{_LEFT - 10}" y="20" width="{width - _LEFT}" height="{bottom - 20:g}" rx="6" fill="#f6f8fa" '
        f'stroke="#9aa5b1"/><text x="{_LEFT}" y="40" font-weight="bold">{escape(context.label(site))}</text>'
    )


def _reach(context: Context, site: str) -> str:
    """The controller, and the line on which the solution comes to the site."""
    jump, bundle = context.site(site).jump, context.method(site).mechanism is Mechanism.BUNDLE
    said = "by courier" if bundle else "SSH"
    dash = ' stroke-dasharray="6 4"' if bundle else ""
    lines = ["by way of", jump[:32], jump[32:64]] if jump else []
    small = f'font-size="9.5" fill="{_DIM}"'
    rows = [(_TOP + 74 + 12 * row, escape(line)) for row, line in enumerate(lines)]
    via = [f'<text x="8" y="{y}" {small}>{line}</text>' for y, line in rows]
    return (
        f'<rect x="8" y="{_TOP}" width="104" height="{_HOST}" rx="4" fill="#fff" stroke="{_LINE}" stroke-width="2"/>'
        f'<text x="60" y="{_TOP + 26}" text-anchor="middle">controller</text>'
        f'<path d="M112 {_TOP + 22}H{_LEFT - 18}" stroke="{_LINE}" stroke-width="1.5"{dash}/>'
        f'<path d="M{_LEFT - 19} {_TOP + 17}l8 5-8 5z" fill="{_LINE}"/>'
        f'<text x="{(112 + _LEFT - 16) / 2:g}" y="{_TOP + 15}" text-anchor="middle" font-size="10">{said}</text>'
        + "".join(via)
    )


def _role(context: Context, site: str, role: str, x: float) -> Iterator[str]:
    existing = context.plan.roles[role].existing
    note = f"{role} (existing)" if existing else role
    colour, dash = (_OLD, ' stroke-dasharray="4 3"') if existing else (_LINE, "")
    middle = f'x="{x + _BOX / 2:g}" text-anchor="middle"'
    yield f'<text {middle} y="{_TOP + 14}" fill="{colour}" font-weight="bold">{escape(note)}</text>'
    for index, name in enumerate(context.site(site).with_role(role)):
        y, address = _TOP + 26 + index * (_HOST + _GAP), context.site(site).hosts[name].address
        yield (
            f'<rect x="{x:g}" y="{y}" width="{_BOX}" height="{_HOST}" rx="4" fill="#ffffff" stroke="{colour}"{dash}/>'
            f'<text {middle} y="{y + 19}">{escape(name)}</text>'
            f'<text {middle} y="{y + 34}" font-size="10" fill="{_DIM}">{escape(address)}</text>'
        )


def _flows(context: Context, roles: list[str]) -> Iterator[tuple[str, str, str]]:
    """What the cutover moves: from which role, to which, and what."""
    cutover = context.plan.cutover
    for mover in cutover.move if cutover else ():
        if mover.source in roles and mover.target in roles:
            yield mover.source, mover.target, f"data ({mover.kind})"
    for switch in cutover.switch if cutover else ():
        to = str(getattr(switch, "to", ""))
        if switch.on in roles and to in roles:
            yield switch.on, to, f"traffic after the switch ({switch.kind})"


def _flow(start: str, end: str, said: str, centres: Mapping[str, float], y: float) -> str:
    x1, x2 = centres[start], centres[end]
    middle = (x1 + x2) / 2
    return (
        f'<path d="M{x1:g} {y - 16:g}V{y:g}H{x2:g}V{y - 9:g}" fill="none" stroke="{_INK}" stroke-width="1.4"/>'
        f'<path d="M{x2 - 5:g} {y - 8:g}h10l-5-8z" fill="{_INK}"/>'
        f'<circle cx="{x1:g}" cy="{y - 16:g}" r="3" fill="{_INK}"/>'
        f'<text x="{middle:g}" y="{y + 11:g}" text-anchor="middle" font-size="10.5">{escape(said)}</text>'
    )
