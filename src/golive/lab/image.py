"""Base images: a minimal Debian with systemd and sshd, made once by mmdebstrap and shared by all hosts of its suite.

An image lies in ``KEY-N``: the key is the digest of what it is made from, N counts rebuilds, the highest is used.
It is built aside and renamed, so a directory of that name is always whole; a lock for each key keeps builders apart.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from golive.digest import digest
from golive.errors import GoliveError
from golive.lab import mounts
from golive.lab.outer import Mirrors
from golive.lab.shell import last_line, stream

RECIPE_VERSION = 1
"""To be raised when what is done below changes, so that older images are not taken for new ones."""

INCLUDED = ("systemd", "systemd-sysv", "dbus", "openssh-server")

FETCH = "-qq -y -o APT::Install-Recommends=true --download-only"
"""apt-get's options; mmdebstrap's own configuration would leave out what a host's apt-get will want."""

MASKED = (
    # Would hold apt's lock at moments that nobody chose.
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "fstrim.timer",
    # No console is looked at, and nothing needs to wait for the network.
    "console-getty.service",
    "getty@tty1.service",
    "systemd-networkd-wait-online.service",
)


@dataclass(frozen=True)
class Recipe:
    """All that an image is made from."""

    suite: str
    packages: tuple[str, ...]
    mirrors: Mirrors

    @property
    def key(self) -> str:
        """The image's name, from the digest of its inputs."""
        inputs = [
            RECIPE_VERSION,
            self.suite,
            sorted(set(self.packages)),
            self.mirrors.as_json(),
            INCLUDED,
            FETCH,
            MASKED,
        ]
        return f"{self.suite}-{digest(inputs)[:12]}"

    def argv(self, target: Path) -> list[str]:
        """The mmdebstrap command. apt's lists stay, so that hosts install without an update."""
        options = ["--mode=root", "--format=directory", "--variant=minbase", f"--include={','.join(INCLUDED)}"]
        options += ["--skip=cleanup/apt/lists,cleanup/apt/cache", "--dpkgopt=force-unsafe-io"]
        hooks = ['chroot "$1" apt-get clean']
        # One by one: asked for all together, apt could settle alternatives otherwise than for one package alone.
        hooks += [f'chroot "$1" apt-get install {FETCH} {name}' for name in sorted(set(self.packages))]
        options += [f"--customize-hook={hook}" for hook in hooks]
        return ["mmdebstrap", *options, self.suite, str(target), *self.mirrors.sources(self.suite)]


def find(images: Path, key: str) -> Path | None:
    """The newest whole image with the key."""
    numbered = [(int(path.name.rpartition("-")[2]), path) for path in _of_key(images, key)]
    return max(numbered)[1] if numbered else None


def ensure(images: Path, recipe: Recipe, say: Callable[[str], None], *, rebuild: bool = False) -> Path:
    """The image of the recipe; built when there is none, or when a fresh one is wanted."""
    images.mkdir(parents=True, exist_ok=True)
    with _builder(images, recipe.key, say) as lock:
        before = find(images, recipe.key)
        if before is not None and not rebuild:
            return before
        number = int(before.name.rpartition("-")[2]) + 1 if before else 1
        made = _build(images, recipe, number, say, lock)
        _forget_unused(images, recipe.key, made)
        return made


def _build(images: Path, recipe: Recipe, number: int, say: Callable[[str], None], lock: int) -> Path:
    target = images / f".building-{recipe.key}"
    _remove(target)  # what an interrupted build has left
    log = images / f"{recipe.key}.log"
    say(f"image {recipe.suite}: building, once; the log is {log}")
    try:
        _bootstrap(recipe, target, log, say, lock)
        _finish(target)
        return target.rename(images / f"{recipe.key}-{number}")
    finally:
        _remove(target)


def _bootstrap(recipe: Recipe, target: Path, log: Path, say: Callable[[str], None], lock: int) -> None:
    def heard(line: str) -> None:
        if step := _in_short(line):
            say(f"image {recipe.suite}: {step}")

    env = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    if code := stream(recipe.argv(target), log, heard, env, keep_open=lock):
        raise GoliveError(
            f"the {recipe.suite} image could not be built: mmdebstrap ended with {code}: {_reason(log.read_text())}",
            f"read {log}; can {recipe.mirrors.main} be reached, are all packages in {recipe.suite}?",
        )


def _reason(log: str) -> str:
    """apt's own complaint if there is one; mmdebstrap's last words say only that a hook failed."""
    complaints = [line for line in log.splitlines() if re.match(r"(E|W): ", line)]
    return complaints[0] if complaints else last_line(log)


def _in_short(line: str) -> str | None:
    """A line of mmdebstrap's as a step of the work, or None when it says nothing to a person."""
    if match := re.search(r"--download-only (\S+)'", line):
        return f"downloading {match[1]} and what it needs"
    match = re.match(r"I: ((running apt-get|downloading|extracting|installing|success).*)", line)
    return match[1] if match else None


def _finish(root: Path) -> None:
    """What makes twins too equal goes, what is useless in a lab is masked, networkd comes up."""
    for path in [*root.glob("etc/ssh/ssh_host_*"), root / "etc/hostname", root / "etc/resolv.conf"]:
        path.unlink(missing_ok=True)
    for name in ("etc/machine-id", "var/lib/dbus/machine-id", "var/lib/systemd/random-seed"):
        (root / name).unlink(missing_ok=True)
    if (root / "var/lib/dbus").is_dir():
        (root / "var/lib/dbus/machine-id").symlink_to("/etc/machine-id")
    units = root / "etc/systemd/system"
    for unit in MASKED:
        (units / unit).unlink(missing_ok=True)
        (units / unit).symlink_to("/dev/null")
    wanted = units / "multi-user.target.wants"
    wanted.mkdir(parents=True, exist_ok=True)
    (wanted / "systemd-networkd.service").symlink_to("/lib/systemd/system/systemd-networkd.service")


def _forget_unused(images: Path, key: str, newest: Path) -> None:
    for path in _of_key(images, key):
        if path != newest and not mounts.is_lower_layer(path):
            _remove(path)


def _of_key(images: Path, key: str) -> list[Path]:
    return [path for path in images.glob(f"{key}-*") if re.fullmatch(rf"{re.escape(key)}-\d+", path.name)]


def _remove(path: Path) -> None:
    if path.exists():
        mounts.unmount_tree(path)  # a killed mmdebstrap leaves /proc, /sys and /dev mounted
        shutil.rmtree(path)


@contextmanager
def _builder(images: Path, key: str, say: Callable[[str], None]) -> Generator[int]:
    with (images / f".{key}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"image {key}: another golive is building it; waiting")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()
