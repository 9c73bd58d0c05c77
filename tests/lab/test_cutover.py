"""The cutover by the protocol on real hosts, under load: there, and back with what was written meanwhile."""

import pytest
from crossing import CROSS, Stage, stage
from ground import Ground
from matrix import CELLS, trial

FILES = ("  totals:", "    - {files: /srv/shop, from: legacy, to: app, password: cutover}\n  totals:")
FILLED = """mkdir -p /srv/shop/a
cd /srv/shop
seq 9999 > 'a/one two'; ln a/* b; ln -s a c; echo 1 > same; chown shop same; echo gone > gone"""
CHANGED = """cd /srv/shop
touch -r same /run/when; echo 2 > same; touch -r /run/when same
rm gone; echo late > late"""
SUMS = "cd /srv/shop; find . -not -name .golive-files -printf '%P %y %m %u %l %n\\n' | sort; cat a/* b same late"
GO = ("no_return: {role: lead}", "no_return: {role: lead}\n  go: {role: lead}")


@pytest.fixture(scope="module")
def shop(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return stage(ground, tmp_path_factory.mktemp("shop"))


def test_there_and_back_without_a_lost_write_or_a_failed_request(shop: Stage) -> None:
    shop.prepare(GO, FILES)
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
        shop.new.sh("echo new > /srv/shop/from-new; rm /srv/shop/late")
        shop.sign("refuse")
        assert shop.plan.golive("run", seconds=240).exit == 4
        assert shop.serves() == "old"
    assert shop.old.sh("cat /srv/shop/from-new; ls /srv/shop") == "new\na\nb\nc\nfrom-new\nsame\n"
    assert shop.new.sh("ls -A /srv/shop; ls -d /var/lib/golive/golive-files-* 2>/dev/null || :") == ""
    verdict = shop.verdict("old")
    assert verdict.acknowledged > 100
    assert list(verdict.lost) == []
    assert [one.error or str(one.status) for one in verdict.failed] == []
    assert shop.leftovers() == []


def test_old_and_new_cut_apart_under_the_fence(shop: Stage) -> None:
    """A sample of the matrix, on the same hosts: all of it is ``scripts/prove cutover``."""
    [cell] = [cell for cell in CELLS if cell.name == "old cut from new in proof"]
    assert trial(shop, cell).problems == ()
