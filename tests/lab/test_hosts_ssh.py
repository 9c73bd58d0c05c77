"""The contract of Host and Witness over SSH, and what only SSH can do wrong. ``lab_host`` is a Target, login root."""

import asyncio
import socket
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "hosts"))

from hosts_contract import FIRST, HostContract, WitnessContract, directory, nowhere, running, until, witness

from golive.errors import HostKeyRefused, HostUnreachable, LoginRefused, UsageError
from golive.hosts.attempts import State
from golive.hosts.keys import offered_keys
from golive.hosts.shells import FAR
from golive.hosts.ssh import SshHost, Target, login_works


@pytest.fixture(params=(FAR, 0.0), ids=("near", "far"))
async def host(request: pytest.FixtureRequest, lab_host: Target) -> AsyncIterator[SshHost]:
    made = SshHost(lab_host, request.param)
    yield made
    await made.close()


@pytest.fixture
async def root(host: SshHost) -> AsyncIterator[str]:
    path = f"/var/tmp/golive-test-{uuid.uuid4().hex[:8]}"
    yield path
    await host.run(f"rm -rf {path} {path}.*")


def new_key(folder: Path, passphrase: str = "") -> Path:
    path = folder / "stranger"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", str(path)], check=True)
    return path


class TestSshHost(HostContract):
    async def test_one_connection_serves_all_commands(self, host: SshHost) -> None:
        ports = {(await host.run("echo $SSH_CONNECTION")).stdout for _ in range(3)}
        assert len(ports) == 1

    async def test_a_lost_connection_is_unreachable_and_the_next_command_opens_another(self, host: SshHost) -> None:
        with pytest.raises(HostUnreachable, match=r"connection to .* was lost"):
            await host.run("kill -9 $PPID; sleep 5")
        assert (await host.run("echo back")).stdout == b"back\n"


KILL_OTHERS = "sleep 0.5; for pid in $(pgrep -f 'IFS= read -r size'); do [ $pid = $$ ] || kill $pid; done; sleep 0.5"


async def test_far_away_the_next_shell_waits_already_and_may_be_gone(lab_host: Target) -> None:
    host = SshHost(lab_host, far=0.0)
    told = "echo ${size-none}"  # a shell that waited knows how long its command is
    try:
        assert [(await host.run(told)).stdout for _ in range(3)] == [b"none\n", b"17\n", b"17\n"]
        assert (await host.run(KILL_OTHERS)).exit == 0
        assert (await host.run(told)).stdout == b"none\n"
        assert (await host.run("cat >&2; exit 5", b"to the end")).stderr == b"to the end"
    finally:
        await host.close()


SUDOERS = {"free": "NOPASSWD: ALL", "asked": "ALL", "none": None}


@pytest.fixture(params=sorted(SUDOERS))
async def login(request: pytest.FixtureRequest, host: SshHost, lab_host: Target) -> AsyncIterator[tuple[str, Target]]:
    """A login that is not root, with root's key: sudo is free, asks for a password, or is not allowed at all."""
    user, rule = f"golive-{request.param}", SUDOERS[request.param]
    line = f"echo '{user} ALL=(ALL) {rule}' >/etc/sudoers.d/{user}; " if rule else ""
    await host.run(
        f"useradd -m -s /bin/sh {user}; {line}install -d -o {user} /home/{user}/.ssh; "
        f"install -o {user} -m 600 /root/.ssh/authorized_keys /home/{user}/.ssh/"
    )
    yield request.param, replace(lab_host, user=user)
    await host.run(f"rm -f /etc/sudoers.d/{user}; userdel -rf {user}")


async def test_a_login_that_is_not_root_uses_sudo_or_says_why_it_cannot(login: tuple[str, Target]) -> None:
    kind, target = login
    host = SshHost(target, far=0.0)
    try:
        if kind == "free":
            assert (await host.run("id -u; cat", b"'in'\n")).stdout == b"0\n'in'\n"
            path = f"/var/tmp/golive-test-{uuid.uuid4().hex[:8]}"
            report = await witness(host, path).execute(FIRST, "id -u; exit 4", {}, nowhere)
            assert (report.exit, report.output) == (4, b"0\n")
            await host.run(f"rm -rf {path}")
        else:
            with pytest.raises(LoginRefused, match=f"sudo does not make golive-{kind} root without a password") as no:
                await host.run("id -u")
            assert "NOPASSWD" in no.value.hint
    finally:
        await host.close()


async def test_a_way_over_another_host_is_taken(lab_host: Target) -> None:
    host = SshHost(replace(lab_host, jump=f"root@{lab_host.address}"))
    assert (await host.run("echo ${SSH_CONNECTION%% *}")).stdout.decode().strip() == lab_host.address
    await host.close()


