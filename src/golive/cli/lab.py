"""golive lab: throw-away Debian hosts on this machine, to try a plan on."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from golive.lab import Lab, LabHost

app = typer.Typer(help="Throw-away Debian hosts on this machine, to try a plan on.", no_args_is_help=True)

LabFile = Annotated[Path, typer.Argument(metavar="FILE", help="The lab file (YAML).")]
Host = Annotated[str, typer.Argument(metavar="HOST", help="A host's name in the lab.")]


@app.command()
def up(
    file: LabFile,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Build the base images anew, for hosts made now.")] = False,
) -> None:
    """Boot every host of the file that is not up, and wait until each answers."""
    from golive.lab import load_spec

    lab = _lab()
    hosts = lab.up(load_spec(file), rebuild=rebuild)
    _table(hosts)
    typer.echo(f"\nLog in:  golive lab ssh {hosts[0].name}   or   ssh -F {lab.ssh_config} {hosts[0].name}")
    typer.echo(f"Key:     {lab.key}\nTrusted: {lab.known_hosts}")


@app.command()
def down(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Remove the hosts of this lab file.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Remove every host of the lab.")] = False,
) -> None:
    """End and remove hosts, with all that is on them."""
    from golive.errors import UsageError
    from golive.lab import load_spec

    if (file is None) != everything:
        raise UsageError("say what to take down: a lab file, or --all", "golive lab down --all")
    gone = _lab().down(None if file is None else load_spec(file))
    typer.echo(f"removed: {', '.join(gone)}" if gone else "there was nothing to remove")


@app.command("list")
def list_(
    output: Annotated[str, typer.Option("--format", metavar="table|json", help="How to print it.")] = "table",
) -> None:
    """Show the hosts of the lab and their state."""
    from golive.errors import UsageError

    if output not in ("table", "json"):
        raise UsageError(f"--format {output} is not known", "use table or json")
    hosts = _lab().hosts()
    if output == "json":
        import dataclasses
        import json

        typer.echo(json.dumps([dataclasses.asdict(host) for host in hosts], indent=2))
    elif hosts:
        _table(hosts)
    else:
        typer.echo("no hosts; bring some up: golive lab up FILE")


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "allow_interspersed_args": False}
)
def ssh(context: typer.Context, host: Host) -> None:
    """Log in to a host, or run a COMMAND there: golive lab ssh HOST [COMMAND...]."""
    import os

    argv = _lab().ssh_argv(host, context.args)
    os.execvp(argv[0], argv)


@app.command()
def cut(
    host: Host,
    peer: Annotated[
        str | None, typer.Option("--from", metavar="internet|here|all|HOST", help="What to cut it off from [internet].")
    ] = None,
    restore: Annotated[bool, typer.Option("--restore", help="Lift this cut, or all of the host's.")] = False,
) -> None:
    """Cut a host off from the internet, from this machine (here), from all, or from another host."""
    lab = _lab()
    if restore:
        lab.restore(host, peer)
    else:
        lab.cut(host, peer or "internet")
    left = next((one.cut_from for one in lab.hosts() if one.name == host), ())
    typer.echo(f"{host} is cut off from {', '.join(left)}" if left else f"{host} is not cut off")


@app.command()
def limit(
    host: Host,
    rate: Annotated[str | None, typer.Argument(metavar="[RATE]", help="For example 512kbit, 2mbit.")] = None,
    none: Annotated[bool, typer.Option("--none", help="Lift the limit.")] = False,
) -> None:
    """Limit a host's bandwidth, in both directions."""
    from golive.errors import UsageError

    if (rate is None) != none:
        raise UsageError("give a rate, or --none", f"golive lab limit {host} 2mbit")
    _lab().limit(host, rate)
    typer.echo(f"{host} has no limit" if rate is None else f"{host} is limited to {rate}")


@app.command()
def reboot(host: Host) -> None:
    """Power-cycle a host: its processes end without warning, its files stay."""
    _lab().reboot(host)
    typer.echo(f"{host} is up again")


def _lab() -> "Lab":
    from golive.lab import Lab

    return Lab(say=lambda line: typer.echo(line, err=True))


def _table(hosts: "Iterable[LabHost]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "address", "suite", "state", "remarks", box=None, pad_edge=False)
    for host in hosts:
        table.add_row(host.name, host.address, host.suite, host.state, _remarks(host))
    Console().print(table)


def _remarks(host: "LabHost") -> str:
    parts = [f"disk {host.disk}"] if host.disk else []
    parts += [f"limit {host.limit}"] if host.limit else []
    return ", ".join([*parts, *(f"cut from {peer}" for peer in host.cut_from)])
