"""The method: how the solution gets to a site, by which route, and who installs it. Chosen by stated rules.

1. A site that is reachable over SSH is installed over SSH; an isolated one gets a bundle on a USB stick.
2. The route is direct, by the jump host that the site names, or by courier.
3. The project team installs where it may log in; elsewhere the client's operators do.
"""

from dataclasses import dataclass
from enum import StrEnum

from golive.plan.site import Network, Party, Site


class Mechanism(StrEnum):
    """How the solution is brought onto the hosts."""

    SSH = "ssh"
    BUNDLE = "bundle"


@dataclass(frozen=True)
class Method:
    """What was chosen for a site, with the reason for each choice."""

    mechanism: Mechanism
    route: str
    installer: Party
    reasons: tuple[str, ...]


def choose(site: Site) -> Method:
    """The method for a site, from what its file says about its network and its logins."""
    if site.network is Network.ISOLATED:
        mechanism, route = Mechanism.BUNDLE, "USB stick by courier"
        how = "the site is isolated, so nothing can be pushed to it: a bundle on a USB stick"
    elif site.jump:
        mechanism, route = Mechanism.SSH, f"SSH by way of {site.jump}"
        how = f"the site is online behind {site.jump}: over SSH by that jump host"
    else:
        mechanism, route = Mechanism.SSH, "SSH, direct"
        how = "the site is online and names no jump host: over SSH, direct"
    if Party.TEAM in site.may_log_in:
        return Method(mechanism, route, Party.TEAM, (how, "the project team may log in: it installs"))
    return Method(mechanism, route, Party.OPERATORS, (how, "only the client's operators may log in: they install"))