async def test_an_unknown_key_is_refused_on_the_host_and_on_the_way(
    lab_host: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    unknown = replace(lab_host, known_hosts=())
    for target in (unknown, replace(unknown, jump=f"root@{lab_host.address}")):
        with pytest.raises(HostKeyRefused, match="is not known") as refused:
            await SshHost(target).run("true")
        assert "golive trust" in refused.value.hint


async def test_another_key_than_the_trusted_one_is_refused(
    lab_host: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    public = new_key(tmp_path).with_suffix(".pub").read_text()
    known = tmp_path / "known"
    known.write_text(f"{lab_host.address} {public}")
    with pytest.raises(HostKeyRefused, match="shows another key than the one that is trusted"):
        await SshHost(replace(lab_host, known_hosts=(known,))).run("true")


async def test_the_offered_key_is_the_one_that_is_trusted(lab_host: Target) -> None:
    [key] = await offered_keys(lab_host)
    assert key.line in "\n".join(path.read_text() for path in lab_host.known_hosts)
    assert key.algorithm == "ssh-ed25519"
    assert key.fingerprint.startswith("SHA256:")


async def test_a_login_works_with_its_key_and_not_with_a_strangers(lab_host: Target, tmp_path: Path) -> None:
    assert await login_works(lab_host)
    assert not await login_works(replace(lab_host, identity=(new_key(tmp_path),)))


async def test_a_login_that_could_not_be_tried_proves_nothing(lab_host: Target, tmp_path: Path) -> None:
    with pytest.raises(HostUnreachable):
        await login_works(replace(lab_host, port=1))
    with pytest.raises(UsageError, match="exactly one key, not 0"):
        await login_works(replace(lab_host, identity=()))


async def test_a_stranger_is_told_what_to_check(lab_host: Target, tmp_path: Path) -> None:
    with pytest.raises(LoginRefused, match="refuses the login as root"):
        await SshHost(replace(lab_host, identity=(new_key(tmp_path),))).run("true")


async def test_a_key_with_a_passphrase_asks_nobody(lab_host: Target, tmp_path: Path) -> None:
    path = new_key(tmp_path, "secret")
    with pytest.raises(LoginRefused, match="private key cannot be used") as refused:
        await SshHost(replace(lab_host, identity=(path,))).run("true")
    assert "ssh-add" in refused.value.hint


async def test_a_closed_port_and_a_wrong_name_are_unreachable(lab_host: Target) -> None:
    with pytest.raises(HostUnreachable, match="refuses connections"):
        await SshHost(replace(lab_host, port=1)).run("true")
    with pytest.raises(HostUnreachable, match="is no known name"):
        await SshHost(replace(lab_host, address="no-such-host.invalid")).run("true")


async def test_a_host_that_says_nothing_is_unreachable_in_time(lab_host: Target) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        target = replace(lab_host, address="127.0.0.1", port=silent.getsockname()[1], connect_timeout=1.0)
        with pytest.raises(HostUnreachable):
            await SshHost(target).run("true")


async def test_a_line_that_falls_silent_is_noticed(host: SshHost) -> None:
    """The session's sshd is stopped: its kernel still acknowledges, nobody answers. Noticed by keepalive alone."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    with pytest.raises(HostUnreachable):
        await host.run("(sleep 30; kill -CONT $PPID) >/dev/null 2>&1 & kill -STOP $PPID; sleep 60")
    assert loop.time() - begun < 20


class TestSshWitness(WitnessContract):
    async def test_a_script_survives_a_restart_of_sshd(self, host: SshHost, root: str) -> None:
        w = witness(host, root)
        async with running(w, host, root, "sleep 2; echo survived"):
            await host.run("systemctl restart ssh")
            await host.close()
            report = await w.follow(FIRST, 0, nowhere)
        assert (report.state, report.output) == (State.EXITED, b"survived\n")

    async def test_a_script_survives_the_end_of_its_session(self, host: SshHost, root: str) -> None:
        w = witness(host, root)
        task = asyncio.ensure_future(w.execute(FIRST, "sleep 2; echo survived", {}, nowhere))
        await until(host, f"test -s {directory(root)}/process")
        with pytest.raises(HostUnreachable):
            await host.run("kill -9 $PPID")
        with pytest.raises(HostUnreachable):
            await task
        report = await w.follow(FIRST, 0, nowhere)
        assert (report.state, report.output) == (State.EXITED, b"survived\n")


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[str], int]]:
    """How often asyncssh has said something since the test began."""
    asyncssh.set_log_level("DEBUG")
    asyncssh.set_debug_level(2)
    yield lambda words: sum(words in record.getMessage() for record in caplog.records)
    asyncssh.set_log_level("WARNING")
    asyncssh.set_debug_level(1)


async def test_a_key_that_was_named_logs_in_with_the_first_request(
    lab_host: Target, tmp_path: Path, heard: Callable[[str], int]
) -> None:
    assert await login_works(lab_host)
    assert (heard("Remaining auth methods"), heard("Trying public key auth")) == (0, 0)
    config = tmp_path / "config"
    config.write_text(f"IdentityFile {lab_host.identity[0]}\nIdentityAgent none\n")
    other = SshHost(replace(lab_host, identity=(), ssh_config=(config,)))
    await other.run("true")
    await other.close()
    assert (heard("Remaining auth methods"), heard("Trying public key auth")) == (1, 1)


async def test_a_refused_key_is_followed_by_the_next(lab_host: Target, tmp_path: Path) -> None:
    host = SshHost(replace(lab_host, identity=(new_key(tmp_path), *lab_host.identity)))
    assert (await host.run("echo in")).stdout == b"in\n"
    await host.close()
