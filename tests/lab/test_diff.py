"""golive diff names exactly what the next run changes, and changes nothing itself: random plans, random hosts."""

import json
import os
import re
from random import Random
from typing import Any

import pytest
from ground import Host
from planfolder import PlanFolder, Plans
from ruamel.yaml import YAML

from golive.digest import digest_bytes

EVERYWHERE = ("/etc", "/home", "/opt", "/root", "/srv", "/usr/local", "/var/backups", "/var/lib", "/var/spool")
"""The whole file system but /usr, which only packages write, and what lives in memory."""
MAY_DIFFER = ("/var/lib/systemd/", "/var/lib/private/systemd")
"""Written by the system itself at any time: timer stamps, the clock, the random seed, login records."""
SEEDS = 24 if os.environ.get("GOLIVE_PROVE") else 4
"""All of them with GOLIVE_PROVE=1, as ``scripts/prove`` sets it."""


def random_resources(random: Random) -> list[dict[str, Any]]:
    """Resources of every kind that needs no network, over few names, so that they meet what is there."""
    made: list[dict[str, Any]] = [{"directory": "/srv/d", "mode": random.choice(("0755", "0700"))}]
    if random.random() < 0.5:
        made.append({"user": "worker", "shell": random.choice(("/bin/sh", "/usr/sbin/nologin"))})
    for name in random.sample("abcdef", random.randint(1, 6)):
        content = "".join(random.choice(("key=1\n", "é ' \" $x `y`\n", "\\n%s\n", "")) for _ in range(SEEDS))
        mode = random.choice(("0644", "0600", "0755"))
        made.append({"file": f"/srv/d/{name}", "content": content, "mode": mode})
        if random.random() < 0.3:
            made[-1]["when"] = random.choice(("true", "false", '[ "$os" = "debian 13" ]'))
    further: list[dict[str, Any]] = [
        {"group": "workers", "system": True},
        {"line": "/srv/d/lines", "text": random.choice(("one", "it's two")), "create": True},
        {"block": "/srv/d/block", "name": "part", "content": "in the\nblock\n", "create": True},
        {"symlink": "/srv/d/link", "to": random.choice(("a", "/srv/nowhere"))},
        {"hosts-entry": "192.0.2.7", "names": ["seven.example", "seven"]},
        {"timer": "random-timer", "command": "true", "schedule": random.choice(("daily", "weekly"))},
        {"drop-in": "haproxy.service", "content": "[Service]\nNice=5\n"},
        {"sudo-rule": "workers", "content": "root ALL=(ALL) NOPASSWD: /bin/true"},
        {"package": "zstd"},
    ]
    made += random.sample(further, random.randint(2, len(further)))
    if random.random() < 0.5:
        made.append({"command": "mkdir /srv/made", "creates": "/srv/made"})
    if random.random() < 0.5:
        heard = [one["file"] for one in made if "file" in one]
        made.append({"service": "haproxy", "restart_on": heard})
    return made


UNDO = """
rm -rf /srv/d /srv/made /etc/systemd/system/random-timer.* /etc/systemd/system/haproxy.service.d /etc/sudoers.d/workers
sed -i /192.0.2.7/d /etc/hosts
userdel worker 2>/dev/null
groupdel workers 2>/dev/null
systemctl daemon-reload
"""
OTHERWISE = (
    "mkdir /srv/made",
    "systemctl stop haproxy",
    "useradd -M worker",
    "groupadd workers",
    "mkdir -p /srv/d; echo one > /srv/d/lines",
    "mkdir -p /srv/d; printf 'before\\n# golive part begin\\nother\\n# golive part end\\nbehind' > /srv/d/block",
    "mkdir -p /srv/d; ln -s elsewhere /srv/d/link",
    "echo '192.0.2.7 eight.example' >> /etc/hosts",
    "echo 'root ALL=(ALL) ALL' > /etc/sudoers.d/workers; chmod 600 /etc/sudoers.d/workers",
    ":",
)
"""What may be so on a host before."""


def disturb(random: Random, host: Host) -> None:
    """Brings the host into some state: files that are there, others, of other owners, links, nothing at all."""
    host.sh(UNDO)
    lines = ["mkdir -p /srv/d"] if random.random() < 0.8 else []
    if lines:
        for name in random.sample("abcdef", random.randint(0, 4)):
            lines.append(f"printf 'key=1\\n' > /srv/d/{name}; chmod {random.choice(('644', '600'))} /srv/d/{name}")
        lines += random.sample(("rm -f /srv/d/a; ln -s b /srv/d/a", "chmod 700 /srv/d", "chown daemon /srv/d"), 1)
    lines += random.sample(OTHERWISE, 5)
    host.sh("\n".join(lines))


def write(plan: PlanFolder, host: Host, resources: list[dict[str, Any]]) -> None:
    document = {
        "golive": 1,
        "solution": {"name": "random", "version": "1"},
        "roles": {"app": {"baseline": resources}},
        "sites": {"lyon": {"hosts": {"one": {"address": host.address, "role": "app"}}}},
    }
    yaml: Any = YAML()
    with (plan.folder / "golive.yaml").open("w", encoding="utf-8") as stream:
        yaml.dump(document, stream)


