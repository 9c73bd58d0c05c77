"""The command line: what a person types, and the composition root.

Nothing but Typer is imported before a command needs it: ``golive --help`` answers at once.
"""

import sys
from typing import Annotated

import typer

from golive import __version__
from golive.cli import define, lab, look, people, run, watch
from golive.cli.words import printable
from golive.errors import Exit, GoliveError

_CODES = "; ".join(f"{int(code)} {code.meaning}" for code in Exit)

app = typer.Typer(
    name="golive",
    help=f"{__import__('golive').__doc__}\n\nExit codes: {_CODES}.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=True,
)
for module in (define, look, run, watch, people):
    module.register(app)
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


def main() -> None:
    """Runs a command and ends with its exit code. An expected error is one line and a hint; a defect leaves a file."""
    try:
        app()
    except GoliveError as error:
        _tell(error)
        sys.exit(int(error.exit))
    except KeyboardInterrupt:
        sys.exit(int(Exit.INTERRUPTED))
    except BrokenPipeError:
        sys.exit(int(Exit.DONE))
    except Exception as error:  # noqa: BLE001  a defect: the person gets one line, we get the traceback
        _tell_defect(error)
        sys.exit(int(Exit.FAILED))


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
    main()
