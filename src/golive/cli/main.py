"""The command line: what a person types, and the composition root.

Nothing but Typer is imported before a command needs it: ``golive --help`` answers at once.
"""

import gc
import os
import sys
from contextlib import suppress
from typing import Annotated, NoReturn

import typer

from golive import __version__
from golive.cli import (
    amend,
    calendar,
    cutover,
    define,
    flags,
    gates,
    journal,
    lab,
    look,
    mend,
    needs,
    people,
    recover,
    run,
    watch,
    worker,
)
from golive.cli.chapters import Chapters
from golive.cli.words import printable
from golive.errors import Exit, GoliveError

_CODES = "; ".join(f"{int(code)} {code.meaning}" for code in Exit)

app = typer.Typer(
    name="golive",
    cls=Chapters,
    help=f"{__import__('golive').__doc__}\n\nExit codes: {_CODES}.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=True,
)
for module in (define, calendar, flags, needs, look, cutover, run, amend, recover, worker, mend, watch, gates, people):
    module.register(app)
app.add_typer(journal.app, name="journal")
app.add_typer(lab.app, name="lab")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"golive {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which.")] = False,
) -> None:  # pyright: ignore[reportUnusedFunction]
    """Takes server software live at client sites: planned, rehearsed, executed, reversible, handed over."""


def command() -> NoReturn:
    """The process that a person starts: ``main``, at its start and at its end without what only takes time."""
    gc.set_threshold(50_000, 20, 50)  # what is imported stays, and need not be searched for garbage again and again
    code = _exit_code()
    with suppress(BrokenPipeError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)  # everything is written and closed: thousands of objects need not be taken apart


def main() -> NoReturn:
    """Runs a command and ends with its exit code. An expected error is one line and a hint; a defect leaves a file."""
    sys.exit(_exit_code())


def _exit_code() -> int:
    try:
        app()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except GoliveError as error:
        _tell(error)
        return int(error.exit)
    except KeyboardInterrupt:
        return int(Exit.INTERRUPTED)
    except BrokenPipeError:
        return int(Exit.DONE)
    except Exception as error:  # noqa: BLE001  a defect: the person gets one line, we get the traceback
        _tell_defect(error)
        return int(Exit.FAILED)
    return int(Exit.DONE)


def _tell(error: GoliveError) -> None:
    for problem in getattr(error, "problems", ()):
        typer.echo(printable(str(problem)), err=True)
    typer.echo(printable(f"golive: {error.message}"), err=True)
    if error.hint:
        typer.echo(printable(f"    hint: {error.hint}"), err=True)


def _tell_defect(error: Exception) -> None:
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", prefix="golive-", suffix=".traceback", delete=False) as file:
        file.write("".join(traceback.format_exception(error)))
    typer.echo(f"golive: a defect of golive: {error!r}", err=True)
    typer.echo(f"    hint: please report it, with {file.name}", err=True)


if __name__ == "__main__":
    command()
