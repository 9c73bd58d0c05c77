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
from golive.guide.chapters import APPENDICES, CHAPTERS
from golive.guide.document import Code, Gap, Items, Section, Table, walk
from golive.guide.guide import guide as made
from golive.guide.writers.html import html
from golive.pictures import timeline
from golive.plan.plan import Loaded

Compile = Callable[[Path], tuple[Loaded, Graph]]
SMALLEST = """golive: 1
solution: {name: notes, version: "2.1"}
roles: {web: {}}
sites: {lyon: {hosts: {web-1: {address: 192.0.2.10, role: web}}}}
"""


def render(loaded: Loaded, graph: Graph) -> str:
    return html(made(loaded, graph))


@pytest.fixture(scope="module")
def guide(rollout: tuple[Loaded, Graph]) -> str:
    return render(*rollout)


@pytest.fixture
def smallest(tmp_path: Path, compile_at: Compile) -> str:
    (tmp_path / "golive.yaml").write_text(SMALLEST)
    return render(*compile_at(tmp_path))


def chapter(guide: str, name: str) -> str:
    found = re.search(rf'<section class="chapter[ a-z]*" id="{name}">.*?</section>', guide, re.DOTALL)
    assert found, name
    return found[0]


def test_equal_plans_give_equal_guides(rollout: tuple[Loaded, Graph], guide: str):
    assert render(*rollout) == guide


def test_it_does_not_depend_on_the_process(rollout: tuple[Loaded, Graph], guide: str):
    code = (
        "from pathlib import Path; from golive.plan.load import load; from golive.kinds.registry import kinds\n"
        "from golive.graph.compile import compile_plan; from golive.guide.guide import guide; import sys\n"
        "from golive.guide.writers.html import html; loaded = load(Path(sys.argv[1]), kinds())\n"
        "sys.stdout.buffer.write(html(guide(loaded, compile_plan(loaded, kinds()))).encode())"
    )
    plan = str(Path(__file__).parent / "plan")
    env = os.environ | {"PYTHONHASHSEED": "7", "KINTO_DB_PASSWORD": "swordfish"}
    said = subprocess.run([sys.executable, "-c", code, plan], env=env, capture_output=True, check=True).stdout.decode()
    assert said == guide
    assert "swordfish" not in said


def test_every_chapter_is_there_and_in_the_contents(guide: str):
    assert len(CHAPTERS) == 12
    for item in (*CHAPTERS, *APPENDICES):
        assert chapter(guide, item.name)
        assert f'<a href="#{item.name}">' in guide


def test_every_step_is_in_the_installation_plan(rollout: tuple[Loaded, Graph], guide: str):
    plan = chapter(guide, "installation")
    for step in rollout[1].steps:
        assert f"<code>{step.id}</code>" in plan


def test_every_step_is_in_the_checklist(rollout: tuple[Loaded, Graph], guide: str):
    assert chapter(guide, "checklist").count('<span class="box">') >= len(rollout[1].steps)


def test_every_artifact_is_there_with_its_digest(rollout: tuple[Loaded, Graph], guide: str):
    for file in rollout[0].artifacts["kinto"]:
        assert file.sha256 in chapter(guide, "artifacts")
        assert file.file in chapter(guide, "artifacts")


def test_the_method_is_there_with_its_reasons(guide: str):
    plan = unescape(chapter(guide, "installation"))
    assert "SSH by way of golive@jump.osaka.example.com" in plan
    assert "only the client's operators may log in: they install" in plan


def test_the_point_of_no_return_is_marked_at_every_site(rollout: tuple[Loaded, Graph], guide: str):
    count = sum(step.no_return for step in rollout[1].steps)
    assert count == 2
    assert chapter(guide, "installation").count('<span class="red">point of no return</span>') == count


def test_the_back_out_is_in_reverse_order(guide: str):
    text = chapter(guide, "back_out")
    order = ["cutover/switch-haproxy", "cutover/copy-postgresql-dump", "cutover/fence-haproxy", "deploy/database"]
    places = [text.index(f"lyon/{name}@") for name in order]
    assert places == sorted(places)
    assert "lyon/cutover/release-haproxy" not in text


def scripts_in(plan: Loaded, graph: Graph) -> dict[str, str]:
    """The scripts as the guide tells them, by anchor: those told by their differences are put together again."""
    (appendix,) = [chapter for chapter in made(plan, graph).chapters if chapter.name == "scripts"]
    found: dict[str, str] = {}
    for block in walk(appendix.blocks):
        if isinstance(block, Code):
            first = next((span.to for span in block.title if span.to), "")
            lines = found[first].split("\n") if first else block.text.split("\n")
            for said in block.text.splitlines() if first else ():
                number, _, line = said.partition(": ")
                lines[int(number) - 1] = line
            found[block.anchor] = "\n".join(lines)
    return found


def test_the_scripts_stand_as_they_run(rollout: tuple[Loaded, Graph]):
    actions = [action for step in rollout[1].steps for action in (step.do, step.undo) if action]
    scripts = [str(action.inputs["script"]).rstrip("\n") for action in actions if action.kind == "script"]
    shown = list(scripts_in(*rollout).values())
    assert scripts
    assert sorted(shown) == sorted(scripts)


