"""When a reboot is asked for and when it is held to be done. That a host does come back is seen in the lab."""

from pathlib import Path

import pytest

from golive.resources.script import examine

from .shells import SHELLS, resource, run

NOW = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
OTHER = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("needed", "mark", "state"),
    [
        ("false", None, "ok"),
        ("exit 1", f"{NOW} notes/7", "ok"),
        ("true", None, "would"),
        ("exit 0", None, "would"),
        ("true", f"{NOW} notes/7", "would"),
        ("true", f"{OTHER} notes/7", "ok"),
        ("true", f"{OTHER} notes/6", "would"),
        ("true", "", "would"),
    ],
)
def test_the_boot_id_proves_it(shell: str, needed: str, mark: str | None, state: str, tmp_path: Path):
    item = resource({"reboot": "a new kernel", "when_needed": needed})
    if mark is not None:
        name = item.prepare().partition("mark=$reboots/")[2].split("\n")[0]
        marks = tmp_path / "golive/reboot"
        marks.mkdir(parents=True)
        (marks / name).write_text(f"{mark}\n" if mark else "")
    done = run(examine([item]), tmp_path, SHELLS[shell], GOLIVE_RUN="notes/7")
    assert (done.code, done.reports) == (0, [f"{state} reboot a new kernel"])
