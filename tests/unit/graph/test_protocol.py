"""A cutover by the protocol as steps: what stands beside a database that follows, and in which order."""

from itertools import pairwise
from pathlib import Path

import pytest

from golive.graph.compile import compile_plan
from golive.graph.graph import Graph
from golive.kinds.registry import kinds
from golive.plan.load import load

PLAN = """\
golive: 1
solution: {name: notes, version: "2.1"}
roles: {app: {}, old: {existing: true}, door: {existing: true}}
people: {ada: {name: Ada, roles: [lead], key: ada.pub}}
secrets: {words: {file: words}}
cutover:
  secret: words
  move:
    - {postgresql: notes, from: old, to: app}
    - {files: /srv/a, from: old, to: app, password: words}
    - {files: /srv/b, from: old, to: app, password: words}
    - {command: "true", from: old, to: app, prove: "true", back: "true", last: echo rest, fetch: echo back}
  then: [{name: migrate, on: app, command: "true"}]
  switch: [{haproxy: notes, on: door, to: app, port: 80}]
  no_return: {role: lead}
sites:
  lyon:
    hosts:
      app: {address: 192.0.2.10, role: app}
      old: {address: 192.0.2.12, role: old}
      door: {address: 192.0.2.13, role: door}
"""


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    folder: Path = tmp_path_factory.mktemp("plan")
    for name, text in (("golive.yaml", PLAN), ("words", "hush"), ("ada.pub", "ssh-ed25519 AAAA ada")):
        (folder / name).write_text(text)
    return compile_plan(load(folder, kinds()), kinds())


def test_what_does_not_follow_is_copied_before_the_migration_and_settled_at_the_end(graph: Graph):
    names = [
        "copy-postgresql@app", "copy-files@app", "passes-files@old", "copy-files-2@app", "passes-files-2@old",
        "copy-command@app", "migrate@app", "follow-postgresql@old", "cross@old", "no-return", "settle-front-door@door",
        "settle-files@old", "settle-files@app", "settle-files-2@app", "settle-new@app",
    ]  # fmt: skip
    steps = [step.id.removeprefix("lyon/cutover/") for step in graph.steps if "/cutover/" in step.id]
    assert [name for name in steps if name in names] == names
    for before, after in pairwise(names):
        assert steps.index(before) < steps.index(after)


def test_the_last_passes_stand_on_the_old_host_without_a_secret(graph: Graph):
    register = str(graph.by_id["lyon/cutover/register@old"].do.inputs["script"])
    for text in ("echo rest", "echo back", "/srv/a", "/srv/b"):
        assert text in register
    config = register[register.index('"passes"') : register.index('"way_back"')]
    assert "GOLIVE_SECRET" not in config