def test_twins_are_told_by_what_differs(rollout: tuple[Loaded, Graph], guide: str):
    text = chapter(guide, "scripts")
    assert "with these of its" in text
    assert len(text) < 0.9 * sum(len(script) for script in scripts_in(*rollout).values())


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
    assert not parser.tags & {"link", "img", "iframe"}
    assert guide.count("<script") == 1  # the search, which the page's own policy names by its digest
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
    assert "img" not in parser.tags
    assert guide.count("<script") == 1
    assert guide.count("&lt;script&gt;alert(1)") > 4
    assert "&lt;/pre&gt;&lt;script&gt;" in guide


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("introduction", ("solution.summary", "components", "roles.web.hardware")),
        ("people", ("people", "sites.lyon.contact")),
        ("deployment", ("sites.lyon.windows", "standards.outage")),
        ("environment", ("handover.procedures", "cutover.verify", "cutover.move", "standards.support")),
        ("installation", ("components", "cutover", "handover")),
        ("outage", ("cutover", "standards.outage", "standards.contingency")),
        ("gates", ("handover.sign_off",)),
        ("back_out", ()),
        ("rollback", ()),
        ("support", ("standards.support", "standards.training")),
        ("hypercare", ("hypercare", "standards.command_centre")),
        ("handover", ("handover.procedures", "handover.access", "handover.sign_off")),
    ],
)
def test_an_empty_chapter_says_what_to_add(smallest: str, name: str, keys: tuple[str, ...]):
    text = chapter(smallest, name)
    for key in keys:
        assert f"<code>{key}</code>" in text
    assert not keys or "Owed by the lead (the plan gives nobody this role), before " in text
    assert ">N/A<" not in text


def test_its_times_wait_for_windows_as_pictures_and_calendar_do(plan_copy: Path, compile_at: Compile):
    file = plan_copy / "sites" / "lyon.yaml"
    window = "windows: [{from: Sat 2026-12-05 23:00, until: Sun 2026-12-06 06:00, for: [cutover]}]\n"
    file.write_text(file.read_text() + "planned: {deploy: {from: Fri 2026-12-04 09:00}}\n" + window)
    loaded, graph = compile_at(plan_copy)
    text = unescape(chapter(render(loaded, graph), "deployment"))
    rows = re.findall(r"<tr><td>1</td><td>Lyon branch office \(lyon\)</td><td>cutover</td>.*?</tr>", text)
    assert rows
    assert "Sat 2026-12-05 23:00 UTC" in rows[0]
    (shown,) = timeline.rollout(loaded.plan, graph)
    assert "Sat 2026-12-05 23:00 UTC" in shown


def test_a_site_with_a_bundle_says_so(plan_copy: Path, compile_at: Compile):
    file = plan_copy / "sites" / "osaka.yaml"
    file.write_text(file.read_text().replace("jump: golive@jump.osaka.example.com", "network: isolated"))
    guide = chapter(render(*compile_at(plan_copy)), "installation")
    assert "from a bundle on a USB stick" in guide
    assert "USB stick by courier" in guide


def test_what_is_missing_is_owed_by_somebody_until_a_date(plan_copy: Path, compile_at: Compile):
    file = plan_copy / "sites" / "lyon.yaml"
    file.write_text(file.read_text() + "planned: {cutover: {from: Sat 2026-12-05 22:00}}\n")
    document = made(*compile_at(plan_copy))
    gaps = [
        item
        for part in document.chapters
        for block in walk(part.blocks)
        if isinstance(block, Gap)
        for item in block.items
    ]
    (owed,) = [item for item in gaps if item.what == "training of end users and of operators"]
    assert owed.owner == "Ada Martin"
    assert owed.due == "before Sat 2026-12-05, cutover at Lyon branch office (lyon)"
    (control,) = [part for part in document.chapters if part.name == "control"]
    assert owed.what in str(control.blocks)


def test_no_table_and_no_list_is_empty(rollout: tuple[Loaded, Graph], tmp_path: Path, compile_at: Compile):
    (tmp_path / "golive.yaml").write_text(SMALLEST)
    for document in (made(*rollout), made(*compile_at(tmp_path))):
        for block in (block for part in document.chapters for block in walk(part.blocks)):
            if isinstance(block, Table):
                assert block.rows
                assert all(len(row.cells) == len(block.columns) for row in block.rows)
            elif isinstance(block, Items):
                assert block.lines
            elif isinstance(block, Section):
                assert block.blocks, block.title


def test_the_guide_of_a_site_is_about_that_site(rollout: tuple[Loaded, Graph]):
    whole, lyon = made(*rollout), html(made(*rollout, "lyon"))
    assert "lyon/deploy/kinto@app-1" in lyon
    assert "osaka/" not in lyon
    assert "Kenji Tanaka" not in lyon
    numbers = {
        row.anchor
        for part in whole.chapters
        for block in walk(part.blocks)
        if isinstance(block, Table)
        for row in block.rows
    }
    assert set(re.findall(r'id="(step-1[.]\d+)"', lyon)) <= numbers  # a step has one number in all guides


def test_configuration_files_are_as_rendered(guide: str):
    text = unescape(chapter(guide, "configuration"))
    assert "/etc/kinto/kinto.ini" in text
    assert "(secret db_password)" in text
    assert "{{" not in text
