"""A script that only looks foretells what the one that converges does; conditions; packages in one transaction."""

from pathlib import Path
from typing import Any

import pytest

from golive.resources.report import Reported, State, parse, plain
from golive.resources.script import converge, examine

from .shells import SHELLS, resource, run, snapshot

APT = """#!/bin/sh
echo "$@" >> "$T/apt"
for word; do name=$word; case $word in broken) exit 100 ;; [a-c]) : > "$T/installed/$word" ;; esac; done
"""
DPKG = """#!/bin/sh
for word; do name=$word; done
[ -e "$T/installed/$name" ] && printf 'ok installed'
"""


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> tuple[str, ...]:
    return SHELLS[request.param]


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "t/installed").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    for name, text in (("apt-get", APT), ("dpkg-query", DPKG), ("apt-cache", "#!/bin/sh\n"), ("dpkg", APT)):
        (tmp_path / "bin" / name).write_text(text)
        (tmp_path / "bin" / name).chmod(0o755)
    return tmp_path


def packages(*names: str) -> list[Any]:
    return [resource({"package": name}) for name in names]


def test_neighbouring_packages_are_installed_in_one_transaction(shell: tuple[str, ...], work: Path):
    (work / "t/installed/bb").touch()
    wanted = packages("aa", "bb", "cc")
    (work / "bin/apt-get").write_text(APT.replace("[a-c]", "aa|cc"))
    done = run(converge(wanted), work, shell, path=str(work / "bin"))
    assert (done.code, done.errors) == (0, "")
    assert done.reports == ["ok package bb", "changed package aa", "changed package cc"]
    [call] = (work / "t/apt").read_text().splitlines()
    assert call.endswith("install aa cc")
    assert run(converge(wanted), work, shell, path=str(work / "bin")).reports == [
        f"ok package {name}" for name in ("aa", "bb", "cc")
    ]


def test_a_transaction_that_fails_is_said_of_what_it_should_have_brought(shell: tuple[str, ...], work: Path):
    done = run(converge(packages("broken", "aa")), work, shell, path=str(work / "bin"))
    assert (done.code, done.reports) == (1, ["failed package broken"])
    calls = (work / "t/apt").read_text().splitlines()
    assert [" ".join(call.split()[-2:]) for call in calls] == ["broken aa", "--configure -a", "-q update", "broken aa"]


def test_a_condition_that_does_not_hold_skips_and_says_why(shell: tuple[str, ...], work: Path):
    here = work / "t/f"
    skipped = resource({"file": str(here), "content": "x", "when": '[ "$os" = nothing ]'})
    taken = resource({"directory": str(work / "t/d"), "when": 'test "$cpus" -ge 1 && test "$memory" -gt 0; exit'})
    for body in (examine([skipped, taken]), converge([skipped, taken])):
        done = run(body, work, shell)
        assert done.reports[0] == f"skipped file {here}"
    assert done.reports[1] == f"changed directory {work / 't/d'}"
    assert not here.exists()


def test_looking_foretells_and_changes_nothing(shell: tuple[str, ...], work: Path):
    here = work / "t"
    (here / "there").write_text("old\n")
    wanted = [
        resource({"file": str(here / "there"), "content": "new\n"}),
        resource({"file": str(here / "secret"), "content": "\ue000word\ue001\n"}),
        resource({"command": f"touch {here}/made; exit 0", "unless": f"cd {here} && test -e made || exit 1"}),
    ]
    before = snapshot(work)
    done = run(examine(wanted), work, shell, stdin="GOLIVE_SECRET_word='hunter'\n")
    assert {key for key in snapshot(work) if key != "script"} == set(before)
    assert done.reports == [
        f"would file {here}/there",
        f"would file {here}/secret",
        f"may command touch {here}/made; exit 0",
    ]
    assert "hunter" not in done.said + done.errors
    done = run(converge(wanted), work, shell, stdin="GOLIVE_SECRET_word='hunter'\n")
    assert [line.split()[0] for line in done.reports] == ["changed"] * 3


OUTPUT = "noise\n\x1ediff\tfile /a\n-old\n+new\n\x1eend\tfile /a\nmore\n\x1echanged\tfile /a\t12\t\n\x1eok\tuser b\n"


def test_frames_are_read_and_taken_out():
    assert parse(OUTPUT) == (
        Reported(State.CHANGED, "file /a", 0.12, "", ("-old", "+new")),
        Reported(State.OK, "user b"),
    )
    assert plain(OUTPUT) == "noise\nmore\n"
