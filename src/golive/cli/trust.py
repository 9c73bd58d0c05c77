"""First trust in hosts, as an explicit step: keys are shown, compared by a person, and only then written down."""

from collections.abc import Iterator
from pathlib import Path

import typer

from golive.cli.words import printable
from golive.errors import HostError, HostKeyRefused, UsageError
from golive.graph.site import SiteScope
from golive.kinds.interface import HostRef
from golive.plan.plan import Loaded
from golive.run.fleet import Fleet
from golive.run.project import Project
from golive.words import several


async def trust_hosts(loaded: Loaded, plan: Path, site: str | None, yes: bool) -> None:
    """Shows the keys of hosts that are not known and writes those that the person trusts.

    Raises UsageError for a site that is not in the plan, and HostError of the first host that cannot be asked.
    """
    if site and site not in loaded.plan.sites:
        raise UsageError(f"there is no site {site}", f"sites: {', '.join(loaded.plan.sites)}")
    project = Project(plan)
    fleet = Fleet(loaded.plan.access, project.folder, project.known_hosts)
    for scope, host in _hosts(loaded, site):
        await _trust(scope, host, fleet, project.known_hosts, yes)


def take_from(source: Path, plan: Path) -> str:
    """Adds the keys of a known_hosts file to the project's; returns a sentence. Raises UsageError."""
    try:
        lines = source.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{source} cannot be read: {error}", "name a known_hosts file") from error
    known_hosts = Project(plan).known_hosts
    known_hosts.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    there = known_hosts.read_text(encoding="utf-8").splitlines() if known_hosts.exists() else []
    fresh = [line for line in lines if line.strip() and line not in there]
    known_hosts.write_text("".join(f"{line}\n" for line in (*there, *fresh)), encoding="utf-8")
    return f"{several(len(fresh), 'key')} taken from {source}"


def _hosts(loaded: Loaded, site: str | None) -> Iterator[tuple[SiteScope, HostRef]]:
    for name in loaded.plan.sites:
        if site in (None, name):
            scope = SiteScope(loaded, name)
            yield from ((scope, host) for role in scope.peers for host in scope.hosts(role))


async def _trust(scope: SiteScope, host: HostRef, fleet: Fleet, known_hosts: Path, yes: bool) -> None:
    from golive.hosts.keys import offered_keys
    from golive.hosts.ssh import SshHost

    name, target = f"{scope.name}/{host.name}", fleet.target(f"{scope.name}/{host.name}", scope.place(host))
    connection = SshHost(target)
    try:
        await connection.run(":")
        typer.echo(f"{name}: known already")
        return
    except HostKeyRefused:
        typer.echo(f"{name} at {target.where} offers:")
    except HostError as error:
        typer.echo(printable(f"{name}: {error.message}"), err=True)
        raise
    finally:
        await connection.close()
    keys = await offered_keys(target)
    for key in keys:
        typer.echo(f"  {key.fingerprint}  {key.algorithm}")
    if not yes and not typer.confirm("Is that what the host's own console or its owner says?"):
        typer.echo(f"{name}: not trusted")
        return
    known_hosts.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    where = f"[{host.address}]:{target.port}" if target.port not in (None, 22) else host.address
    with known_hosts.open("a", encoding="utf-8") as file:
        file.writelines(f"{where} {key.line}\n" for key in keys)
    typer.echo(f"{name}: trusted")
