"""The network as text: networkd units, /etc/hosts, nftables rules, tc commands."""

from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest

from golive.lab.names import LabNames, lab_names
from golive.lab.network import Cut, hosts_file, networkd_unit, nft_removal, nft_rules, tc_limit
from golive.lab.spec import rate_bits

NET = IPv4Network("10.98.0.0/16")
ADDRESSES = {"a": IPv4Address("10.98.1.1"), "b": IPv4Address("10.98.1.2")}
NAMES: LabNames = lab_names(Path("/srv/lab"))


def rules(*cuts: Cut) -> str:
    return nft_rules(NAMES, NET, ADDRESSES, cuts)


def test_networkd_unit() -> None:
    unit = networkd_unit(ADDRESSES["a"], NET)
    assert "Address=10.98.1.1/16\nGateway=10.98.0.1\n" in unit


def test_a_new_hosts_file_names_everybody() -> None:
    assert hosts_file("", "a", ADDRESSES) == (
        "127.0.0.1 localhost\n127.0.1.1 a\n::1 localhost ip6-localhost ip6-loopback\n"
        "# lab hosts: begin\n10.98.1.1 a\n10.98.1.2 b\n# lab hosts: end\n"
    )


def test_a_hosts_file_keeps_the_lines_of_others() -> None:
    before = hosts_file("", "a", {"a": ADDRESSES["a"]}) + "192.0.2.1 db\n"
    after = hosts_file(before, "a", ADDRESSES)
    assert "192.0.2.1 db\n" in after
    assert after.count("10.98.1.1 a\n") == 1
    assert "10.98.1.2 b\n" in after
    assert hosts_file(after, "a", ADDRESSES) == after


def test_rules_without_cuts_translate_addresses_and_drop_nothing() -> None:
    assert f'ip saddr 10.98.0.0/16 ip daddr != 10.98.0.0/16 oifname != "{NAMES.bridge}" masquerade' in rules()
    assert "drop" not in rules()


def test_cut_from_the_internet_leaves_the_lab_alone() -> None:
    text = rules(Cut("a", "internet"))
    assert f'ip saddr 10.98.1.1 oifname != "{NAMES.bridge}" drop' in text
    assert f'ip daddr 10.98.1.1 iifname != "{NAMES.bridge}" drop' in text
    assert text.count("drop") == 2


def test_cut_from_all_closes_the_port_both_ways() -> None:
    chains = rules(Cut("a", "all")).split("chain ")
    link = NAMES.link("a")
    assert any(one.startswith("prerouting") and f'iifname "{link}" drop' in one for one in chains)
    assert any(one.startswith("output") and f'oifname "{link}" drop' in one for one in chains)
    assert sum(f'oifname "{link}" drop' in one for one in chains if one.startswith("forward")) == 1


def test_cut_from_here_leaves_the_other_hosts_alone() -> None:
    chains = rules(Cut("a", "here")).split("chain ")
    link = NAMES.link("a")
    assert any(one.startswith("input") and f'iifname "{link}" drop' in one for one in chains)
    assert any(one.startswith("output") and f'oifname "{link}" drop' in one for one in chains)
    assert not any("drop" in one for one in chains if one.startswith(("forward", "prerouting")))


def test_cut_between_two_is_the_same_from_either_side() -> None:
    assert Cut.between("b", "a") == Cut.between("a", "b")
    text = rules(Cut.between("b", "a"))
    assert f'iifname "{NAMES.link("a")}" oifname "{NAMES.link("b")}" drop' in text
    assert f'iifname "{NAMES.link("b")}" oifname "{NAMES.link("a")}" drop' in text
    assert text.count("drop") == 2


def test_removal_holds_when_there_is_nothing() -> None:
    assert nft_removal(NAMES).splitlines()[:2] == [f"table ip {NAMES.nft_table}", f"delete table ip {NAMES.nft_table}"]


def test_tc() -> None:
    assert " ".join(tc_limit("vb-x", "2mbit")) == (
        "tc qdisc replace dev vb-x root tbf rate 2mbit burst 16000 latency 200ms"
    )
    assert "burst 1250000" in " ".join(tc_limit("vb-x", "1gbit"))
    assert " ".join(tc_limit("vb-x", None)) == "tc qdisc del dev vb-x root"


def test_a_rate_has_a_unit() -> None:
    assert rate_bits("512kbit") == 512_000
    with pytest.raises(ValueError, match="2 is no rate"):
        rate_bits("2")
