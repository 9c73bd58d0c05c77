"""Cross-checks: what no single part of the plan can tell about itself. Pure; each rule is one small generator."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any, cast

from golive.model import Model
from golive.plan import cross_people
from golive.plan.component import Need
from golive.plan.contradictions import contradictions
from golive.plan.cutover import FrontCheck
from golive.plan.dates import dates
from golive.plan.pick import similar
from golive.plan.plan import Plan
from golive.plan.positions import Loc, Positions, Problem, dotted
from golive.plan.protocol import protocol_problems
from golive.plan.site import Network, Party
from golive.resources.file import File

Found = Iterator[tuple[Loc, str, str]]
_SECRET = re.compile(r"\bsecret\(\s*['\"]([^'\"]*)['\"]\s*\)")


class Names:
    """Every name that the plan declares, valid or not, and what of the plan could be read at all."""

    def __init__(self, raw: Mapping[str, Any], positions: Positions) -> None:
        self._raw, self.positions = raw, positions

    def of(self, section: str) -> list[str]:
        """The names declared in a section."""
        held = self._raw.get(section)
        return list(cast("dict[str, Any]", held)) if isinstance(held, dict) else []

    def all_known(self, section: str) -> bool:
        """Whether ``of`` gives all of them: the section was readable, or was not written at all."""
        gone = self.positions.gone
        return () not in gone and (section,) not in gone and isinstance(self._raw.get(section, {}), dict)

    def left_out_of(self, loc: Loc, value: str) -> bool:
        """Whether an item of the list at a path holds this value and was left out."""
        items: Any = self._raw
        for part in loc:
            items = items[part]
        gone = [index for index in range(len(items)) if not self.whole(*loc, index)]
        return any(value in items[index].values() for index in gone if isinstance(items[index], dict))

    def whole(self, *loc: str | int) -> bool:
        """Whether everything that was written at a path, or below it, is in the plan."""
        return self.positions.whole(loc)


def cross_check(plan: Plan, names: Names, files: Mapping[str, str]) -> list[Problem]:
    """All problems between parts of the plan.

    Args:
        plan: what was valid by itself.
        names: what was written; names that stand there are known, even where their part was not valid.
        files: contents of the templates, by path.
    """
    positions = names.positions
    found = [item for rule in _RULES for item in rule(plan, names)]
    found += list(_secrets(plan, names, files))
    found += list(protocol_problems(plan))
    found += list(cross_people.one_key_each(plan, files))
    written = [(positions.written(loc), message, hint) for loc, message, hint in found]
    return [Problem(positions.at(loc), dotted(loc), message, hint) for loc, message, hint in written]


def _refer(loc: Loc, name: str, section: str, names: Names, one: str) -> Found:
    if name not in names.of(section) and names.all_known(section):
        hint = similar(name, names.of(section)) if names.of(section) else f"add {section}: with {name}: below it"
        yield loc, f"there is no {one} {name}", hint


def _roles(plan: Plan, names: Names) -> Found:
    for name, component in plan.components.items():
        yield from _refer(("components", name, "on"), component.on, "roles", names, "role")
    for site, spec in plan.sites.items():
        for host, of in spec.hosts.items():
            yield from _refer(("sites", site, "hosts", host, "role"), of.role, "roles", names, "role")
    for loc, role in _role_uses(plan):
        yield from _refer(loc, role, "roles", names, "role")


def _role_uses(plan: Plan) -> Iterator[tuple[Loc, str]]:
    if cutover := plan.cutover:
        for index, fence in enumerate(cutover.fence):
            yield ("cutover", "fence", index, "on"), fence.on
        for index, mover in enumerate(cutover.move):
            yield ("cutover", "move", index, "from"), mover.source
            yield ("cutover", "move", index, "to"), mover.target
        for index, task in enumerate(cutover.then):
            yield ("cutover", "then", index, "on"), task.on
        for index, switch in enumerate(cutover.switch):
            yield ("cutover", "switch", index, "on"), switch.on
            if to := getattr(switch, "to", None):
                yield ("cutover", "switch", index, "to"), to
        yield from _fronts("serves", cutover.serves)
        yield from _fronts("verify", cutover.verify)
    if handover := plan.handover:
        for index, procedure in enumerate(handover.procedures):
            yield ("handover", "procedures", index, "on"), procedure.on
    yield from _exit_roles(plan)
    yield from cross_people.roles_of_checks(plan)


def _exit_roles(plan: Plan) -> Iterator[tuple[Loc, str]]:
    for index, wave in enumerate(plan.waves):
        for place, criterion in enumerate(wave.exit):
            yield ("waves", index, "exit", place, "on"), criterion.on


def _fronts(section: str, fronts: Sequence[FrontCheck]) -> Iterator[tuple[Loc, str]]:
    return ((("cutover", section, index, "on"), check.on) for index, check in enumerate(fronts))


def _needs(plan: Plan, names: Names) -> Found:
    for name, component in plan.components.items():
        if name.endswith("-check") or name.startswith("deliver-"):
            yield ("components", name), "this name is kept for steps that golive makes", "choose another name"
        for index, need in enumerate(component.needs):
            loc: Loc = ("components", name, "needs", index)
            yield from _refer(loc, need.component, "components", names, "component")
            yield from _place_of_need(plan, names, loc, name, need)
    try:
        TopologicalSorter(_order(plan)).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        first = next(name for name, part in plan.components.items() if circle[0] in (name, f"unit {part.unit}"))
        said = f"components need each other in a circle: {' → '.join(circle)}"
        yield ("components", first, "needs"), said, "take one of these needs out"


def _order(plan: Plan) -> Mapping[str, set[str]]:
    """What each component, or unit of components, needs; a need at another site is none at that site itself."""
    whole = {name: f"unit {part.unit}" if part.unit else name for name, part in plan.components.items()}
    order: dict[str, set[str]] = {name: set() for name in whole.values()}
    for name, part in plan.components.items():
        needed = (need.component for need in part.needs if not (need.at and need.component == name))
        inside = {whole[need] for need in needed if need in whole}
        order[whole[name]] |= inside - {whole[name]} if part.unit else inside
    return order | _inside_units(plan)


def _inside_units(plan: Plan) -> dict[str, set[str]]:
    return {
        name: {need.component for need in part.needs if not need.at and _same_unit(plan, part.unit, need.component)}
        for name, part in plan.components.items()
        if part.unit
    }


def _same_unit(plan: Plan, unit: str | None, component: str) -> bool:
    return component in plan.components and plan.components[component].unit == unit


def _place_of_need(plan: Plan, names: Names, loc: Loc, name: str, need: Need) -> Found:
    needed = plan.components.get(need.component)
    if need.on == "host" and need.at:
        yield loc, "a need is on the same host or at another site, not both", "take on: or at: out"
    elif need.on == "host" and needed and needed.on != plan.components[name].on:
        said = f"{name} and {need.component} are never on the same host: their roles differ"
        yield (*loc, "on"), said, "take on: host out"
    if need.at:
        yield from _refer((*loc, "at"), need.at, "sites", names, "site")
        place = {site: index for index, wave in enumerate(plan.all_waves()) for site in wave}
        if place.get(need.at, 0) > min(place.values(), default=0):
            said = f"{need.at} goes live in a later wave than sites that need it"
            yield (*loc, "at"), said, f"put {need.at} into the first wave"


def _coverage(plan: Plan, names: Names) -> Found:
    if not names.of("sites") and names.all_known("sites"):
        yield (), "the plan names no site", "add sites:, or a file sites/NAME.yaml"
    wanted = {component.on: f"component {name}" for name, component in plan.components.items()}
    wanted |= {role: f"the plan ({dotted(names.positions.written(loc))})" for loc, role in _role_uses(plan)}
    for site, spec in plan.sites.items():
        if not names.whole("sites", site, "hosts"):
            continue
        if not spec.hosts:
            yield ("sites", site), "the site has no host", "add hosts: with a host below it"
        for role, user in wanted.items() if spec.hosts else ():
            if role in names.of("roles") and not spec.with_role(role):
                hint = "add one below hosts:, or take the site out"
                yield ("sites", site), f"no host has the role {role}, which {user} needs", hint


def _addresses(plan: Plan, _: Names) -> Found:
    taken: dict[tuple[str, int | None], str] = {}
    for site, spec in plan.sites.items():
        for host, of in spec.hosts.items():
            first = taken.setdefault((of.address, of.port), f"{site}/{host}")
            if first != f"{site}/{host}":
                said = f"{of.address} is the address of {first} already"
                yield ("sites", site, "hosts", host, "address"), said, "each host has an address of its own"


def _waves(plan: Plan, names: Names) -> Found:
    seen: dict[str, str] = {}
    called: set[str] = set()
    for index, wave in enumerate(plan.waves):
        if wave.name in called:
            yield ("waves", index, "name"), f"another wave is called {wave.name} already", "give it another name"
        called.add(wave.name)
        for place, site in enumerate(wave.sites):
            loc: Loc = ("waves", index, "sites", place)
            yield from _refer(loc, site, "sites", names, "site")
            if site in seen:
                yield loc, f"{site} is in wave {seen[site]} already", "a site goes live once"
            seen.setdefault(site, wave.name)


def _method(plan: Plan, _: Names) -> Found:
    for site, spec in plan.sites.items():
        if spec.network is Network.ISOLATED and spec.jump:
            yield ("sites", site, "jump"), "an isolated site has no jump host", "use network: online, or take jump: out"


def _people(plan: Plan, names: Names) -> Found:
    for site, spec in plan.sites.items():
        if Party.TEAM not in spec.may_log_in and plan.access.operators is None and names.whole("access"):
            said = "only the operators may log in, and their login is not named"
            yield ("sites", site, "may_log_in"), said, "add access: operators:"
        if spec.contact:
            yield from _refer(("sites", site, "contact"), spec.contact, "people", names, "person")
    for name, person in plan.people.items():
        for index, site in enumerate(person.sites):
            yield from _refer(("people", name, "sites", index), site, "sites", names, "site")


def _skills(plan: Plan, names: Names) -> Found:
    parts: list[tuple[Loc, tuple[str, ...]]] = [(("roles", name), role.skills) for name, role in plan.roles.items()]
    parts += [(("components", name), component.skills) for name, component in plan.components.items()]
    parts += [(("people", name), person.skills) for name, person in plan.people.items()]
    for section, part in (("cutover", plan.cutover), ("handover", plan.handover), ("hypercare", plan.hypercare)):
        parts += [((section,), part.skills)] if part else []
    for loc, skills in parts:
        for index, skill in enumerate(skills):
            yield from _refer((*loc, "skills", index), skill, "skills", names, "skill")


def _counted(plan: Plan, names: Names) -> Found:
    for site, spec in plan.sites.items():
        for role in spec.servers:
            yield from _refer(("sites", site, "servers", role), role, "roles", names, "role")
    for name, licence in plan.licences.items():
        if licence.role:
            yield from _refer(("licences", name, "role"), licence.role, "roles", names, "role")
    for index, milestone in enumerate(plan.milestones):
        if milestone.site:
            yield from _refer(("milestones", index, "site"), milestone.site, "sites", names, "site")
    for index, risk in enumerate(plan.risks):
        yield from _refer(("risks", index, "owner"), risk.owner, "people", names, "person")


def _handover(plan: Plan, names: Names) -> Found:
    handover, access = plan.handover, plan.access
    if handover and handover.access and names.whole("access"):
        if access.operators is None or not access.operators.key:
            yield ("handover", "access"), "access is handed over to nobody", "add access: operators: with a key"
        if not access.team.key:
            said = "the key that is to be taken off is not named"
            yield ("handover", "access"), said, "add access: team: with a key"
    signed: list[tuple[Loc, str]] = []
    if handover and handover.sign_off:
        signed.append((("handover", "sign_off", "role"), handover.sign_off.role))
    if plan.cutover and plan.cutover.no_return:
        signed.append((("cutover", "no_return", "role"), plan.cutover.no_return.role))
    for loc, role in signed if names.whole("people") else ():
        for site in plan.sites:
            if not any(person.acts(role, site) and person.key for person in plan.people.values()):
                said = f"nobody with the role {role} and a key can sign for {site}"
                yield loc, said, "add such a person, with a key, to people:"


def _failures(plan: Plan, names: Names) -> Found:
    role = plan.on_failure.skip if plan.on_failure else None
    can = any(role in person.roles and person.key for person in plan.people.values())
    if role and names.whole("people") and not can:
        said = f"nobody with the role {role} and a key can skip a step"
        yield ("on_failure", "skip"), said, "add such a person, with a key, to people:"


def _resources(plan: Plan, names: Names) -> Found:
    for loc, resources in plan.resource_lists():
        seen: set[tuple[str, str]] = set()
        called: set[str] = set()
        for index, resource in enumerate(resources):
            if (resource.kind, resource.identity) in seen:
                yield (*loc, index), f"{resource.title} is declared twice", "make it one item"
            for place, heard in enumerate(resource.restarts_on()):
                if heard not in called and not names.left_out_of(loc, heard):
                    said = f"nothing before this item is called {heard}"
                    yield (*loc, index, "restart_on", place), said, "declare the file or package before the service"
            seen.add((resource.kind, resource.identity))
            called.add(resource.main)


def _contradictions(plan: Plan, names: Names) -> Found:
    yield from contradictions(plan, names.positions)


def _asked(plan: Plan, names: Names) -> Found:
    sections = (("tasks", plan.tasks), ("approvals", plan.approvals), ("messages", plan.messages))
    for section, items in sections:
        for index, item in enumerate(items):
            for place, site in enumerate(item.sites):
                yield from _refer((section, index, "sites", place), site, "sites", names, "site")
    for index, message in enumerate(plan.messages):
        for place, secret in enumerate(message.to):
            yield from _refer(("messages", index, "to", place), secret, "secrets", names, "secret")
    yield from cross_people.named(plan)
    if names.whole("people"):
        yield from cross_people.asked(plan)


def _dates(plan: Plan, _: Names) -> Found:
    yield from dates(plan)


def _no_return(plan: Plan, names: Names) -> Found:
    spec = plan.cutover.no_return if plan.cutover else None
    for site in plan.sites if spec and names.whole("people") else ():
        if spec and not any(person.acts(spec.role, site) and person.key for person in plan.people.values()):
            said = f"nobody with the role {spec.role} and a key can sign for {site}"
            yield ("cutover", "no_return", "role"), said, "add such a person, with a key, to people:"


def _existing(plan: Plan, _: Names) -> Found:
    for role, spec in plan.roles.items():
        on = [name for name, component in plan.components.items() if component.on == role]
        if spec.existing and (spec.baseline or on):
            what = "a baseline" if spec.baseline else f"the component {on[0]}"
            yield ("roles", role, "existing"), f"a role of the existing system gets {what}", "take one of them out"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Model):
        for name in value.model_fields_set:
            yield from _texts(getattr(value, name))
    elif isinstance(value, tuple):
        for item in cast("tuple[Any, ...]", value):
            yield from _texts(item)


def _filled_in(plan: Plan) -> Iterator[tuple[Loc, Model]]:
    """Every part whose texts may hold expressions."""
    for loc, resources in plan.resource_lists():
        yield from (((*loc, index), resource) for index, resource in enumerate(resources))
    for name, component in plan.components.items():
        parts = {"artifact": component.artifact, "check": component.check}
        yield from ((("components", name, key), part) for key, part in parts.items() if part)
    for section, part in (("cutover", plan.cutover), ("handover", plan.handover)):
        for key in type(part).model_fields if part else ():
            items: Any = getattr(part, key)
            for index, item in enumerate(cast("tuple[Any, ...]", items) if isinstance(items, tuple) else ()):
                yield (section, key, index), item
    for index, wave in enumerate(plan.waves):
        for place, criterion in enumerate(wave.exit):
            yield ("waves", index, "exit", place, "check"), criterion.check


def _secrets(plan: Plan, names: Names, files: Mapping[str, str]) -> Found:
    for loc, model in _filled_in(plan):
        template = files.get(model.template or "", "") if isinstance(model, File) else ""
        for name in sorted(set(_SECRET.findall("\n".join([*_texts(model), template])))):
            yield from _refer(loc, name, "secrets", names, "secret")
    if plan.cutover and plan.cutover.secret:
        yield from _refer(("cutover", "secret"), plan.cutover.secret, "secrets", names, "secret")
    for index, mover in enumerate(plan.cutover.move if plan.cutover else ()):
        password = getattr(mover, "password", None)
        if password is not None:
            yield from _refer(("cutover", "move", index, "password"), password, "secrets", names, "secret")


_RULES: tuple[Callable[[Plan, Names], Found], ...] = (
    _roles, _needs, _coverage, _addresses, _waves, _method, _people, _skills, _counted, _handover, _failures,
    _resources, _contradictions, _existing, _asked, _dates, _no_return,
)  # fmt: skip
