"""The matrix of what may go wrong in a cutover by the protocol: ``scripts/prove cutover``.

Prints a row for each cell as it is judged; exits 0 only if every one ended as documented. The same hosts serve for one
cell after the other, since each ends with the way back, after which nothing of golive may be left.
"""

import argparse
import sys
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from crossing import Stage, stage
from ground import Ground
from matrix import CELLS, Cell, Judged, trial

from benchmarks.load import scene


def main() -> int:
    """Runs the matrix, or a part of it; returns the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/prove cutover", description=__doc__)
    parser.add_argument(
        "--cell", action="append", default=[], help="only cells whose name contains this; several may be"
    )
    parser.add_argument("--workers", type=int, default=1, help="cells at a time, each on three hosts [1]")
    parser.add_argument("--list", action="store_true", help="print the names of the cells")
    parser.add_argument("--logs", type=Path, help="a folder for what was said in cells that do not end as documented")
    options = parser.parse_args()
    cells = [cell for cell in CELLS if not options.cell or any(part in cell.name for part in options.cell)]
    if options.list:
        print("\n".join(cell.name for cell in cells))
        return 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="golive-prove-", dir="/var/tmp") as folder:
        ground = Ground(Path(folder), scene.PACKAGES)
        try:
            judged = matrix(ground, Path(folder), cells, options.workers, options.logs)
        finally:
            ground.close()
    fine = [one for one in judged if not one.problems]
    print(f"\n{len(fine)} of {len(judged)} as documented; {time.monotonic() - began:.0f} s")
    return 0 if judged and len(fine) == len(judged) else 1


def matrix(ground: Ground, folder: Path, cells: list[Cell], workers: int, logs: Path | None) -> list[Judged]:
    """All cells, some at a time."""
    width = max(len(cell.name) for cell in cells)
    print(f"{'cell':<{width}}  {'seconds':>7}  {'stall':>6}  {'failed':>6}  served meanwhile; end", flush=True)
    stages: SimpleQueue[Stage | None] = SimpleQueue()
    for _ in range(workers):
        stages.put(None)

    def one(cell: Cell) -> Judged:
        shop, fit = stages.get(), False
        try:
            try:
                shop = shop or stage(ground, Path(tempfile.mkdtemp(dir=folder)))
                made = trial(shop, cell)
            except Exception:  # noqa: BLE001  one that breaks must not hide the others
                made = Judged(cell, (f"the trial itself broke: {traceback.format_exc(limit=-3)}",), 0.0)
            end = "; ".join(made.problems) or "as documented"
            numbers = f"{made.seconds:>7.1f}  {made.stall:>6.1f}  {made.failed:>6}"
            print(f"{cell.name:<{width}}  {numbers}  {made.served}; {end}", flush=True)
            fit = shop is not None and not made.problems and made.reusable
            if shop is not None and not fit:
                if logs and made.problems:
                    logs.mkdir(parents=True, exist_ok=True)
                    (logs / f"{cell.name}.txt").write_text(shop.diary(), encoding="utf-8")
                shop.leave()
            return made
        finally:
            stages.put(shop if fit else None)  # the next one waits for it

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(one, cells))


if __name__ == "__main__":
    sys.exit(main())
