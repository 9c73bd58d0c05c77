"""Made-up steps that wait and do nothing, what carries them out, and plans of any size."""

import asyncio

from golive.graph.graph import Graph, ordered
from golive.graph.rollout import Limits, Rollout
from golive.graph.step import Action, Stage, Step
from golive.journal.events import Outcome, RunStarted
from golive.run.executors.interface import Job, Result
from golive.run.journal import Journal
from golive.run.store import Store

RUN, PROJECT = "bench-1", "project"


class Sleeps:
    """An executor that waits as long as the step says, and does nothing."""

    async def execute(self, job: Job) -> Result:
        """Waits."""
        await job.started()
        await asyncio.sleep(float(job.action.inputs["seconds"]))
        return Result(Outcome.DONE)

    async def resolve(self, job: Job) -> Result:
        """Nothing is to be found out."""
        return Result(Outcome.INTERRUPTED)


def steps(count: int, seconds: float, chain: bool) -> Graph:
    """Steps that wait, at sites of ten hosts: all ready at once, or one behind the other."""
    made: list[Step] = []
    for n in range(count):
        site, action = f"site-{n // 10}", Action("script", {"seconds": seconds})
        needs = (made[-1].id,) if chain and made else ()
        made.append(Step(f"{site}/deploy/s{n}", Stage.DEPLOY, "", action, site, f"h{n}", needs=needs))
    return Graph("bench", "1", ordered(made), rollout=Rollout(limits=Limits(total=count)))


def begun(store: Store, graph: Graph) -> Journal:
    """A run that nobody drives yet."""
    store.add_run(RUN)
    journal = Journal(store, RUN)
    journal.append(RunStarted(RUN, PROJECT, store.save_graph(graph), "me", "here", "1"))
    return journal


def plan(sites: int, hosts: int = 4, components: int = 4) -> str:
    """A plan of ``hosts`` x (2 + 2 x ``components``) steps at each site: 40, as it stands."""
    parts = "".join(
        f"  c{n}:\n    on: app\n    install:\n"
        f'      - {{file: /etc/c{n}.conf, content: "at {{{{ site.name }}}}, {{{{ host.name }}}}"}}\n'
        f"      - {{directory: /srv/c{n}}}\n      - {{service: c{n}, restart_on: [/etc/c{n}.conf]}}\n"
        f'    check: {{http: "http://{{host}}:80{n}0/"}}\n'
        for n in range(components)
    )
    fleets = "".join(f"  s{site}: {{hosts: {{{_hosts(site, hosts)}}}}}\n" for site in range(sites))
    baseline = "    baseline:\n      - {package: nginx}\n      - {directory: /srv/app}\n      - {user: app}\n"
    return (
        f'golive: 1\nsolution: {{name: bench, version: "1"}}\nroles:\n  app:\n{baseline}'
        f"components:\n{parts}sites:\n{fleets}"
    )


def _hosts(site: int, count: int) -> str:
    return ", ".join(f"h{n}: {{address: 10.{site}.0.{n + 1}, role: app}}" for n in range(count))
