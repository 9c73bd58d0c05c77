"""Names: plain ones for the usual lab, others for every other, none too long for an interface."""

from pathlib import Path

from golive.lab.names import DEFAULT_STATE_DIR, lab_names

LONGEST_INTERFACE = 15


def test_the_usual_lab_has_plain_names() -> None:
    names = lab_names(DEFAULT_STATE_DIR)
    assert (names.bridge, names.nft_table) == ("golive0", "golive_lab")


def test_another_lab_shares_no_name_with_it() -> None:
    one, other = lab_names(DEFAULT_STATE_DIR), lab_names(Path("/srv/lab"))
    assert one.bridge != other.bridge
    assert one.nft_table != other.nft_table
    assert one.cgroup != other.cgroup
    assert one.link("app-1") != other.link("app-1")


def test_interfaces_fit() -> None:
    names = lab_names(Path("/srv/lab"))
    host = "a-host-with-quite-a-long-name-1"
    assert len(names.bridge) <= LONGEST_INTERFACE
    assert len(names.link(host)) == LONGEST_INTERFACE
    assert names.link(host) != names.link(host[:-1] + "2")
