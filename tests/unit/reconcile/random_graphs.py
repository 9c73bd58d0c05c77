"""Random graphs: several sites, hosts and stages, decisions, points of no return, steps that are never run again."""

from dataclasses import replace
from random import Random

from golive.graph.graph import Graph, ordered
from golive.graph.rollout import Limits, Rollout, Wave
from golive.graph.step import Action, Rerun, Stage, Step

DAY = 86400
SITES = ("lyon", "oslo", "rome")


def random_graph(random: Random) -> Graph:
    """A graph of one to three sites in which needs run from later steps to earlier ones, sometimes across sites."""
    before = [_siteless(random, f"all/define/{n}", Stage.DEFINE, []) for n in range(random.randint(0, 2))]
    steps = list(before)
    for site in SITES[: random.randint(1, 3)]:
        steps += _site(random, site, steps)
    if random.random() < 0.3:
        steps.append(_siteless(random, "all/handover/report", Stage.HANDOVER, steps))
    return Graph("notes", "1", ordered(steps))


def random_rollout(random: Random) -> Graph:
    """A random graph with deliveries and units, in waves, with limits and perhaps a budget."""
    graph = random_graph(random)
    steps = tuple(_varied(random, step) for step in graph.steps)
    sites = [site for site in SITES if site in graph.of_site]
    cut = random.randint(0, len(sites))
    groups = [group for group in (sites[:cut], sites[cut:]) if group]
    waves = [Wave(f"w{n}", tuple(group), random.choice((0, 3600))) for n, group in enumerate(groups)]
    limits = Limits(random.randint(1, 4), random.randint(1, 3), 1)
    at = {site: Limits(site=1) for site in sites if random.random() < 0.2}
    return replace(graph, steps=steps, rollout=Rollout(tuple(waves), random.choice((None, 0, 1)), limits, at))


def _varied(random: Random, step: Step) -> Step:
    if step.do.kind == "sim" and step.stage is Stage.DEPLOY and random.random() < 0.3:
        step = replace(step, do=replace(step.do, kind="deliver"))
    in_unit = step.site and step.stage is Stage.DEPLOY and step.do.kind != "decision" and random.random() < 0.6
    return replace(step, unit="pair") if in_unit else step


def amended(graph: Graph, name: str, version: int) -> Graph:
    """The graph in which one step has other inputs."""
    steps = (_changed(step, version) if step.id == name else step for step in graph.steps)
    return replace(graph, steps=tuple(steps))


def _changed(step: Step, version: int) -> Step:
    return replace(step, do=replace(step.do, inputs={**step.do.inputs, "version": version}))


def _siteless(random: Random, name: str, stage: Stage, earlier: list[Step]) -> Step:
    return Step(name, stage, name, _action(random), needs=_some(random, earlier))


def _site(random: Random, site: str, earlier: list[Step]) -> list[Step]:
    stages = sorted(
        random.choices(list(Stage), weights=(0, 2, 4, 5, 2), k=random.randint(1, 7)), key=lambda stage: stage.order
    )
    made: list[Step] = []
    crossing = random.random() < 0.6
    for index, stage in enumerate(stages):
        needs = _some(random, made) + (_some(random, earlier)[:1] if random.random() < 0.2 else ())
        no_return = crossing and stage is Stage.CUTOVER and random.random() < 0.3
        made.append(_step(random, f"{site}/{stage}/{index}", site, stage, needs, no_return))
    return made


def _step(random: Random, name: str, site: str, stage: Stage, needs: tuple[str, ...], no_return: bool) -> Step:
    action = _action(random)
    on_host = action.kind == "sim" and random.random() < 0.8
    undo = Action("sim", {"undo": name}) if action.kind == "sim" and random.random() < 0.7 else None
    return Step(
        name,
        stage,
        name,
        action,
        site=site,
        host=random.choice(("one", "two")) if on_host else None,
        needs=needs,
        undo=undo,
        kept="" if undo else f"what {name} did",
        rerun=Rerun.NEVER if random.random() < 0.1 else Rerun.CONVERGES,
        no_return=no_return and action.kind == "sim",
        serves=bool(undo) and stage is Stage.CUTOVER and random.random() < 0.3,
    )


def _action(random: Random) -> Action:
    if random.random() < 0.15:
        return Action("decision", {"question": "may it?", "role": "owner", "valid_for": DAY})
    return Action("sim", {"version": 1})


def _some(random: Random, earlier: list[Step]) -> tuple[str, ...]:
    chosen = random.sample(earlier, min(len(earlier), random.choice((0, 1, 1, 2, 3))))
    return tuple(step.id for step in earlier if step in chosen)
