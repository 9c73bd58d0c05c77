"""What a person sees while a run runs: a line a step, what it says meanwhile, and at the end a recap and the facts."""

import time
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path

import typer

from golive.cli import rolling, timely
from golive.cli.asking import command
from golive.cli.failed import failures
from golive.cli.words import COLOURS, clock, duration, printable, table
from golive.errors import Exit
from golive.graph.graph import Graph
from golive.graph.order import schedule
from golive.graph.step import Stage, Step
from golive.journal.events import (
    AbortAsked,
    AttemptEnded,
    AttemptLost,
    AttemptStarted,
    BackOutEnded,
    BackOutStarted,
    DecisionAsked,
    DecisionTaken,
    Do,
    Entry,
    FailureAnswered,
    Outcome,
    RetryPlanned,
    RollForwardAsked,
    RolloutHalted,
    RolloutResumed,
    SoakStarted,
    Waived,
)
from golive.reconcile.clock import Hold
from golive.reconcile.standing import is_done
from golive.reconcile.state import Attempt, State, Status
from golive.reconcile.waves import soak_end
from golive.run.journal import Journal
from golive.words import several

QUIET = 10.0
"""Seconds after which a step that runs says so again, with the last line of its output."""

AHEAD = 60.0
"""Seconds after which the expected end is said anew, when anything has happened since."""

SHOWN = 5
"""How many of the questions that wait for people are named at the end."""


