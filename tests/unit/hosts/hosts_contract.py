"""What every Host, and the Witness over it, has to do. The unit tests run it over LocalHost, the lab over SshHost.

A class that inherits these gives two fixtures: ``host`` (a Host) and ``root`` (a fresh directory's name on that host).
Everything is looked at and broken through ``host.run``, so that it works on any host.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from shlex import quote

import pytest

from golive.errors import EpochRefused, HostError
from golive.hosts.attempts import Attempt, Claim, State
from golive.hosts.framing import Place
from golive.hosts.interface import Host
from golive.hosts.witness import Witness
from golive.secret import Secret

ANNA = Claim(1, "anna@laptop")
FIRST = Attempt("notes", "run-a", 1, "lyon/deploy/api@app-1", "do", "d1")
ALL_BYTES = bytes(range(256)) * 300
POISON = "poison-7f3a-it's"


def witness(host: Host, root: str, claim: Claim = ANNA, lock_wait: int = 20, boot: str | None = None) -> Witness:
    place = Place(root, lock_wait)
    return Witness(host, claim, replace(place, boot_id_file=boot) if boot else place)


def nowhere(_piece: bytes) -> None:
    """Output that nobody wants."""


async def shell(host: Host, command: str) -> str:
    finished = await host.run(command)
    return finished.stdout.decode().strip()


async def until(host: Host, condition: str) -> None:
    """Wait until a shell condition holds on the host."""
    for _ in range(200):
        if (await host.run(condition)).exit == 0:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"never came true: {condition}")


def directory(root: str, attempt: Attempt = FIRST) -> str:
    return f"{root}/attempts/{attempt.project}/{attempt.directory}"


@contextlib.asynccontextmanager
async def running(w: Witness, host: Host, root: str, script: str, attempt: Attempt = FIRST) -> AsyncIterator[None]:
    """An attempt whose script has begun, and whose controller is killed when the block is entered."""
    task = asyncio.ensure_future(w.execute(attempt, script, {}, nowhere))
    await until(host, f"test -s {directory(root, attempt)}/process")
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    yield


async def ended(w: Witness, attempt: Attempt = FIRST) -> State:
    return (await w.follow(attempt, 0, nowhere)).state


class HostContract:
    async def test_gives_exit_code_and_both_outputs(self, host: Host) -> None:
        finished = await host.run("echo out; echo err >&2; exit 7")
        assert (finished.exit, finished.stdout, finished.stderr) == (7, b"out\n", b"err\n")

    async def test_every_byte_goes_through_untouched(self, host: Host) -> None:
        assert (await host.run("cat", ALL_BYTES)).stdout == ALL_BYTES

    async def test_stdin_may_come_in_pieces(self, host: Host) -> None:
        async def pieces() -> AsyncIterator[bytes]:
            for piece in (b"one ", b"two ", b"three"):
                yield piece

        assert (await host.run("cat", pieces())).stdout == b"one two three"

    async def test_output_is_passed_on_while_the_command_runs(self, host: Host) -> None:
        pieces: list[bytes] = []
        await host.run("echo a; sleep 0.3; echo b", on_stdout=pieces.append)
        assert pieces == [b"a\n", b"b\n"]

    async def test_a_command_need_not_read_its_input(self, host: Host) -> None:
        assert (await host.run("exec <&-; exit 3", b"x" * 3_000_000)).exit == 3

    async def test_a_source_of_stdin_that_fails_is_the_callers_error(self, host: Host) -> None:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"one"
            raise OSError(28, "disk full")

        with pytest.raises(OSError, match="disk full"):
            await host.run("cat", pieces())

    async def test_a_reader_of_output_that_fails_is_the_callers_error(self, host: Host) -> None:
        def full(_piece: bytes) -> None:
            raise OSError(28, "disk full")

        with pytest.raises(OSError, match="disk full"):
            await host.run("echo a; sleep 5", on_stdout=full)

    async def test_quotes_and_newlines_in_the_command_survive(self, host: Host) -> None:
        text = "a 'b' \"c\" $HOME `id` \\\n d"
        assert (await host.run(f"printf %s {quote(text)}")).stdout.decode() == text

    async def test_runs_with_root_rights(self, host: Host) -> None:
        assert await shell(host, "id -u") == "0"

    async def test_runs_several_commands_at_once(self, host: Host) -> None:
        finished = await asyncio.gather(*(host.run(f"sleep 0.1; echo {n}") for n in range(12)))
        assert [f.stdout for f in finished] == [b"%d\n" % n for n in range(12)]


class ExecuteContract:
    async def test_an_exit_code_and_all_output_come_back(self, host: Host, root: str) -> None:
        pieces: list[bytes] = []
        report = await witness(host, root).execute(FIRST, "echo out; echo err >&2; exit 7\n", {}, pieces.append)
        assert (report.state, report.exit, report.output) == (State.EXITED, 7, b"out\nerr\n")
        assert b"".join(pieces) == report.output
        assert report.started and report.ended and report.started <= report.ended
        assert not report.rebooted

    async def test_output_of_any_bytes_comes_back_as_written(self, host: Host, root: str) -> None:
        octal = "".join(f"\\{byte:03o}" for byte in range(256))
        script = f"i=0; while [ $i -lt 300 ]; do printf '{octal}'; i=$((i+1)); done"
        assert (await witness(host, root).execute(FIRST, script, {}, nowhere)).output == ALL_BYTES

    async def test_output_streams_while_the_script_runs(self, host: Host, root: str) -> None:
        seen: list[bytes] = []
        task = asyncio.ensure_future(witness(host, root).execute(FIRST, "echo a; sleep 3; echo b", {}, seen.append))
        await until(host, f"test -s {directory(root)}/output")
        await asyncio.sleep(0.6)
        assert seen == [b"a\n"]
        assert (await task).output == b"a\nb\n"

    async def test_a_large_script_and_a_large_secret_arrive_whole(self, host: Host, root: str) -> None:
        script = 'eval "$(cat)"\n' + "# filling\n" * 100_000 + 'printf %s "$GOLIVE_SECRET_big" | wc -c\n'
        secret = {"big": Secret("big", "é'" * 60_000)}
        assert (await witness(host, root).execute(FIRST, script, secret, nowhere)).output.strip() == b"180000"

    async def test_an_empty_script_succeeds(self, host: Host, root: str) -> None:
        assert (await witness(host, root).execute(FIRST, "", {}, nowhere)).exit == 0

    async def test_a_script_that_ignores_its_secrets_succeeds(self, host: Host, root: str) -> None:
        secret = {"big": Secret("big", "x" * 300_000)}
        report = await witness(host, root).execute(FIRST, "echo done", secret, nowhere)
        assert (report.exit, report.output) == (0, b"done\n")

    async def test_a_script_killed_by_a_signal_exited_with_128_and_its_number(self, host: Host, root: str) -> None:
        assert (await witness(host, root).execute(FIRST, "kill -9 $$", {}, nowhere)).exit == 137

    async def test_a_script_gets_a_common_umask_and_no_open_lock(self, host: Host, root: str) -> None:
        script = "umask; pwd; ls /proc/$$/fd"
        report = await witness(host, root).execute(FIRST, script, {}, nowhere)
        mask, where, *descriptors = report.output.decode().split()
        assert (mask, where) == ("0022", "/")
        assert not {"8", "9"} & set(descriptors)

    async def test_a_daemon_left_behind_holds_up_nothing(self, host: Host, root: str) -> None:
        w = witness(host, root)
        await w.execute(FIRST, "sleep 5 & echo left", {}, nowhere)
        second = await w.execute(replace(FIRST, number=2), "echo next", {}, nowhere)
        assert second.output == b"next\n"

    async def test_names_with_every_quote_reach_the_host_as_they_are(self, host: Host, root: str) -> None:
        odd = replace(FIRST, step="a 'b' \"c\" $(touch /tmp/x) é", digest="`id`$(id)'\"")
        assert (await witness(host, root).execute(odd, "true", {}, nowhere)).exit == 0
        assert (await shell(host, f"cat {directory(root)}/attempt")).splitlines() == [odd.digest, "do", odd.step]

    async def test_everything_on_the_host_is_for_root_only(self, host: Host, root: str) -> None:
        await witness(host, root).execute(FIRST, "true", {}, nowhere)
        assert await shell(host, f"find {root} -perm /077") == ""


class OnceContract:
    async def test_twice_at_the_same_time_runs_once_and_both_see_it(self, host: Host, root: str) -> None:
        script = f"echo ran >>{root}.count; sleep 0.5; echo done"
        w = witness(host, root)
        reports = await asyncio.gather(*(w.execute(FIRST, script, {}, nowhere) for _ in range(4)))
        assert [r.output for r in reports] == [b"done\n"] * 4
        assert await shell(host, f"cat {root}.count") == "ran"

    async def test_a_second_time_gives_what_the_first_left(self, host: Host, root: str) -> None:
        w = witness(host, root)
        first = await w.execute(FIRST, f"echo ran | tee -a {root}.count", {}, nowhere)
        assert await w.execute(FIRST, f"echo ran | tee -a {root}.count", {}, nowhere) == first
        assert await shell(host, f"cat {root}.count") == "ran"

    async def test_another_digest_under_the_same_name_is_refused(self, host: Host, root: str) -> None:
        w = witness(host, root)
        await w.execute(FIRST, "true", {}, nowhere)
        with pytest.raises(HostError, match=r"same attempt with other content \(digest d1\)"):
            await w.execute(replace(FIRST, digest="d2"), "true", {}, nowhere)

    async def test_scripts_of_one_host_run_one_after_the_other(self, host: Host, root: str) -> None:
        script = f"mkdir {root}.busy || exit 9; sleep 0.2; rmdir {root}.busy"
        w = witness(host, root)
        attempts = [replace(FIRST, number=n) for n in range(1, 5)]
        reports = await asyncio.gather(*(w.execute(a, script, {}, nowhere) for a in attempts))
        assert [r.exit for r in reports] == [0, 0, 0, 0]

    async def test_a_script_that_never_gets_its_turn_ends_with_75_and_says_who_runs(
        self, host: Host, root: str
    ) -> None:
        w = witness(host, root, lock_wait=1)
        async with running(w, host, root, "sleep 4"):
            report = await w.execute(replace(FIRST, number=2), "echo never", {}, nowhere)
        assert (report.exit, report.started) == (75, None)
        assert b"not started: run-a-00001 still runs on this host after 1 s" in report.output


class FenceContract:
    async def test_a_lower_epoch_is_refused_everywhere(self, host: Host, root: str) -> None:
        await witness(host, root, Claim(5, "bea@desk")).probe(FIRST)
        old = witness(host, root, Claim(4, "anna@laptop"))
        calls: list[Callable[[], object]] = [
            lambda: old.execute(FIRST, "true", {}, nowhere),
            lambda: old.probe(FIRST),
            lambda: old.follow(FIRST, 0, nowhere),
            lambda: old.remove([FIRST]),
        ]
        for call in calls:
            with pytest.raises(
                EpochRefused, match="notes belongs to bea@desk with epoch 5; this is anna@laptop with epoch 4"
            ):
                await call()  # type: ignore[misc]
        assert await shell(host, f"ls -A {root}/attempts/notes; ls {root}") == "attempts\nprojects"

    async def test_an_equal_epoch_of_another_holder_is_refused(self, host: Host, root: str) -> None:
        await witness(host, root, Claim(5, "bea@desk")).probe(FIRST)
        with pytest.raises(EpochRefused, match="belongs to bea@desk"):
            await witness(host, root, Claim(5, "anna@laptop")).probe(FIRST)

    async def test_a_higher_epoch_takes_over_and_is_remembered(self, host: Host, root: str) -> None:
        await witness(host, root, Claim(5, "bea@desk")).probe(FIRST)
        await witness(host, root, Claim(6, "anna@laptop")).probe(FIRST)
        assert await shell(host, f"cat {root}/projects/notes/epoch") == "6 anna@laptop"
        await witness(host, root, Claim(6, "anna@laptop")).probe(FIRST)

    async def test_projects_have_epochs_of_their_own(self, host: Host, root: str) -> None:
        await witness(host, root, Claim(5, "bea@desk")).probe(FIRST)
        assert (await witness(host, root).probe(replace(FIRST, project="other"))).state is State.ABSENT

    async def test_a_damaged_epoch_is_refused(self, host: Host, root: str) -> None:
        await witness(host, root).probe(FIRST)
        await host.run(f"echo x >{root}/projects/notes/epoch")
        with pytest.raises(HostError, match="epoch is damaged"):
            await witness(host, root).probe(FIRST)


class CrashContract:
    async def test_what_the_host_never_saw_is_absent(self, host: Host, root: str) -> None:
        w = witness(host, root)
        assert (await w.probe(FIRST)).state is State.ABSENT
        assert (await w.follow(FIRST, 10, nowhere)).state is State.ABSENT

    async def test_a_script_survives_its_controller(self, host: Host, root: str) -> None:
        w = witness(host, root)
        async with running(w, host, root, "echo a; sleep 1; echo b; exit 3"):
            assert (await w.probe(FIRST)).state is State.RUNNING
            pieces: list[bytes] = []
            report = await w.follow(FIRST, 2, pieces.append)
        assert (report.state, report.exit, report.output) == (State.EXITED, 3, b"b\n")
        assert b"".join(pieces) == b"b\n"

    async def test_an_offset_behind_the_end_is_refused(self, host: Host, root: str) -> None:
        w = witness(host, root)
        await w.execute(FIRST, "echo a", {}, nowhere)
        assert (await w.follow(FIRST, 2, nowhere)).output == b""
        with pytest.raises(HostError, match="output ends before byte 3"):
            await w.follow(FIRST, 3, nowhere)

    async def test_a_session_that_was_killed_is_interrupted(self, host: Host, root: str) -> None:
        w = witness(host, root)
        async with running(w, host, root, "echo begun; sleep 30"):
            await host.run(f"read -r pid _ <{directory(root)}/runner; kill -9 -$pid")
            report = await w.follow(FIRST, 0, nowhere)
        assert (report.state, report.exit, report.output) == (State.INTERRUPTED, None, b"begun\n")
        assert report.started and not report.rebooted

    async def test_a_killed_runner_is_interrupted_once_its_script_is_gone_too(self, host: Host, root: str) -> None:
        w = witness(host, root)
        async with running(w, host, root, f"while [ ! -e {root}.go ]; do sleep 0.1; done"):
            await host.run(f"read -r pid _ <{directory(root)}/runner; kill -9 $pid")
            assert (await w.probe(FIRST)).state is State.RUNNING
            other = asyncio.ensure_future(w.execute(replace(FIRST, number=2), "echo next", {}, nowhere))
            await until(host, f"test -s {directory(root, replace(FIRST, number=2))}/output")
            assert (await w.probe(replace(FIRST, number=2))).started is None
            await host.run(f": >{root}.go")
            assert await ended(w) is State.INTERRUPTED
        assert (await other).output.endswith(b"next\n")

    async def test_a_reboot_is_interrupted(self, host: Host, root: str) -> None:
        boots = f"{root}.boot"
        await host.run(f"echo 11111111-1111-1111-1111-111111111111 >{boots}")
        w = witness(host, root, boot=boots)
        async with running(w, host, root, "sleep 2"):
            await host.run(f"echo 22222222-2222-2222-2222-222222222222 >{boots}")
            report = await w.probe(FIRST)
        assert (report.state, report.rebooted) == (State.INTERRUPTED, True)
        assert report.boot_id.startswith("2222")

    async def test_a_claim_without_a_runner_is_interrupted_and_not_run(self, host: Host, root: str) -> None:
        w = witness(host, root)
        await w.probe(FIRST)
        await host.run(f"mkdir {directory(root)}")
        assert (await w.probe(FIRST)).state is State.INTERRUPTED
        report = await w.execute(FIRST, "echo ran", {}, nowhere)
        assert (report.state, report.output) == (State.INTERRUPTED, b"")

    async def test_a_runner_not_yet_on_record_is_waited_for(self, host: Host, root: str) -> None:
        """As after a launcher's death: the claim is there, and a runner holds the lock, about to say who it is."""
        w = witness(host, root)
        await w.probe(FIRST)
        await host.run(f"mkdir {directory(root)}")
        late = f"exec 8>>{root}/projects/notes/lock; flock 8; sleep 1; echo '0 7' >{directory(root)}/status"
        holding = asyncio.ensure_future(host.run(late))
        await until(host, f"! flock -n {root}/projects/notes/lock true")
        report = await w.probe(FIRST)
        await holding
        assert (report.state, report.exit, report.ended) == (State.EXITED, 0, 7)

    async def test_a_number_that_another_process_got_is_not_our_process(self, host: Host, root: str) -> None:
        w = witness(host, root)
        await w.execute(FIRST, "true", {}, nowhere)
        boot = await shell(host, "cat /proc/sys/kernel/random/boot_id")
        await host.run(
            f"cd {directory(root)}; rm status; for f in runner process; do echo 1 999999999 {boot} >$f; done"
        )
        assert (await w.probe(FIRST)).state is State.INTERRUPTED

    async def test_a_process_with_an_odd_name_is_recognised(self, host: Host, root: str) -> None:
        w = witness(host, root)
        odd = quote(f"{root}.d/o ) R 1\n(x")
        script = f"mkdir {root}.d; cp /bin/dash {odd}; exec {odd} -c 'sleep 2; :'"
        async with running(w, host, root, script):
            await until(host, f"read -r pid _ <{directory(root)}/process; ! grep -q '(sh)' /proc/$pid/stat")
            await host.run(f"read -r pid _ <{directory(root)}/runner; kill -9 $pid")
            assert (await w.probe(FIRST)).state is State.RUNNING
            assert await ended(w) is State.INTERRUPTED

    async def test_a_request_cut_off_starts_nothing(self, host: Host, root: str) -> None:
        class Cut:
            name = host.name

            async def run(self, command: str, stdin: AsyncIterator[bytes], on_stdout: object = None) -> object:
                return await host.run(command, b"".join([piece async for piece in stdin])[:-1])

        with pytest.raises(HostError, match="did not arrive whole; nothing was started"):
            await Witness(Cut(), ANNA, Place(root)).execute(FIRST, "true", {}, nowhere)  # type: ignore[arg-type]
        assert (await witness(host, root).probe(FIRST)).state is State.ABSENT
        assert await shell(host, f"ls {root}") == "attempts\nprojects"


