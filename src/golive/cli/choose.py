"""Asks the person at the terminal about a failed step, while the rest of the run goes on and goes on printing."""

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from golive.errors import GoliveError, UsageError

if TYPE_CHECKING:
    from golive.graph.graph import Graph
    from golive.graph.step import Step
    from golive.journal.events import Event
    from golive.plan.plan import Plan
    from golive.run.journal import Journal


class Lines:
    """Lines that are typed, without a thread that could not be ended; the end of the input is an empty answer."""

    def __init__(self) -> None:
        self._held = b""

    async def line(self, prompt: str) -> str | None:
        """What is typed after the prompt; None when there is nobody any more."""
        typer.echo(prompt, nl=False)
        loop, come, stdin = asyncio.get_running_loop(), asyncio.Event(), sys.stdin.fileno()
        while b"\n" not in self._held:
            come.clear()
            loop.add_reader(stdin, come.set)
            try:
                await come.wait()
            finally:
                loop.remove_reader(stdin)
            piece = os.read(stdin, 4096)
            if not piece:
                return None
            self._held += piece
        line, _, self._held = self._held.partition(b"\n")
        return line.decode("utf-8", "replace").strip()


class Console:
    """The person at the terminal.

    Args:
        graph: the graph that runs.
        journal: its journal.
        plan: the plan, for who may skip.
    """

    def __init__(self, graph: "Graph", journal: "Journal", plan: "Plan") -> None:
        self._graph, self._journal, self._plan = graph, journal, plan
        self._lines = Lines()

    async def choose(self, step: "Step") -> "Event":
        """Shows the failure and asks until there is an answer that can be acted upon."""
        from golive.cli.failed import show

        typer.echo("")
        show(step, self._journal)
        typer.echo(self._what_happens_otherwise(step))
        while True:
            word = await self._lines.line(f"{step.id}: {self._offer(step)}: ")
            try:
                event = self._left(step) if word is None else await self._event(step, word[:1].lower())
                if event is not None:
                    return event
            except GoliveError as error:
                typer.echo(f"{error.message}" + (f"; {error.hint}" if error.hint else ""))

    def _offer(self, step: "Step") -> str:
        from golive.reconcile.standing import past_no_return

        words = ["[r]etry"]
        words += ["[s]kip with a signed reason"] if step.skippable and step.do.kind not in ("decision", "gate") else []
        can_leave = step.site and not past_no_return(step.site, self._graph, self._journal.state)
        words += [f"[b]ack out {step.site}"] if can_leave else []
        return ", ".join([*words, "s[t]op here", "[?] all it said"])

    def _what_happens_otherwise(self, step: "Step") -> str:
        failing = self._journal.state.step(step.id).failing
        if failing and failing.until:
            from golive.cli.words import clock

            return f"    without an answer {step.site} goes back to the old system at {clock(failing.until)}"
        return f"    {step.site or 'the run'} waits; the other sites go on"

    async def _event(self, step: "Step", letter: str) -> "Event | None":
        from golive.run import choice

        state = self._journal.refresh()
        match letter:
            case "r":
                return choice.retry(step, state)
            case "s":
                return await self._skip(step)
            case "b" if step.site:
                return choice.back_out(step.site, self._graph, state, f"{step.id} failed")
            case "t":
                return self._left(step)
            case "?":
                self._all(step)
                return None
            case _:
                typer.echo("type one of the letters in brackets, and return")
                return None

    def _left(self, step: "Step") -> "Event":
        from golive.run import choice

        return choice.stop(step, self._journal.state)

    async def _skip(self, step: "Step") -> "Event":
        from golive.run import choice

        person = await self._lines.line("who signs (the name in the plan): ") or ""
        reason = await self._lines.line("why: ") or ""
        key = await self._lines.line("SSH private key: ") or ""
        if not (person and reason and key):
            raise UsageError("nothing is skipped without a name, a reason and a key")
        signer = choice.Signer(person, Path(key).expanduser(), reason)
        journal = self._journal
        return choice.skip(step, self._graph, journal.state, self._plan, signer, journal.run, journal.head)

    def _all(self, step: "Step") -> None:
        from golive.cli.words import printable

        state = self._journal.state
        attempt = state.attempts.get(state.step(step.id).attempt or 0)
        text = self._journal.store.blob(attempt.ended.output) if attempt and attempt.ended else b""
        typer.echo(printable(text.decode("utf-8", "replace").replace("\x1e", "· ")) or "it said nothing")
