import subprocess

import pytest

from golive.method.survey import FACTS, judge, read, size
from golive.plan.role import Hardware

GOOD = {"os": "debian 13.1", "cpus": "4", "memory": "4294967296", "disk": "10737418240", "clock": "1000"}
ROWS: list[tuple[str, object, dict[str, str], str, str, bool]] = [
    ("os", "debian 13", {"os": "debian 13.1"}, "debian 13", "debian 13.1", True),
    ("os", "debian 13", {"os": "debian 13"}, "debian 13", "debian 13", True),
    ("os", "debian 1", {"os": "debian 13"}, "debian 1", "debian 13", False),
    ("os", "debian 13", {"os": "debian 12"}, "debian 13", "debian 12", False),
    ("os", "debian 13", {}, "debian 13", "unknown", False),
    ("cpus", 4, {"cpus": "4"}, "4 at least", "4", True),
    ("cpus", 4, {"cpus": "3"}, "4 at least", "3", False),
    ("cpus", 4, {"cpus": "four"}, "4 at least", "unknown", False),
    ("cpus", 4, {}, "4 at least", "unknown", False),
    ("memory", "2 GiB", {"memory": "2147483648"}, "2 GiB at least", "2 GiB", True),
    ("memory", "2 GiB", {"memory": "2147483647"}, "2 GiB at least", "2 GiB", False),
    ("memory", "2 GiB", {}, "2 GiB at least", "unknown", False),
    ("disk", "10 GB", {"disk": "10000000000"}, "9.3 GiB at least", "9.3 GiB", True),
    ("disk", "10 GB", {"disk": "9"}, "9.3 GiB at least", "9 B", False),
    ("disk", "10 GB", {}, "9.3 GiB at least", "unknown", False),
]


@pytest.mark.parametrize(("name", "wanted", "facts", "required", "found", "holds"), ROWS)
def test_each_requirement(name: str, wanted: object, facts: dict[str, str], required: str, found: str, holds: bool):
    rows = judge(Hardware.model_validate({name: wanted}), facts, 0, 0)
    row = next(row for row in rows if row.name == name)
    assert (row.required, row.found, row.holds) == (required, found, holds)


CLOCKS = [
    ("1000", 1000.2, 1000.8, "0 s off", True),
    ("1000", 1000.9, 1001.9, "0 s off", True),
    ("1000", 1006.0, 1006.5, "5 s off", True),
    ("1000", 1006.1, 1006.5, "5 s off", False),
    ("1000", 994.0, 995.0, "5 s off", True),
    ("1000", 994.0, 994.9, "5 s off", False),
    ("1000", 10.0, 11.0, "989 s off", False),
    ("", 1000.0, 1000.0, "unknown", False),
]


@pytest.mark.parametrize(("told", "asked", "answered", "found", "holds"), CLOCKS)
def test_the_clock(told: str, asked: float, answered: float, found: str, holds: bool):
    (row,) = judge(Hardware.model_validate({}), {"clock": told}, asked, answered)
    assert (row.name, row.required, row.found, row.holds) == ("clock", "within 5 s", found, holds)


def test_only_what_is_asked_is_judged():
    assert [row.name for row in judge(Hardware.model_validate({}), GOOD, 1000, 1000)] == ["clock"]
    everything = {"os": "debian 13", "cpus": 1, "memory": 1, "disk": 1}
    rows = judge(Hardware.model_validate(everything), GOOD, 1000, 1000)
    assert [(row.name, row.holds) for row in rows] == [
        (name, True) for name in ("clock", "os", "cpus", "memory", "disk")
    ]
    assert rows[0].as_json() == {"name": "clock", "required": "within 5 s", "found": "0 s off", "holds": True}


def test_the_script_tells_every_fact():
    done = subprocess.run(["sh", "-euc", FACTS], capture_output=True, text=True, check=True)
    facts = read(f"a line of something else\n{done.stdout}")
    assert set(facts) >= {"os", "kernel", "architecture", "cpus", "memory", "disk", "clock", "boot", "service_manager"}
    assert all(float(facts[name]) > 0 for name in ("cpus", "memory", "disk", "clock"))


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (1 << 20, "1 MiB"), (1 << 30, "1 GiB"), (3 << 39, "1.5 TiB"), (1 << 19, "524288 B")]
)
def test_sizes_as_people_read_them(count: int, text: str):
    assert size(count) == text
