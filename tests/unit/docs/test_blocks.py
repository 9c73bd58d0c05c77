"""YAML blocks of the pages are loaded; console blocks can be read. The reader of pages is tested here too."""

from pathlib import Path
from typing import Any, cast

import pytest
from docs_blocks import Block, Command, commands, matches, page, pages, read
from ruamel.yaml import YAML

from golive.kinds.registry import kinds
from golive.lab import load_spec
from golive.plan.load import PlanError, load

STARTER = Path(load.__code__.co_filename).with_name("starter.yaml")
YAML_READER: Any = YAML(typ="safe")
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHhlcmUgc3RhbmRzIGEga2V5IG9mIG5vYm9keSE= nobody"

YAML_BLOCKS = [block for path in pages() for block in page(path).blocks if block.language == "yaml"]
CONSOLE_BLOCKS = [block for path in pages() for block in page(path).blocks if block.language == "console"]


def load_block(block: Block, folder: Path) -> None:
    """Loads a block as what it is. Raises AssertionError when it is nothing that can be told."""
    if block.mark == "lab file":
        folder.joinpath("lab.yaml").write_text(block.text, encoding="utf-8")
        load_spec(folder / "lab.yaml")
        return
    read_as = YAML_READER.load(block.text)
    assert isinstance(read_as, dict), f"{block.id}: no mapping"
    data = cast("dict[str, Any]", read_as)
    if block.mark == "fragment":
        data = {**YAML_READER.load(STARTER), **data}
    assert "golive" in data, f"{block.id}: no plan; mark it <!-- fragment --> or <!-- lab file -->"
    file = folder / "golive.yaml"
    if block.mark == "fragment":
        YAML_READER.dump(data, file)
    else:
        file.write_text(block.text, encoding="utf-8")
    load_with_stand_ins(file)


def made_up(name: str) -> str:
    """What a file holds; each key is another one."""
    return KEY.replace("AAAAI", f"AAAAI{name.encode().hex()}") if name.endswith(".pub") else ""


def load_with_stand_ins(file: Path) -> None:
    """Loads a plan; files that it names are made up, and wheels need no lock."""
    try:
        load(file, kinds(), locked=False)
    except PlanError as error:
        missing = [problem.message.split(" cannot be read")[0].split()[-1] for problem in error.problems]
        if not all("cannot be read" in problem.message for problem in error.problems):
            raise AssertionError("\n".join(str(problem) for problem in error.problems)) from error
        for name in missing:
            file.parent.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
            file.parent.joinpath(name).write_text(made_up(name), encoding="utf-8")
        load(file, kinds(), locked=False)


@pytest.mark.parametrize("block", YAML_BLOCKS, ids=[block.id for block in YAML_BLOCKS])
def test_a_yaml_block_loads(block: Block, tmp_path: Path) -> None:
    load_block(block, tmp_path)


@pytest.mark.parametrize("block", CONSOLE_BLOCKS, ids=[block.id for block in CONSOLE_BLOCKS])
def test_a_console_block_has_commands(block: Block) -> None:
    assert commands(block)


def made(text: str, mark: str = "") -> Block:
    return Block("page.md", 1, "yaml", mark, text)


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (made("golive: 1\nsolution: {name: a, version: '1'}\nsite: {}\n"), "did you mean sites"),
        (made("secrets: {a: {env: A, file: b}}\n", "fragment"), "one of env, file and command"),
        (made("secrets: {a: {env: A}}\n"), "mark it"),
    ],
)
def test_a_wrong_block_is_found_out(block: Block, said: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=said):
        load_block(block, tmp_path)


PAGE = """# One, two (three)

<!-- fragment -->

```yaml
a: 1
```
See [there](other.md#part) and `golive run --wait`, not `[this](x)`.

```console
$ golive check  # exit 2
golive: 1 mistake
$ true
```
"""


def test_a_page_is_taken_apart() -> None:
    parts = read(PAGE, "page.md")
    assert parts.blocks[0] == Block("page.md", 6, "yaml", "fragment", "a: 1\n")
    assert list(parts.links) == [(8, "other.md#part")]
    assert (8, "golive run --wait") in parts.spans
    assert parts.anchors == {"one-two-three"}
    assert commands(parts.blocks[1]) == [
        Command(11, "golive check  # exit 2", 2, "golive: 1 mistake\n"),
        Command(13, "true", 0, ""),
    ]


def test_a_block_that_does_not_end_is_told() -> None:
    with pytest.raises(ValueError, match=r"page\.md:1: the block does not end"):
        read("```yaml\na: 1\n", "page.md")


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("done 2 of 5\n", "done 12 of 5\n", True),
        ("took 27 s (planned 2 min 0 s)\n", "took 1 min 3 s (planned 5.0 s)\n", True),
        ("ok 1, changed 3\n", "changed 4\n", True),
        ("one\n…\nlast\n", "one\ntwo\nthree\nlast\n", True),
        ("one\n…\nlast\n", "one\nlast\n", True),
        ("one\nlast\n", "one\ntwo\nlast\n", False),
        ("sure? [y/N]: y\ntrusted\n", "sure? [y/N]: trusted\n", True),
        ("done\n", "failed\n", False),
        ("", "something\n", False),
    ],
)
def test_output_is_compared_but_for_numbers(expected: str, printed: str, same: bool) -> None:
    assert matches(expected, printed) is same
