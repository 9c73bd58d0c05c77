"""Each file of ``scenarios/`` runs under dash and busybox: converge, again, revert, and with a crash at every command.

``@`` in a path or text stands for the test's directory. ``before`` and ``after`` are shell text; ``reports`` is what
the first run says. What was there before must be there again, to the bit, after the revert.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest
from ruamel.yaml import YAML

from golive.resources.interface import Resource
from golive.resources.script import converge, revert

from .shells import SHELLS, mortal, resource, run, snapshot

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="owners can be set by root only")
SCENARIOS = sorted((Path(__file__).parent / "scenarios").glob("*.yaml"))
CASES = [(scenario, shell) for scenario in SCENARIOS for shell in SHELLS]
IDS = [f"{scenario.stem}-{shell}" for scenario, shell in CASES]
KEEP = "lyon/deploy/api@app-1"
EVERY = {"dash": 2, "busybox": 5}
"""A script dies before each such command; with GOLIVE_PROVE=1, as ``scripts/prove`` sets it, before every one."""


def moments(scene: "Scene") -> range:
    return range(1, 200, 1 if os.environ.get("GOLIVE_PROVE") else EVERY[scene.shell[0]])


class Scene:
    def __init__(self, scenario: Path, shell: str, work: Path) -> None:
        loader: Any = YAML(typ="safe", pure=True)
        self.work, self.shell, self.here = work, SHELLS[shell], work / "t"
        self.data: Any = loader.load(scenario.read_text(encoding="utf-8").replace("@", str(self.here)))
        self.resources: list[Resource] = [resource(item) for item in self.data["resources"]]
        self.anew()
        self.before = snapshot(self.here)

    def anew(self) -> None:
        shutil.rmtree(self.here, ignore_errors=True)
        shutil.rmtree(self.work / "golive", ignore_errors=True)
        self.here.mkdir()
        subprocess.run(["sh", "-euc", self.data.get("before") or ":"], cwd=self.here, check=True)

    def run(self, body: str, **more: str) -> tuple[int, list[str]]:
        done = run(body, self.work, self.shell, **more)
        return done.code, [line.replace(f"{self.here}", "@") for line in done.reports]

    def holds(self) -> None:
        subprocess.run(["sh", "-euc", self.data.get("after") or ":"], cwd=self.here, check=True)


@pytest.fixture(params=CASES, ids=IDS)
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Scene:
    scenario, shell = cast("tuple[Path, str]", request.param)
    return Scene(scenario, shell, tmp_path)


def test_converged_again_and_reverted(scene: Scene):
    code, reports = scene.run(converge(scene.resources, KEEP))
    assert reports == [line.replace(str(scene.here), "@") for line in scene.data["reports"]]
    if "failed" in reports[-1]:
        assert code == 1
    else:
        assert code == 0
        scene.holds()
        after = snapshot(scene.here)
        assert {line.split()[0] for line in scene.run(converge(scene.resources, KEEP))[1]} == {"ok"}
        assert snapshot(scene.here) == after
    assert scene.run(revert(scene.resources, KEEP))[0] == 0
    assert snapshot(scene.here) == scene.before
    assert {line.split()[0] for line in scene.run(revert(scene.resources, KEEP))[1]} <= {"ok", "kept"}
    assert snapshot(scene.here) == scene.before


def test_a_crash_before_any_command_is_made_good_by_the_next_run(scene: Scene):
    if "failed" in scene.data["reports"][-1]:
        pytest.skip("it ends with a failure anyway")
    path, left, died = mortal(scene.work), scene.work / "left", 0
    for count in moments(scene):
        scene.anew()
        left.write_text(f"{count}\n")
        if scene.run(converge(scene.resources, KEEP), path=path)[0] == 0:
            break
        died += 1
        assert scene.run(converge(scene.resources, KEEP))[0] == 0
        scene.holds()
        left.write_text(f"{count}\n")
        scene.run(revert(scene.resources, KEEP), path=path)
        assert scene.run(revert(scene.resources, KEEP))[0] == 0
        assert snapshot(scene.here) == scene.before, count
    assert died or all(line.startswith("ok") for line in scene.data["reports"])


def test_a_revert_right_after_a_crash_restores_too(scene: Scene):
    path, left = mortal(scene.work), scene.work / "left"
    for count in moments(scene):
        scene.anew()
        left.write_text(f"{count}\n")
        if scene.run(converge(scene.resources, KEEP), path=path)[0] in (0, 1):
            break
        assert scene.run(revert(scene.resources, KEEP))[0] == 0
        assert snapshot(scene.here) == scene.before, count
