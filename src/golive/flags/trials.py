"""Gate 5, skipped stage: a pilot, parallel run or rehearsal that was planned takes place, or is dropped in the open."""

from collections.abc import Iterator
from typing import ClassVar

from golive.flags.facts import Facts
from golive.flags.flag import Flag
from golive.gates.rule import Finding
from golive.plan.evidence import Trial, TrialState
from golive.words import several


class SkippedStage(Flag):
    """What was planned to prove the rollout is not dropped silently."""

    id = "skipped-stage"
    title = "Skipped stage"
    explanation = (
        "A pilot, a parallel run or a rehearsal that was planned was done with this version; where it was dropped, the "
        "impact was assessed, and somebody independent of its owner signed"
    )
    lesson = "Phoenix pay, 2016: the pilot was cancelled to keep the date; 80 000 people were paid wrongly."
    evidence: ClassVar[tuple[str, ...]] = ("evidence.trials",)

    def claimed(self, facts: Facts) -> bool:
        return bool(facts.plan.evidence.trials)

    def holds(self, facts: Facts) -> str:
        trials = facts.plan.evidence.trials
        done = sum(1 for trial in trials if trial.state is TrialState.DONE)
        return f"{done} of {several(len(trials), 'trial')} done, none of them skipped"

    def judge(self, facts: Facts) -> Iterator[Finding]:
        for index, trial in enumerate(facts.plan.evidence.trials):
            path = f"evidence.trials[{index}]"
            match trial.state:
                case TrialState.DROPPED:
                    yield from self._dropped(facts, trial, path)
                case TrialState.PLANNED:
                    yield from self._late(facts, trial, path)
                case TrialState.DONE:
                    yield from self._done(facts, trial, path)

    def _dropped(self, facts: Facts, trial: Trial, path: str) -> Iterator[Finding]:
        what, at = f"{_what(trial)} was dropped", f"{path}.state"
        remedy = "do it, or assess what its loss means and let somebody independent sign that"
        if missing := facts.missing(trial.impact):
            yield self.found(facts, at, f"{what}, and its impact is not assessed: {missing}", remedy, trial.name)
        if why := facts.is_signed(trial.signed):
            yield self.found(facts, at, f"{what}, and {why}", remedy, trial.name)
        elif trial.signed and (tie := _tie(facts, trial.signed.by, trial.owner)):
            said = f"{what}, and {trial.signed.by}, who signed, is not independent: {tie}"
            yield self.found(facts, at, said, "let somebody else sign", trial.name)

    def _late(self, facts: Facts, trial: Trial, path: str) -> Iterator[Finding]:
        what = _what(trial)
        if trial.day is None:
            yield self.found(facts, path, f"{what} is planned for no day", "add day:", trial.name)
        elif trial.day < facts.today:
            said = f"{what} was due on {trial.day} and is not done"
            yield self.found(facts, f"{path}.day", said, "do it, or say `dropped`, with what that needs", trial.name)

    def _done(self, facts: Facts, trial: Trial, path: str) -> Iterator[Finding]:
        what = _what(trial)
        if trial.version != (version := facts.plan.solution.version):
            said = f"{what} was done with {trial.version or 'an unknown version'}, {version} goes live"
            yield self.found(facts, f"{path}.version" if trial.version else path, said, "do it again", trial.name)
        if trial.evidence and (why := facts.missing(trial.evidence)):
            yield self.found(facts, f"{path}.evidence", f"{what}: {why}", "keep what was seen", trial.name)


def _what(trial: Trial) -> str:
    return f"the {trial.kind.replace('-', ' ')} “{trial.name}”"


def _tie(facts: Facts, signer: str, owner: str | None) -> str:
    """What ties a signer to what is signed; empty: nothing."""
    person = facts.plan.people.get(signer)
    if person is None:
        return "nobody of that name is in people"
    if signer == owner:
        return "it is its owner"
    installs = sorted({*person.roles} & {*facts.plan.flags.installers})
    return f"as {installs[0]} the same person installs" if installs else ""
