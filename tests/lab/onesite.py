"""The example cut down to one site and one application host, for tests that need no more than four hosts."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML


def edit(file: Path, change: Callable[[Any], object]) -> None:
    yaml: Any = YAML()
    document = yaml.load(file)
    change(document)
    yaml.dump(document, file)


def keep_one_site(folder: Path, site: str) -> None:
    """Takes the other sites and the second application host out of the plan: the test needs no more than four hosts."""
    for file in (folder / "sites").glob("*.yaml"):
        if file.stem != site:
            file.unlink()
    edit(folder / "golive.yaml", lambda plan: plan.pop("waves"))
    edit(folder / "people.yaml", lambda plan: plan["people"].pop("kenji"))
    for file, section in ((folder / "lab.yaml", "hosts"), (folder / "existing" / "golive.yaml", "sites")):
        edit(file, partial(keep_names, section=section, site=site))
    edit(folder / "sites" / f"{site}.yaml", lambda plan: plan["hosts"].pop("app-2"))
    edit(folder / "lab.yaml", lambda plan: plan["hosts"].pop(f"{site}-app-2"))
    shutil.rmtree(folder / ".golive", ignore_errors=True)


def keep_names(plan: Any, section: str, site: str) -> None:
    for name in [name for name in plan[section] if not name.startswith(site)]:
        del plan[section][name]
