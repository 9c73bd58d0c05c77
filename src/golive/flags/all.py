"""All flags: the thirteen gates that would have stopped famous failures, and the three yellow flags."""

from golive.flags.attestations import Attestations
from golive.flags.back_out import BackOutExecutable
from golive.flags.coverage import ScenarioCoverage
from golive.flags.covered import BackupCoversChange
from golive.flags.figures import FiguresReconcile
from golive.flags.flag import Flag
from golive.flags.fleet import FleetComplete
from golive.flags.guard import RuntimeGuard
from golive.flags.history import PastIssues
from golive.flags.load import LoadHeadroom
from golive.flags.restore import RestoreProven
from golive.flags.schedule import ScheduleSane
from golive.flags.skills import SkillsFloor, SkillsGone
from golive.flags.trials import SkippedStage
from golive.flags.twins import TwinsEqual
from golive.flags.untested import UntestedScenarios

GATES: tuple[Flag, ...] = (
    FleetComplete(),
    TwinsEqual(),
    LoadHeadroom(),
    ScenarioCoverage(),
    SkippedStage(),
    SkillsFloor(),
    RestoreProven(),
    BackupCoversChange(),
    BackOutExecutable(),
    FiguresReconcile(),
    Attestations(),
    ScheduleSane(),
    RuntimeGuard(),
)
"""The gates: a finding is a no-go."""

YELLOW: tuple[Flag, ...] = (SkillsGone(), PastIssues(), UntestedScenarios())
"""The yellow flags: a finding is a warning."""

FLAGS: tuple[Flag, ...] = (*GATES, *YELLOW)
