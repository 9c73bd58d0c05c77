"""The cutover by the protocol on real hosts, under load: there, and back with what was written meanwhile."""

import re
from importlib.resources import files

import pytest
from crossing import CROSS, Stage, stage
from ground import Ground
from matrix import CELLS, trial

FILES = """\
    - {files: /srv/shop, from: legacy, to: app, password: cutover}
    - command: echo copied >> /srv/team
      prove: "true"
      back: rm -f /srv/team
      last: echo last >> /srv/passes
      fetch: echo fetched >> /srv/passes
      from: legacy
      to: app
  totals:"""
OWN = """\
golive: 1
solution: {name: shop, version: "2"}
roles: {legacy: {existing: true}, edge: {existing: true}, app: {}}
cutover:
  move:
    - command: curl -fsS http://OLD:8000/count | sed 's/^/ADD/' > /srv/count
      prove: curl -fsS http://OLD:8000/count | cmp - /srv/count
      back: rm -f /srv/count
      from: legacy
      to: app
  switch:
    - {command: echo new > /srv/side, back: echo old > /srv/side, promise: a second of errors, on: edge}
  verify:
    - {on: edge, check: {command: grep -qx WANT /srv/side, within: 1 s}}
sites:
  lyon:
    hosts:
      old: {address: OLD, role: legacy}
      new: {address: NEW, role: app}
      edge: {address: EDGE, role: edge}
"""
FILLED = """mkdir -p /srv/shop/a
cd /srv/shop
seq 9999 > 'a/one two'; ln a/* b; ln -s a c; echo 1 > same; chown shop same; echo gone > gone"""
CHANGED = """cd /srv/shop
touch -r same /run/when; echo 2 > same; touch -r /run/when same
rm gone; echo late > late"""
SUMS = "cd /srv/shop; find . -not -name .golive-files -printf '%P %y %m %u %l %n\\n' | sort; cat a/* b same late"
LARGE = """CREATE TABLE large AS SELECT n AS id, repeat(md5(n::text), 30) AS body FROM generate_series(1, 60000) n;
ALTER TABLE large ADD PRIMARY KEY (id); ALTER TABLE large ALTER body SET STORAGE EXTERNAL"""
DEAF = """import hashlib, hmac, socket, time
KEY, silent, longest, before, asked = b"k" * 64, 300, 0.0, 0.0, 0
mac = lambda text: hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()
with socket.create_server(("", 9871)) as server:
    while asked < 600:
        door, _ = server.accept()
        for line in door.makefile("r"):
            now, asked = time.monotonic(), asked + 1
            longest, before = max(longest, now - before if before else 0.0), now
            nonce = line.split(" ")[1]
            if asked != silent:
                door.sendall(f"hold 1 {mac(f'{nonce} hold 1')}\\n".encode())
            if asked == 600:
                break
print(longest)
"""
"""A register that asks for 600 questions, answers all but one of them, and says how long it waited for one at most."""
DOOR = """global
  lua-load /run/deaf/door.lua
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 1s
frontend none
  bind 127.0.0.1:9872
"""
GO = ("no_return: {role: lead}", "no_return: {role: lead}\n  go: {role: lead}")


