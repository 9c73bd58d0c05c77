"""The lock file: which files make up each component's artifact, with digest and size. Written by ``golive gather``."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from golive.artifacts.gather import gather_wheels
from golive.kinds.artifact import Wheels
from golive.plan.files import LOCK
from golive.plan.plan import Plan
from golive.words import several


async def gather_all(plan: Plan, folder: Path, store: Path) -> list[str]:
    """Gathers the wheels of every component and writes the lock; returns lines that say what was gathered.

    Args:
        plan: the plan.
        folder: its folder, where the lock goes.
        store: where gathered files go, by component.
    """
    lock: dict[str, Any] = {}
    lines: list[str] = []
    async for name, entry in _entries(plan, store):
        lock[name] = entry
        size = sum(file["size"] for file in entry["files"])
        lines.append(f"{name}: {several(len(entry['files']), 'wheel')}, {size / 1e6:.1f} MB")
    (folder / LOCK).write_text(json.dumps(lock, indent=1) + "\n", encoding="utf-8")
    return [*lines, f"wrote {folder / LOCK}"]


async def _entries(plan: Plan, store: Path) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    for name, component in plan.components.items():
        if isinstance(component.artifact, Wheels):
            wheels = component.artifact
            pins, files = await gather_wheels(wheels, store / name)
            entry = {"wheels": list(wheels.wheels), "python": wheels.python, "pins": pins}
            yield name, entry | {"files": [file.model_dump() for file in files]}
