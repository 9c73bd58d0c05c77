"""Proves that a party's login works, or that it is refused, by a new connection with that key alone."""

from dataclasses import replace

from golive.errors import HostUnreachable
from golive.journal.events import Outcome
from golive.run.executors.interface import Job, Result, Unwitnessed
from golive.run.fleet import Fleet, connect_by_ssh


class LoginExecutor(Unwitnessed):
    """The executor of the kind ``login``. One attempt to log in, since refused ones are held against their source."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    async def execute(self, job: Job) -> Result:
        """Tries the login."""
        from golive.hosts.ssh import login_works

        step, party = job.step, job.action.inputs["party"]
        assert step.place is not None and step.host is not None, "held by the compiler"
        target = self._fleet.target(step.lane, step.place, party)
        if "user" in job.action.inputs:  # the very login that golive used, which need not be the plan's general one
            target = replace(target, user=job.action.inputs["user"])
        await job.started()
        try:
            works = await login_works(target)
        except HostUnreachable as error:
            return Result(Outcome.UNREACHABLE, f"{error.message}; {error.hint}")
        if works is not job.action.inputs["expect"]:
            said = "works, and must not" if works else "is refused, and must work"
            return Result(Outcome.FAILED, f"the {party} login as {target.user} {said}")
        if works:
            host = connect_by_ssh(target)
            try:
                await host.open()  # as root: a login that is not root must have its sudo
            finally:
                await host.close()
        return Result(Outcome.DONE, f"the {party} login as {target.user} {'works' if works else 'is refused'}", 0)
