"""The guide: deterministic, whole, escaped, without secrets, and honest about what the plan does not say."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from golive.graph.graph import Graph
from golive.guide.chapters import CHAPTERS
from golive.guide.html import render
from golive.plan.plan import Loaded

Compile = Callable[[Path], tuple[Loaded, Graph]]
SMALLEST = """golive: 1
solution: {name: notes, version: "2.1"}
roles: {web: {}}
sites: {lyon: {hosts: {web-1: {address: 192.0.2.10, role: web}}}}
"""


@pytest.fixture(scope="module")
def guide(rollout: tuple[Loaded, Graph]) -> str:
    return render(*rollout)


@pytest.fixture
def smallest(tmp_path: Path, compile_at: Compile) -> str:
    (tmp_path / "golive.yaml").write_text(SMALLEST)
    return render(*compile_at(tmp_path))


def chapter(guide: str, name: str) -> str:
    found = re.search(rf'<section class="chapter" id="{name}">.*?</section>', guide, re.DOTALL)
    assert found, name
    return found[0]


def test_equal_plans_give_equal_guides(rollout: tuple[Loaded, Graph], guide: str):
    assert render(*rollout) == guide


def test_it_does_not_depend_on_the_process(rollout: tuple[Loaded, Graph], guide: str):
    code = (
        "from pathlib import Path; from golive.plan.load import load; from golive.kinds.registry import kinds\n"
        "from golive.graph.compile import compile_plan; from golive.guide.html import render; import sys\n"
        "loaded = load(Path(sys.argv[1]), kinds())\n"
        "sys.stdout.buffer.write(render(loaded, compile_plan(loaded, kinds())).encode())"
    )
    plan = str(Path(__file__).parent / "plan")
    env = os.environ | {"PYTHONHASHSEED": "7", "KINTO_DB_PASSWORD": "swordfish"}
    said = subprocess.run([sys.executable, "-c", code, plan], env=env, capture_output=True, check=True).stdout.decode()
    assert said == guide
    assert "swordfish" not in said


def test_every_chapter_is_there_and_in_the_contents(guide: str):
    for item in CHAPTERS:
        assert chapter(guide, item.name)
        assert f'<a href="#{item.name}">' in guide


def test_every_step_is_in_the_installation_plan(rollout: tuple[Loaded, Graph], guide: str):
    plan = chapter(guide, "installation")
    for step in rollout[1].steps:
        assert f'<code class="id">{step.id}</code>' in plan


def test_every_step_is_in_the_checklist(rollout: tuple[Loaded, Graph], guide: str):
    assert chapter(guide, "checklist").count('<span class="box">') >= len(rollout[1].steps)


def test_every_artifact_is_in_the_installation_plan(rollout: tuple[Loaded, Graph], guide: str):
    plan = chapter(guide, "installation")
    for file in rollout[0].artifacts["kinto"]:
        assert plan.count(file.sha256) == len(rollout[1].sites)
        assert file.file in plan


def test_the_method_is_there_with_its_reasons(guide: str):
    plan = unescape(chapter(guide, "installation"))
    assert "SSH by way of golive@jump.osaka.example.com" in plan
    assert "only the client's operators may log in: they install" in plan


def test_the_point_of_no_return_is_marked_at_every_site(rollout: tuple[Loaded, Graph], guide: str):
    count = sum(step.no_return for step in rollout[1].steps)
    assert count == 2
    assert chapter(guide, "installation").count('<span class="flag red">point of no return</span>') == count


def test_the_back_out_is_in_reverse_order(guide: str):
    text = chapter(guide, "back_out")
    order = ["cutover/switch-haproxy", "cutover/copy-postgresql-dump", "cutover/fence-haproxy", "deploy/database"]
    places = [text.index(f"lyon/{name}@") for name in order]
    assert places == sorted(places)
    assert "lyon/cutover/release-haproxy" not in text


def test_the_scripts_stand_as_they_run(rollout: tuple[Loaded, Graph], guide: str):
    shown = {unescape(text) for text in re.findall(r"<pre>(.*?)</pre>", chapter(guide, "scripts"), re.DOTALL)}
    actions = [action for step in rollout[1].steps for action in (step.do, step.undo) if action]
    scripts = {action.inputs["script"] for action in actions if action.kind == "script"}
    assert scripts
    assert scripts <= {*shown, *(text + "\n" for text in shown)}


def test_secrets_are_names_only(guide: str):
    assert "${GOLIVE_SECRET_db_password}" in guide
    assert "\ue000" not in guide


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        values: dict[str, Any] = dict(attrs)
        self.ids += [values["id"]] if "id" in values else []
        self.links += [values[key] for key in ("href", "src") if key in values]


def test_it_is_one_file_whose_links_lead_somewhere(guide: str):
    parser = _Links()
    parser.feed(guide)
    assert len(parser.ids) == len(set(parser.ids))
    assert {link.removeprefix("#") for link in parser.links} <= set(parser.ids)
    assert not parser.tags & {"script", "link", "img", "iframe"}
    assert not re.search(r"url\(\s*['\"]?(?!#)|@import", guide)


def test_hostile_texts_are_shown_and_not_obeyed(plan_copy: Path, compile_at: Compile):
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    for name, line in (("golive.yaml", "summary:"), ("people.yaml", "name:"), ("sites/lyon.yaml", "title:")):
        file = plan_copy / name
        file.write_text(re.sub(rf'{line} ("[^"]*"|[^,\n]*)', f"{line} '{evil}'", file.read_text(), count=1))
    plan = plan_copy / "golive.yaml"
    plan.write_text(plan.read_text().replace("systemctl stop kinto,", f"\"echo '</pre>{evil}'\",", 1))
    guide = render(*compile_at(plan_copy))
    parser = _Links()
    parser.feed(guide)
    assert not parser.tags & {"script", "img"}
    assert guide.count("&lt;script&gt;alert(1)") > 4
    assert "&lt;/pre&gt;&lt;script&gt;" in guide


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("introduction", ("solution.summary", "components", "roles.web.hardware")),
        ("people", ("people", "sites.lyon.contact")),
        ("environment", ("handover.procedures", "cutover.verify", "cutover.move", "standards.support")),
        ("installation", ("components", "cutover", "handover")),
        ("outage", ("cutover", "standards.outage", "standards.contingency")),
        ("gates", ("handover.sign_off",)),
        ("support", ("standards.support",)),
        ("handover", ("handover.procedures", "handover.access", "handover.sign_off")),
    ],
)
def test_an_empty_chapter_says_what_to_add(smallest: str, name: str, keys: tuple[str, ...]):
    text = chapter(smallest, name)
    for key in keys:
        assert f"<code>{key}</code>" in text
    assert "N/A" not in text


def test_a_site_with_a_bundle_says_so(plan_copy: Path, compile_at: Compile):
    file = plan_copy / "sites" / "osaka.yaml"
    file.write_text(file.read_text().replace("jump: golive@jump.osaka.example.com", "network: isolated"))
    guide = chapter(render(*compile_at(plan_copy)), "installation")
    assert "from a bundle on a USB stick" in guide
    assert "USB stick by courier" in guide
