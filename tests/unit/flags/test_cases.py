"""Each entry of ``cases/*.yaml`` edits the sound plan once; then exactly what it says is flagged, and nothing before.

``in`` names the file (golive.yaml by default), ``from`` stands there exactly once. ``famous.yaml`` makes several edits.
"""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from golive.flags.all import FLAGS
from golive.flags.facts import Facts
from golive.flags.flag import judge
from golive.flags.told import lines, standings
from golive.graph.compile import compile_plan
from golive.kinds.registry import kinds
from golive.plan.load import load
from golive.run.flagged import gathered

HERE = Path(__file__).parent
SOUND = HERE / "sound"
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


def facts_of(folder: Path) -> Facts:
    loaded = load(folder, kinds())
    return gathered(loaded, compile_plan(loaded, kinds()), folder, None, NOW)


def said(folder: Path) -> list[str]:
    held = standings(judge(FLAGS, facts_of(folder)), (), NOW)
    return [line.replace(f"{folder}/", "") for one in held for line in lines(one)]


def cases() -> list[Any]:
    reader: Any = YAML(typ="safe")
    files = sorted((HERE / "cases").glob("*.yaml"))
    entries = [(file.stem, entry) for file in files for entry in reader.load(file.read_text("utf-8"))]
    return [pytest.param(flag, entry, id=f"{flag}: {entry['case']}") for flag, entry in entries]


def edit(folder: Path, one: dict[str, str]) -> None:
    path = folder / one.get("in", "golive.yaml")
    text = path.read_text(encoding="utf-8")
    assert text.count(one["from"]) == 1, one
    path.write_text(text.replace(one["from"], one["to"]), encoding="utf-8")


def test_the_sound_plan_has_no_flag(tmp_path: Path):
    folder = shutil.copytree(SOUND, tmp_path / "plan")
    held = standings(judge(FLAGS, facts_of(folder)), (), NOW)
    assert [line for one in held for line in lines(one)] == []
    assert {one.verdict for one in held} == {"go"}


@pytest.mark.parametrize(("flag", "entry"), cases())
def test_one_edit_trips_it(flag: str, entry: dict[str, Any], tmp_path: Path):
    folder = shutil.copytree(SOUND, tmp_path / "plan")
    for one in entry.get("edits", [entry]):
        edit(folder, one)
    assert "\n".join(said(folder)) == entry["says"].strip("\n")
    assert flag == "famous" or f" {flag}: " in entry["says"]


def test_every_flag_has_a_case():
    assert {flag.id for flag in FLAGS} == {path.stem for path in (HERE / "cases").glob("*.yaml")} - {"famous"}
