"""Begins a run: its graph goes into the store, the keys that may sign are pinned."""

import socket

from golive import __version__
from golive.graph.graph import Graph
from golive.journal.events import RunStarted
from golive.plan.plan import Loaded
from golive.run.journal import Journal
from golive.run.lock import who
from golive.run.project import Project, new_run
from golive.run.store import Store


def begin(project: Project, store: Store, loaded: Loaded, graph: Graph) -> Journal:
    """A new run of this graph."""
    digest = store.save_graph(graph)
    run = new_run(store, graph.solution)
    signers = {name: loaded.files[person.key].strip() for name, person in loaded.plan.people.items() if person.key}
    journal = Journal(store, run)
    machine, project_id = socket.gethostname(), project.id(store)
    journal.append(RunStarted(run, project_id, digest, who(), machine, __version__, signers, loaded.written))
    return journal
