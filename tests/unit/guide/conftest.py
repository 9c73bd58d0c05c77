"""The plan of a small rollout, whole and with parts taken out."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from golive.graph.compile import compile_plan
from golive.graph.graph import Graph
from golive.kinds.registry import kinds
from golive.plan.load import load
from golive.plan.plan import Loaded

PLAN = Path(__file__).parent / "plan"
Compile = Callable[[Path], tuple[Loaded, Graph]]


def compiled(path: Path) -> tuple[Loaded, Graph]:
    loaded = load(path, kinds())
    return loaded, compile_plan(loaded, kinds())


@pytest.fixture(scope="session")
def rollout() -> tuple[Loaded, Graph]:
    return compiled(PLAN)


@pytest.fixture
def compile_at() -> Compile:
    return compiled


@pytest.fixture(scope="session", name="compiled")
def _compiled() -> Compile:
    return compiled


@pytest.fixture
def plan_copy(tmp_path: Path) -> Path:
    return shutil.copytree(PLAN, tmp_path / "plan")
