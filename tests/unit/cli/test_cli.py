"""The command line as a person meets it, as far as no host is needed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from golive.cli import main as cli
from golive.errors import Exit, UsageError

QUEUE = ("alembic", "procrastinate", "psycopg")
HEAVY = ("pydantic", "asyncssh", "sqlalchemy", "jinja2", "rich", "ruamel", *QUEUE)
MISTAKES = """\
golive: 1
solution: {name: Notes, version: 2.1}
roles:
  web:
    baseline:
      - packge: nginx
components:
  site:
    on: wbe
    check: {http: "http://{host}/", status: 99}
sites:
  lyon:
    hosts:
      web-1: {role: web}
"""


def golive(*words: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "golive.cli.main", *words]
    around = {"PATH": "/usr/bin:/bin", "HOME": str(cwd), "COLUMNS": "120", **env}
    return subprocess.run(command, cwd=cwd, env=around, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def starter(tmp_path: Path) -> Path:
    """A folder in which `golive init hello` has been run."""
    assert golive("init", "hello", cwd=tmp_path).returncode == Exit.DONE
    return tmp_path


def loaded_by(statement: str) -> set[str]:
    """The heavy packages that a statement imports."""
    code = f"import sys; {statement}; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return set(done.stdout.split())


def test_the_command_line_imports_nothing_heavy() -> None:
    assert loaded_by("import golive.cli.main") == set()


def test_heavy_imports_would_be_seen() -> None:
    assert loaded_by("import golive.plan.load, alembic.command") >= {"pydantic", "ruamel", "sqlalchemy"}


RUN_ON_SQLITE = """\
import golive.run.coordinator, golive.run.wire
from pathlib import Path
from golive.cli.run import _engine
from golive.run.journal import Journal
from golive.run.project import Project
store = Project(Path("hello")).store()
store.add_run("hello-1")
assert _engine(Journal(store, "hello-1"), "project")(None) is None; store.close()\
"""


def test_a_run_on_sqlite_imports_nothing_of_the_queue(starter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(starter)
    loaded = loaded_by(RUN_ON_SQLITE)
    assert "pydantic" in loaded
    assert not loaded & {*QUEUE, "sqlalchemy"}


def test_the_queue_would_be_seen() -> None:
    statement = "from golive.run.queue import open_app; open_app('postgresql:///golive')"
    assert loaded_by(statement) >= {"procrastinate", "psycopg"}


@pytest.mark.parametrize("command", ["run", "worker"])
def test_without_the_extra_a_store_on_a_server_is_refused(starter: Path, command: str) -> None:
    (starter / "psycopg.py").write_text("raise ImportError", encoding="utf-8")
    words = (command, "-p", "hello", "--store", "postgresql:///golive")
    done = golive(*words, cwd=starter, PYTHONPATH=str(starter))
    said = "golive: PostgreSQL is not installed with golive\n    hint: pip install 'golive[postgresql]'\n"
    assert (done.returncode, done.stderr) == (Exit.USAGE, said)
    assert golive("status", "-p", "hello", cwd=starter).stderr.startswith("golive: nothing was ever run")


def test_what_init_writes_passes_check(starter: Path) -> None:
    done = golive("check", "-p", "hello", cwd=starter)
    assert (done.returncode, done.stderr) == (Exit.DONE, "")
    assert done.stdout.startswith("hello 1.0: the plan is sound\n")


def test_init_does_not_write_over_a_plan(starter: Path) -> None:
    written = (starter / "hello/golive.yaml").read_text(encoding="utf-8")
    done = golive("init", "hello", cwd=starter)
    assert done.returncode == Exit.USAGE
    assert done.stderr == "golive: hello/golive.yaml is there already\n    hint: choose another folder\n"
    assert (starter / "hello/golive.yaml").read_text(encoding="utf-8") == written


def test_all_mistakes_of_a_plan_are_told_with_their_places(tmp_path: Path) -> None:
    tmp_path.joinpath("golive.yaml").write_text(MISTAKES, encoding="utf-8")
    done = golive("check", cwd=tmp_path)
    places = [line.partition(": ")[0] for line in done.stderr.splitlines() if line.startswith("golive.yaml:")]
    assert done.returncode == Exit.USAGE
    assert done.stdout == ""
    assert places == [f"golive.yaml:{place}" for place in ("2:12", "2:25", "6:9", "9:5", "10:37", "14:7")]
    assert "    hint: did you mean package?" in done.stderr
    assert done.stderr.endswith("golive: the plan has 6 mistakes\n")


def test_the_schema_is_json(tmp_path: Path) -> None:
    done = golive("schema", cwd=tmp_path)
    assert done.returncode == Exit.DONE
    assert "solution" in json.loads(done.stdout)["properties"]


def test_the_graph_as_json_has_the_steps_in_their_order(starter: Path) -> None:
    done = golive("graph", "-p", "hello", "--format", "json", "--stage", "deploy", cwd=starter)
    steps = [(step["id"], step["status"]) for step in json.loads(done.stdout)["steps"]]
    assert steps == [("lyon/deploy/page@web-1", "pending"), ("lyon/deploy/page-check@web-1", "pending")]


def test_the_guide_is_written_beside_the_plan(starter: Path) -> None:
    assert golive("guide", "-p", "hello", cwd=starter).stdout == "wrote hello/guide.html\n"
    assert "</html>" in (starter / "hello/guide.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["status", "events", "tasks"])
def test_there_is_nothing_to_see_before_a_run(starter: Path, command: str) -> None:
    done = golive(command, "-p", "hello", cwd=starter)
    assert done.returncode == Exit.USAGE
    assert done.stderr.startswith("golive: nothing was ever run at ")
    assert done.stderr.endswith("hint: begin with: golive run\n")
    assert not (starter / "hello/.golive").exists()


@pytest.mark.parametrize("command", ["graph", "status", "events", "tasks"])
def test_an_unknown_format_is_refused(starter: Path, command: str) -> None:
    done = golive(command, "-p", "hello", "--format", "xml", cwd=starter)
    assert done.returncode == Exit.USAGE
    assert done.stderr.startswith("golive: --format xml is not known here\n    hint: use text")


@pytest.mark.parametrize("words", [("fly",), ("run", "--fast"), ("init",), ("approve", "x")])
def test_a_command_line_that_is_wrong_ends_with_2(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert golive(*words, cwd=tmp_path).returncode == Exit.USAGE


def test_a_stage_that_does_not_exist_is_refused_before_anything_is_written(starter: Path) -> None:
    done = golive("run", "-p", "hello", "--until", "party", cwd=starter)
    assert done.returncode == Exit.USAGE
    assert done.stderr == (
        "golive: there is no stage party\n    hint: stages: define, baseline, deploy, cutover, handover\n"
    )
    assert not (starter / "hello/.golive").exists()


def test_a_plan_that_is_not_there_is_one_line_and_a_hint(tmp_path: Path) -> None:
    done = golive("check", "-p", "nowhere", cwd=tmp_path)
    assert done.returncode == Exit.USAGE
    assert done.stderr == (
        "golive: no plan at nowhere\n    hint: name a plan's folder or file, or write a new one with: golive init DIR\n"
    )


def raised(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> int | str | None:
    """The exit code of golive when a command raises an error."""

    def fail() -> None:
        raise error

    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(fail)
    monkeypatch.setattr(cli, "app", app)
    monkeypatch.setattr(sys, "argv", ["golive"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code


def test_an_expected_error_is_one_line_and_a_hint(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert raised(UsageError("it is wrong", "mend it"), monkeypatch) == Exit.USAGE
    assert capsys.readouterr().err == "golive: it is wrong\n    hint: mend it\n"


def test_a_defect_leaves_a_traceback_in_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert raised(RuntimeError("never thought of"), monkeypatch) == Exit.FAILED
    [file] = tmp_path.glob("golive-*.traceback")
    assert capsys.readouterr().err == (
        f"golive: a defect of golive: RuntimeError('never thought of')\n    hint: please report it, with {file}\n"
    )
    assert "raise error" in file.read_text(encoding="utf-8")


def test_ctrl_c_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    assert raised(KeyboardInterrupt(), monkeypatch) == Exit.INTERRUPTED


def test_every_exit_code_has_a_meaning_and_a_rank() -> None:
    from golive.errors import WORST_FIRST

    assert all(code.meaning for code in Exit)
    assert set(Exit) - set(WORST_FIRST) == {Exit.USAGE}


def test_a_private_key_that_is_not_there_is_said_before_anything_is_tried(starter: Path) -> None:
    plan = starter / "hello/golive.yaml"
    plan.write_text(plan.read_text() + "access: {team: {identity: keys/mine}}\n")
    done = golive("run", cwd=plan.parent)
    assert done.returncode == Exit.USAGE
    assert "there is no private key keys/mine\n" in done.stderr
    assert "the plan names it: access: identity: keys/mine" in done.stderr
    shown = golive("events", cwd=plan.parent).stdout
    assert "RunStarted" in shown and "Attempt" not in shown


def test_a_run_that_was_aborted_does_not_promise_to_go_on(starter: Path) -> None:
    folder, plan = starter / "hello", starter / "hello/golive.yaml"
    plan.write_text(plan.read_text().replace("192.0.2.10", "127.0.0.1, port: 1"))
    assert golive("run", cwd=folder).returncode == Exit.UNKNOWN  # nothing answers there
    told = golive("abort", "--reason", "not tonight", cwd=folder)
    assert "next: this run has ended: golive run begins a new one, of all sites that are not live" in told.stdout
    assert "next: this run has ended" in golive("status", cwd=folder).stdout
