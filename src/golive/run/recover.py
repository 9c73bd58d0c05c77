"""Rebuilds a project from what its hosts hold: the laptop is lost, its plan's folder perhaps too.

What hosts say is verified before it is believed: parts must agree wherever they overlap, the chain of hashes must
hold, and no host may know a head that is not in it.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from golive.digest import canonical, digest_bytes
from golive.errors import GoliveError, HostError, JournalError, UsageError
from golive.graph.graph import Graph, to_json
from golive.hosts.attempts import Attempt, Claim
from golive.hosts.framing import Place
from golive.hosts.interface import Host
from golive.hosts.plain import ask
from golive.hosts.witness import Witness
from golive.journal.chain import Anchor, find_break
from golive.journal.events import RunEnded
from golive.journal.mirror import Held, anchor, unpack
from golive.journal.record import Record, read
from golive.reconcile.fold import fold
from golive.reconcile.state import State

LEAP = 1_000_000
"""By how much a recovered project's epoch lies above the highest that any host has seen: the lost golive, should it
come back, would have to be started as many times before a host listened to it."""

SPARE = 1_000
"""Numbers of attempts that are left out when some host could not be asked what it holds."""

_LIST = """cd {root} 2>/dev/null || exit 0
for file in mirror/*/*/*; do [ ! -f "$file" ] || printf 'part %s\\n' "$file"; done
for file in projects/*/epoch; do [ ! -f "$file" ] || printf 'epoch %s %s\\n' "$file" "$(cat "$file")"; done
for folder in attempts/*/*/; do [ ! -d "$folder" ] || printf 'attempt %s\\n' "$folder"; done
"""
_SEND = """cd {root}/mirror && for file in {project}/*/*; do
  [ ! -f "$file" ] || {{ printf '%s %s\\n' "$(wc -c < "$file")" "$file"; cat "$file"; }}
done
"""


@dataclass(frozen=True)
class Listing:
    """What lies on one host, by names alone."""

    parts: tuple[tuple[str, str, str], ...] = ()
    """Project, run with token, name."""
    epochs: Mapping[str, int] = field(default_factory=dict[str, int])
    """The highest epoch seen, by project."""
    attempts: tuple[tuple[str, str, int], ...] = ()
    """Project, run with token, number."""


async def listing(host: Host, root: str = Place().root) -> Listing:
    """Asks a host in one round trip what it holds. Raises HostError."""
    done = await ask(host, _LIST.format(root=root), {})
    parts: list[tuple[str, str, str]] = []
    attempts: list[tuple[str, str, int]] = []
    epochs: dict[str, int] = {}
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        match line.replace("/", " ").split():
            case ["part", "mirror", project, run, name]:
                parts.append((project, run, name))
            case ["epoch", "projects", project, "epoch", number, *_] if number.isdigit():
                epochs[project] = int(number)
            case ["attempt", "attempts", project, name] if name[-5:].isdigit():
                run, _, number = name.rpartition("-")
                attempts.append((project, run, int(number)))
            case _:
                raise HostError(host.name, f"lists {line[:80]!r}, which has no known form")
    return Listing(tuple(parts), epochs, tuple(attempts))


async def parts(host: Host, project: str, root: str = Place().root) -> Sequence[tuple[str, str, bytes]]:
    """All parts of a project on a host: run with token, name, bytes. Raises HostError."""
    if not project.isalnum():
        raise UsageError(f"{project!r} is no project's id", "it stands on the host below mirror/")
    done = await ask(host, _SEND.format(root=root, project=project), {})
    found: list[tuple[str, str, bytes]] = []
    rest = done.stdout
    while rest:
        head, _, rest = rest.partition(b"\n")
        size, _, path = head.decode("utf-8", "replace").partition(" ")
        if not size.isdigit() or int(size) > len(rest) or path.count("/") != 2:
            raise HostError(host.name, "what it sends of the journal has no known form")
        _, run, name = path.split("/")
        found.append((run, name, rest[: int(size)]))
        rest = rest[int(size) :]
    return found


@dataclass(frozen=True)
class Kept:
    """What the hosts that could be asked hold of a project."""

    project: str
    listings: Mapping[str, Listing]
    """By the name of the host."""
    held: Mapping[str, Held]
    """By run with token, oldest run first."""
    missing: tuple[str, ...] = ()

    @property
    def epoch(self) -> int:
        """The highest epoch that any of them has seen."""
        return max((found.epochs.get(self.project, 0) for found in self.listings.values()), default=0)

    def anchors(self, run: str) -> tuple[Anchor, ...]:
        """The heads of a run that hosts know, by the names of parts."""
        found = (
            anchor(host, name)
            for host, seen in self.listings.items()
            for project, of, name in seen.parts
            if (project, of) == (self.project, run)
        )
        return tuple(said for said in found if said)

    def records(self, run: str) -> tuple[Record, ...]:
        """The run's entries, verified. Raises JournalError."""
        records = self.held[run].whole
        if not records:
            raise JournalError(f"the beginning of {run} lies on none of the hosts that were asked", "ask more of them")
        if found := find_break(records, self.anchors(run)):
            said = f"what hosts hold of {run} is not one journal: at entry {found.seq}: {found.why}"
            raise JournalError(said, "a host was changed by hand, or a part is missing: ask all hosts")
        return records

    def used(self, run: str, state: State) -> int:
        """Up to where numbers of attempts may be in use."""
        seen = (n for found in self.listings.values() for p, of, n in found.attempts if (p, of) == (self.project, run))
        highest = max((state.next_attempt - 1, *seen))
        return highest + SPARE if self.missing else highest


async def gather(hosts: Mapping[str, Host], project: str | None) -> Kept:
    """Asks hosts for all that they hold of a project.

    Args:
        hosts: by the name by which a person knows them.
        project: its id; None when they hold no other.

    Raises JournalError when they contradict each other or hold nothing, and UsageError when they hold several projects.
    """
    asked = await asyncio.gather(*(listing(host) for host in hosts.values()), return_exceptions=True)
    listings = {name: found for name, found in zip(hosts, asked, strict=True) if isinstance(found, Listing)}
    errors = [found for found in asked if isinstance(found, BaseException)]
    for error in errors:
        if not isinstance(error, GoliveError):
            raise error
    project = project or _only_project(listings, errors)
    there = [name for name, found in listings.items() if any(part[0] == project for part in found.parts)]
    sent = await asyncio.gather(*(parts(hosts[name], project) for name in there))
    try:
        held = _by_run(part for found in sent for part in found)
    except ValueError as error:
        said = f"what {', '.join(there)} hold is not one journal: {error}"
        raise JournalError(said, "a host was changed by hand") from error
    missing = [
        f"{name} ({error.message})" for name, error in zip(hosts, asked, strict=True) if isinstance(error, GoliveError)
    ]
    return Kept(project, listings, held, tuple(missing))


def _only_project(listings: Mapping[str, Listing], errors: Sequence[BaseException]) -> str:
    projects = sorted({part[0] for found in listings.values() for part in found.parts})
    if not projects and errors:
        raise errors[0]
    if not projects:
        raise JournalError("the hosts hold no journal", "was anything ever run there?")
    if len(projects) > 1:
        runs = {p: next(of for found in listings.values() for q, of, _ in found.parts if p == q) for p in projects}
        shown = ", ".join(f"{project} ({run.rpartition('-')[0]})" for project, run in runs.items())
        raise UsageError(f"the hosts hold journals of several projects: {shown}", "name one with --project")
    return projects[0]


def _by_run(found: Iterable[tuple[str, str, bytes]]) -> Mapping[str, Held]:
    runs: dict[str, list[tuple[str, bytes]]] = {}
    for run, name, body in found:
        runs.setdefault(run, []).append((name, body))
    held = {run: unpack(parts) for run, parts in runs.items()}
    return dict(sorted(held.items(), key=lambda item: item[1].records[1].at if 1 in item[1].records else ""))


@dataclass(frozen=True)
class Rebuilt:
    """A run that was put together again."""

    name: str
    records: tuple[Record, ...]
    graphs: Mapping[str, str]
    state: State
    plan: Mapping[str, str]
    """The documents of the plan; none when no host holds those of its newest graph."""


def rebuild(kept: Kept, run: str, compiled: Graph | None) -> Rebuilt:
    """One run, verified and whole.

    Args:
        kept: what the hosts hold.
        run: the run with its token.
        compiled: the graph of the plan at hand, which may stand for one that no host holds.

    Raises JournalError when a graph is missing.
    """
    records, held = kept.records(run), kept.held[run]
    state = fold(read(entry).event for entry in records)
    graphs = dict(held.graphs)
    if compiled is not None:
        body = canonical(to_json(compiled))
        graphs.setdefault(digest_bytes(body.encode()), body)
    lacking = [revision for revision, name in state.graphs.items() if name not in graphs]
    if lacking:
        said = f"revision {lacking[0]} of {run} lies on none of the hosts that were asked"
        raise JournalError(said, "ask all hosts; or recover in the folder of the plan as it was then")
    wanted = {name: graphs[name] for name in state.graphs.values()}
    return Rebuilt(run.rpartition("-")[0], records, wanted, state, held.plans.get(state.graph, {}))


def is_over(rebuilt: Rebuilt) -> bool:
    """Whether the run had ended."""
    return isinstance(read(rebuilt.records[-1]).event, RunEnded) or rebuilt.state.ended is not None


async def fence(hosts: Mapping[str, Host], project: str, claim: Claim) -> Mapping[str, GoliveError]:
    """Has hosts refuse every coordinator before this one; returns those that could not be told, with the reason."""

    async def tell(host: Host) -> GoliveError | None:
        try:
            await Witness(host, claim).probe(Attempt(project, "recovered", 0, "recover", "probe", "-"))
        except GoliveError as error:
            return error
        return None

    told = await asyncio.gather(*(tell(host) for host in hosts.values()))
    return {name: error for name, error in zip(hosts, told, strict=True) if error}
