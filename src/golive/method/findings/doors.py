"""What a front door must be able to do, so that requests are held and not refused."""

from collections.abc import Iterator

from golive.method.findings.finding import Door, Finding, blocks, warns

OLDEST = (2, 4)
"""The first HAProxy whose Lua actions and runtime API are those that are used."""


def front_door(door: Door) -> Iterator[Finding]:
    """Findings about one HAProxy."""
    version = door.facts.get("version", "")
    if not version:
        yield blocks("door", door.host, "HAProxy is not installed", "name the host of the front door in switch:")
        return
    if tuple(map(int, version.split(".")[:2])) < OLDEST:
        yield blocks(
            "door-version", door.host, f"HAProxy {version} is older than {OLDEST[0]}.{OLDEST[1]}",
            "update it, days before, in a window of its own",
        )  # fmt: skip
    if door.facts.get("lua") != "yes":
        yield blocks(
            "door-lua", door.host, f"HAProxy {version} was built without Lua, by which requests are held",
            "use Debian's package, or build it with USE_LUA=1",
        )  # fmt: skip
    if door.facts.get("section") != "yes":
        yield blocks(
            "door-section", door.host, "the configuration has no section of the name that the plan gives",
            "name the frontend or backend as it stands there",
        )  # fmt: skip
    if door.facts.get("keeps") != "yes":
        yield warns(
            "door-idle", door.host, "a reload closes users' idle connections at once: a request that crosses that "
            "fails, unless its client tries again", "add `option idle-close-on-response` to the frontend, and reload, "
            "days before",
        )  # fmt: skip
    yield from _running(door)


def _running(door: Door) -> Iterator[Finding]:
    socket, workers = door.facts.get("socket", ""), int(door.facts.get("workers", "0") or 0)
    if not socket:
        yield blocks(
            "door-socket", door.host, "no stats socket has the level admin: servers cannot be changed while it runs",
            "add `stats socket /run/haproxy/admin.sock mode 660 level admin` to global, and reload",
        )  # fmt: skip
    elif not door.facts.get("answers"):
        yield blocks(
            "door-socket", door.host, f"nobody answers on {socket}", "see whether HAProxy runs, and with this file"
        )
    if workers > 1:
        yield warns(
            "door-old-workers", door.host, f"{workers - 1} workers of an earlier configuration still carry "
            "connections, and would not hold them: the step front-door waits for those, and refuses after ten minutes",
            "wait until their connections end, or set hard-stop-after",
        )  # fmt: skip