class RemoveContract:
    async def test_removed_attempts_are_absent(self, host: Host, root: str) -> None:
        w = witness(host, root)
        second = replace(FIRST, number=2)
        await w.execute(FIRST, "true", {}, nowhere)
        await w.execute(second, "true", {}, nowhere)
        await w.remove([FIRST, second, replace(FIRST, number=3)])
        assert (await w.probe(FIRST)).state is State.ABSENT
        assert await shell(host, f"ls -A {root}/attempts/notes") == ""

    async def test_what_ended_long_ago_in_other_runs_is_removed_when_a_script_has_ended(
        self, host: Host, root: str
    ) -> None:
        w = witness(host, root)
        second, unknown, mine = (replace(FIRST, number=2), replace(FIRST, number=3), replace(FIRST, run="run-b"))
        for attempt in (FIRST, second, unknown, mine):
            await w.execute(attempt, "true", {}, nowhere)
        here = f"cd {root}/attempts/notes"
        gone = f"{here}; for r in */runner; do read -r pid _ <$r; [ ! -e /proc/$pid ] || exit 1; done"
        await until(host, gone)  # what tidies up after these four would see the times that follow
        await shell(host, f"{here}; touch -t 200001010000 run-a-00001/status run-a-00003/* run-b-00001/status")
        await shell(host, f"{here}; rm run-a-00003/status; mkdir {root}/contents; cd {root}/contents; : > new; : > old")
        await shell(host, f"touch -t 200001010000 {root}/contents/old")
        assert (await w.execute(replace(mine, number=2), "true", {}, nowhere)).exit == 0
        await shell(host, f"for n in 1 2 3 4 5 6 7 8 9; do [ ! -e {root}/contents/old ] || sleep 0.5; done")
        assert await shell(host, f"ls {root}/contents") == "new"
        left = await shell(host, f"{here}; ls")
        assert left.split() == ["run-a-00002", "run-a-00003", "run-b-00001", "run-b-00002"]
        assert (await w.probe(FIRST)).state is State.ABSENT
        assert (await w.probe(unknown)).state is State.INTERRUPTED

    async def test_one_that_runs_is_not_removed_nor_are_its_neighbours(self, host: Host, root: str) -> None:
        w = witness(host, root)
        done = replace(FIRST, number=2)
        await w.execute(done, "true", {}, nowhere)
        async with running(w, host, root, "sleep 1"):
            with pytest.raises(HostError, match="attempt run-a-00001 is running and is not removed"):
                await w.remove([done, FIRST])
            assert (await w.probe(done)).state is State.EXITED
            assert await ended(w) is State.EXITED


