"""Fetches secrets where the plan says they come from. Called when a step is dispatched, never before."""

import os
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from golive.errors import GoliveError
from golive.plan.secret import SecretSource
from golive.secret import Secret, Secrets


class SecretMissing(GoliveError):
    """A secret cannot be had where the plan says it comes from."""


def fetch(name: str, source: SecretSource, folder: Path) -> Secret:
    """One secret.

    Args:
        name: its name.
        source: where it comes from.
        folder: the plan's folder, where paths and commands begin.

    Raises SecretMissing; neither the message nor the hint holds any of the value.
    """
    if source.env is not None:
        value = os.environ.get(source.env)
        if value is None:
            raise SecretMissing(f"secret {name}: the environment has no {source.env}", f"set it: export {source.env}=…")
        return Secret(name, value)
    if source.file is not None:
        try:
            return Secret(
                name, (folder / Path(source.file).expanduser()).read_text(encoding="utf-8").removesuffix("\n")
            )
        except (OSError, UnicodeDecodeError) as error:
            raise SecretMissing(f"secret {name}: {source.file} cannot be read", "see secrets: in the plan") from error
    command = list(source.command or ())
    try:
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=True
        )
        return Secret(name, done.stdout.decode().split("\n", 1)[0])
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError) as error:
        raise SecretMissing(f"secret {name}: the command {command[0]} failed", "run it by hand to see why") from error


class Vault:
    """Fetches each secret once in a run, and takes known values out of whatever is about to be written down."""

    def __init__(self, sources: dict[str, SecretSource], folder: Path) -> None:
        self._sources, self._folder = sources, folder
        self._held: dict[str, Secret] = {}

    def take(self, names: Iterable[str]) -> Secrets:
        """The secrets of these names. Raises SecretMissing."""
        for name in names:
            if name not in self._sources:
                raise SecretMissing(
                    f"secret {name}: the plan does not say where it comes from", "see secrets: in the plan"
                )
            if name not in self._held:
                self._held[name] = fetch(name, self._sources[name], self._folder)
        return {name: self._held[name] for name in names}

    def redact(self, text: bytes) -> bytes:
        """The text without the values that were fetched so far. Values of under four bytes would redact too much."""
        values = ((name, secret.reveal().encode()) for name, secret in self._held.items())
        for name, value in sorted(values, key=lambda held: len(held[1]), reverse=True):  # one may hold another
            if len(value) >= 4:
                text = text.replace(value, f"‹secret {name}›".encode())
        return text

    def redacted(self, output: Callable[[bytes], None]) -> Callable[[bytes], None]:
        """Wraps ``output`` so that it gets whole lines only, redacted: a value that arrives in two pieces is found."""
        held = bytearray()

        def take(piece: bytes) -> None:
            held.extend(piece)
            whole, newline, rest = bytes(held).rpartition(b"\n")
            held[:] = rest
            if newline:
                output(self.redact(whole + newline))

        return take
