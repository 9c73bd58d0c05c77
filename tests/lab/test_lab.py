"""The lab itself, with real hosts: it needs root, a few tools, and a network when the images are built."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ground import PACKAGES

from golive.errors import HostError, UsageError
from golive.lab import Lab, LabSpec
from golive.lab.names import lab_names
from golive.lab.outer import TOOLS

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or any(shutil.which(tool) is None for tool in TOOLS), reason="needs root and the lab's tools"
)

PROCESS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
NETWORK, OTHER = f"10.{95 + PROCESS}", f"10.{91 + PROCESS}"
"""Tests of this file may run in two processes at once, each with labs of its own."""

SPEC = LabSpec.model_validate(
    {
        "lab": 1,
        "network": f"{NETWORK}.0.0/16",
        "hosts": {
            "old": {"suite": "bookworm", "address": f"{NETWORK}.1.10"},
            "new": {"suite": "trixie", "address": f"{NETWORK}.1.20", "disk": "200M"},
        },
        "packages": PACKAGES,
    }
)
BOOT_ID = ["cat", "/proc/sys/kernel/random/boot_id"]
INTERNET = "deb.debian.org/80"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = Lab(tmp_path_factory.mktemp("lab"), say=print)
    try:
        lab.up(SPEC)
        yield lab
    finally:
        lab.down()


@pytest.fixture(autouse=True)
def _whole(lab: Lab) -> Iterator[None]:
    yield
    lab.restore()


def ssh(lab: Lab, name: str, *command: str, timeout: int = 5) -> subprocess.CompletedProcess[str]:
    argv = lab.ssh_argv(name, command)
    argv[1:1] = ["-o", f"ConnectTimeout={timeout}", "-o", "BatchMode=yes"]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def reaches(lab: Lab, name: str, where: str) -> bool:
    probe = ["timeout", "3", "bash", "-c", f"exec 3<>/dev/tcp/{where}"]
    return lab.exec(name, probe, check=False).returncode == 0


def test_hosts_are_up_and_systemd_runs(lab: Lab) -> None:
    assert [(host.name, host.suite, host.state) for host in lab.hosts()] == [
        ("new", "trixie", "up"),
        ("old", "bookworm", "up"),
    ]
    for host in lab.hosts():
        assert lab.exec(host.name, ["systemctl", "is-system-running", "--wait"]).stdout == "running\n"


def test_nothing_but_systemd_and_sshd_is_there(lab: Lab) -> None:
    for name in SPEC.hosts:
        for tool in ("sudo", "curl", "python3", "ip"):
            assert lab.exec(name, ["sh", "-c", f"command -v {tool}"], check=False).returncode != 0


def test_ssh_with_verified_host_keys(lab: Lab) -> None:
    for name, suite in (("old", "bookworm"), ("new", "trixie")):
        done = ssh(lab, name, ". /etc/os-release; echo $VERSION_CODENAME; hostname")
        assert done.stdout.split() == [suite, name], done.stderr


def test_a_wrong_host_key_is_refused(lab: Lab) -> None:
    own = lab.known_hosts.read_text()
    swapped = own.replace("old,", "x,").replace(f"{NETWORK}.1.10", f"{NETWORK}.1.99")
    swapped = swapped.replace(f"new,{NETWORK}.1.20", f"old,{NETWORK}.1.10")
    lab.known_hosts.write_text(swapped)
    try:
        assert "host key" in ssh(lab, "old", "true").stderr.lower()
    finally:
        lab.known_hosts.write_text(own)
    assert ssh(lab, "old", "true").returncode == 0


def test_twins_are_not_equal(lab: Lab) -> None:
    for argv in (BOOT_ID, ["cat", "/etc/machine-id"], ["cat", "/etc/ssh/ssh_host_ed25519_key.pub"]):
        assert len({lab.exec(name, argv).stdout for name in SPEC.hosts}) == len(SPEC.hosts)


def test_a_systemd_sees_its_own_services_only(lab: Lab) -> None:
    lab.exec("old", ["systemd-run", "--unit=mine", "sleep", "100"])
    assert lab.exec("old", ["systemctl", "is-active", "mine"]).stdout == "active\n"
    assert "mine" not in lab.exec("new", ["sh", "-c", "find /sys/fs/cgroup -name 'mine*'"]).stdout


def test_hosts_know_and_reach_each_other(lab: Lab) -> None:
    assert reaches(lab, "old", "new/22")
    assert reaches(lab, "new", "old/22")


def test_up_again_changes_nothing(lab: Lab) -> None:
    before = {name: lab.exec(name, BOOT_ID).stdout for name in SPEC.hosts}
    lab.up(SPEC)
    assert {name: lab.exec(name, BOOT_ID).stdout for name in SPEC.hosts} == before


def test_a_file_that_says_otherwise_is_refused(lab: Lab) -> None:
    other = SPEC.model_copy(update={"hosts": {"old": SPEC.hosts["new"].model_copy(update={"disk": None})}})
    with pytest.raises(UsageError, match="old is up as bookworm"):
        lab.up(other)
    with pytest.raises(UsageError, match="old is up as bookworm"):
        lab.down(other)


def test_a_second_lab_on_the_same_network_is_refused(lab: Lab, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"{NETWORK}.0.0/16 is in use here by golive-"):
        Lab(tmp_path / "second").up(SPEC)


def test_cut_from_the_internet_leaves_the_lab(lab: Lab) -> None:
    if not reaches(lab, "new", INTERNET):
        pytest.skip("this machine has no internet")
    lab.cut("new")
    assert not reaches(lab, "new", INTERNET)
    assert reaches(lab, "old", INTERNET)
    assert reaches(lab, "new", "old/22") and reaches(lab, "old", "new/22")
    assert ssh(lab, "new", "true").returncode == 0
    lab.restore("new", "internet")
    assert reaches(lab, "new", INTERNET)


def test_cached_packages_need_no_internet(lab: Lab) -> None:
    lab.cut("new")
    lab.exec("new", ["apt-get", "install", "-qq", "-y", "curl"])
    assert lab.exec("new", ["curl", "--version"]).stdout.startswith("curl")
    lab.exec("new", ["apt-get", "purge", "-qq", "-y", "curl"])  # tests come in any order: one looks that it is not there


def test_cut_from_all_and_exec_goes_on(lab: Lab) -> None:
    lab.cut("old", "all")
    assert ssh(lab, "old", "true", timeout=1).returncode != 0
    assert not reaches(lab, "old", "new/22") and not reaches(lab, "new", "old/22")
    assert lab.exec("old", ["cat"], input="still here").stdout == "still here"
    assert ssh(lab, "new", "true").returncode == 0
    lab.restore("old")
    assert ssh(lab, "old", "true").returncode == 0


def test_cut_between_two(lab: Lab) -> None:
    lab.cut("new", "old")
    assert not reaches(lab, "old", "new/22") and not reaches(lab, "new", "old/22")
    assert ssh(lab, "old", "true").returncode == 0 and ssh(lab, "new", "true").returncode == 0
    assert {host.name: host.cut_from for host in lab.hosts()} == {"old": ("new",), "new": ("old",)}
    lab.restore("old", "new")
    assert reaches(lab, "old", "new/22")


def test_exec_without_the_teams_key(lab: Lab) -> None:
    lab.exec("old", ["mv", "/root/.ssh", "/root/away"])
    assert "Permission denied" in ssh(lab, "old", "true").stderr
    lab.exec("old", ["mv", "/root/away", "/root/.ssh"])
    assert ssh(lab, "old", "true").returncode == 0


def test_exec_that_fails_names_the_host(lab: Lab) -> None:
    with pytest.raises(HostError, match=r"^old: 'ls /nowhere' failed \(2\): .*No such file"):
        lab.exec("old", ["ls", "/nowhere"])


def test_reboot_is_another_boot_with_the_same_files(lab: Lab) -> None:
    before = lab.exec("old", BOOT_ID).stdout
    lab.exec("old", ["sh", "-c", "echo kept >/root/file"])
    lab.cut("old", "new")
    lab.reboot("old")
    assert ssh(lab, "old", *BOOT_ID).stdout not in ("", before)
    assert lab.exec("old", ["cat", "/root/file"]).stdout == "kept\n"
    assert not reaches(lab, "old", "new/22")  # a cut outlives it


def test_a_host_may_reboot_itself(lab: Lab) -> None:
    before = lab.exec("new", BOOT_ID).stdout
    lab.exec("new", ["systemctl", "reboot"], check=False)
    deadline = time.monotonic() + 30
    while (now := ssh(lab, "new", *BOOT_ID, timeout=2).stdout) in ("", before):
        assert time.monotonic() < deadline
        time.sleep(1)
    assert ssh(lab, "new", *BOOT_ID).stdout == now


def test_a_host_that_was_powered_off_comes_up_again(lab: Lab) -> None:
    lab.exec("old", ["sh", "-c", "echo kept >/root/file"])
    lab.exec("old", ["systemctl", "poweroff"], check=False)
    deadline = time.monotonic() + 30
    while {host.name: host.state for host in lab.hosts()}["old"] != "down":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    with pytest.raises(HostError, match="it is not running"):
        lab.exec("old", ["true"])
    lab.up(SPEC)
    assert lab.exec("old", ["cat", "/root/file"]).stdout == "kept\n"


def test_a_small_disk_fills_and_the_outer_one_does_not(lab: Lab) -> None:
    with pytest.raises(HostError, match="No space left on device"):
        lab.exec("new", ["sh", "-c", "head -c 300M /dev/zero >/root/big"])
    lab.exec("new", ["rm", "/root/big"])
    assert sum(path.stat().st_blocks * 512 for path in (lab.dir / "hosts/new").glob("disk.ext4")) <= 200 * 2**20


def test_limit_both_ways(lab: Lab) -> None:
    def seconds() -> tuple[float, float]:
        start = time.monotonic()
        subprocess.run(lab.ssh_argv("old", ["cat >/dev/null"]), input=bytes(1_000_000), check=True)
        middle = time.monotonic()
        subprocess.run(lab.ssh_argv("old", ["head -c 1000000 /dev/zero"]), stdout=subprocess.DEVNULL, check=True)
        return middle - start, time.monotonic() - middle

    lab.limit("old", "4mbit")  # a megabyte takes two seconds
    assert min(seconds()) > 1.5
    lab.limit("old", None)
    assert max(seconds()) < 1.5
    with pytest.raises(UsageError, match="fast is no rate"):
        lab.limit("old", "fast")


def test_down_leaves_nothing(tmp_path: Path) -> None:
    names = lab_names(tmp_path / "gone")
    lab = Lab(tmp_path / "gone")
    spec = LabSpec.model_validate(
        {
            "lab": 1,
            "network": f"{OTHER}.0.0/16",
            "hosts": {
                "fine": {"suite": "bookworm", "address": f"{OTHER}.1.1", "disk": "64M"},
                "crashed": {"suite": "bookworm", "address": f"{OTHER}.1.2"},
                "half": {"suite": "bookworm", "address": f"{OTHER}.1.3"},
            },
        }
    )
    lab.up(spec)
    lab.exec("fine", ["sh", "-c", "setsid sleep 1000 </dev/null >/dev/null 2>&1 &"])
    # One host has lost its machine and its mount, as after a reboot of this machine; of another there is only a part.
    lab._fleet.machine("crashed").kill()
    subprocess.run(["umount", str(lab.dir / "hosts/crashed/root")], check=True)
    (lab.dir / "hosts/half/host.json").unlink()

    assert lab.down() == ("crashed", "fine", "half")

    assert str(lab.dir) not in Path("/proc/self/mountinfo").read_text()
    assert not [line for line in _command_lines() if str(lab.dir) in line]
    links = os.listdir("/sys/class/net")
    assert names.bridge not in links and not {names.link(name) for name in spec.hosts} & set(links)
    assert names.nft_table not in subprocess.run(["nft", "list", "tables"], capture_output=True, text=True).stdout
    assert not list(Path("/sys/fs/cgroup").glob(f"**/{names.cgroup}"))
    assert not list((lab.dir / "hosts").iterdir())
    assert str(lab.dir) not in subprocess.run(["losetup", "--all"], capture_output=True, text=True).stdout
    assert lab.down() == ()


def test_a_crash_of_the_outer_machine_is_got_over(tmp_path: Path) -> None:
    lab = Lab(tmp_path / "again")
    host = {"suite": "bookworm", "address": f"{OTHER}.1.1", "disk": "64M"}
    spec = LabSpec.model_validate({"lab": 1, "network": f"{OTHER}.0.0/16", "hosts": {"a": host}})
    try:
        lab.up(spec)
        lab.exec("a", ["sh", "-c", "echo kept >/root/file; sync"])
        lab._fleet.machine("a").kill()
        for mounted in ("root", "disk"):
            subprocess.run(["umount", str(lab.dir / "hosts/a" / mounted)], check=True)
        lab.up(spec)
        assert lab.exec("a", ["cat", "/root/file"]).stdout == "kept\n"
        # nspawn itself dying, not only the host, is the same to us.
        os.kill(int((lab._fleet.machine("a").leader()) or 0), signal.SIGKILL)
        time.sleep(0.5)
        assert lab.hosts()[0].state == "down"
    finally:
        lab.down()


def test_what_lay_in_memory_is_not_pretended_to_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("golive.lab.outer.SPARE_MEMORY", 0)
    lab = Lab(tmp_path / "memory")
    host = {"suite": "bookworm", "address": f"{OTHER}.1.1"}
    spec = LabSpec.model_validate({"lab": 1, "network": f"{OTHER}.0.0/16", "hosts": {"a": host}})
    try:
        lab.up(spec)
        lab.exec("a", ["sh", "-c", "echo kept >/root/file"])
        lab.reboot("a")
        assert lab.exec("a", ["cat", "/root/file"]).stdout == "kept\n"
        lab._fleet.machine("a").kill()
        for mounted in ("root", "disk"):
            subprocess.run(["umount", str(lab.dir / "hosts/a" / mounted)], check=True)
        with pytest.raises(HostError, match="in memory and is gone"):
            lab.up(spec)
        assert lab.down() == ("a",)
        lab.up(spec)
    finally:
        lab.down()
    assert str(lab.dir) not in Path("/proc/self/mountinfo").read_text()


def _command_lines() -> list[str]:
    lines: list[str] = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return lines