class SecretContract:
    async def test_a_secret_is_in_no_file_no_argument_and_no_environment(self, host: Host, root: str) -> None:
        w = witness(host, root)
        script = f'eval "$(cat)"; [ "$GOLIVE_SECRET_key" = {quote(POISON)} ]; r=$?; sleep 1.5; exit $r'
        # The script's own copy of the value would be found: it compares in the open, which a real one does not.
        script = script.replace(quote(POISON), '"$(printf %s poison)-7f3a-it\'s"')
        task = asyncio.ensure_future(w.execute(FIRST, script, {"key": Secret("key", POISON)}, nowhere))
        await until(host, f"test -s {directory(root)}/process")
        assert await traces(host, root) == ""
        assert (await task).exit == 0
        assert await traces(host, root) == ""

    async def test_the_search_for_secrets_can_fail(self, host: Host, root: str) -> None:
        w = witness(host, root)
        leaky = f"X={quote(POISON)} sh -c 'sleep 1.5; true' sh {quote(POISON)}"
        async with running(w, host, root, leaky):
            found = await traces(host, root)
        assert "/script" in found
        assert "/cmdline" in found
        assert "/environ" in found

    async def test_a_secret_with_a_nul_is_refused_without_showing_it(self, host: Host, root: str) -> None:
        with pytest.raises(HostError, match="NUL") as refused:
            await witness(host, root).execute(FIRST, "", {"k": Secret("k", "top\0secret")}, nowhere)
        assert "top" not in str(refused.value)


