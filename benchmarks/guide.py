"""How long guide and judgement of a whole rollout take: HTML and PDF for up to 50 sites, flags for up to 200."""

import gc
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.figures import Figure, seconds

SIZES = (50, 100, 200)
TIMES = 5
SOUND = Path(__file__).parents[1] / "tests" / "unit" / "flags" / "sound"
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


GUIDES = (12, 25, 50)


def measure() -> list[Figure]:
    """In a process that has imported what it needs."""
    return [*_measure_guide(), *_measure_flags()]


def _measure_guide() -> list[Figure]:
    """From the plan's files to HTML and PDF: loading, compiling, writing."""
    _guide(2)  # imports, fonts
    parts = {size: _guide(size) for size in GUIDES}
    took = {size: sum(wall for wall, _ in parts[size].values()) for size in GUIDES}
    cpu = {size: sum(spent for _, spent in parts[size].values()) for size in GUIDES}
    small, middle, large = GUIDES
    growth = (cpu[large] - cpu[middle]) / (large - middle) / ((cpu[middle] - cpu[small]) / (middle - small))
    limits = {large: 20.0}
    return [
        *(Figure(f"guide for {size} sites, HTML and PDF", took[size], "s", limits.get(size)) for size in GUIDES),
        *(Figure(f"guide for {large} sites, {name}", wall, "s") for name, (wall, _) in parts[large].items()),
        *(Figure(f"guide for {size} sites, CPU", cpu[size], "s") for size in GUIDES),
        Figure(f"guide: CPU of one more site, {middle} to {large} beside {small} to {middle}", growth, "x", 1.5),
    ]


def _guide(sites: int) -> dict[str, tuple[float, float]]:
    """Seconds, and seconds of CPU, of each part."""
    from golive.cli.papers import fonts
    from golive.graph.compile import compile_plan
    from golive.guide.guide import guide
    from golive.guide.writers.html import html
    from golive.guide.writers.pdf import pdf
    from golive.kinds.registry import kinds
    from golive.plan.load import load

    found = dict[str, tuple[float, float]]()

    def timed(name: str, action: Callable[[], Any]) -> Any:
        clocks, held = (time.perf_counter(), time.process_time()), action()
        found[name] = (time.perf_counter() - clocks[0], time.process_time() - clocks[1])
        return held

    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), sites)
        loaded = timed("load", lambda: load(Path(folder), kinds()))
        graph = timed("compile", lambda: compile_plan(loaded, kinds()))
        document = timed("chapters and pictures", lambda: guide(loaded, graph))
        page, paper = timed("HTML", lambda: html(document)), timed("PDF", lambda: pdf(document, fonts()))
    assert f"site-{sites - 1}/deploy/" in page
    assert paper.startswith(b"%PDF")
    return found


def _measure_flags() -> list[Figure]:
    """Flags; the plan is loaded and compiled before."""
    took, cpu = dict[int, float](), dict[int, float]()
    for size in SIZES:
        took[size], cpu[size] = _flags(size)
    growth = (cpu[200] - cpu[100]) / (cpu[100] - cpu[50]) / 2
    return [
        *(Figure(f"flags for {size} sites", took[size], "s", 3.0 if size == 200 else None) for size in SIZES),
        *(Figure(f"flags for {size} sites, CPU", cpu[size], "s") for size in SIZES),
        Figure("flags: CPU of one more site, 100 to 200 beside 50 to 100", growth, "x", 1.5),
    ]


def _flags(sites: int) -> tuple[float, float]:
    """The median seconds, and the least seconds of CPU, which others on the machine disturb less."""
    from golive.flags.all import FLAGS
    from golive.flags.facts import Facts
    from golive.flags.flag import judge
    from golive.graph.compile import compile_plan
    from golive.kinds.registry import kinds
    from golive.plan.load import load
    from golive.run.flagged import gathered

    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), sites)
        loaded = load(Path(folder), kinds())
        facts = gathered(loaded, compile_plan(loaded, kinds()), Path(folder), None, NOW)

    def once() -> None:
        fresh = Facts(**{name: getattr(facts, name) for name in Facts.__dataclass_fields__})  # nothing is cached
        judged = judge(FLAGS, fresh)
        assert all(one.claimed for one in judged)

    gc.collect()
    once()
    walls, cpus = list[float](), list[float]()
    for _ in range(TIMES):
        began = time.process_time()
        walls.append(seconds(once))
        cpus.append(time.process_time() - began)
    return median(walls), min(cpus)


def write(folder: Path, sites: int) -> None:
    """Writes the sound plan of the tests with so many sites, half of them like Lyon and half like Osaka."""
    import shutil

    from ruamel.yaml import YAML

    shutil.copytree(SOUND, folder, dirs_exist_ok=True)
    yaml: Any = YAML(typ="safe")
    plan: Any = yaml.load((folder / "golive.yaml").read_text(encoding="utf-8"))
    models = [plan["sites"]["lyon"], plan["sites"]["osaka"]]
    plan["sites"], lines = {}, ["site,host,component,version,sha256"]
    for number in range(sites):
        model, name = models[number % 2], f"site-{number}"
        hosts = {host: of | {"address": f"10.{number}.{of['address'][8:]}"} for host, of in model["hosts"].items()}
        plan["sites"][name] = model | {"hosts": hosts}
        roles = {"app": "pages", "db": "schema"}
        lines += [f"{name},{host},{roles[of['role']]},2.1," for host, of in hosts.items() if of["role"] in roles]
    for wave, part in zip(plan["waves"], (0, 1), strict=True):
        wave["sites"] = [f"site-{number}" for number in range(sites) if number % 2 == part]
    for milestone in plan["milestones"]:
        milestone.pop("site", None)
    plan["evidence"]["twins"] = [{"hosts": [f"site-{number}/app-1" for number in range(sites)]}]
    (folder / "evidence" / "fleet.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with (folder / "golive.yaml").open("w", encoding="utf-8") as stream:
        yaml.dump(plan, stream)
