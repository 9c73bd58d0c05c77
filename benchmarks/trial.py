"""One trial: hosts are altered behind every tool's back, a tool runs as a whole process, and what it did is proven."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import tools
from benchmarks.desired import Altered, Desired
from benchmarks.hosts import Ground
from benchmarks.peers import Address, proof
from benchmarks.process import Failed, Spent
from benchmarks.tools import Tool
from golive.run.journal import Journal
from golive.run.project import Project


class Trial:
    """Tools side by side on the same hosts with one desired state.

    Args:
        ground: where the hosts are.
        folder: an own one; what is in it is removed.
        desired: the state.
        hosts: the hosts, by their names in the lab.
        reached: where the tools reach them, in the same order; by default directly.
    """

    def __init__(
        self,
        ground: Ground,
        folder: Path,
        desired: Desired,
        hosts: Sequence[Address],
        reached: Sequence[Address] | None = None,
    ) -> None:
        self._ground, self._folder, self._desired, self._hosts = ground, folder, desired, hosts
        self._reached = reached or hosts
        shutil.rmtree(folder, ignore_errors=True)

    def prepare(self) -> None:
        """Brings the hosts to the desired state, by the bare script."""
        self._ground.everywhere(self._hosts, lambda _: self._desired.preparation())
        self._run(tools.BARE)
        self._prove(tools.BARE)

    def altered(self, tool: Tool, seed: int) -> Spent:
        """A run after one resource on each host was altered. Raises Failed when anything else was reported or done."""
        picked = self._desired.pick([host.name for host in self._hosts], seed)
        self._ground.everywhere(self._hosts, lambda host: picked[host].how)
        spent = self._run(tool)
        self._prove(tool)
        if tool is tools.GOLIVE:
            self._reported(picked)
        return spent

    def removed(self, tool: Tool) -> Spent:
        """A run with everything to do but the packages. Raises Failed."""
        self._ground.everywhere(self._hosts, lambda _: self._desired.removal())
        spent = self._run(tool)
        self._prove(tool)
        return spent

    def _run(self, tool: Tool) -> Spent:
        folder = self._folder / tool.name
        if not folder.exists():
            tools.write(folder, tool.files(self._desired, self._reached, self._ground.key))
            if tool is tools.GOLIVE:
                tools.write(folder / ".golive", {"known_hosts": self._ground.known_hosts(self._reached, self._hosts)})
        return tool.run(folder)

    def _prove(self, tool: Tool) -> None:
        """The hosts say whether all is as it should be; no tool is asked."""
        said = self._ground.everywhere(self._hosts, lambda _: f"exec 2>&1\n{proof(self._desired)}")
        if left := {host: text.split("\n") for host, text in said.items() if text}:
            raise Failed(f"after {tool.name}, not as it should be: {left}")

    def _reported(self, picked: Mapping[str, Altered]) -> None:
        reported = changed(self._folder / tools.GOLIVE.name)
        wanted = {f"lab/{host}": [one.title] for host, one in picked.items()}
        if reported != wanted:
            raise Failed(f"golive reported as changed {reported}, and altered was {wanted}")


def changed(folder: Path) -> Mapping[str, Sequence[str]]:
    """By host, what golive's journal says it changed in the latest run at a folder."""
    store = Project(folder).store()
    state = Journal(store, store.runs()[-1]).state
    ended = [(attempt.step, attempt.ended) for attempt in state.attempts.values() if "/converge@" in attempt.step]
    store.close()
    return {
        f"{step.split('/')[0]}/{step.rpartition('@')[2]}": list(end.evidence.get("changed", ()))
        for step, end in ended
        if end is not None
    }
