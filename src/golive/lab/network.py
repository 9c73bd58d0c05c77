"""The lab's network as text and argv: networkd units, /etc/hosts, nftables rules, traffic control. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from golive.lab.names import LabNames
from golive.lab.spec import gateway, rate_bits

INTERNET = "internet"
ALL = "all"
HERE = "here"
"""The machine on which the lab is: golive, when it runs there. The internet is behind it."""
HOSTS_BEGIN = "# lab hosts: begin"
HOSTS_END = "# lab hosts: end"


@dataclass(frozen=True, order=True)
class Cut:
    """A host cut off from the internet, this machine, all, or another host (``peer`` is then that host's name)."""

    host: str
    peer: str

    @staticmethod
    def between(host: str, peer: str) -> "Cut":
        """The cut in its one form: between two hosts the order does not matter."""
        if peer in (INTERNET, ALL, HERE):
            return Cut(host, peer)
        return Cut(*sorted((host, peer)))

    def touches(self, host: str) -> bool:
        """Whether the host is one of the two ends."""
        return host in (self.host, self.peer)


def networkd_unit(address: IPv4Address, network: IPv4Network) -> str:
    """The .network file of a host: a fixed address, nothing to wait for."""
    return (
        "[Match]\nName=host0\n\n"
        f"[Network]\nAddress={address}/{network.prefixlen}\nGateway={gateway(network)}\n"
        "LinkLocalAddressing=no\nIPv6AcceptRA=no\nDHCP=no\n"
    )


def hosts_file(current: str, own: str, addresses: Mapping[str, IPv4Address]) -> str:
    """The host's /etc/hosts: the lab's block made new, every other line kept as it is."""
    kept = re.sub(rf"{HOSTS_BEGIN}\n.*?{HOSTS_END}\n", "", current, flags=re.DOTALL)
    if not kept.strip():
        kept = f"127.0.0.1 localhost\n127.0.1.1 {own}\n::1 localhost ip6-localhost ip6-loopback\n"
    lines = "".join(f"{address} {name}\n" for name, address in sorted(addresses.items()))
    return f"{kept}{HOSTS_BEGIN}\n{lines}{HOSTS_END}\n"


def nft_rules(names: LabNames, network: IPv4Network, addresses: Mapping[str, IPv4Address], cuts: Iterable[Cut]) -> str:
    """The lab's whole rule set, to be loaded in one transaction: it replaces what was there.

    Traffic between hosts is bridged and never seen by the ip family, hence the bridge table.
    """
    ordered = sorted(cuts)
    internet = [rule for cut in ordered if cut.peer == INTERNET for rule in _offline(names.bridge, addresses[cut.host])]
    links = [rule for cut in ordered if cut.peer == ALL for rule in _alone(names.link(cut.host))]
    pairs = [
        rule
        for cut in ordered
        if cut.peer not in (INTERNET, ALL, HERE)
        for rule in _apart(names.link(cut.host), names.link(cut.peer))
    ]
    # Never among themselves: where bridges are filtered, the rule of a lab that was left behind would meet them, too.
    nat = [f'ip saddr {network} ip daddr != {network} oifname != "{names.bridge}" masquerade']
    routed = [
        _chain("postrouting", "type nat hook postrouting priority 100;", nat),
        _chain("forward", "type filter hook forward priority 0;", internet),
    ]
    bridged = [_chain("prerouting", "type filter hook prerouting priority 0;", [r for r in links if "iif" in r])]
    bridged += [_chain("forward", "type filter hook forward priority 0;", [r for r in links if "oif" in r] + pairs)]
    apart = [rule for cut in ordered if cut.peer == HERE for rule in _alone(names.link(cut.host))]
    own = [r for r in (*links, *apart) if "oif" in r]
    bridged += [_chain("input", "type filter hook input priority 0;", [r for r in apart if "iif" in r])]
    bridged += [_chain("output", "type filter hook output priority 0;", own)]
    return _table("ip", names.nft_table, routed) + _table("bridge", names.nft_table, bridged)


def nft_removal(names: LabNames) -> str:
    """Takes the lab's rules out, whether they are there or not."""
    return "".join(
        f"table {family} {names.nft_table}\ndelete table {family} {names.nft_table}\n" for family in ("ip", "bridge")
    )


def _offline(bridge: str, address: IPv4Address) -> list[str]:
    # Where br_netfilter is loaded bridged packets come by here too; they are in the lab and have to pass.
    return [f'ip saddr {address} oifname != "{bridge}" drop', f'ip daddr {address} iifname != "{bridge}" drop']


def _alone(link: str) -> list[str]:
    return [f'iifname "{link}" drop', f'oifname "{link}" drop']


def _apart(one: str, other: str) -> list[str]:
    return [f'iifname "{one}" oifname "{other}" drop', f'iifname "{other}" oifname "{one}" drop']


def _chain(name: str, head: str, rules: Sequence[str]) -> str:
    body = "".join(f"    {rule}\n" for rule in rules)
    return f"  chain {name} {{\n    {head}\n{body}  }}\n"


def _table(family: str, name: str, chains: Sequence[str]) -> str:
    # Named, deleted, named again: the first line makes the deletion valid when there is nothing yet.
    return f"table {family} {name}\ndelete table {family} {name}\ntable {family} {name} {{\n{''.join(chains)}}}\n"


def tc_limit(device: str, rate: str | None) -> list[str]:
    """The tc command that limits what leaves the device, or lifts the limit."""
    if rate is None:
        return ["tc", "qdisc", "del", "dev", device, "root"]
    # A bucket of 10 ms, and at least some full-size packets: smaller ones cannot reach the rate.
    burst = max(rate_bits(rate) // 8 // 100, 16_000)
    return [
        "tc",
        "qdisc",
        "replace",
        "dev",
        device,
        "root",
        "tbf",
        "rate",
        rate,
        "burst",
        str(burst),
        "latency",
        "200ms",
    ]
