"""What a changed plan means for a run: which steps, evidence and decisions stay valid, and which do not. Pure.

Digests tell: a step's covers its inputs, a stage's its steps, a site's its stages. Where they are equal, nothing is
asked or done again; so a typo that is mended at one site leaves the signatures of the others as they are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from golive.graph.graph import Graph
from golive.graph.step import Stage, Step
from golive.reconcile.standing import is_done
from golive.reconcile.state import State, Status
from golive.words import several


@dataclass(frozen=True)
class Amendment:
    """The difference between the revision that runs and the one to be, in the light of what was done."""

    old: Graph
    new: Graph
    state: State
    golive: str = ""
    """Which golive wrote the revision to be."""

    @cached_property
    def stays(self) -> tuple[Step, ...]:
        """Steps and decisions that are done and stay so."""
        return tuple(step for step in self.new.steps if self._was(step) and is_done(step, self.new, self.state))

    @cached_property
    def stale(self) -> tuple[Step, ...]:
        """Steps that are done under other inputs, and are done again; decisions that are void, and are asked again."""
        return tuple(step for step in self.new.steps if self._was(step) and step not in self.stays)

    @cached_property
    def asked_again(self) -> tuple[Step, ...]:
        """Questions that wait for an answer and were about another scope."""
        return tuple(
            step
            for step in self.new.steps
            if self.state.step(step.id).status is Status.WAITING and self._scope_changed(step)
        )

    def _was(self, step: Step) -> bool:
        return step.id in self.old.by_id and is_done(self.old.by_id[step.id], self.old, self.state)

    def _scope_changed(self, step: Step) -> bool:
        scope = step.site or "-"
        return self.old.digests.get(scope) != self.new.digests.get(scope)

    def lines(self) -> Iterator[str]:
        """The difference for a person: what is the same at each site, then each step that is not, then the sums."""
        for scope in dict.fromkeys(step.site or "-" for step in (*self.new.steps, *self.old.steps)):
            yield from self._scope(scope)
        same = sum(1 for step in self.new.steps if _same(step, self.old))
        yield f"= {same} of {len(self.new.steps)} steps are as before"
        yield f"= {len(self.stays)} that are done stay done, with their evidence; {len(self.stale)} do not"
        yield from self._other_golive()

    def _other_golive(self) -> Iterator[str]:
        """Another golive may write steps in another way, which nobody sees in the plan."""
        before = self.state.golive
        if self.stale and before and self.golive and before != self.golive:
            yield f"! golive {before} wrote revision {self.state.revision}, and golive {self.golive} may write the same"
            yield f"  steps in another way: to have only your edit done, amend with golive {before}"

    def _scope(self, scope: str) -> Iterator[str]:
        name = "the whole rollout" if scope == "-" else scope
        if self.old.digests.get(scope) == self.new.digests.get(scope):
            signed = [step for step in self.stays if (step.site or "-") == scope and step.do.kind == "decision"]
            kept = ", ".join(f"{step.id} ({self.state.step(step.id).note})" for step in signed)
            yield f"= {name} is as before" + (f"; decisions stay valid: {kept}" if kept else "")
            yield from self._policies(scope)
            return
        yield from self._policies(scope)
        stages = [
            stage
            for stage in Stage
            if self.old.digests.get(f"{scope}/{stage}") != self.new.digests.get(f"{scope}/{stage}")
        ]
        yield f"~ {name} changes in {', '.join(stages)}"
        yield from (line for step in self.new.steps if (step.site or "-") == scope for line in self._step(step))
        yield from (
            line for step in self.old.steps if (step.site or "-") == scope for line in self._gone(step)
        )  # fmt: skip

    def _policies(self, scope: str) -> Iterator[str]:
        """What happens when steps fail is no part of their digests: what was done stays done."""
        changed = [
            step.id
            for step in self.new.steps
            if (step.site or "-") == scope
            and step.id in self.old.by_id
            and self.old.by_id[step.id].on_failure != step.on_failure
        ]
        if changed:
            said = f"on_failure of {several(len(changed), 'step')} changed, such as {changed[0]}"
            yield f"  ~ {said}; nothing is done again for that"

    def _step(self, step: Step) -> Iterator[str]:
        before = self.old.by_id.get(step.id)
        if step.do.kind == "decision" and step in (*self.stale, *self.asked_again):
            note = self.state.step(step.id).note
            yield f"  ! {step.id}: " + (
                f"the decision ({note}) is void: it was about another scope, and is asked again"
                if step in self.stale
                else "the question is about another scope now, and is asked again"
            )
        elif before is None:
            yield f"  + {step.id} is new"
        elif before.digest != step.digest:
            yield f"  ~ {step.id} changed{self._meaning(step)}"
        elif before.needs != step.needs:
            yield f"  ~ {step.id} needs other steps now"

    def _meaning(self, step: Step) -> str:
        held = self.state.step(step.id)
        if step in self.stale:
            return f": it is done (revision {held.revision}) and will be done again"
        if step in self.stays:
            return ": it is done, and stays so: the site is past its point of no return"
        if held.touched:
            return f": it was begun under revision {held.revision}, which is how it would be taken back"
        return ""

    def _gone(self, step: Step) -> Iterator[str]:
        if step.id not in self.new.by_id:
            yield f"  - {step.id} is gone" + (": what it did stays" if self.state.step(step.id).touched else "")


def _same(step: Step, old: Graph) -> bool:
    return step.id in old.by_id and old.by_id[step.id].digest == step.digest
