"""What is started for a host, where its control groups are, and how its sshd is seen."""

from ipaddress import IPv4Address
from pathlib import Path

from golive.lab.access import known_hosts, ssh_config
from golive.lab.machine import LISTENING_SSH, group_roots, nspawn_argv
from golive.lab.state import HostRecord, LabRecord, Store

HYBRID = """\
30 29 0:26 / /sys/fs/cgroup/systemd rw shared:1 - cgroup cgroup rw,name=systemd
31 29 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
32 29 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
"""


def test_control_groups_version_2_comes_first() -> None:
    assert group_roots(HYBRID) == (Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup/systemd"))
    assert group_roots("30 29 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n") == (Path("/sys/fs/cgroup"),)


def test_nspawn_asks_no_systemd_of_the_outer_machine() -> None:
    argv = nspawn_argv("m", "app-1", Path("/r"), "golive0")
    assert {"--register=no", "--keep-unit", "--network-bridge=golive0", "--hostname=app-1"} <= set(argv)


def test_sshd_is_seen_by_its_listening_socket_only() -> None:
    assert LISTENING_SSH.search("  0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:0 0 0\n")
    assert not LISTENING_SSH.search("  0: 00000000:0016 0100620A:C001 01 00000000:00000000 00:0 0 0\n")
    assert not LISTENING_SSH.search("  0: 00000000:1538 00000000:0000 0A 00000000:00000000 00:0 0 0\n")


def test_known_hosts_has_name_and_address() -> None:
    addresses = {"a": IPv4Address("10.98.1.1")}
    assert known_hosts(addresses, {"a": ["ssh-ed25519 AAAA"]}) == "a,10.98.1.1 ssh-ed25519 AAAA\n"
    assert "StrictHostKeyChecking yes" in ssh_config(Path("/s"), addresses)


def test_a_host_without_a_record_is_no_host(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for name in ("half", "whole"):
        (store.hosts_dir / name).mkdir(parents=True)
    spec = {"suite": "trixie", "address": "10.98.1.1"}
    record = HostRecord.model_validate({"name": "whole", "spec": spec, "image": "/i"})
    store.save_host(record)
    assert store.hosts() == (record,)
    assert [path.name for path in store.host_dirs()] == ["half", "whole"]


def test_the_labs_record_survives_a_round_trip(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.lab() is None
    record = LabRecord.model_validate({"network": "10.98.0.0/16", "cuts": [["a", "all"]]})
    store.save_lab(record)
    assert store.lab() == record
    store.save_lab(None)
    assert store.lab() is None
