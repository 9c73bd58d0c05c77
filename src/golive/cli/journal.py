"""golive journal: verify that nothing was changed, and export it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from golive.cli.context import HERE, Opened, PlanPath, open_store
from golive.errors import JournalError, UsageError
from golive.words import several

if TYPE_CHECKING:
    from golive.journal.chain import Anchor, Break
    from golive.journal.record import Record
    from golive.run.recover import Kept
    from golive.run.store import Store

app = typer.Typer(help="Verify that nobody changed the journal, or export it as JSON lines.", no_args_is_help=True)

RunName = Annotated[str | None, typer.Option("--run", metavar="RUN", help="Another run than the latest.")]


@app.command()
def verify(
    plan: PlanPath = HERE,
    run: RunName = None,
    file: Annotated[Path | None, typer.Option("--file", metavar="FILE", help="Verify this export instead.")] = None,
    head: Annotated[
        list[str] | None, typer.Option("--head", metavar="HASH", help="A head that the journal had, as a recap says.")
    ] = None,
    hosts: Annotated[bool, typer.Option("--hosts", help="Compare with what the hosts of the plan hold.")] = False,
) -> None:
    """Find any change: the chain of hashes, what people signed, and heads that are kept elsewhere."""
    from golive.journal.chain import Anchor

    anchors = [Anchor("the head that was given", text) for text in head or ()]
    if file is not None:
        name, records = str(file), _exported(file)
    else:
        store, name = open_store(plan, run)
        records = store.records(name)
        anchors += _held(plan, store, name) if hosts else []
    for text in _verified(name, records, anchors):
        typer.echo(text)


@app.command()
def export(plan: PlanPath = HERE, run: RunName = None) -> None:
    """Print the journal as JSON lines, an entry each, as `golive journal verify --file` reads it."""
    from golive.journal.record import to_line

    store, name = open_store(plan, run)
    for kept in store.records(name):
        try:
            typer.echo(to_line(kept))
        except ValueError as error:
            raise broken(name, kept.seq, "its text is no event any more") from error


def broken(name: str, seq: int, why: str) -> JournalError:
    """The error that names the place."""
    hint = "it was changed since it was written: restore it from a copy, or rebuild it from the hosts"
    return JournalError(f"the journal {name} does not hold at entry {seq}: {why}", hint)


def refuse_broken(opened: Opened) -> None:
    """Raises JournalError when the journal does not hold by itself."""
    from golive.journal.chain import find_break

    if found := find_break(opened.store.records(opened.journal.run)):
        raise broken(opened.journal.run, found.seq, found.why)


def _held(plan: Path, store: "Store", run: str) -> "list[Anchor]":
    """The heads of a run that its hosts hold. Says which hosts cannot be asked; raises when none can."""
    import asyncio

    from golive.cli.context import hosts_of
    from golive.journal.chain import Anchor
    from golive.run.project import Project
    from golive.run.recover import gather

    async def ask() -> "Kept":
        fleet = hosts_of(plan)
        try:
            return await gather(fleet.hosts, Project(plan).id(store))
        finally:
            await fleet.close()

    kept = asyncio.run(ask())
    for name in kept.missing:
        typer.echo(f"cannot be asked: {name}", err=True)
    same = [of for of in kept.held if of.rpartition("-")[0] == run]
    if not same:
        raise UsageError(f"the hosts that were asked hold nothing of {run}", "verify without --hosts")
    found = [anchor for of in same for anchor in kept.anchors(of)]
    entries = [entry for of in same for entry in kept.held[of].records.values()]
    return found + [Anchor("the hosts", entry.hash, entry.seq) for entry in entries]


def _exported(file: Path) -> "Sequence[Record]":
    from golive.journal.record import from_line

    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}", "name a file that golive journal export wrote") from error
    records: list[Record] = []
    for number, line in enumerate(lines, 1):
        try:
            records.append(from_line(line))
        except ValueError as error:
            raise broken(str(file), number, str(error)) from error
    return records


def _verified(name: str, records: "Sequence[Record]", anchors: "Sequence[Anchor]") -> Iterator[str]:
    """Sentences for a journal that holds. Raises JournalError."""
    from golive.journal.chain import find_break, is_signed

    if not records:
        raise broken(name, 1, "there is no entry at all")
    found = find_break(records, anchors) or _unsigned(records)
    if found:
        raise broken(name, found.seq, found.why)
    signed = sum(1 for kept in records if is_signed(kept.event()))
    yield f"{several(len(records), 'entry', 'entries')}, the chain holds; head {records[-1].hash}"
    yield f"compared with {several(signed, 'signature')} and {several(len(anchors), 'head')} kept elsewhere"


def _unsigned(records: "Sequence[Record]") -> "Break | None":
    """The first entry whose signature is not that of the person whose key was pinned when the run began."""
    from golive.errors import GateRefused
    from golive.journal.chain import Break, is_signed
    from golive.run.decide import verify as verify_signature

    signers: dict[str, Any] = {}
    for kept in records:
        event = kept.event()
        if event["type"] == "RunStarted":
            signers = event.get("signers", {})
        if not is_signed(event):
            continue
        try:
            verify_signature(event["statement"], event["signature"], event["person"], signers)
        except GateRefused as error:
            return Break(kept.seq, error.message)
    return None
