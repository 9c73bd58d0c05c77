"""The switch itself, in real shells: who confirms and who reverts race, and exactly one of them wins."""

import os
import random
import subprocess
import time
from pathlib import Path

import pytest

from golive.resources.switch import confirm, standing, watch

from .shells import SHELLS

BOOT = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
ROUNDS = 25


class Switch:
    """An armed switch of an attempt, whose revert leaves a line; systemd is not asked for it here."""

    def __init__(self, folder: Path, shell: str, left: float, boot: str = BOOT, revert: str = "") -> None:
        self.attempt, self.shell = folder / "root/attempts/p/r-00001", SHELLS[shell]
        self.dir, self.bin = self.attempt / "switch/3", folder / "bin"
        for made in (self.dir, self.attempt / "switch/former", self.bin):
            made.mkdir(parents=True)
        self.bin.joinpath("systemctl").write_text("#!/bin/sh\n")
        self.bin.joinpath("systemctl").chmod(0o755)
        end = (float(Path("/proc/uptime").read_text().split()[0]) + left) * 100
        texts = {"watch": watch(), "armed": "", "waiting": "", "limit": f"{boot} {end:.0f}\n"}
        texts["revert"] = f'{revert}\necho "$1 $2" >> "{folder}/ran"\nprintf "\\036reverted\\tfile x\\n"\n'
        for name, text in texts.items():
            self.dir.joinpath(name).write_text(text)
        self._ran = folder / "ran"

    @property
    def ran(self) -> list[str]:
        return self._ran.read_text().splitlines() if self._ran.exists() else []

    @property
    def states(self) -> list[str]:
        return [
            name for name in ("armed", "confirmed", "reverting", "reverted", "residue") if (self.dir / name).exists()
        ]

    def watch(self) -> subprocess.Popen[bytes]:
        env = {**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}"}
        words = [*self.shell, str(self.dir / "watch"), str(self.dir), "golive-switch-test.service"]
        return subprocess.Popen(words, env=env, start_new_session=True)

    def ask(self, text: str) -> list[str]:
        done = subprocess.run([*self.shell, "-c", text], capture_output=True, text=True, check=True, timeout=30)
        return done.stdout.split()

    def confirm(self) -> list[str]:
        return self.ask(confirm(str(self.attempt), 3))


@pytest.fixture(params=list(SHELLS))
def shell(request: pytest.FixtureRequest) -> str:
    return request.param


def test_exactly_one_of_the_two_wins(shell: str, tmp_path: Path) -> None:
    chance, wins = random.Random(7), {"confirmed": 0, "reverted": 0}
    for number in range(ROUNDS):
        switch = Switch(tmp_path / str(number), shell, left=chance.uniform(0, 0.1))
        watching = switch.watch()
        time.sleep(chance.uniform(0, 0.25))
        answer = switch.confirm()
        assert watching.wait(timeout=20) == 0
        [state] = switch.states
        assert answer == ["confirmed"] if state == "confirmed" else answer in (["reverting"], ["reverted"])
        assert len(switch.ran) == (state == "reverted")
        assert switch.confirm() == [state] == switch.ask(standing(str(switch.attempt)))  # asked again, the same answer
        wins[state] += 1
    assert min(wins.values()) > 0, wins  # both were tried


def test_it_reverts_when_the_time_is_over(shell: str, tmp_path: Path) -> None:
    switch = Switch(tmp_path, shell, left=1)
    began = time.monotonic()
    assert switch.watch().wait(timeout=20) == 0
    assert time.monotonic() - began >= 0.9
    assert switch.states == ["reverted"] and switch.confirm() == ["reverted"]
    assert switch.ran == [f"{tmp_path}/root {switch.attempt}/switch/former"]
    assert (switch.dir / "said").read_text() == "\x1ereverted\tfile x\n"


def test_a_revert_that_fails_is_not_called_reverted(shell: str, tmp_path: Path) -> None:
    switch = Switch(tmp_path, shell, left=0, revert="exit 1")
    assert switch.watch().wait(timeout=20) == 0
    assert switch.states == ["residue"] == switch.confirm() == switch.ask(standing(str(switch.attempt)))


def test_another_boot_reverts_at_once(shell: str, tmp_path: Path) -> None:
    switch = Switch(tmp_path, shell, left=600, boot="another")
    assert switch.watch().wait(timeout=20) == 0
    assert switch.states == ["reverted"] and len(switch.ran) == 1


def test_a_revert_that_was_cut_off_is_done_again(shell: str, tmp_path: Path) -> None:
    dies = f'[ -e "{tmp_path}/once" ] || {{ : > "{tmp_path}/once"; kill -9 "$PPID" $$; }}'
    switch = Switch(tmp_path, shell, left=0, revert=dies)
    assert switch.watch().wait(timeout=20) == -9
    assert switch.states == ["reverting"] and switch.confirm() == ["reverting"] and not switch.ran
    assert switch.watch().wait(timeout=20) == 0
    assert switch.states == ["reverted"] and len(switch.ran) == 1


def test_a_script_that_still_makes_changes_ends_before_the_revert(shell: str, tmp_path: Path) -> None:
    switch = Switch(tmp_path, shell, left=0, revert=f'! kill -0 "$(cat {tmp_path}/pid)" 2>/dev/null || echo beside')
    (switch.dir / "waiting").unlink()
    script = subprocess.Popen(["sleep", "60"], start_new_session=True)
    (tmp_path / "pid").write_text(str(script.pid))
    start = Path(f"/proc/{script.pid}/stat").read_text().rpartition(") ")[2].split()[19]
    (switch.attempt / "runner").write_text(f"{script.pid} {start} {BOOT}\n")
    watching = switch.watch()
    assert script.wait(timeout=20) == -9
    assert watching.wait(timeout=20) == 0
    assert "beside" not in (switch.dir / "said").read_text() and len(switch.ran) == 1


def test_a_process_that_is_not_the_script_is_left_alone(shell: str, tmp_path: Path) -> None:
    switch = Switch(tmp_path, shell, left=0)
    (switch.dir / "waiting").unlink()
    other = subprocess.Popen(["sleep", "60"], start_new_session=True)
    (switch.attempt / "runner").write_text(f"{other.pid} 1 {BOOT}\n")
    try:
        assert switch.watch().wait(timeout=20) == 0
        assert other.poll() is None and len(switch.ran) == 1
    finally:
        other.kill()
        other.wait()
