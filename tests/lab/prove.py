"""The full kill matrix: ``golive run`` is killed at every step, at two moments, on fresh hosts each time.

Called by ``scripts/prove``. Prints a row for each kill as it is judged, then how many ended like the run that nobody
disturbed; exits 0 only if all did.
"""

import argparse
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from failing import Moment as FailingMoment
from ground import Ground
from killing import Moment, Trial, Undisturbed, trial, undisturbed


def main() -> int:
    """Runs the matrix; returns the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/prove", description=__doc__)
    parser.add_argument("--workers", type=int, default=2, help="kills at a time [2]")
    parser.add_argument("--rounds", type=int, default=1, help="how often the whole matrix is done [1]")
    parser.add_argument("--step", default="", help="only steps whose id contains this")
    parser.add_argument("--back-out", type=Path, metavar="FOLDER", help="the example fails at each position instead")
    parser.add_argument("--minutes", type=float, default=600, help="of --back-out: begin nothing after that [600]")
    parser.add_argument(
        "--moment", type=FailingMoment, action="append", help="of --back-out: before, middle or after [after]"
    )
    parser.add_argument("--down", action="store_true", help="of --back-out: take the hosts down in the end")
    parser.add_argument("--example", type=Path, metavar="FOLDER", help="golive is killed at each step of the example")
    parser.add_argument("--store", action="append", choices=("sqlite", "postgresql"), help="of --example [both]")
    options = parser.parse_args()
    if options.example:
        from whole import prove

        return prove(options.example, options.store or ("sqlite", "postgresql"))
    if options.back_out:
        return back_out(options)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="golive-prove-", dir="/var/tmp") as folder:
        ground = Ground(Path(folder))
        try:
            trials = matrix(Path(folder), ground, options.workers, options.rounds, options.step)
        finally:
            ground.close()
    equal = [made for made in trials if not made.problems]
    print(f"\n{len(equal)} of {len(trials)} equal; {time.monotonic() - began:.0f} s")
    return 0 if trials and len(equal) == len(trials) else 1


def back_out(options: argparse.Namespace) -> int:
    """The example fails at each position; what was judged before in the same folder is not done again."""
    from positions import Proof, prove

    moments = options.moment or [FailingMoment.AFTER]
    exit = prove(options.back_out, options.minutes * 60, moments, options.step)
    if options.down:
        Proof(options.back_out).demo.lab.down()
    return exit


def matrix(folder: Path, ground: Ground, workers: int, rounds: int, wanted: str) -> list[Trial]:
    """All kills, some at a time."""
    fine = undisturbed(folder / "undisturbed", ground)
    cells = [(step, moment) for _ in range(rounds) for step in fine.steps if wanted in step for moment in Moment]
    width = max(len(step) for step in fine.steps)
    print(f"undisturbed: {len(fine.steps)} steps in {fine.took:.1f} s; {len(cells)} kills to come\n")
    print(f"{'step':<{width}}  {'killed':<13}  {'runs':>4}  {'seconds':>7}  end")

    def one(number: int) -> Trial:
        step, moment = cells[number]
        made = judged(folder / f"trial-{number}", ground, fine, step, moment)
        end = "equal" if not made.problems else "; ".join(made.problems)
        print(f"{step:<{width}}  {moment:<13}  {made.runs:>4}  {made.seconds:>7.1f}  {end}", flush=True)
        return made

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(one, range(len(cells))))


def judged(folder: Path, ground: Ground, fine: Undisturbed, step: str, moment: Moment) -> Trial:
    """One trial; what breaks in it is a trial that failed, and the others go on."""
    try:
        return trial(folder, ground, fine, step, moment)
    except Exception as error:  # noqa: BLE001  one that breaks must not hide the others
        return Trial(step, moment, 0.0, 0, (f"the trial itself broke: {error!r}",))


if __name__ == "__main__":
    sys.exit(main())
