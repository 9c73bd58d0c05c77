"""Puts the lab's network into the kernel: bridge, address translation, cuts, limits."""

import json
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path

from golive.errors import UsageError
from golive.lab import network
from golive.lab.names import LabNames
from golive.lab.network import Cut
from golive.lab.shell import run
from golive.lab.spec import gateway


def require_free(names: LabNames, net: IPv4Network) -> None:
    """Refuses a network that another interface of this machine is already in."""
    for link in json.loads(run(["ip", "-json", "-4", "address"]).stdout):
        for address in link.get("addr_info", []):
            other = IPv4Interface(f"{address['local']}/{address['prefixlen']}").network
            if link["ifname"] != names.bridge and other.overlaps(net):
                raise UsageError(
                    f"the lab's network {net} is in use here by {link['ifname']} ({other}): another lab?",
                    "give this lab another one, for example network: 10.97.0.0/16",
                )


def lay(names: LabNames, net: IPv4Network) -> None:
    """The bridge, its address, and forwarding, which stays on afterwards: others may have come to need it."""
    if run(["ip", "link", "show", names.bridge], check=False).returncode:
        run(["ip", "link", "add", names.bridge, "type", "bridge"])
    run(["ip", "address", "replace", f"{gateway(net)}/{net.prefixlen}", "dev", names.bridge])
    run(["ip", "link", "set", names.bridge, "up"])
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")


def load_rules(names: LabNames, net: IPv4Network, addresses: Mapping[str, IPv4Address], cuts: Iterable[Cut]) -> None:
    """Loads the lab's rules in one transaction."""
    run(["nft", "-f", "-"], input=network.nft_rules(names, net, addresses, cuts))


def limit(link: str, leader: int, rate: str | None) -> None:
    """Limits a host's bandwidth in both directions: what enters it, and what leaves it (from inside its network)."""
    inside = ["nsenter", "--target", str(leader), "--net"]
    for prefix, device in (([], link), (inside, "host0")):
        # Lifting a limit that is not there fails, and that is fine.
        run([*prefix, *network.tc_limit(device, rate)], check=rate is not None)


def remove_link(link: str) -> None:
    """Removes the outer end of a host's link, if its end has left it behind."""
    run(["ip", "link", "delete", link], check=False)


def remove(names: LabNames) -> None:
    """Removes the lab's rules and its bridge."""
    run(["nft", "-f", "-"], input=network.nft_removal(names))
    run(["ip", "link", "delete", names.bridge], check=False)
