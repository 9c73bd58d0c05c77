"""kill -9 of ``golive run`` at any moment, then ``golive run`` again, goes on where it was."""

from pathlib import Path

import pytest
from ground import Ground
from killing import Moment, Undisturbed, counter, differences, goes_on, kill, ran_twice, trial, undisturbed

SHARES = 3
"""How many of the steps get a run of their own here."""


@pytest.fixture(scope="module")
def fine(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    return undisturbed(tmp_path_factory.mktemp("undisturbed"), ground)


@pytest.mark.parametrize("moment", Moment)
def test_one_run_killed_at_every_step_ends_like_one_that_nobody_disturbed(
    moment: Moment, fine: Undisturbed, ground: Ground, tmp_path: Path
) -> None:
    """All steps, one after the other, in a single run. ``scripts/prove`` takes a fresh run for each."""
    with ground.lent("one", "two") as hosts:
        plan = counter(tmp_path, ground, *hosts)
        killed = [step for step in fine.steps if kill(plan, plan.start("run"), step, moment, fine.seconds[step])]
        assert goes_on(plan)[1] == []
        assert len(killed) >= len(fine.steps) * 2 // 3  # some end together with others, before their turn to be killed
        assert differences(fine, *hosts) == []


@pytest.mark.parametrize("moment", Moment)
@pytest.mark.parametrize("share", range(SHARES))
def test_a_sample_of_what_scripts_prove_does(
    share: int, moment: Moment, fine: Undisturbed, ground: Ground, tmp_path: Path
) -> None:
    step = fine.steps[share * len(fine.steps) // SHARES]
    assert trial(tmp_path, ground, fine, step, moment).problems == ()


def test_the_comparison_can_fail(fine: Undisturbed, ground: Ground, tmp_path: Path) -> None:
    with ground.lent("one", "two") as (one, two):
        assert counter(tmp_path, ground, one, two).golive("run").exit == 0
        assert differences(fine, one, two) == []
        one.sh("chmod 600 /opt/counter/bin/count; systemctl stop counter")
        two.sh("tail -n 1 /srv/counter/log >> /srv/counter/log")
        keys = {line.split(" ")[0].rstrip(":") for line in differences(fine, one, two)}
        assert keys == {"one:/opt/counter/bin/count", "one", "two", "ran"}
        assert len(ran_twice(one, two)) == 1
