"""golive recover: a run goes on although the machine that drove it is lost."""

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from golive.cli.context import HERE, PlanPath, compiled, hosts_of, load_plan
from golive.errors import Exit, GoliveError, UsageError
from golive.words import several

if TYPE_CHECKING:
    from golive.graph.graph import Graph
    from golive.hosts.interface import Host
    from golive.run.recover import Kept, Rebuilt
    from golive.run.store import Store

_PLACE = re.compile(r"(?:(?P<user>[^@]+)@)?(?P<address>[^@:]+|\[[^\]]+\])(?::(?P<port>\d{1,5}))?")


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(recover)


def recover(
    plan: PlanPath = HERE,
    host: Annotated[
        list[str] | None,
        typer.Option("--host", metavar="[USER@]ADDRESS[:PORT]", help="Begin here, without the plan at hand."),
    ] = None,
    identity: Annotated[
        Path | None, typer.Option("--identity", metavar="FILE", help="The private key for --host.")
    ] = None,
    project: Annotated[
        str | None, typer.Option("--project", metavar="ID", help="The project, where hosts hold several.")
    ] = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="Go on although some hosts cannot be asked what they hold.")
    ] = False,
) -> None:
    """Rebuild the run from what its hosts hold when the machine that drove it is lost; that one is refused then."""
    state = plan / ".golive" if plan.is_dir() or not plan.suffix else plan.parent / f".golive-{plan.stem}"
    for name in ("journal.db", "store"):
        if (state / name).exists():
            raise UsageError(f"there is a journal at {state / name}", "recover into a folder in which nothing was run")
    if host:
        plan.mkdir(parents=True, exist_ok=True)
    missing = asyncio.run(_recover(plan, tuple(host or ()), identity, project, partial))
    raise typer.Exit(int(Exit.UNKNOWN if missing else Exit.DONE))


async def _recover(
    plan: Path, seeds: tuple[str, ...], identity: Path | None, project: str | None, partial: bool
) -> bool:
    """Rebuilds; returns whether some host could not be told that the lost golive is to be refused."""
    from golive.run.recover import gather

    first = {name: _seed(name, identity) for name in seeds}
    try:
        if first and not _has_plan(plan):
            _write_plan(plan, await gather(first, project))
    finally:
        for opened in first.values():
            await opened.close()
    steps = compiled(load_plan(plan))
    found = hosts_of(plan)
    hosts = found.hosts
    try:
        kept = await gather(hosts, project)
        if kept.missing and not partial:
            for name in kept.missing:
                typer.echo(f"cannot be asked: {name}", err=True)
            hint = "mend that (unknown keys: golive trust), or go on with what the others hold: --partial"
            raise _Unasked(f"{len(kept.missing)} of {several(len(hosts), 'host')} cannot be asked what they hold", hint)
        return await _restore(plan, kept, steps, hosts)
    finally:
        await found.close()


class _Unasked(GoliveError):
    """Some hosts could not be asked."""

    exit = Exit.UNKNOWN


def _has_plan(plan: Path) -> bool:
    from golive.plan.load import ROOT

    return plan.is_file() or (plan / ROOT).is_file()


def _seed(text: str, identity: Path | None) -> "Host":
    from golive.hosts.target import Target
    from golive.run.fleet import connect_by_ssh

    match = _PLACE.fullmatch(text)
    if match is None:
        raise UsageError(f"--host {text} is not of the form [USER@]ADDRESS[:PORT]", "such as root@192.0.2.11")
    keys = (identity,) if identity else ()
    port = int(match["port"]) if match["port"] else None
    return connect_by_ssh(Target(text, match["address"].strip("[]"), port, match["user"], keys))


def _write_plan(plan: Path, kept: "Kept") -> None:
    """Writes the plan's documents as hosts hold them. What comes from there stays inside the folder."""
    from golive.run.recover import rebuild

    documents = rebuild(kept, [*kept.held][-1], None).plan
    if not documents:
        raise UsageError("the hosts hold no documents of the plan", "recover in a copy of the plan's folder")
    for name, text in documents.items():
        path = (plan / name).resolve()
        if not path.is_relative_to(plan.resolve()) or path.exists() or ".golive" in path.parts:
            raise UsageError(f"{name} cannot be written in {plan}", "recover into an empty folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        typer.echo(f"plan: {path}")
    typer.echo("read these before you run them: commands of secrets: would be run on this machine")


async def _restore(plan: Path, kept: "Kept", steps: "Graph", hosts: "Mapping[str, Host]") -> bool:
    """Has the hosts refuse whoever drove them before, and writes the journal of each run."""
    import socket

    from golive.hosts.attempts import Claim
    from golive.run.lock import who
    from golive.run.project import Project
    from golive.run.recover import LEAP, fence, gather, rebuild

    for run in kept.held:
        rebuild(kept, run, steps)  # what cannot be rebuilt is refused before anything is done
    with_claim = Claim(kept.epoch + LEAP, f"{who()}@{socket.gethostname()}/recovered")
    asked = {name: host for name, host in hosts.items() if name in kept.listings}
    untold = await fence(asked, kept.project, with_claim)
    kept = await gather(hosts, kept.project)  # until now the lost golive may have gone on
    runs = [(run, rebuild(kept, run, steps)) for run in kept.held]
    for name, error in untold.items():
        typer.echo(f"{name} does not refuse the lost golive yet: {error.message}", err=True)
    store = Project(plan).store()
    store.constant("project", lambda: kept.project)
    store.next_epoch(with_claim.epoch - 1)
    _write(store, kept, runs)
    store.close()
    return bool(untold or kept.missing)


def _write(store: "Store", kept: "Kept", runs: "list[tuple[str, Rebuilt]]") -> None:
    import socket

    from golive.journal.events import Recovered
    from golive.run.journal import Journal
    from golive.run.lock import who
    from golive.run.recover import is_over

    for run, rebuilt in runs:
        store.restore(rebuilt.name, rebuilt.records, rebuilt.graphs)
        where = f"{several(len(rebuilt.records), 'entry', 'entries')} from {several(len(kept.listings), 'host')}"
        if is_over(rebuilt):
            typer.echo(f"{rebuilt.name}: {where}; it had ended")
            continue
        names, used = tuple(kept.listings), kept.used(run, rebuilt.state)
        journal = Journal(store, rebuilt.name)
        journal.append(Recovered(who(), socket.gethostname(), names, kept.missing, used))
        typer.echo(f"{rebuilt.name}: {where}, revision {rebuilt.state.revision}; next: golive run")
