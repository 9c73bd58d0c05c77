"""Around the guide: templates of the plan's own, and the register of issues."""

import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from golive.cli.papers import history, issue_next, made
from golive.errors import UsageError
from golive.graph.graph import Graph
from golive.guide.guide import guide
from golive.plan.plan import Loaded

Compile = Callable[[Path], tuple[Loaded, Graph]]


def test_a_template_of_the_plan_stands_in_place_of_golives(plan_copy: Path, compile_at: Compile):
    own = plan_copy / "guide"
    own.mkdir()
    text = '{% extends "golive/guide.html.j2" %}{% block cover %}<h1>Acme: {{ document.title }}</h1>{% endblock %}'
    (own / "guide.html.j2").write_text(text)
    (own / "style.css").write_text("body { color: teal; }")
    (own / "guide.typ").write_text('#show: style\n#set page(width: 100pt)\n#text("Acme")')
    document = guide(*compile_at(plan_copy))
    page = made(document, "html", plan_copy).decode()
    assert "<h1>Acme: kinto</h1>" in page
    assert "color: teal" in page
    assert 'id="introduction"' in page
    pages = PdfReader(BytesIO(made(document, "pdf", plan_copy))).pages
    assert pages[-1].mediabox.width == 100


@pytest.mark.parametrize(("name", "kind"), [("guide.html.j2", "html"), ("guide.typ", "pdf"), ("guide.docx", "docx")])
def test_a_template_that_is_wrong_is_named(plan_copy: Path, compile_at: Compile, name: str, kind: str):
    (plan_copy / "guide").mkdir()
    (plan_copy / "guide" / name).write_text("{% block %} #panic(1)")
    with pytest.raises(UsageError, match=f"guide/{name}"):
        made(guide(*compile_at(plan_copy)), kind, plan_copy)


def test_an_issue_is_recorded_compared_and_approved(plan_copy: Path, compile_at: Compile, tmp_path: Path):
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    (plan_copy / "keys" / "claire.pub").write_text(key.with_suffix(".pub").read_text())
    loaded, graph = compile_at(plan_copy)
    assert issue_next(plan_copy, loaded, graph, "ada", "First").startswith("issued version 1")
    with pytest.raises(UsageError, match="nothing changed since issue 1"):
        issue_next(plan_copy, loaded, graph, "ada", "Again")

    issue = plan_copy / "issued" / "1.json"
    command = ["ssh-keygen", "-q", "-Y", "sign", "-n", "golive", "-f", str(key)]
    with issue.open() as stream:
        signed = subprocess.run(command, stdin=stream, capture_output=True, text=True, check=True).stdout
    issue.with_name("1.json.claire.sig").write_text(signed)
    issue.with_name("1.json.kenji.sig").write_text(signed)
    file = plan_copy / "sites" / "lyon.yaml"
    file.write_text(file.read_text().replace("192.0.2.21", "192.0.2.99"))
    told = history(plan_copy, compile_at(plan_copy)[0])
    assert told.changes == ("site lyon, host app-1: address is 192.0.2.99, was 192.0.2.21",)
    assert told.version == "1, draft of 2"
    assert told.approved["claire"] == "issue 1 approved, by SSH signature"
    assert told.approved["kenji"] == "1.json.kenji.sig is not this person's signature"
