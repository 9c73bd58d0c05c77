"""Cross-checks of what people do: whoever is asked must be there, with a key; names are told apart. Pure."""

from collections.abc import Iterator, Mapping

from golive.plan.plan import Plan
from golive.plan.positions import Loc

Found = Iterator[tuple[Loc, str, str]]
STAGES = ("baseline", "deploy", "cutover", "handover")
_TAKEN = frozenset({"gate", "sign-off"})


def asked(plan: Plan) -> Found:
    """Roles that are asked at a site where nobody with a key has them."""
    for loc, role, sites, persons in _questions(plan):
        for site in sites or tuple(plan.sites):
            if site not in plan.sites:
                continue
            able = [name for name, person in plan.people.items() if person.key and person.acts(role, site)]
            if not able:
                said = f"nobody with the role {role} and a key can answer for {site}"
                yield (*loc, "role"), said, "add such a person, with a key, to people:"
            elif len(able) < persons:
                said = f"{persons} people with the role {role} must sign for {site}, and only {able[0]} can"
                yield (*loc, "persons"), said, "add another person with a key to people:"
    for index, role in enumerate(plan.gates.waived_by if plan.gates else ()):
        if not any(person.key and role in person.roles for person in plan.people.values()):
            said = f"nobody with the role {role} has a key, so nobody can waive"
            yield ("gates", "waived_by", index), said, "add such a person, with a key, to people:"


def _questions(plan: Plan) -> Iterator[tuple[Loc, str, tuple[str, ...], int]]:
    for index, task in enumerate(plan.tasks):
        yield ("tasks", index), task.role, task.sites, 1
    for index, approval in enumerate(plan.approvals):
        yield ("approvals", index), approval.role, approval.sites, approval.persons
    for stage in STAGES:
        gate = plan.gates.of(stage) if plan.gates else None
        for index, attestation in enumerate(gate.attest if gate else ()):
            yield ("gates", stage, "attest", index), attestation.role, (), attestation.persons


def roles_of_checks(plan: Plan) -> Iterator[tuple[Loc, str]]:
    """The roles on whose hosts gates look, each with its place."""
    for stage in STAGES:
        gate = plan.gates.of(stage) if plan.gates else None
        for index, check in enumerate(gate.checks if gate else ()):
            yield ("gates", stage, "checks", index, "on"), check.on


def named(plan: Plan) -> Found:
    """Two steps of people that would have the same id, and names that golive uses itself."""
    seen: set[tuple[str, str]] = set()
    for loc, stage, name in _names(plan):
        if name in _TAKEN:
            yield (*loc, "name"), f"the name {name} is kept for a step that golive makes", "choose another name"
        elif (stage, name) in seen:
            yield (*loc, "name"), f"another step of {stage} is called {name} already", "choose another name"
        seen.add((stage, name))


def _names(plan: Plan) -> Iterator[tuple[Loc, str, str]]:
    for section, items in (("tasks", plan.tasks), ("approvals", plan.approvals), ("messages", plan.messages)):
        for index, item in enumerate(items):
            yield (section, index), item.at.split()[1], item.name
    for stage in STAGES:
        gate = plan.gates.of(stage) if plan.gates else None
        for index, attestation in enumerate(gate.attest if gate else ()):
            yield ("gates", stage, "attest", index), stage, attestation.name


def one_key_each(plan: Plan, files: Mapping[str, str]) -> Found:
    """Two people with one key: a signature would not tell who of them it was."""
    held: dict[str, str] = {}
    for name, person in plan.people.items():
        key = " ".join(files.get(person.key or "", "").split()[:2])
        first = held.setdefault(key, name) if key else name
        if first != name:
            said = f"{name} has the same key as {first}: a signature would not tell who of them it was"
            yield ("people", name, "key"), said, "each person needs a key of their own"