def said(plan: PlanFolder, *words: str) -> dict[str, list[str]]:
    """What diff says, as titles by state."""
    done = plan.golive("diff", "--format", "json", *words)
    assert done.exit == 0, done.out
    [one] = json.loads(done.out)
    found: dict[str, list[str]] = {}
    for item in one["resources"]:
        found.setdefault(item["state"], []).append(item["title"])
    return found


def changed(plan: PlanFolder) -> dict[str, list[str]]:
    """What a run reports."""
    done = plan.golive("run", "--new", "--again", "lyon")
    assert done.exit == 0, done.out
    evidence = [event["evidence"] for event in plan.events("AttemptEnded") if "ok" in event["evidence"] or "changed" in event["evidence"]]  # fmt: skip
    return evidence[-1]


def state_of(host: Host) -> dict[str, str]:
    return {path: about for path, about in host.tree(*EVERYWHERE).items() if not path.startswith(MAY_DIFFER)}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_diff_names_exactly_what_the_run_changes_and_changes_nothing(seed: int, host: Host, plan: Plans) -> None:
    random = Random(seed)
    made = plan("golive: 1\n")
    host.sh("[ -x /usr/bin/sudo ] && [ -x /usr/sbin/haproxy ] || apt-get -qq -y install haproxy sudo")
    write(made, host, random_resources(random))
    disturb(random, host)
    before = state_of(host)
    foretold = said(made)
    assert state_of(host) == before
    first = changed(made)
    would, may = set(foretold.get("would", ())), set(foretold.get("may", ()))
    assert would <= set(first.get("changed", ())) <= would | may
    assert first.get("skipped", []) == foretold.get("skipped", [])
    assert "changed" not in changed(made)
    assert set(said(made)) <= {"ok", "skipped"}


def test_bytes_and_long_texts_are_sent_once_and_shown_by_digests(host: Host, plan: Plans) -> None:
    made = plan(
        f"""\
golive: 1
solution: {{name: bytes, version: "1"}}
roles:
  app:
    baseline:
      - {{file: /srv/bytes, source: files/bytes, mode: "0600"}}
      - {{file: /srv/long, template: files/long.j2}}
sites: {{lyon: {{hosts: {{one: {{address: {host.address}, role: app}}}}}}}}
"""
    )
    raw, text = bytes(range(256)) * 2000, "it's at {{ site.name }}\n" * 20000
    made.write("files/long.j2", text)
    (made.folder / "files/bytes").write_bytes(raw)
    filled = text.replace("{{ site.name }}", "lyon").encode()
    host.sh("rm -rf /var/lib/golive/contents; printf 'old\\0' > /srv/bytes; rm -f /srv/long")
    before = state_of(host)
    done = made.golive("diff", "--exit-code")
    assert done.exit == 1, done.out
    assert state_of(host) == before
    for line in (b"old\0", raw, filled):
        assert f"content, digest: {digest_bytes(line)}" in done.out
    assert "- content, digest: none" in done.out
    done = made.golive("run")
    assert done.exit == 0, done.out
    assert host.sh("sha256sum < /srv/bytes; sha256sum < /srv/long").split()[::2] == [
        digest_bytes(raw),
        digest_bytes(filled),
    ]
    scripts = host.sh("du -b $(ls -d /var/lib/golive/attempts/*/bytes-1-*)/script | sort -n | tail -n 1 | cut -f1")
    assert int(scripts) < 65536
    sent = host.sh("stat -c '%n %i' /var/lib/golive/contents/*")
    assert len(sent.splitlines()) == 2
    assert "changed" not in changed(made)
    assert host.sh("stat -c '%n %i' /var/lib/golive/contents/*") == sent
    (made.folder / "files/bytes").write_bytes(raw + b"more")
    again = made.golive("run", "--new", "--again", "lyon")
    assert again.exit == 0, again.out
    assert host.sh("stat -c %s /srv/bytes") == f"{len(raw) + 4}\n"


def test_diff_shows_a_file_as_rendered_and_a_secret_as_a_keyed_digest(host: Host, plan: Plans) -> None:
    made = plan(
        f"""\
golive: 1
solution: {{name: shown, version: "1"}}
roles:
  app:
    baseline:
      - {{file: /srv/shown, content: "this is {{{{ site.name }}}}\\n", tags: [plain]}}
      - {{file: /srv/hidden, content: "password {{{{ secret('word') }}}}\\n", mode: "0600"}}
secrets: {{word: {{env: WORD}}}}
sites: {{lyon: {{hosts: {{one: {{address: {host.address}, role: app}}}}}}}}
""",
        WORD="hunter-two",
    )
    host.sh("printf 'this is paris\\n' > /srv/shown; printf 'password hunter-one\\n' > /srv/hidden")
    done = made.golive("diff", "--exit-code")
    assert done.exit == 1
    for line in ("-this is paris", "+this is lyon", "- content, keyed digest: ", "2 resources would be changed on 1"):
        assert line in done.out
    assert "hunter" not in done.out
    assert said(made, "--tag", "plain") == {"would": ["file /srv/shown"]}
    assert made.golive("run").exit == 0
    assert made.golive("diff", "--exit-code").exit == 0
    host.sh("chmod 644 /srv/hidden")
    digests = re.findall(r"keyed digest: ([0-9a-f]{16})", made.golive("diff").out)
    assert len(digests) == 2 and digests[0] == digests[1]