async def traces(host: Host, root: str) -> str:
    """Files with the poison: under the root, and every process's arguments and environment. The pattern is no match."""
    pattern = "poison-7f3[a]-it"
    where = f"{root} $(ls -d /tmp/sh-thd* 2>/dev/null) /proc/[0-9]*/cmdline /proc/[0-9]*/environ"
    return await shell(host, f"grep -rls {quote(pattern)} {where}")


class WitnessContract(ExecuteContract, OnceContract, FenceContract, CrashContract, RemoveContract, SecretContract):
    """All of it."""


class ClosedContract:
    """An attempt that was asked for before it came never runs: a slow worker, or a slow line, brings it too late."""

    async def test_a_script_that_comes_after_it_was_asked_for_is_refused(self, host: Host, root: str) -> None:
        for _ in range(2):
            assert (await witness(host, root).follow(FIRST, 0, nowhere)).state is State.ABSENT
        with pytest.raises(HostError, match="same attempt with other content"):
            await witness(host, root).execute(FIRST, f"touch {root}/effect", {}, nowhere)
        assert (await witness(host, root).probe(FIRST)).state is State.ABSENT
        assert await shell(host, f"ls {root}/effect 2>/dev/null; ls {root}/staged.* 2>/dev/null") == ""
        assert (await witness(host, root).execute(replace(FIRST, number=2), "echo two", {}, nowhere)).exit == 0


