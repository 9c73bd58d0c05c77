"""Reading evidence: JUnit XML as runners write it, registers of defects, and what is wrong with either."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from golive.run.evidence import _defects, junit

SUITE = """<?xml version="1.0"?>
<testsuites><testsuite name="api" timestamp="{at}">
  <properties><property name="version" value="2.1"/><property name="artifact.api" value="d1"/></properties>
  <testcase classname="tests.api" name="reads"/>
  <testcase classname="tests.api" name="writes"><failure message="no"/></testcase>
  <testcase classname="tests.api" name="sweeps"><skipped/></testcase>
  <testcase classname="tests.api" name="dies"><properties><property name="component" value="db"/></properties><error/></testcase>
</testsuite></testsuites>"""


def test_results_say_version_time_artifacts_and_cases() -> None:
    results = junit(SUITE.format(at="2026-05-30T10:00:00+02:00").encode(), "api.xml")
    assert (results.version, results.artifacts) == ("2.1", {"api": "d1"})
    assert results.at == datetime(2026, 5, 30, 8, tzinfo=UTC)
    assert [(case.name, case.outcome, case.component) for case in results.cases] == [
        ("tests.api.reads", "passed", ""),
        ("tests.api.writes", "failed", ""),
        ("tests.api.sweeps", "skipped", ""),
        ("tests.api.dies", "error", "db"),
    ]


def test_a_time_that_is_none_is_no_time() -> None:
    assert junit(SUITE.format(at="yesterday").encode(), "api.xml").at is None


def test_what_pytest_writes_is_read(tmp_path: Path) -> None:
    tmp_path.joinpath("test_it.py").write_text("def test_one(): pass\n")
    import subprocess
    import sys

    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml", "out.xml", "test_it.py"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    results = junit(tmp_path.joinpath("out.xml").read_bytes(), "out.xml")
    assert [(case.name, case.outcome) for case in results.cases] == [("test_it.test_one", "passed")]
    assert results.at is not None
    assert results.version == ""


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"not xml", "it is no JUnit XML"),
        (b"<testsuite name='a'/>", "it holds no test"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><testsuite/>", "it declares XML entities"),
        (
            "<?xml version='1.0' encoding='utf-16'?><!DOCTYPE x [<!ENTITY a 'b'>]><x/>".encode("utf-16"),
            "it declares XML",
        ),
        (b"<!--" + b"x" * 200_000 + b"--><!DOCTYPE x SYSTEM 'file:///etc/passwd'><testsuite/>", "it declares XML"),
    ],
)
def test_what_is_no_result(body: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        junit(body, "x.xml")


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("d.csv", "ID,Priority,Status,title\n1,major,open,x\n2,minor,closed,y\n"),
        ("d.yaml", "- {id: 1, priority: major, status: open}\n- {id: 2, priority: minor, status: closed}\n"),
    ],
)
def test_a_register_of_defects(name: str, body: str) -> None:
    assert [(one.id, one.priority, one.status) for one in _defects(body.encode(), name)] == [
        ("1", "major", "open"),
        ("2", "minor", "closed"),
    ]


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("d.csv", "id,priority\n1,major\n", "its entry 1 has no status"),
        ("d.csv", "id,priority,status\n1,major,open\n2,,open\n", "its entry 2 has no priority"),
        ("d.yaml", "id: 1\n", "it is no list of defects"),
        ("d.yaml", "- [", "it is no YAML"),
    ],
)
def test_a_register_that_tells_nothing(name: str, body: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        _defects(body.encode(), name)
