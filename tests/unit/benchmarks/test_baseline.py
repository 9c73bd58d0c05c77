"""What can be told of the baseline benchmark without hosts."""

import json
import subprocess
from pathlib import Path

import pytest

from benchmarks import peers
from benchmarks.desired import Desired
from benchmarks.page import page, picture
from benchmarks.peers import Address
from benchmarks.results import Results, Row
from golive.cli.context import load_plan

HOSTS = [Address("bench-1", "10.93.0.10"), Address("bench-2", "127.0.1.2", 2222)]


@pytest.mark.parametrize("scale", [1, 4, 10])
def test_every_tool_is_given_all_resources(scale: int, tmp_path: Path):
    desired = Desired(scale)
    tasks = json.loads(peers.ansible(desired, HOSTS, "k")["play.yml"])[0]["tasks"]
    deploy = peers.pyinfra(desired, HOSTS, "k")["deploy.py"].splitlines()
    bare = peers.bare(desired, HOSTS, "k")["bare.sh"]
    (tmp_path / "golive.yaml").write_text(peers.plan(desired, HOSTS, "k")["golive.yaml"])
    baseline = load_plan(tmp_path).plan.roles["app"].baseline
    assert len(tasks) == len(deploy) - 2 == bare.count("echo changed") == len(baseline) == desired.size == 50 * scale
    assert {one.title for one in desired.alterations()} < {resource.title for resource in baseline}


def test_what_is_written_is_python_and_shell():
    desired = Desired()
    for files in (peers.pyinfra(desired, HOSTS, "k"), peers.bare(desired, HOSTS, "k")):
        for name, text in files.items():
            if name.endswith(".py"):
                compile(text, name, "exec")
    scripts = (
        peers.bare(desired, HOSTS, "k")["bare.sh"],
        desired.preparation(),
        desired.removal(),
        peers.proof(desired),
    )
    for script in scripts:
        subprocess.run(["sh", "-n"], input=script, text=True, check=True)


def test_one_alteration_for_each_host_and_the_same_again():
    hosts = [f"bench-{number}" for number in range(1, 25)]
    picked = Desired().pick(hosts, 7)
    assert list(picked) == hosts
    assert picked == Desired().pick(hosts, 7) != Desired().pick(hosts, 8)


def row(part: str, tool: str, seconds: float, hosts: int = 8) -> Row:
    return Row(part, tool, hosts, 50, seconds, 2.0 + 0.02 * hosts, 80, 1)


def test_figures_follow_from_rows_and_are_kept(tmp_path: Path):
    results = Results(tmp_path / "results.json")
    for one in (
        row("same", "golive", 2.0),
        row("same", "pyinfra", 18.0),
        row("far", "golive", 3.5),
        row("many", "golive", 10.0, 24),
        row("many", "bare", 16.0, 24),
        row("some", "golive", 4.0),
    ):
        results.keep(one)
    figures = {figure.name: figure for figure in Results(tmp_path / "results.json").figures()}
    assert figures["same: faster than pyinfra"].value == 9.0
    assert figures["same: faster than pyinfra"].holds
    assert not figures["far: more than without latency"].holds
    assert figures["many: beside the bare script"].value == 0.625
    assert figures["many: CPU of the controller for a host"].value == pytest.approx(20)
    written = page(results.rows, list(figures.values()), {"pyinfra": "3.10"})
    assert "| far: more than without latency | 1.50 s | at most 1.2 | **does not hold** |" in written
    assert picture(results.rows).count("<rect") == 4
