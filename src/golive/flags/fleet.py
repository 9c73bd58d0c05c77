"""Gate 1, fleet complete: every target is in the plan, and was verified by somebody who did not install it."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from golive.digest import digest
from golive.flags.facts import Facts, Row
from golive.flags.flag import Flag
from golive.flags.words import some
from golive.gates.rule import Finding
from golive.words import several

Target = tuple[str, str, str]
"""Site, host, component."""


class FleetComplete(Flag):
    """The set of targets is the set of verified targets."""

    id = "fleet-complete"
    title = "Fleet complete"
    explanation = (
        "Every host that the client has is in the plan, and on every one somebody who did not install found "
        "the version and the checksum that are rolled out"
    )
    lesson = "Knight Capital, 2012: the new version went on 7 of 8 servers; 460 million dollars in 45 minutes."
    evidence: ClassVar[tuple[str, ...]] = ("evidence.fleet", "sites.NAME.servers")
    owner = "lead"

    def claimed(self, facts: Facts) -> bool:
        return bool(facts.plan.evidence.fleet) or any(site.servers for site in facts.plan.sites.values())

    def holds(self, facts: Facts) -> str:
        return f"{several(len(_targets(facts)), 'target')} in the plan, all as they should be"

    def judge(self, facts: Facts) -> Iterator[Finding]:
        yield from self._counted(facts)
        if facts.plan.evidence.fleet:
            yield from self._verified(facts)

    def _counted(self, facts: Facts) -> Iterator[Finding]:
        for name, site in facts.plan.sites.items():
            for role, count in site.servers.items():
                planned = len(site.with_role(role))
                if planned != count:
                    said = f"the client has {several(count, 'host')} of the role {role} at {name}, the plan {planned}"
                    remedy = "add the hosts that are missing, or mend the register; nothing goes live on a part"
                    yield self.found(facts, f"sites.{name}.servers.{role}", said, remedy, name)

    def _verified(self, facts: Facts) -> Iterator[Finding]:
        seen: dict[Target, Row] = {}
        for index, register in enumerate(facts.plan.evidence.fleet):
            path = f"evidence.fleet[{index}]"
            if why := facts.unread.get(register.file):
                yield self.found(facts, path, f"{register.file} cannot be read: {why}", "put the register there")
            person = facts.plan.people.get(register.by)
            installs = sorted({*person.roles} & {*facts.plan.flags.installers}) if person else []
            if person is None or installs:
                why = f"{register.by} installs, as {installs[0]}" if installs else f"there is no person {register.by}"
                yield self.found(facts, f"{path}.by", why, "let somebody verify who did not install", register.by)
            for row in facts.rows.get(register.file, ()):
                seen[row.get("site", ""), row.get("host", ""), row.get("component", "")] = row
        if not any(register.file in facts.unread for register in facts.plan.evidence.fleet):
            yield from self._compared(facts, seen)

    def _compared(self, facts: Facts, seen: Mapping[Target, Row]) -> Iterator[Finding]:
        targets, version = _targets(facts), facts.plan.solution.version
        for site, host, component in targets:
            row, path = seen.get((site, host, component)), f"sites.{site}.hosts.{host}"
            about = f"{site}/{host}"
            if row is None:
                said = f"nobody has verified {component} on {about}"
                yield self.found(facts, path, said, "look at the host, and add its line to the register", about)
            elif (found := row.get("version", "")) != version:
                said = f"{about} has version {found or 'unknown'} of {component}, {version} is rolled out"
                yield self.found(facts, path, said, "bring the host to the version, and verify it again", about)
            elif (wanted := _checksum(facts, component)) and (is_ := row.get("sha256", "")) not in ("", wanted):
                said = f"{component} on {about} has the checksum {is_[:12]}, {wanted[:12]} is rolled out"
                yield self.found(facts, path, said, "install it anew from the verified artifact", about)
        strange = sorted({f"{site}/{host}" for site, host, _ in seen if not _has(facts, site, host)})
        if strange:
            said = f"verified, and not in the plan: {some(strange)}"
            yield self.found(facts, "evidence.fleet", said, "add them to the plan, or say why they are not in it")


def _has(facts: Facts, site: str, host: str) -> bool:
    return site in facts.plan.sites and host in facts.plan.sites[site].hosts


def _targets(facts: Facts) -> list[Target]:
    return [
        (site, host, component)
        for site, spec in facts.plan.sites.items()
        for component, part in facts.plan.components.items()
        for host in spec.with_role(part.on)
    ]


def _checksum(facts: Facts, component: str) -> str:
    """The checksum of an artifact; of several files, that of the list of them."""
    files = facts.loaded.artifacts.get(component, ())
    if len(files) == 1:
        return files[0].sha256
    return digest(sorted([file.file, file.sha256] for file in files)) if files else ""
