"""What a person is told of a rollout: waves, soak, error budget, and the expected end, anew after each step."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from golive.cli import rolling
from golive.cli.progress import Progress
from golive.errors import Exit
from golive.graph.graph import Graph, ordered
from golive.graph.rollout import Rollout, Wave
from golive.graph.step import Action, Stage, Step
from golive.journal.events import Outcome, RunStarted
from golive.run.coordinator import Coordinator, Options
from golive.run.executors.interface import Job, Result, Unwitnessed
from golive.run.journal import Journal
from golive.run.store import Store

BEGAN = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
WAVES = {"pilot": ("a", "b"), "rest": ("c", "d")}


def graph(budget: int = 1, soak: float = 3600) -> Graph:
    """Each site: a baseline and a deploy, planned for a minute each."""
    steps: list[Step] = []
    for site in "abcd":
        base = Step(f"{site}/baseline/set@h", Stage.BASELINE, "", Action("sim"), site, "h", planned=60)
        steps += [
            base,
            Step(f"{site}/deploy/app@h", Stage.DEPLOY, "", Action("sim"), site, "h", needs=(base.id,), planned=60),
        ]
    waves = tuple(Wave(name, sites, soak) for name, sites in WAVES.items())
    return Graph("notes", "1", ordered(steps), rollout=Rollout(waves, budget))


class World(Unwitnessed):
    """A run whose clock the steps move: each takes as long as it is told, and fails where it is told."""

    def __init__(self, folder: Path, of: Graph, takes: float = 60, bad: tuple[str, ...] = ()) -> None:
        self.now, self.graph, self.takes, self.bad = BEGAN, of, takes, bad
        self.store, self.folder = Store(folder / "journal.db", lambda: self.now), folder
        self.begin("notes-1")

    def begin(self, run: str) -> None:
        self.store.add_run(run)
        self.journal = Journal(self.store, run)
        self.journal.append(RunStarted(run, "p", self.store.save_graph(self.graph), "me", "here", "1"))

    async def execute(self, job: Job) -> Result:
        await job.started()
        self.now += timedelta(seconds=self.takes)
        return Result(Outcome.FAILED if job.step.id in self.bad else Outcome.DONE, "")

    async def run(self) -> Exit:
        coordinator = Coordinator(self.journal, self.graph, "p", {"sim": self}, Options(), lambda _step, _piece: None)
        return await coordinator.run()

    def lines(self) -> list[str]:
        known = rolling.history(self.store, self.journal.run)
        return rolling.lines(self.graph, self.journal.refresh(), known, self.store.now())


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")


def test_before_anything_has_happened_the_plan_says_how_long_it_takes(tmp_path: Path) -> None:
    assert World(tmp_path, graph()).lines() == [
        "wave pilot: 2 to come",
        "wave rest: 2 to come",
        "error budget: 0 of 1 spent",
        # 2 minutes, the soak time of the pilot, and a minute: the baselines of the rest do not wait
        "expected end: Mon 2026-06-01 02:03:00 (in 1 h 3 min), as long as the plan says; "
        "it hangs on b/baseline/set@h, b/deploy/app@h, c/deploy/app@h",
    ]


async def test_a_wave_that_soaks_says_until_when_and_the_end_is_what_the_steps_so_far_make_it(tmp_path: Path) -> None:
    world = World(tmp_path, graph())
    assert await world.run() is Exit.WINDOW
    soaks_from = datetime.fromisoformat(world.journal.state.soaks["pilot"])
    lines = world.lines()
    until = f"{soaks_from + timedelta(hours=1):%a %Y-%m-%d %H:%M:%S} (in 1 h 0 min)"
    assert lines[:3] == [
        f"wave pilot: 2 live; soaks until {until}",
        "wave rest: 2 under way",
        "error budget: 0 of 1 spent",
    ]
    world.now += timedelta(minutes=10)
    assert f"soaks until {soaks_from + timedelta(hours=1):%a %Y-%m-%d %H:%M:%S} (in 50 min 0 s)" in world.lines()[0]
    world.now += timedelta(minutes=51)
    assert world.lines()[0] == "wave pilot: 2 live; has soaked for 1 h 0 min"


async def test_what_its_like_took_is_expected_of_a_step_at_the_next_site(tmp_path: Path) -> None:
    world = World(tmp_path, graph(soak=0), takes=0)
    assert await world.run() is Exit.DONE
    world.begin("notes-2")
    known = rolling.history(world.store, "notes-2")
    assert {like: len(took) for like, took in known.before[0].took.items()} == {"baseline/set": 4, "deploy/app": 4}
    known.before[0].took.update({"deploy/app": [600.0, 500.0, 700.0], "baseline/set": [10.0]})
    [line] = rolling.end(world.graph, world.journal.state, known, world.now)
    assert line.startswith("expected end: Mon 2026-06-01 01:20:10 (in 20 min 10 s), 8 steps")  # 10 s, then 600 s twice


async def test_a_spent_budget_is_told_and_what_never_begins_takes_no_time(tmp_path: Path) -> None:
    world = World(tmp_path, graph(0, soak=0), bad=("a/deploy/app@h",))
    assert await world.run() is Exit.FAILED
    assert world.lines()[:4] == [
        "wave pilot: 1 failed, 1 live",
        "wave rest: 2 under way",
        "error budget: 1 of 0 spent (a)",
        "HALTED: no other site begins anything; mend one of these sites, or golive abort",
    ]


async def test_a_run_that_runs_says_so_as_it_happens(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("golive.cli.progress.AHEAD", 0.0)
    world = World(tmp_path, graph(0), bad=("d/baseline/set@h",))
    progress = Progress(world.graph, world.journal, tmp_path / "guide.html")
    world.journal.observe(progress.event)
    progress.begin(None)
    await world.run()
    said = capsys.readouterr().out
    assert "HALTED      error budget" in said and "1 site counts, 0 may: no other begins (d)" in said
    ends = [line.split("expected end: ")[1].split(" (")[0] for line in said.splitlines() if "expected end" in line]
    assert len(set(ends)) > 2, "it is told anew as steps take longer than was planned"


async def test_the_soak_of_a_wave_is_told_when_it_begins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = World(tmp_path, graph())
    world.journal.observe(Progress(world.graph, world.journal, tmp_path / "guide.html").event)
    await world.run()
    assert "soaks       pilot" in (said := capsys.readouterr().out)
    assert "the wave is live; it soaks until Mon 2026-06-01" in said
