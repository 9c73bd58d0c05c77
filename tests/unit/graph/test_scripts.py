"""Every script of a compiled plan with all kinds is plain POSIX sh, and shellcheck has nothing to say."""

import shutil
import subprocess
from pathlib import Path

import pytest

from golive.graph.step import Action

from .plans import compiled

EXCLUDED = {
    "SC2034": "keep is set for every resource, and read by those that save something",
    "SC2154": "secrets are set by the assignments on stdin",
    "SC2329": "functions are called by their number, and settle only where something has to settle",
}
SHELLCHECK = shutil.which("shellcheck", path=str(Path(__file__).parents[3] / ".venv/bin")) or shutil.which("shellcheck")


SIGNS = (
    *("apt-get", "useradd", "systemctl enable", "mkdir -p", "golive-new", "tar -xf", "pip", "pg_dump", "telnet://"),
    *("default_transaction_read_only", "haproxy -c", "authorized_keys", "curl -gsS"),
    *("groupadd", "ln -s --", "grep -nE", "golive notes begin", "--strip-components", "visudo -cqf", "/etc/sysctl.d"),
    *("findmnt", "zoneinfo", "/proc/sys/kernel/hostname", "/etc/hosts"),
    *("apt-mark hold", "Signed-By", "openssl verify", "OnCalendar", "nft -c -f", "pg_createcluster", "ALTER SYSTEM"),
    *("CREATE ROLE", "CREATE DATABASE", "CREATE EXTENSION", "systemctl reboot", "LimitNOFILE", "NeedDaemonReload"),
)
"""A sign of each kind."""


def scripts() -> dict[str, str]:
    found: dict[str, str] = {}
    for step in compiled().steps:
        for name, action in (("do", step.do), ("undo", step.undo)):
            if isinstance(action, Action) and action.kind == "script" and step.site == "lyon":
                found[f"{name} {step.id}"] = action.inputs["script"]
    return found


SCRIPTS = scripts()


@pytest.mark.parametrize("name", SCRIPTS)
def test_each_script_is_posix_sh(name: str):
    for shell in (["dash"], ["busybox", "sh"]):
        subprocess.run([*shell, "-n"], input=SCRIPTS[name], text=True, check=True)


def checked(text: str) -> str:
    command = [str(SHELLCHECK), "-s", "sh", "-f", "gcc", "-e", ",".join(EXCLUDED), "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False).stdout


@pytest.mark.skipif(SHELLCHECK is None, reason="shellcheck is not installed")
@pytest.mark.parametrize("name", SCRIPTS)
def test_shellcheck_has_nothing_to_say(name: str):
    assert checked(SCRIPTS[name]) == ""


@pytest.mark.skipif(SHELLCHECK is None, reason="shellcheck is not installed")
def test_shellcheck_would_say_something():
    assert "SC2086" in checked("#!/bin/sh\nx=$1\nrm -f $x\n")


def test_all_kinds_are_there():
    text = "\n".join(SCRIPTS.values())
    for sign in SIGNS:
        assert sign in text
