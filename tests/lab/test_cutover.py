"""The cutover by the protocol on real hosts, under load: there, and back with what was written meanwhile."""

import pytest
from crossing import CROSS, Stage, stage
from ground import Ground


@pytest.fixture(scope="module")
def shop(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return stage(ground, tmp_path_factory.mktemp("shop"))


def test_there_and_back_without_a_lost_write_or_a_failed_request(shop: Stage) -> None:
    began = shop.now()
    with shop.load("--idle", "20", "--slow", "1"):
        with shop.raw_writers():
            done = shop.plan.golive("run", seconds=240)
            assert done.exit == 6, done.out
            assert shop.serves() == "new"
            assert shop.two_writers(began, "new") == []
        assert "committed" in shop.said(CROSS)
        shop.sign("refuse")
        assert shop.plan.golive("run", seconds=240).exit == 4
        assert shop.serves() == "old"
    verdict = shop.verdict("old")
    assert verdict.acknowledged > 100
    assert list(verdict.lost) == []
    assert [one.error or str(one.status) for one in verdict.failed] == []
    assert shop.leftovers() == []
