"""What can be told of the cutover's figures without hosts: table, picture, and what becomes of what was measured."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks.cutover.kept import Results
from benchmarks.cutover.page import BEGIN, END, PAGE, PICTURE, write
from benchmarks.cutover.parts import stall
from benchmarks.cutover.shop import Crossing, crossings
from benchmarks.load.log import Request

THERE = Crossing(
    100.0, ((0.5, "every front door holds, no request is under way"), (0.6, "committed"), (0.61, "released"))
)
BACK = Crossing(160.0, THERE.phases)
STALL = {"whole": 0.7, "beyond": 0.2, "failed": 0, "acknowledged": 9}
CROSS: dict[str, Any] = {
    "writes a second": 118.0, "lost": 0, "failed": 0, "there": STALL, "back": STALL, "p99 users alone": 0.008, "p99 without": 0.01,
    "p99 copying": 0.015, "p99 comparing": 0.012, "steps": {"do copy-postgresql": [60, 90], "do follow-postgresql": [90, 98]},
    "fences": {"there": asdict(THERE), "back": asdict(BACK)},
}  # fmt: skip


def request(at: float, seconds: float, kind: str = "write", own: float = 0.0) -> Request:
    return Request(kind, f"{at}", at, at + seconds, 201, "old" if at < 100 else "new", own)


def results(folder: Path, **changes: object) -> Results:
    made = Results(folder / "results.json")
    made.keep("1 GB", "cross", {**CROSS, **changes})
    return made


def test_table_and_picture_come_between_the_marks(tmp_path: Path):
    (tmp_path / "docs/img").mkdir(parents=True)
    (tmp_path / PAGE).write_text(f"before\n{BEGIN}older\n{END}after\n")
    log = tmp_path / "log"
    log.write_text("".join(f"{request(50 + n / 2, 0.01).as_json()}\n" for n in range(240)))
    write(tmp_path, results(tmp_path), log)
    text = (tmp_path / PAGE).read_text()
    assert text.startswith(f"before\n{BEGIN}| figure |") and text.endswith(f"{END}after\n") and "older" not in text
    assert "| 1 GB: acknowledged writes lost | 0  | at most 0 | holds |" in text
    drawn = ElementTree.fromstring((tmp_path / PICTURE).read_text())
    words = {element.text for element in drawn.iter() if element.tag.endswith("text")}
    assert {"copy", "compare", "cutover", "back-out", "requests under way end: 0.50 s"} <= words


def test_a_page_without_the_marks_is_not_touched(tmp_path: Path):
    (tmp_path / "docs").mkdir()
    (tmp_path / PAGE).write_text("mine\n")
    with pytest.raises(RuntimeError, match="marks"):
        write(tmp_path, results(tmp_path), tmp_path / "log")
    assert (tmp_path / PAGE).read_text() == "mine\n"


def test_what_is_lost_or_fails_does_not_hold(tmp_path: Path):
    assert all(figure.holds for figure in results(tmp_path).figures())
    assert not all(figure.holds for figure in results(tmp_path, failed=1).figures())
    large = {**CROSS, "there": {**STALL, "beyond": 0.25}}
    made = results(tmp_path)
    made.keep("3 GB", "cross", large)
    assert [figure.holds for figure in made.figures() if figure.name.startswith("3 GB: stall beside")] == [False]
    assert json.loads((tmp_path / "results.json").read_text())["3 GB"]["cross"]["there"]["beyond"] == 0.25


def test_a_stall_counts_from_the_end_of_the_slow_request():
    slow = request(98.0, 3.0, "slow", 3.0)  # its end, at 101, is not the fence's fault
    held = [request(100.1, 1.2), request(100.9, 0.4)]
    found = stall([request(99.0, 0.01), slow, *held, request(101.4, 0.01)], THERE)
    assert found.whole == pytest.approx(1.2)
    assert found.beyond == pytest.approx(0.3)


def test_the_crossings_are_read_from_what_the_step_says():
    said = "2026-11-26 18:51:49.041535 UTC: fence 1 for 6 s at most\n+2.484 s (2.484 s) every front door holds\n"
    assert crossings(said) == [Crossing(1795719109.041535, ((2.484, "every front door holds"),))]
