"""A glance recognises a resource exactly when its own check succeeds; and is believed no longer than it holds."""

import os
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from golive.resources.interface import Resource
from golive.resources.script import converge, examine
from golive.resources.sh import quote

from .shells import SHELLS, resource, run, snapshot

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="owners can be set by root only")

WORD = '"$path"'
HARM = (
    "rm -rf {path}",
    "chmod 0711 {path}",
    "chown daemon {path}",
    "chgrp daemon {path}",
    "if [ -f {path} ]; then printf x >> {path}; fi",
    "mv -- {path} {path}.away; ln -s {path}.away {path}",
    "rm -rf {path}; mkfifo {path}",
    "rm -rf {path}; mkdir {path}",
    ":",
)


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> Sequence[str]:
    return SHELLS[request.param]


def wanted(here: Path) -> list[Resource]:
    names = ["plain", "with space", "it's", "dollar$HOME", "back\\slash", "grün", "-dash", "star*"]
    files = [{"file": f"{here}/f {name}", "content": f"{name}\n", "mode": "0640"} for name in names]
    folders = [{"directory": f"{here}/d {name}", "mode": "2755"} for name in names]
    return [resource(one) for one in ({"file": f"{here}/empty", "content": ""}, *files, *folders)]


def test_it_says_what_the_checks_say(shell: Sequence[str], tmp_path: Path):
    here = tmp_path / "t"
    here.mkdir()
    all_of_them, chance = wanted(here), random.Random(3)
    assert run(converge(all_of_them), tmp_path, shell).code == 0
    for _ in range(6):
        harm = "".join(f"path={quote(one.main)}\n{chance.choice(HARM).format(path=WORD)}\n" for one in all_of_them)
        assert run(harm, tmp_path, shell).errors == ""
        at_a_glance = run(examine(all_of_them), tmp_path, shell)
        one_by_one = [run(examine([one]), tmp_path, shell).reports[0] for one in all_of_them]
        assert [line.replace("may ", "would ") for line in at_a_glance.reports] == one_by_one
        for path in here.iterdir():
            run('rm -rf "$V"', tmp_path, shell, V=str(path))
        run(converge(all_of_them), tmp_path, shell)


@pytest.mark.parametrize("broken", [0, 4, 16])
def test_what_a_change_harms_is_seen_behind_it(broken: int, shell: Sequence[str], tmp_path: Path):
    here = tmp_path / "t"
    here.mkdir()
    harm = resource({"command": f"rm -f '{here}/f plain' {here}/done; : > {here}/done", "creates": f"{here}/done"})
    all_of_them = wanted(here)
    assert run(converge(all_of_them), tmp_path, shell).code == 0
    before = snapshot(here)
    with_harm = [*all_of_them[:broken], harm, *all_of_them[broken:]]
    done = run(converge(with_harm), tmp_path, shell)
    changed = [line for line in done.reports if line.startswith("changed")]
    behind = broken <= 1  # "f plain" is the second of them
    assert changed == [f"changed {harm.title}", *([f"changed file {here}/f plain"] if behind else [])]
    assert (snapshot(here).keys() - {"done"} == before.keys()) is behind
