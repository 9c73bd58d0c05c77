"""What the lab asks of the machine that it runs on."""

from pathlib import Path

from golive.lab.outer import INOTIFY_INSTANCES, SPARE_MEMORY, allow_many_hosts, has_memory_to_spare


def test_hosts_lie_in_memory_only_where_there_is_enough(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    for kilobytes, enough in ((SPARE_MEMORY // 1024, True), (SPARE_MEMORY // 1024 - 1, False)):
        meminfo.write_text(f"MemTotal:       99999999 kB\nMemFree:          1 kB\nMemAvailable:   {kilobytes} kB\n")
        assert has_memory_to_spare(meminfo) is enough


def test_the_limit_of_watches_is_raised_and_never_lowered(tmp_path: Path) -> None:
    limit = tmp_path / "max_user_instances"
    for before, after in ((128, INOTIFY_INSTANCES), (2 * INOTIFY_INSTANCES, 2 * INOTIFY_INSTANCES)):
        limit.write_text(f"{before}\n")
        allow_many_hosts(limit)
        assert int(limit.read_text()) == after
