"""A lab file: what is read, and the exact sentence for each mistake."""

from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest

from golive.errors import UsageError
from golive.lab.load import load_spec, parse_spec

WHOLE = """\
lab: 1
network: 10.50.0.0/16
hosts:
  old: {suite: bookworm, address: 10.50.1.10}
  small: {suite: trixie, address: 10.50.1.30, disk: 200M}
packages: {bookworm: [postgresql, haproxy]}
"""


def test_a_whole_file() -> None:
    spec = parse_spec(WHOLE, "lab.yaml")
    assert spec.network == IPv4Network("10.50.0.0/16")
    assert spec.hosts["old"].address == IPv4Address("10.50.1.10")
    assert spec.hosts["small"].disk == "200M"
    assert spec.packages == {"bookworm": ("postgresql", "haproxy")}
    assert spec.suites == ("bookworm", "trixie")


def test_the_network_has_a_default() -> None:
    spec = parse_spec("lab: 1\nhosts:\n  a: {suite: trixie, address: 10.98.0.2}\n", "lab.yaml")
    assert spec.network == IPv4Network("10.98.0.0/16")


def host(text: str) -> str:
    return f"lab: 1\nhosts:\n  {text}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "f:1: a lab file is a mapping"),
        ("lab: 1\nhosts: [\n", "f:3: this is not YAML: expected the node content, but found '<stream end>'"),
        ("lab: 1\nhosts: {}\n", "f:2: hosts: Dictionary should have at least 1 item after validation, not 0"),
        (host("a: {suite: sid, address: 10.98.1.1}"), "f:3: hosts.a.suite: Input should be 'bookworm' or 'trixie'"),
        (host("a: {suite: trixie}"), "f:3: hosts.a.address: is missing"),
        (host("a: {suite: trixie, address: 10.98.1.1, x: 1}"), "f:3: hosts.a.x: is not a key of a lab file"),
        (
            host("a_b: {suite: trixie, address: 10.98.1.1}"),
            "f:3: hosts.a_b: is no host name: use lower-case letters, digits and hyphens",
        ),
        (
            host("a: {suite: trixie, address: 10.9.1.1}"),
            "f:1: host a: address 10.9.1.1 is outside the lab's network 10.98.0.0/16",
        ),
        (
            host("a: {suite: trixie, address: 10.98.0.1}"),
            "f:1: host a: address 10.98.0.1 is the outer machine's, the first of the network; choose another",
        ),
        (
            host("a: {suite: trixie, address: 10.98.1.1}\n  b: {suite: trixie, address: 10.98.1.1}"),
            "f:1: hosts a and b have the same address 10.98.1.1",
        ),
        (
            host("all: {suite: trixie, address: 10.98.1.1}"),
            "f:1: no host can be called all: the word means something to a cut",
        ),
        (
            host("a: {suite: trixie, address: 10.98.1.1, disk: 2M}"),
            "f:3: hosts.a: disk 2M is too small: use at least 16M",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_spec(text, "f")
    assert caught.value.message == message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_spec(tmp_path / "none.yaml")