class Progress:
    """Prints what happens, as it happens.

    Args:
        graph: the graph that runs.
        journal: its journal.
        guide: where the Deployment Guide lies.
    """

    def __init__(self, graph: Graph, journal: Journal, guide: Path) -> None:
        self._graph, self._journal, self._guide = graph, journal, guide
        self._said: dict[str, float] = {}
        self._width = max(len(step.id) for step in graph.steps)
        self._deaf = False
        self._history = rolling.history(journal.store, journal.run)
        self._looked_ahead = time.monotonic()

    def begin(self, until: Stage | None) -> None:
        """Says what is about to happen."""
        steps = [step for step in self._graph.steps if until is None or step.stage.order <= until.order]
        done = sum(1 for step in steps if is_done(step, self._graph, self._journal.state))
        planned = duration(schedule(self._graph).total)
        sites = ", ".join(self._graph.sites)
        typer.echo(f"{self._journal.run}: {self._graph.solution} {self._graph.version} at {sites}")
        typer.echo(
            f"{several(len(steps), 'step')}, {done} of them done, planned {planned}; watch it with: golive status"
        )
        if done or self._history.before:
            for line in rolling.end(self._graph, self._journal.state, self._history, self._journal.store.now()):
                typer.echo(line)
        typer.echo("")

    def event(self, entry: Entry, state: State) -> None:
        """Prints one entry of the journal, if it says something to a person."""
        at, event = clock(entry.at), entry.event
        self._history.run.see(entry)
        match event:
            case AttemptStarted() | AttemptEnded() | AttemptLost():
                self._carried(at, event, state)
            case SoakStarted() | RolloutHalted() | RolloutResumed():
                self._rollout(at, event, state)
            case DecisionAsked():
                answer = command(self._graph.by_id[event.step])
                self._line(at, "asks", event.step, f"{event.question} ({event.role or 'who knows'}) → {answer}")
            case DecisionTaken():
                word = {"approve": "approved", "refuse": "refused", "cannot": "failed", "unsent": "unsent"}
                said = f"{event.person} {event.reason}".strip()
                self._line(at, word.get(event.verb, "done"), event.step, said)
            case Waived():
                said = f"{event.rule} is waived by {event.person} until {event.expires}: {event.reason}"
                self._line(at, "waived", event.step, said)
            case RetryPlanned() | FailureAnswered() | AbortAsked() | RollForwardAsked():
                self._chosen(at, event)
            case BackOutStarted() | BackOutEnded():
                self._goes_back(at, event)
            case _:
                return

    def _goes_back(self, at: str, event: BackOutStarted | BackOutEnded) -> None:
        if isinstance(event, BackOutStarted):
            said = f"the site goes back to the old system: {event.because}"
        else:
            said = "ended, " + (f"residue: {', '.join(event.residue)}" if event.residue else "clean")
        self._line(at, "back-out", event.site, said)

    def _chosen(self, at: str, event: RetryPlanned | FailureAnswered | AbortAsked | RollForwardAsked) -> None:
        match event:
            case RollForwardAsked():
                said = f"{event.who} gives up the way back, the site goes on with the new system: {event.reason}"
                self._line(at, "forward", event.site, said)
            case RetryPlanned():
                self._line(at, "retry", event.step, f"tried again at {clock(event.at)}, as the plan's on_failure says")
            case FailureAnswered():
                said = f"{event.person or event.who} {event.reason}".strip()
                self._line(at, {"skip": "skipped"}.get(event.answer, event.answer), event.step, said)
            case AbortAsked():
                said = f"{event.who} ends the run: what runs is waited for" + (
                    f" ({event.reason})" if event.reason else ""
                )
                self._line(at, "abort", self._journal.run, said)

    def _rollout(self, at: str, event: SoakStarted | RolloutHalted | RolloutResumed, state: State) -> None:
        match event:
            case SoakStarted():
                end = next(soak_end(wave, state) for wave in self._graph.rollout.waves if wave.name == event.wave)
                said = f"the wave is live; it soaks until {rolling.at(end, self._journal.store.now())}"
                self._line(at, "soaks", event.wave, said)
            case RolloutHalted():
                count = several(len(event.sites), "site counts", "sites count")
                said = f"{count}, {event.budget} may: no other begins ({', '.join(event.sites)})"
                self._line(at, "HALTED", "error budget", said)
            case RolloutResumed():
                self._line(at, "resumed", "error budget", "it suffices again: the rollout goes on")

    def _look_ahead(self, at: str, state: State) -> None:
        if time.monotonic() - self._looked_ahead < AHEAD:
            return
        self._looked_ahead = time.monotonic()
        for line in rolling.end(self._graph, state, self._history, self._journal.store.now()):
            self._line(at, "…", self._journal.run, line)

    def _carried(self, at: str, event: AttemptStarted | AttemptEnded | AttemptLost, state: State) -> None:
        attempt = state.attempts[event.attempt]
        match event:
            case AttemptStarted():
                self._started(at, attempt)
            case AttemptEnded():
                self._ended(at, attempt, event)
                self._look_ahead(at, state)
            case AttemptLost():
                self._line(at, "unknown", attempt.step, event.note)

    def _started(self, at: str, attempt: Attempt) -> None:
        step = self._graph.by_id.get(attempt.step)  # a back-out also takes back what an amended plan has forgotten
        if step and step.planned >= QUIET:
            title = step.title if attempt.action is Do.DO else f"take back: {step.title}"
            self._line(at, "begun", attempt.step, title)
        self._said[attempt.step] = time.monotonic()

    def _ended(self, at: str, attempt: Attempt, event: AttemptEnded) -> None:
        step = self._graph.by_id.get(attempt.step)
        planned = f" (planned {duration(step.planned)})" if step and attempt.action is Do.DO else ""
        word = "undone" if attempt.action is Do.UNDO and event.outcome is Outcome.DONE else str(event.outcome)
        self._line(at, word, attempt.step, f"{event.note}  {duration(event.seconds)}{planned}")

    def waits(self, holds: tuple[Hold, ...]) -> None:
        """Says, once for each, what the run waits for while it sleeps."""
        for hold in timely.first_of_sites(holds):
            key = f"{hold.step.id} {hold.until}"
            if key not in self._said:
                self._said[key] = time.monotonic()
                self._line(datetime.now().astimezone().strftime("%H:%M:%S"), "waits", hold.step.id, hold.sentence())

    def _line(self, at: str, word: str, subject: str, text: str) -> None:
        marked = typer.style(f"{word:<11}", fg=COLOURS.get(word), bold=word in ("failed", "back-out", "asks"))
        self._echo(f"{at}  {marked} {subject:<{self._width}}  {printable(text)}")

    def _echo(self, text: str) -> None:
        """Prints; when nobody listens any more (the other end of a pipe is gone) the run goes on in silence."""
        if self._deaf:
            return
        try:
            typer.echo(text)
        except OSError:
            self._deaf = True

    def output(self, step: Step, piece: bytes) -> None:
        """Says now and then what a long step is doing."""
        now = time.monotonic()
        if now - self._said.get(step.id, now) < QUIET:
            return
        lines = [line for line in piece.decode("utf-8", "replace").replace("\x1e", "").splitlines() if line.strip()]
        if lines:
            self._said[step.id] = now
            self._line(datetime.now().astimezone().strftime("%H:%M:%S"), "…", step.id, lines[-1].strip()[:100])

    def end(self, exit: Exit, until: Stage | None, holders: int) -> None:
        """Prints the recap and the facts; ``holders``: how many hosts hold the whole journal."""
        state = self._journal.refresh()
        typer.echo("\n" + recap(self._graph, state))
        for line in failures(self._graph, self._journal):
            typer.echo(line)
        live = [site for site in self._graph.sites if site_is_live(site, self._graph, state)]
        done = sum(1 for step in self._graph.steps if is_done(step, self._graph, state))
        for line in timely.lines(self._graph, state, self._journal.store.now(), until):
            typer.echo(line)
        for site in self._graph.sites:
            if ended := state.site(site).ended:
                typer.echo(
                    f"backed out: {site}" + (f", residue: {', '.join(ended.residue)}" if ended.residue else ", clean")
                )
                typer.echo(f"    kept there: {', '.join(ended.kept) or 'nothing'}")
        typer.echo(f"sites live: {len(live)} of {len(self._graph.sites)}" + (f" ({', '.join(live)})" if live else ""))
        typer.echo(f"steps done: {done} of {len(self._graph.steps)}")
        planned = duration(schedule(self._graph).total)
        since = datetime.now(UTC) - (self._journal.began or datetime.now(UTC))
        typer.echo(f"elapsed: {duration(since.total_seconds())} since the run began (whole rollout planned: {planned})")
        kept = f"kept on {several(holders, 'host')}" if holders else "NOT on any host"
        typer.echo(f"journal: {several(self._journal.seq, 'entry', 'entries')}, {kept}, head {self._journal.head}")
        if self._guide.exists():
            typer.echo(f"guide: {self._guide}")
        stopped = f" up to {until}" if until and exit is Exit.DONE else ""
        typer.echo(f"outcome: {exit.meaning}{stopped} (exit {int(exit)})")
        for line in next_for(exit, until, self._graph, state):
            typer.echo(f"next: {line}")