class Kept:
    """A mirror with one part."""

    def __init__(self, body: bytes) -> None:
        self.body, self.there = body, list[str]()

    def take(self) -> tuple[str, bytes]:
        return ("run-a-x/part", self.body) if not self.there else ("", b"")

    def kept(self, name: str) -> None:
        if name:
            self.there.append(name)


class MirrorContract:
    """Parts of the journal ride along with scripts, and nobody who is refused leaves any."""

    async def test_a_part_rides_along_with_a_script_and_arrives_whole(self, host: Host, root: str) -> None:
        mirror = Kept(ALL_BYTES)
        mirrored = Witness(host, ANNA, Place(root), mirror)
        report = await mirrored.execute(FIRST, "cat; echo out", {"k": Secret("k", POISON)}, nowhere)
        assert report.output.splitlines()[-1] == b"out"
        assert mirror.there == ["run-a-x/part"]
        assert (await host.run(f"cat {root}/mirror/notes/run-a-x/part")).stdout == ALL_BYTES
        assert (await mirrored.execute(replace(FIRST, number=2), "echo two", {}, nowhere)).output == b"two\n"
        assert await shell(host, f"ls {root}") == "attempts\nlock\nmirror\nprojects"

    async def test_a_part_is_kept_without_a_script(self, host: Host, root: str) -> None:
        mirror = Kept(ALL_BYTES)
        await Witness(host, ANNA, Place(root), mirror).keep("notes")
        assert mirror.there == ["run-a-x/part"]
        assert (await host.run(f"cat {root}/mirror/notes/run-a-x/part")).stdout == ALL_BYTES

    async def test_an_older_coordinator_leaves_no_part(self, host: Host, root: str) -> None:
        await witness(host, root, Claim(2, "bert@desk")).probe(FIRST)
        mirror = Kept(b"old")
        older = Witness(host, ANNA, Place(root), mirror)
        with pytest.raises(EpochRefused):
            await older.keep("notes")
        with pytest.raises(EpochRefused):
            await older.execute(FIRST, "echo never", {}, nowhere)
        assert mirror.there == []
        assert await shell(host, f"find {root} -name '*part*' -o -name 'staged*'") == ""
