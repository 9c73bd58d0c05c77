"""The reference plan, with two sites, and edits of it."""

import tempfile
from pathlib import Path

from golive.graph.compile import compile_plan
from golive.graph.graph import Graph
from golive.kinds.registry import kinds
from golive.plan import docs
from golive.plan.load import load

from ..plan.plans import write
from ..plan.test_reference import HELPERS

_OSAKA = """\
  osaka:
    hosts:
      app-1: {address: 192.0.2.31, role: app}
      db-1: {address: 192.0.2.33, role: db}
      door-1: {address: 192.0.2.34, role: door}
      old-1: {address: 192.0.2.35, role: old}

# The order of the sites"""
TWO_SITES = (
    docs.reference()
    .replace("\n# The order of the sites", _OSAKA)
    .replace("sites: [lyon] # that", "sites: [lyon, osaka] # that")
)
"""Lyon, the pilot, then Osaka."""


def changed(*edits: tuple[str, str], text: str = TWO_SITES) -> str:
    """The plan with these texts replaced, each of which stands in it exactly once."""
    for old, new in edits:
        assert text.count(old) == 1, f"{old} stands {text.count(old)} times in the plan"
        text = text.replace(old, new)
    return text


def compiled(text: str = TWO_SITES, without: frozenset[str] = frozenset()) -> Graph:
    """The graph of a plan in one file."""
    with tempfile.TemporaryDirectory() as folder:
        return compile_plan(load(write(Path(folder), {"golive.yaml": text, **HELPERS}), kinds()), kinds(), without)
