import pytest

from golive.method.choose import choose
from golive.plan.site import Site

DIRECT = "the site is online and names no jump host: over SSH, direct"
JUMP = "the site is online behind ops@gate: over SSH by that jump host"
STICK = "the site is isolated, so nothing can be pushed to it: a bundle on a USB stick"
TEAM = "the project team may log in: it installs"
CLIENT = "only the client's operators may log in: they install"

RULES: list[tuple[dict[str, object], str, str, str, str, str]] = [
    ({}, "ssh", "SSH, direct", "team", DIRECT, TEAM),
    ({"jump": "ops@gate"}, "ssh", "SSH by way of ops@gate", "team", JUMP, TEAM),
    ({"network": "isolated"}, "bundle", "USB stick by courier", "team", STICK, TEAM),
    ({"may_log_in": ["operators"]}, "ssh", "SSH, direct", "operators", DIRECT, CLIENT),
    ({"may_log_in": ["operators", "team"]}, "ssh", "SSH, direct", "team", DIRECT, TEAM),
    ({"jump": "ops@gate", "may_log_in": ["operators"]}, "ssh", "SSH by way of ops@gate", "operators", JUMP, CLIENT),
    (
        {"network": "isolated", "may_log_in": ["operators"]},
        "bundle",
        "USB stick by courier",
        "operators",
        STICK,
        CLIENT,
    ),
]


@pytest.mark.parametrize(("site", "mechanism", "route", "installer", "how", "who"), RULES)
def test_rules(site: dict[str, object], mechanism: str, route: str, installer: str, how: str, who: str):
    method = choose(Site.model_validate(site))
    assert (method.mechanism, method.route, method.installer, method.reasons) == (
        mechanism,
        route,
        installer,
        (how, who),
    )
