"""Good plans to start from, and what the tests do with them."""

from collections.abc import Mapping
from pathlib import Path

from golive.kinds.registry import kinds
from golive.plan.load import PlanError, load
from golive.plan.plan import Loaded

TEN_LINES = """\
golive: 1
solution: {name: notes, version: "2.1"}
roles:
  web:
    baseline:
      - package: nginx
      - service: nginx
components:
  site:
    on: web
    archive: dist/notes-2.1.tar.zst
    check: {http: "http://{host}/", status: 200}
sites:
  lyon: {hosts: {web-1: {address: 192.0.2.10, role: web}}}
"""


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Writes files below a folder and returns the folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def loaded(folder: Path, files: Mapping[str, str | bytes]) -> Loaded:
    """The plan that these files make up."""
    return load(write(folder, files), kinds())


def problems(folder: Path, file: str = "golive.yaml") -> list[str]:
    """The sentences about the plan in a folder, with file names as seen from there."""
    try:
        load(folder / file, kinds())
    except PlanError as error:
        return [str(problem).replace(f"{folder}/", "") for problem in error.problems]
    return []