def site_is_live(site: str, graph: Graph, state: State) -> bool:
    """Whether everything at a site is done."""
    return all(is_done(step, graph, state) for step in graph.of_site[site])


def recap(graph: Graph, state: State) -> str:
    """A line for each host: steps by how they stand, resources changed and ok, time spent."""
    lanes = {step.id: step.lane for step in graph.steps}
    held, resources = defaultdict[str, Counter[str]](Counter), defaultdict[str, Counter[str]](Counter)
    seconds = defaultdict[str, float](float)
    for name, lane in lanes.items():
        held[lane][str(state.step(name).status)] += 1
    for attempt in state.attempts.values():
        if attempt.ended and (lane := lanes.get(attempt.step)):
            evidence = attempt.ended.evidence
            resources[lane].update({key: len(evidence[key]) for key in ("changed", "ok") if key in evidence})
            seconds[lane] += attempt.ended.seconds
    rows = [_recap(lane, words, resources[lane], seconds[lane]) for lane, words in held.items()]
    return table(["host", "done", "to do", "other", "changed", "ok", "time"], rows)


def _recap(lane: str, held: Counter[str], resources: Counter[str], seconds: float) -> list[str]:
    other = ", ".join(f"{word} {count}" for word, count in held.items() if word not in ("done", "pending"))
    counts = (held["done"], held["pending"], other or "-", resources["changed"], resources["ok"])
    return [lane, *map(str, counts), duration(seconds)]


def _asks(graph: Graph, state: State) -> list[str]:
    """How to answer what waits for people; the rest in one line when it is much."""
    waiting = [step for step in graph.steps if state.step(step.id).status is Status.WAITING]
    shown = [f"{command(step)} (all about it: golive tasks)" for step in waiting[:SHOWN]]
    more = len(waiting) - len(shown)
    return [*shown, f"golive tasks shows {more} more that wait for people"] if more else shown


def next_for(exit: Exit, until: Stage | None, graph: Graph, state: State) -> list[str]:
    """What the person does next."""
    asks = _asks(graph, state)
    match exit:
        case Exit.DONE:
            return ["golive run goes on with the next stage"] if until else []
        case Exit.FAILED | Exit.UNKNOWN | Exit.GATE_REFUSED if state.ended:
            return ["this run has ended: golive run begins a new one, of all sites that are not live"]
        case Exit.WAITING:
            return asks
        case Exit.GATE_REFUSED if any(step.do.kind == "gate" for step in graph.steps):
            said = "golive gates names each reason: mend it and run golive again, or have it waived: golive waive"
            return [said, *asks]
        case Exit.FAILED | Exit.UNKNOWN | Exit.GATE_REFUSED:
            said = "mend it, then golive run tries again from there; after a change of the plan: golive amend first"
            return [said, *asks]
        case Exit.WINDOW:
            return ["golive run goes on then; golive run --wait waits for it"]
        case Exit.INTERRUPTED:
            return ["golive run goes on from here"]
        case Exit.BACKED_OUT:
            return ["the old system serves again; mend the cause, then golive run begins a new run"]
        case Exit.RESIDUE:
            return ["look at the residue named above on its host; the old system should serve: check it by hand now"]
        case _:
            return []