@pytest.fixture(scope="module")
def shop(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return stage(ground, tmp_path_factory.mktemp("shop"))


def test_there_and_back_without_a_lost_write_or_a_failed_request(shop: Stage) -> None:
    shop.prepare(GO, ("  totals:", FILES))
    shop.old.sh(FILLED)
    began = shop.now()
    with shop.load("--idle", "20", "--slow", "1"):
        with shop.raw_writers():
            waiting = shop.plan.golive("run", seconds=240)
            assert waiting.exit == 6, waiting.out
            rehearsed = shop.plan.golive("cutover", "--rehearse")
            assert (rehearsed.exit, shop.serves()) == (0, "old"), rehearsed.out
            assert "the real one would stall for about" in rehearsed.out
            shop.old.sh(CHANGED)
            shop.sign("approve", "go")
            done = shop.plan.golive("run", seconds=240)
            assert done.exit == 6, done.out
            assert shop.serves() == "new"
            assert shop.two_writers(began, "new") == []
        assert "committed" in shop.said(CROSS)
        assert "that changed last by checksum" in shop.said(CROSS)
        assert shop.old.sh(SUMS) == shop.new.sh(SUMS)
        assert (shop.new.sh("cat /srv/team"), shop.old.sh("cat /srv/passes")) == ("copied\n", "last\n")
        shop.new.sh("echo new > /srv/shop/from-new; rm /srv/shop/late")
        shop.sign("refuse")
        assert shop.plan.golive("run", seconds=240).exit == 4
        assert shop.serves() == "old"
    assert shop.old.sh("cat /srv/shop/from-new; ls /srv/shop") == "new\na\nb\nc\nfrom-new\nsame\n"
    assert shop.old.sh("cat /srv/passes; rm /srv/passes") == "last\nfetched\n"
    assert (
        shop.new.sh(
            "ls -A /srv/shop; ls /srv/team 2>/dev/null || :; ls -d /var/lib/golive/golive-files-* 2>/dev/null || :"
        )
        == ""
    )
    verdict = shop.verdict("old")
    assert verdict.acknowledged > 100
    assert list(verdict.lost) == []
    assert [one.error or str(one.status) for one in verdict.failed] == []
    assert shop.leftovers() == []


def test_the_copy_is_held_to_its_pace(shop: Stage) -> None:
    """60 MB at 5 MB a second, 20 of files at 2: in no less than half of the time; a moment may go by at full speed."""
    slow = FILES.replace("password: cutover", "password: cutover, most: 2 MB")
    shop.prepare(GO, ("wal_budget: BUDGET", "wal_budget: BUDGET, most: 5 MB"), ("  totals:", slow))
    shop.sql(shop.old, LARGE)
    shop.old.sh("rm -rf /srv/shop; mkdir /srv/shop; head -c 20000000 /dev/urandom > /srv/shop/large")
    waiting = shop.plan.golive("run", "--new", seconds=240)
    assert waiting.exit == 6, waiting.out
    [took] = re.findall(r"the copy is whole and follows \(([0-9.]+) s\)", shop.said("lyon/cutover/copy-postgresql@new"))
    [first] = re.findall(r"pass 1: 1 files, ([0-9]+) ms", shop.said("lyon/cutover/passes-files@old"))
    assert (float(took) > 6, int(first) > 5000) == (True, True), (took, first)
    assert "cannot hold" not in shop.said("lyon/cutover/register@old")
    shop.sign("refuse", "go")
    assert shop.plan.golive("run", seconds=240).exit == 4
    shop.sql(shop.old, "DROP TABLE large")
    assert shop.leftovers() == []


def test_a_front_door_that_gets_no_answer_asks_again_soon(shop: Stage) -> None:
    """HAProxy misses one answer in about ten thousand: users behind the fence would wait for as long as it does."""
    facts = {
        "KEY": "k" * 64,
        "NAME": "edge",
        "TAG": "x",
        "HOST": shop.old.address,
        "BEGIN": "/none",
        "OLD": "a",
        "NEW": "b",
    }
    head = "".join(f'local {name} = "{value}"\n' for name, value in facts.items()) + "local PORT, PATIENCE = 9871, 20\n"
    program = files("golive.kinds").joinpath("door.lua").read_text(encoding="utf-8")
    for name, text in (("door.lua", head + program), ("haproxy.cfg", DOOR)):
        shop.edge.sh(f"mkdir -p /run/deaf && cat > /run/deaf/{name} <<'END_OF_FILE'\n{text}\nEND_OF_FILE")
    shop.edge.sh("systemd-run -q --unit deaf haproxy -f /run/deaf/haproxy.cfg")
    said = shop.old.sh(f"timeout 60 python3 - <<'END_OF_FILE'\n{DEAF}\nEND_OF_FILE")
    shop.edge.sh("systemctl stop deaf; rm -r /run/deaf")
    assert 0.1 < float(said) < 0.6


def test_old_and_new_cut_apart_under_the_fence(shop: Stage) -> None:
    """A sample of the matrix, on the same hosts: all of it is ``scripts/prove cutover``."""
    [cell] = [cell for cell in CELLS if cell.name == "old cut from new in proof"]
    assert trial(shop, cell).problems == ()


@pytest.mark.parametrize(
    ("add", "want", "exit", "side", "copy"),
    [("", "other", 4, "old\n", ""), (".", "new", 4, "old\n", ""), ("", "new", 0, "new\n", "count\n")],
    ids=["the check after the switch fails", "the copy differs", "there"],
)
def test_the_teams_own_mover_and_switch(shop: Stage, add: str, want: str, exit: int, side: str, copy: str) -> None:
    shop.edge.sh("echo old > /srv/side")
    text = OWN.replace("ADD", add).replace("WANT", want)
    for name, host in (("OLD", shop.old), ("NEW", shop.new), ("EDGE", shop.edge)):
        text = text.replace(name, host.address)
    shop.plan.write("golive.yaml", text)
    done = shop.plan.golive("run", "--new")
    assert done.exit == exit, done.out
    assert (shop.edge.sh("cat /srv/side"), shop.new.sh("cd /srv; ls count 2>/dev/null || :")) == (side, copy)
