"""What a host is like now beside what it was like when it had been brought to its baseline."""

from golive.method.inventory import changes

BEFORE = {"package zstd": "1.5", "login root": "/bin/bash, 1 keys", "port 22": "anywhere"}
NOW = (
    "\x1eok\tuser notes\t0\t\n\x1ewould\tfile /etc/a\t1\t\n"
    "fact\tpackage zstd\t1.6\nfact\tlogin root\t/bin/bash, 1 keys\nfact\tlogin eve\t/bin/sh, 0 keys\n"
)


def test_resources_and_what_lasts_are_told() -> None:
    assert changes(BEFORE, NOW) == (
        "file /etc/a is not as planned",
        "login eve: absent → /bin/sh, 0 keys",
        "package zstd: 1.5 → 1.6",
    )


def test_nothing_is_told_of_a_host_that_is_as_it_was() -> None:
    told = "".join(f"fact\t{name}\t{value}\n" for name, value in BEFORE.items())
    assert changes(BEFORE, f"\x1eok\tuser notes\t0\t\n{told}") == ()
