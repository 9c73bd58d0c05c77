"""What each table of the guide must be equal to, computed anew from plan, graph, forecast, requirements and run.

A source gives the rows of all tables of its name, in the order of the document. A cell is compared as a whole, up to a
closing ``…``, or not at all (None: prose that stands at another test or at none).
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import groupby

from golive.agenda.concerns import concerns
from golive.agenda.entries import entries
from golive.calendar.zone import day, local, shown
from golive.flags.all import FLAGS
from golive.flags.facts import Facts
from golive.flags.needs import NO_CLOCK, requirements
from golive.graph.forecast import Forecast
from golive.graph.graph import Graph
from golive.graph.step import Stage, Step
from golive.graph.words import span
from golive.guide.chapters.introduction import hardware_words
from golive.guide.chapters.personal import parts
from golive.guide.context import Context
from golive.guide.document import Document, Gap, walk
from golive.guide.words import PARTIES, at, binary, day_of, listed, need_words, size, visible
from golive.method.choose import choose
from golive.plan.timing import hours_of, zone_of
from golive.reconcile.state import Status
from golive.words import several

Row = tuple[str | None, ...]
Source = Callable[[Context, Document], Iterator[Row]]
SOURCES: dict[str, Source] = {}
STAGES = list(Stage)


def source(name: str) -> Callable[[Source], Source]:
    def keep(one: Source) -> Source:
        SOURCES[name] = one
        return one

    return keep


def scopes(c: Context) -> list[str | None]:
    return [None, *(site for wave in c.plan.all_waves() for site in wave if site in c.graph.sites)]


def sites(c: Context) -> list[str]:
    return [site for site in scopes(c) if site]


def by_stage(c: Context, site: str | None) -> list[tuple[Stage, list[Step]]]:
    held = [step for step in c.graph.steps if step.site == site]
    return [
        (stage, [step for step in held if step.stage is stage])
        for stage in STAGES
        if any(s.stage is stage for s in held)
    ]


_FORECASTS: list[tuple[Graph, Forecast]] = []


def forecast(graph: Graph) -> Forecast:
    """Made once for each graph: it takes a while."""
    for known, found in _FORECASTS:
        if known is graph:
            return found
    _FORECASTS.append((graph, Forecast(graph, "UTC")))
    return _FORECASTS[-1][1]


def times(c: Context, step: Step) -> tuple[float, float]:
    found = forecast(c.graph).times
    return found.start[step.id], found.end[step.id]


def by_clock(c: Context, step: Step, seconds: float) -> str:
    zone = zone_of(c.plan, step.site) if step.site else c.plan.calendar.timezone
    instant = forecast(c.graph).instant(seconds)
    return shown(instant, zone) if instant else ""


def human(step: Step) -> bool:
    return step.do.kind in ("person", "decision")


def spot(step: Step) -> str:
    return step.host or ("a person" if human(step) else "controller")


def holders(c: Context, role: str, site: str | None, key: bool = False) -> str:
    held = [p for p in c.plan.people.values() if role in p.roles and (site is None or not p.sites or site in p.sites)]
    return listed([p.name for p in held if p.key or not key])


def both(*lines: str | None) -> str:
    return " / ".join(text for text in lines if text)


# --- control, introduction, people ---


@source("control.issues")
def _(c: Context, d: Document) -> Iterator[Row]:
    yield ("1", "2026-11-26 09:00 UTC", "Ada", "First", "abcdef012345")


@source("control.approvals")
def _(c: Context, d: Document) -> Iterator[Row]:
    yield from ((p.name, ", ".join(p.roles), "", "") for p in c.plan.people.values())


@source("control.missing")
def _(c: Context, d: Document) -> Iterator[Row]:
    for chapter in d.chapters:
        gaps = [item for block in walk(chapter.blocks) if isinstance(block, Gap) for item in block.items]
        yield from dict.fromkeys((chapter.title, item.what, item.owner, item.due) for item in gaps)


@source("introduction.components")
def _(c: Context, d: Document) -> Iterator[Row]:
    for name, part in c.plan.components.items():
        yield both(name, part.purpose), part.on, listed([*map(need_words, part.needs)]) or "nothing", None, None


@source("introduction.roles")
def _(c: Context, d: Document) -> Iterator[Row]:
    for name, role in c.plan.roles.items():
        hosts = [
            f"{site}/{host}" for site in sites(c) for host, of in c.plan.sites[site].hosts.items() if of.role == name
        ]
        yield both(name, role.purpose), listed(hosts) or "none", both(*hardware_words(role.hardware)), None


@source("introduction.risks")
def _(c: Context, d: Document) -> Iterator[Row]:
    ranked = sorted(enumerate(c.plan.risks, 1), key=lambda one: -(one[1].likelihood.order + one[1].impact.order))
    for place, risk in ranked:
        yield (
            str(place),
            both(risk.name, risk.about),
            risk.likelihood,
            risk.impact,
            c.plan.people[risk.owner].name,
            risk.response,
        )


@source("people.team")
def _(c: Context, d: Document) -> Iterator[Row]:
    for p in c.plan.people.values():
        where = listed([c.label(site) for site in p.sites]) or "all"
        signs = "by SSH key" if p.key else "no key named"
        yield (
            both(p.name, p.organisation),
            listed(p.roles),
            listed(p.skills) or "–",
            where,
            both(p.email, p.phone),
            signs,
        )


@source("people.sites")
def _(c: Context, d: Document) -> Iterator[Row]:
    for site in sites(c):
        contact = c.plan.sites[site].contact
        named = c.plan.people[contact].name if contact else "nobody named"
        yield c.label(site), named, PARTIES[choose(c.plan.sites[site]).installer], None


@source("people.tasks")
def _(c: Context, d: Document) -> Iterator[Row]:
    for stage in STAGES:
        if any(step.stage is stage and not human(step) for step in c.graph.steps):
            yield stage, "run and watch: …", None, None
    asked = [step for site in scopes(c) for _, steps in by_stage(c, site) for step in steps if human(step)]
    found: dict[tuple[Stage, str, str], list[str]] = {}
    for step in asked:
        names = found.setdefault((step.stage, visible(step.title), str(step.do.inputs["role"])), [])
        role = str(step.do.inputs["role"])
        names += [p.name for p in c.plan.people.values() if p.acts(role, step.site or "") and p.name not in names]
    for (stage, title, role), names in sorted(found.items(), key=lambda one: one[0][0].order):
        yield stage, title, role, listed(names) or "nobody"


@source("people.decisions")
def _(c: Context, d: Document) -> Iterator[Row]:
    asked = [s for site in sites(c) for _, steps in by_stage(c, site) for s in steps if s.do.kind == "decision"]
    yield from (
        (title, role, None)
        for title, role in dict.fromkeys((visible(s.title), str(s.do.inputs["role"])) for s in asked)
    )
    back = c.plan.contingency.back_out if c.plan.contingency else None
    yield from (
        ("To go back to the old system", "authority", c.plan.people[name].name)
        for name in (back.authority if back else ())
    )
    yield from ((None, role, holders(c, role, None)) for role in (c.plan.gates.waived_by if c.plan.gates else ()))


# --- deployment ---


@source("timetable.waves")
def _(c: Context, d: Document) -> Iterator[Row]:
    named = {wave.name for wave in c.plan.waves}
    for number, wave in enumerate(c.plan.named_waves(), 1):
        dates = f"{day_of(wave.planned.start)} to {day_of(wave.planned.until)}" if wave.planned else "no dates"
        name = wave.name if wave.name in named else "the rest"
        yield str(number), name, listed([c.label(site) for site in wave.sites]), dates, None


@source("timetable.dates")
def _(c: Context, d: Document) -> Iterator[Row]:
    for site in sites(c):
        spec, zone = c.plan.sites[site], zone_of(c.plan, site)
        for stage, planned in spec.planned.items():
            yield c.label(site), "planned", stage, f"from {day(planned.start)} {planned.start:%H:%M}, {zone}"
        for window in spec.windows:
            yield c.label(site), "window", None, f"{day(window.start)} {window.start:%H:%M} to …"
        for freeze in spec.freezes:
            yield c.label(site), "freeze", None, f"{day(freeze.start)} {freeze.start:%H:%M} to …"
    for one in c.plan.milestones:
        yield c.label(one.site) if one.site else "all", "milestone", one.name, day_of(one.day)
    for one in c.plan.calendar.freezes:
        yield "all", "freeze", None, f"{day(one.start)} {one.start:%H:%M} to …"


@source("timetable.stages")
def _(c: Context, d: Document) -> Iterator[Row]:
    wave = {site: str(number) for number, held in enumerate(c.plan.all_waves(), 1) for site in held}
    for site in scopes(c):
        for stage, steps in by_stage(c, site):
            start, end = min(times(c, s)[0] for s in steps), max(times(c, s)[1] for s in steps)
            begins = both(at(start), by_clock(c, steps[0], start))
            work = span(sum(s.planned for s in steps))
            yield (
                wave.get(site or "", "–"),
                c.label(site),
                stage,
                str(len(steps)),
                begins,
                at(end),
                span(end - start),
                work,
            )


@source("timetable.critical")
def _(c: Context, d: Document) -> Iterator[Row]:
    path = [c.graph.by_id[name] for name in forecast(c.graph).times.critical]
    for (site, stage), group in groupby(path, key=lambda step: (step.site, step.stage)):
        steps = list(group)
        yield c.label(site), stage, at(times(c, steps[0])[0]), span(sum(s.planned for s in steps)), None


@source("readiness.sites")
def _(c: Context, d: Document) -> Iterator[Row]:
    for site in sites(c):
        spec = c.plan.sites[site]
        line = f"{spec.link.megabits:g} Mbit/s" if spec.link else "not told"
        yield c.label(site), str(len(spec.hosts)), choose(spec).route, PARTIES[choose(spec).installer], line


@source("readiness.preparation")
def _(c: Context, d: Document) -> Iterator[Row]:
    for site in sites(c):
        for step in dict(by_stage(c, site)).get(Stage.BASELINE, ()):
            if step.undo or step.kept or human(step):
                yield c.numbers[step.id], c.label(site), f"{visible(step.title)}…", None


@source("resources.hours")
def _(c: Context, d: Document) -> Iterator[Row]:
    for one in requirements(Facts(c.loaded, c.graph, NO_CLOCK)).hours:
        who = PARTIES.get(one.role, one.role)
        yield one.skill, who, c.label(one.site or None), one.week or "no date", f"{one.hours:.2f}"


@source("resources.needs")
def _(c: Context, d: Document) -> Iterator[Row]:
    found = requirements(Facts(c.loaded, c.graph, NO_CLOCK))
    for one in (*found.skills, *found.links, *found.hosts, *found.licences):
        there = "not known" if one.available is None else f"{one.available:.1f} {one.unit}"
        yield (
            one.what,
            one.where,
            one.when,
            f"{one.needed:.2f} {one.unit}",
            there,
            f"{one.short:.1f} {one.unit}" if one.short else "",
        )


@source("communications")
def _(c: Context, d: Document) -> Iterator[Row]:
    for one in c.plan.messages:
        yield one.at, f"{one.title} / …", ", ".join(one.to), ", ".join(one.sites) or "all"


# --- installation, checklist ---


@source("installation.hosts")
def _(c: Context, d: Document) -> Iterator[Row]:
    for site in sites(c):
        for name, host in c.plan.sites[site].hosts.items():
            role = c.plan.roles[host.role]
            address = f"{host.address} port {host.port}" if host.port else host.address
            kind = both(host.role, "existing system" if role.existing else "")
            yield name, address, host.user or c.plan.access.team.user, kind, "; ".join(hardware_words(role.hardware))


@source("installation.artifacts")
def _(c: Context, d: Document) -> Iterator[Row]:
    for _ in sites(c):
        for name, files in c.loaded.artifacts.items():
            yield name, None, several(len(files), "file"), size(sum(file.size for file in files)), None


@source("procedure")
def _(c: Context, d: Document) -> Iterator[Row]:
    for site in scopes(c):
        for step in (step for _, steps in by_stage(c, site) for step in steps):
            start = times(c, step)[0]
            planned = both(span(step.planned), at(start), by_clock(c, step, start))
            yield c.numbers[step.id], f"{both(visible(step.title), step.id)}…", f"{spot(step)} / …", planned, None


@source("checklist")
def _(c: Context, d: Document) -> Iterator[Row]:
    for site in scopes(c):
        for step in (step for _, steps in by_stage(c, site) for step in steps):
            start = times(c, step)[0]
            expected = f"{by_clock(c, step, start) or at(start)}, {span(step.planned)}"
            yield "", c.numbers[step.id], f"{visible(step.title)}…", spot(step), expected, None, None


@source("checklist.signatures")
def _(c: Context, d: Document) -> Iterator[Row]:
    for site in sites(c):
        contact = c.plan.sites[site].contact
        sign_off = c.plan.handover.sign_off if c.plan.handover else None
        yield "Lead", holders(c, "lead", site), "", ""
        yield "Site representative", c.plan.people[contact].name if contact else "", "", ""
        yield "Taken over by", holders(c, sign_off.role, site, key=True) if sign_off else "", "", ""


# --- environment, outage, back-out, rollback ---


@source("environment.tools")
def _(c: Context, d: Document) -> Iterator[Row]:
    for item in c.plan.handover.procedures if c.plan.handover else ():
        yield f"/usr/local/sbin/{c.plan.solution.name}-{item.name}", item.purpose or item.name, f"hosts of {item.on}"


@source("environment.front")
def _(c: Context, d: Document) -> Iterator[Row]:
    yield from (
        (f"front door, seen from {one.on}", one.check.sentence())
        for one in (c.plan.cutover.verify if c.plan.cutover else ())
    )


@source("environment.database")
def _(c: Context, d: Document) -> Iterator[Row]:
    for mover in c.plan.cutover.move if c.plan.cutover else ():
        yield f"{mover.kind}…", f"moves from {mover.source} to {mover.target}"


@source("environment.control")
def _(c: Context, d: Document) -> Iterator[Row]:
    kinds = [step.do.kind for step in c.graph.steps]
    verified = sum(1 for step in c.graph.steps if step.verify)
    yield "Verified steps", f"{verified} of {len(kinds)} steps …"
    yield "Decisions", f"{several(kinds.count('decision'), 'decision')} …"
    yield "Tasks by hand", f"{several(kinds.count('person'), 'task')} …"
    yield "Gates", f"{several(kinds.count('gate'), 'gate')} …"
    yield "Journal", None


@source("environment.secrets")
def _(c: Context, d: Document) -> Iterator[Row]:
    yield from ((name, None) for name in c.plan.secrets)


@source("environment.alarms")
def _(c: Context, d: Document) -> Iterator[Row]:
    for name, alarm in (c.plan.contingency.alarms if c.plan.contingency else {}).items():
        within = span(alarm.acknowledge_within) if alarm.acknowledge_within else "no time"
        yield both(name, alarm.says), None, within, day_of(alarm.fired) if alarm.fired else "never"


@source("environment.backups")
def _(c: Context, d: Document) -> Iterator[Row]:
    for one in c.plan.evidence.backups:
        newest = f"{one.newest:%Y-%m-%d %H:%M}" if one.newest else "not told"
        held = binary(one.size) if one.size else "not told"
        yield f"{one.name} / …", listed(one.covers), newest, held, day_of(one.restored) if one.restored else "never"


@source("outage.holds")
def _(c: Context, d: Document) -> Iterator[Row]:
    if not (c.plan.cutover and (c.plan.cutover.fence or c.plan.cutover.follows)):
        return
    for site in sites(c):
        steps = [s for s in c.graph.steps if s.site == site and s.stage is Stage.CUTOVER and s.do.kind == "script"]
        fences = [s for s in steps if "/fence-" in s.id or "/cross" in s.id] or steps
        begin = min(times(c, s)[0] for s in fences)
        end = max(times(c, s)[1] for s in ([s for s in steps if s.no_return] or steps))
        yield (
            c.label(site),
            f"{c.numbers[min(fences, key=lambda s: times(c, s)[0]).id]} begins, {at(begin)}…",
            f"… ends, {at(end)}",
            span(end - begin),
        )


@source("outage.failures")
def _(c: Context, d: Document) -> Iterator[Row]:
    contingency = c.plan.contingency
    yield from ((name.replace("-", " "),) for name in (contingency.failures if contingency else ()))
    if contingency and contingency.kill_switch:
        yield (f"Anything: the kill switch. {contingency.kill_switch.how}…",)


@source("back_out.criteria")
def _(c: Context, d: Document) -> Iterator[Row]:
    back = c.plan.contingency.back_out if c.plan.contingency else None
    for one in back.criteria if back else ():
        limits = [f"above {one.above:g}"] if one.above is not None else []
        limits += [f"below {one.below:g}"] if one.below is not None else []
        yield one.says, one.metric or "not measured", listed(limits) or "no number"


@source("back_out.actions")
def _(c: Context, d: Document) -> Iterator[Row]:
    back = c.plan.contingency.back_out if c.plan.contingency else None
    yield from ((one.do, one.check or "not told") for one in (back.actions if back else ()))


@source("back_out.inverses")
def _(c: Context, d: Document) -> Iterator[Row]:
    for site in sites(c):
        steps = [s for s in c.graph.steps if s.site == site and s.undo and s.stage in (Stage.DEPLOY, Stage.CUTOVER)]
        for place, s in enumerate(reversed(steps), 1):
            yield str(place), c.numbers[s.id], both(visible(s.title), s.id), spot(s), span(s.planned)


@source("rollback.inverses")
def _(c: Context, d: Document) -> Iterator[Row]:
    kinds = {f"/copy-{mover.kind}@" for mover in (c.plan.cutover.move if c.plan.cutover else ())}
    for site in sites(c):
        for s in reversed(c.graph.steps):
            if s.site == site and s.undo and any(kind in s.id for kind in kinds):
                yield c.numbers[s.id], visible(s.title), spot(s)


# --- gates, hypercare, handover, appendices ---


@source("gates.flags")
def _(c: Context, d: Document) -> Iterator[Row]:
    yield from ((flag.title, flag.explanation, flag.owner, str(flag.severity), None) for flag in FLAGS)


@source("gates.checks")
def _(c: Context, d: Document) -> Iterator[Row]:
    for site in sites(c):
        steps = dict(by_stage(c, site)).get(Stage.CUTOVER, [])
        if any(s.no_return for s in steps):
            plain = [s for s in steps if not s.undo and not s.kept and not s.no_return and not human(s)]
            yield from ((c.numbers[s.id], visible(s.title), None, spot(s)) for s in plain if s.do.kind != "message")


@source("gates.signatures")
def _(c: Context, d: Document) -> Iterator[Row]:
    for site in sites(c):
        for s in (s for _, steps in by_stage(c, site) for s in steps if s.do.kind == "decision"):
            yield c.numbers[s.id], visible(s.title), None, f"stage {s.stage}"


@source("gates.checkpoints")
def _(c: Context, d: Document) -> Iterator[Row]:
    for site in sites(c):
        for stage, steps in by_stage(c, site):
            before = {need for s in steps for need in s.needs} - {s.id for s in steps}
            yield (
                stage,
                f"{several(len(before), 'step')} done and verified: …" if before else "nothing: it may begin",
                None,
            )


@source("hypercare.period")
def _(c: Context, d: Document) -> Iterator[Row]:
    for site in sites(c):
        ends = [times(c, s)[1] for s in c.graph.steps if s.site == site and s.stage in (Stage.DEPLOY, Stage.CUTOVER)]
        instant = forecast(c.graph).instant(max(ends)) if ends else None
        if instant and c.plan.hypercare:
            live = local(instant, zone_of(c.plan, site))
            end = local(instant, zone_of(c.plan, site)).toordinal() + round(c.plan.hypercare.lasts / 86400)
            yield c.label(site), day_of(live.date()), day_of(live.date().fromordinal(end))


@source("hypercare.people")
def _(c: Context, d: Document) -> Iterator[Row]:
    for site in sites(c):
        for skill in c.plan.hypercare.skills if c.plan.hypercare else ():
            able = [p.name for p in c.plan.people.values() if skill in p.skills and (not p.sites or site in p.sites)]
            yield c.label(site), skill, both(*able)


@source("hypercare.smoke")
def _(c: Context, d: Document) -> Iterator[Row]:
    for name, part in c.plan.components.items():
        if part.check:
            yield name, f"hosts of {part.on}", visible(part.check.sentence())
    for one in c.plan.cutover.verify if c.plan.cutover else ():
        yield "front door", f"seen from {one.on}", visible(one.check.sentence())


@source("handover.tests")
def _(c: Context, d: Document) -> Iterator[Row]:
    deploy = c.plan.gates.deploy if c.plan.gates else None
    testing = deploy.testing if deploy else None
    yield from (("component", name, pattern) for name, pattern in (testing.components if testing else {}).items())
    yield from (("scenario", name, pattern) for name, pattern in (testing.scenarios if testing else {}).items())
    yield from (("results", "", file) for file in (testing.results if testing else ()))
    yield from (("evidence", one.version or "", one.file) for one in c.plan.evidence.tests)


@source("handover.defects")
def _(c: Context, d: Document) -> Iterator[Row]:
    deploy = c.plan.gates.deploy if c.plan.gates else None
    defects = deploy.defects if deploy else None
    if defects:
        yield from ((defects.file, name, str(most)) for name, most in defects.at_most.items())


@source("handover.procedures")
def _(c: Context, d: Document) -> Iterator[Row]:
    for item in c.plan.handover.procedures if c.plan.handover else ():
        yield item.name, item.purpose or "", item.on, None


@source("handover.sign_off")
def _(c: Context, d: Document) -> Iterator[Row]:
    sign_off = c.plan.handover.sign_off if c.plan.handover else None
    for site in sites(c) if sign_off else ():
        yield c.label(site), holders(c, sign_off.role, site, key=True) if sign_off else "", "", ""


@source("artifacts")
def _(c: Context, d: Document) -> Iterator[Row]:
    yield from ((file.file, size(file.size), file.sha256) for files in c.loaded.artifacts.values() for file in files)


@source("contacts")
def _(c: Context, d: Document) -> Iterator[Row]:
    for p in c.plan.people.values():
        if not c.person or not p.sites or {*p.sites} & {*c.sites}:
            where = listed([c.label(site) for site in p.sites]) or "all"
            yield (
                both(p.name, p.organisation),
                listed(p.roles),
                where,
                p.phone or "not in the plan",
                p.email or "not in the plan",
            )


# --- as run, for one person ---


@source("as_run.stages")
def _(c: Context, d: Document) -> Iterator[Row]:
    for site in scopes(c):
        for stage, steps in by_stage(c, site):
            ran = [c.ran.of(s.id) for s in steps if c.ran]
            done = sum(one.status is Status.DONE for one in ran)
            start, end = min(times(c, s)[0] for s in steps), max(times(c, s)[1] for s in steps)
            yield c.label(site), stage, str(len(steps)), str(done), None, None, None, span(end - start)


def late(c: Context, step: Step, began: datetime | None) -> bool:
    expected = forecast(c.graph).instant(times(c, step)[0])
    return bool(expected and began and began - expected > timedelta(minutes=15))


@source("as_run.differences")
def _(c: Context, d: Document) -> Iterator[Row]:
    for site in scopes(c):
        for _, steps in by_stage(c, site):
            held = [(s, c.ran.of(s.id)) for s in steps if c.ran]
            odd = [(s, r) for s, r in held if r.notes or r.status is not Status.DONE or late(c, s, r.began)]
            told = [(s, r) for s, r in odd if r.status is not Status.PENDING]
            yield from (
                (c.numbers[s.id], both(visible(s.title), s.id), str(r.status), f"{both(*r.notes)}…") for s, r in told
            )
            pending = [s for s, r in held if r.status is Status.PENDING]
            if pending:
                yield None, f"{several(len(pending), 'step')} of …", "pending", "not done in this run"


@source("as_run.answers")
def _(c: Context, d: Document) -> Iterator[Row]:
    for one in c.ran.answers if c.ran else ():
        name = c.plan.people[one.person].name if one.person in c.plan.people else one.person
        yield shown(one.at, c.zone(c.graph.by_id[one.step].site)), f"…{one.step}", name, one.verb, f"{one.reason}…"


@source("as_run.happened")
def _(c: Context, d: Document) -> Iterator[Row]:
    for one in c.ran.happened if c.ran else ():
        name = c.plan.people[one.who].name if one.who in c.plan.people else one.who
        yield shown(one.at, c.zone(None)), one.said, name


def _when(c: Context, seconds: float) -> str:
    instant = forecast(c.graph).instant(seconds)
    return shown(instant, hours_of(c.plan, c.person).zone) if instant else at(seconds)


@source("personal.tasks")
def _(c: Context, d: Document) -> Iterator[Row]:
    for part in parts(c):
        start, end = min(times(c, s)[0] for s in part.steps), max(times(c, s)[1] for s in part.steps)
        first = part.steps[0]
        numbers = c.numbers[first.id] + ("" if part.asked else "…")
        takes = span(first.planned if part.asked else end - start)
        yield _when(c, start), numbers, c.label(first.site), None, None, takes


@source("personal.dates")
def _(c: Context, d: Document) -> Iterator[Row]:
    zone = hours_of(c.plan, c.person).zone
    for one in entries(c.loaded, c.graph):
        if concerns(c.plan, one, c.person) and (not one.site or one.site in c.sites):
            yield one.day(zone), one.when(zone), one.title, listed(one.notes)


@source("personal.criteria")
def _(c: Context, d: Document) -> Iterator[Row]:
    back = c.plan.contingency.back_out if c.plan.contingency else None
    yield from ((one.says, one.metric or "not measured") for one in (back.criteria if back else ()))


@source("personal.checklist")
def _(c: Context, d: Document) -> Iterator[Row]:
    for part in parts(c):
        numbers = c.numbers[part.steps[0].id] + ("" if part.asked else "…")
        yield (
            "",
            numbers,
            f"{visible(part.steps[0].title)}…" if part.asked else f"Run and watch {part.steps[0].stage}…",
            "",
            "",
        )


def same(wanted: Row, got: list[str]) -> bool:
    """Whether a row is what its source says."""
    return len(wanted) == len(got) and all(_same(one, cell) for one, cell in zip(wanted, got, strict=True))


def _same(wanted: str | None, got: str) -> bool:
    if wanted is None:
        return True
    if wanted.startswith("…"):
        return got.endswith(wanted[1:])
    return got.startswith(wanted[:-1]) if wanted.endswith("…") else got == wanted
