from pathlib import Path

import pytest

from golive.errors import UsageError
from golive.kinds.artifact import Archive
from golive.kinds.check import Http
from golive.kinds.registry import kinds
from golive.plan.load import load

from .plans import TEN_LINES, loaded, problems, write

ARCHIVE = {"dist/notes-2.1.tar.zst": b"an archive"}


def test_the_smallest_plan(tmp_path: Path):
    plan = loaded(tmp_path, {"golive.yaml": TEN_LINES, **ARCHIVE})
    site = plan.plan.components["site"]
    assert isinstance(site.artifact, Archive) and site.artifact.archive == "dist/notes-2.1.tar.zst"
    assert isinstance(site.check, Http) and site.check.status == 200
    assert [resource.title for resource in plan.plan.roles["web"].baseline] == ["package nginx", "service nginx"]
    assert plan.artifacts["site"][0].size == len(b"an archive")
    assert plan.where("components.site.check.status").endswith("golive.yaml:12")
    assert plan.where("roles.web.baseline[7].anything").endswith("golive.yaml:5")


def test_a_single_file_of_any_name(tmp_path: Path):
    write(tmp_path, {"notes.yaml": TEN_LINES, "other.yaml": "not: read", **ARCHIVE})
    assert load(tmp_path / "notes.yaml", kinds()).plan.solution.version == "2.1"


def test_a_folder_of_documents_is_the_same_plan(tmp_path: Path):
    whole = loaded(tmp_path / "one", {"golive.yaml": TEN_LINES, **ARCHIVE})
    head, rest = TEN_LINES.split("roles:\n")
    architecture, site = rest.split("sites:\n")
    parts = {
        "golive.yaml": head,
        "architecture.yaml": "roles:\n" + architecture,
        "sites/lyon.yaml": site.strip().removeprefix("lyon: "),
        "lab.yaml": "lab: is not part of the plan",
    }
    split = loaded(tmp_path / "many", {**parts, **ARCHIVE})
    assert split.plan == whole.plan
    assert split.where("sites.lyon").endswith("sites/lyon.yaml:1")


def test_no_plan_at_all(tmp_path: Path):
    with pytest.raises(UsageError, match="no plan at") as error:
        load(tmp_path, kinds())
    assert "golive init" in error.value.hint


def test_a_plan_that_is_read_from_its_own_folder_shows_short_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write(tmp_path, {"golive.yaml": TEN_LINES})
    monkeypatch.chdir(tmp_path)
    said = problems(Path())
    assert said == [
        "golive.yaml:11:5: components.site.archive: the archive dist/notes-2.1.tar.zst cannot be read: "
        "No such file or directory\n    hint: build it, or mend the path"
    ]


@pytest.mark.parametrize(
    ("lock", "fits"),
    [
        (None, False),
        ('{"api": {"wheels": ["kinto"], "python": "3.13", "files": []}}', True),
        ('{"api": {"wheels": ["kinto"], "python": "3.11", "files": []}}', False),
        ('{"api": {"wheels": ["kinto"], "python": "3.13"}}', False),
        ("[]", False),
        ("{", False),
    ],
)
def test_the_lock_must_hold_the_wheels(tmp_path: Path, lock: str | None, fits: bool):
    text = TEN_LINES.replace("  site:\n", "  api:\n").replace(
        "archive: dist/notes-2.1.tar.zst", 'wheels: [kinto]\n    python: "3.13"\n    venv: /opt/kinto'
    )
    write(tmp_path, {"golive.yaml": text} | ({"artifacts.lock": lock} if lock else {}))
    wrong = (
        "golive.yaml:11:5: components.api.wheels: artifacts.lock does not hold these wheels\n"
        "    hint: run: golive gather"
    )
    assert problems(tmp_path) == ([] if fits else [wrong])
    assert load(tmp_path, kinds(), locked=False).artifacts == {}
