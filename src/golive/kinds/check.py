"""Checks: a page answers, a port is open, a command succeeds."""

from typing import ClassVar

from pydantic import Field

from golive.kinds.interface import Check, HostRef
from golive.model import Duration, Shell
from golive.resources.sh import code, quote, word


def in_url(host: HostRef) -> str:
    """The host's address as it stands in a URL: IPv6 in brackets."""
    return f"[{host.address}]" if ":" in host.address else host.address


class Http(Check):
    """A page answers with the expected status and text."""

    kind: ClassVar[str] = "http"
    http: str = Field(
        pattern=r"^https?://(\{\{.*?\}\}|\S)+$", description="URL; `{host}` is the address of the host that is checked."
    )
    status: int = Field(200, ge=100, le=599, description="Expected status code.")
    contains: str | None = Field(None, description="Text that the page must contain.")

    def packages(self) -> tuple[str, ...]:
        return ("curl", "ca-certificates")

    def sentence(self) -> str:
        return f"{self.http} answers {self.status}" + (f" and contains “{self.contains}”" if self.contains else "")

    def probe(self, host: HostRef) -> str:
        url = word(self.http.replace("{host}", in_url(host)))
        return (
            f"page=$(curl -gsS -m 10 -w '\\n%{{http_code}}' {url}) || return 1\n"
            f"got=${{page##*\n}}\n"
            f'[ "$got" = {self.status} ] || {{ echo "expected {self.status}, got $got from "{url}; return 1; }}'
            + (self._contains(self.contains) if self.contains else "")
        )

    @staticmethod
    def _contains(text: str) -> str:
        lacks = word(f"the page lacks “{text}”")
        return f"\ncase ${{page%????}} in *{word(text)}*) ;; *) echo {lacks}; return 1 ;; esac"


class Tcp(Check):
    """A port accepts connections."""

    kind: ClassVar[str] = "tcp"
    tcp: int = Field(ge=1, le=65535, description="Port on the host that is checked.")

    def packages(self) -> tuple[str, ...]:
        return ("curl",)

    def sentence(self) -> str:
        return f"port {self.tcp} accepts connections"

    def probe(self, host: HostRef) -> str:
        where = quote(f"telnet://{in_url(host)}:{self.tcp}")
        return (
            f"[ \"$(curl -gs -o /dev/null -m 2 -w '%{{num_connects}}' {where} </dev/null)\" = 1 ] || "
            f"{{ echo 'no answer on port {self.tcp} of '{quote(host.address)}; return 1; }}"
        )


class CommandCheck(Check):
    """A command succeeds."""

    kind: ClassVar[str] = "command"
    command: Shell = Field(description="POSIX shell text that exits 0 when all is well.")

    def sentence(self) -> str:
        return f"the command succeeds: {self.command.strip()}"

    def probe(self, host: HostRef) -> str:
        return code(self.command).strip()


def until_it_holds(body: str, within: Duration) -> str:
    """The body of a script that tries a probe until it holds, and fails with its last words when time is over."""
    return (
        f"probe() {{\n{body}\n}}\n"
        f"deadline=$(($(date +%s) + {int(within)}))\n"
        "until said=$(probe 2>&1); do\n"
        f'  if [ "$(date +%s)" -ge "$deadline" ]; then echo "not healthy within {int(within)} s: $said"; exit 1; fi\n'
        "  sleep 1\n"
        "done\n"
    )
