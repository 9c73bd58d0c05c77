"""What goes wrong ends in the documented exit code, and says the step, the host, the plan's line and what to do."""

import re
import zipfile
from pathlib import Path

import pytest
from ground import Ground, Host
from planfolder import Done, PlanFolder, Plans
from shop import old_shop


def tells(done: Done, exit: int, *said: str) -> None:
    """Asserts the exit code, and that the output says all of this."""
    assert done.exit == exit, done.out
    for text in said:
        assert re.search(text, done.out), f"{text!r} is not said in:\n{done.out}"


TWO_HOSTS = """\
golive: 1
solution: {name: small, version: "1"}
roles:
  app:
    hardware: HARDWARE
    baseline:
      - {file: /srv/small, content: "small\\n"}
sites:
  lyon:
    hosts:
      one: {address: ONE, role: app}
      two: {address: TWO, role: app}
"""


def two_hosts(plan: Plans, one: Host, two: Host, hardware: str = "{}") -> PlanFolder:
    text = TWO_HOSTS.replace("HARDWARE", hardware)
    return plan(text.replace("ONE", one.address).replace("TWO", two.address))


def test_a_host_that_does_not_answer(ground: Ground, plan: Plans) -> None:
    one, two = ground.fresh("one", "two")
    small = two_hosts(plan, one, two)
    ground.lab.cut(two.name, "all")
    try:
        done = small.golive("run")
    finally:
        ground.lab.restore(two.name)
    tells(
        done, 7, r"unreachable: lyon/baseline/survey@two on lyon/two \(golive.yaml:5\)",
        f"{two.address}.* does not answer", "is it up", "next: mend it, then golive run", r"\(exit 7\)",
    )  # fmt: skip
    assert not one.has("/srv/small")  # nothing of a site is changed before all of its hosts were surveyed
    tells(small.golive("run"), 0, "sites live: 1 of 1")
    assert one.has("/srv/small") and two.has("/srv/small")


def test_a_disk_that_is_too_small(ground: Ground, plan: Plans) -> None:
    one, two = ground.fresh("one", "two")
    roots = ("/etc", "/opt", "/srv", "/usr/local", "/root", "/home")
    before = [host.tree(*roots) for host in (one, two)]
    text = TWO_HOSTS.replace("two: {address: TWO, role: app}", "two: {address: TWO, role: big}")
    text = text.replace("  app:\n", "  big: {hardware: {disk: 10 TB}}\n  app:\n").replace("HARDWARE", "{}")
    small = plan(text.replace("ONE", one.address).replace("TWO", two.address))
    done = small.golive("run")
    tells(
        done, 3, r"refused: lyon/baseline/survey@two on lyon/two \(golive.yaml:4\)",
        "disk: 9.1 TiB at least required, .* found", "next: mend it", r"a gate refused \(exit 3\)",
    )  # fmt: skip
    assert [host.tree(*roots) for host in (one, two)] == before


def test_a_health_check_that_never_passes(host: Host, plan: Plans) -> None:
    sick = plan(f"""\
golive: 1
solution: {{name: sick, version: "1"}}
roles: {{app: {{}}}}
components:
  api:
    on: app
    install:
      - {{file: /srv/sick, content: x}}
    check: {{command: "echo the queue is full; false", within: 2 s}}
sites:
  lyon: {{hosts: {{app-1: {{address: {host.address}, role: app}}}}}}
""")
    tells(
        sick.golive("run"), 1, r"failed: lyon/deploy/api-check@app-1 on lyon/app-1 \(golive.yaml:9\)",
        "not healthy within 2 s: the queue is full", "status --step lyon/deploy/api-check@app-1", "next: mend it",
    )  # fmt: skip
    tells(sick.golive("status", "--step", "lyon/deploy/api-check@app-1"), 0, "the queue is full")


ARCHIVE = """\
golive: 1
solution: {name: parcel, version: "1"}
roles: {app: {}}
components:
  parcel: {on: app, archive: parcel.tar.zst}
sites:
  lyon: {hosts: {app-1: {address: ADDRESS, role: app}}}
"""


def test_an_archive_that_was_damaged_after_it_was_gathered(host: Host, plan: Plans) -> None:
    parcel = plan(ARCHIVE.replace("ADDRESS", host.address))
    parcel.archive("parcel.tar.zst", {"file": "good\n"})
    tells(parcel.golive("run", "--until", "define"), 0, "golive run goes on with the next stage")
    with parcel.folder.joinpath(".golive/artifacts/parcel/parcel.tar.zst").open("r+b") as stream:
        stream.write(b"bad")
    tells(
        parcel.golive("run"), 1, r"failed: lyon/deploy/deliver-parcel@app-1 on lyon/app-1 \(golive.yaml:5\)",
        "parcel.tar.zst is not what the lock says", "next: mend it",
    )  # fmt: skip
    assert not host.has("/opt/parcel")


def test_an_archive_that_changed_while_the_run_stood_still(host: Host, plan: Plans) -> None:
    parcel = plan(ARCHIVE.replace("ADDRESS", host.address))
    parcel.archive("parcel.tar.zst", {"file": "good\n"})
    tells(parcel.golive("run", "--until", "define"), 0)
    parcel.archive("parcel.tar.zst", {"file": "another\n"})
    tells(
        parcel.golive("run"), 2, "the plan has changed since parcel-1 began", "~ define/gather-parcel changed",
        "~ lyon/deploy/parcel@app-1 changed", "golive amend, then golive run",
    )  # fmt: skip
    tells(parcel.golive("amend"), 0, "goes on as revision 2")
    tells(parcel.golive("run"), 0)
    assert host.sh("cat /opt/parcel/file") == "another\n"


WHEELS = """\
golive: 1
solution: {name: wheels, version: "1"}
roles: {app: {}}
components:
  tool: {on: app, wheels: ["tool==1.0"], python: "3.13", venv: /opt/tool}
sites:
  lyon: {hosts: {app-1: {address: ADDRESS, role: app}}}
"""


def make_wheel(folder: Path, text: str) -> None:
    """The smallest wheel there is; the same text gives the same bytes."""
    info = "tool-1.0.dist-info"
    files = {
        "tool.py": text,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: tool\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "".join(f"{name},,\n" for name in ("tool.py", f"{info}/METADATA", f"{info}/WHEEL")),
    }
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / "tool-1.0-py3-none-any.whl", "w") as wheel:
        for name, content in files.items():
            wheel.writestr(zipfile.ZipInfo(name), content)


def test_a_wheel_that_is_not_the_one_in_the_lock(host: Host, plan: Plans, tmp_path: Path) -> None:
    index = {"PIP_FIND_LINKS": str(tmp_path / "index"), "UV_FIND_LINKS": str(tmp_path / "index")}
    index |= {"PIP_NO_INDEX": "1", "UV_NO_INDEX": "1"}
    make_wheel(tmp_path / "index", "print('good')")
    wheels = plan(WHEELS.replace("ADDRESS", host.address), **index)
    tells(wheels.golive("gather"), 0, "tool: 1 wheel,")
    held = wheels.folder / ".golive/artifacts/tool/tool-1.0-py3-none-any.whl"
    held.write_bytes(held.read_bytes().replace(b"good", b"evil"))
    make_wheel(tmp_path / "index", "print('evil')")  # and the index offers nothing better

    done = wheels.golive("run", "--until", "define")
    tells(
        done, 1, r"failed: define/gather-tool on controller \(golive.yaml:5\)",
        "tool-1.0-py3-none-any.whl has not the checksum of the lock", "golive gather", "next: mend it",
    )  # fmt: skip
    assert not held.exists()  # what is wrong is not kept, so that nobody takes it for the right one
    make_wheel(tmp_path / "index", "print('good')")
    tells(wheels.golive("run", "--until", "define"), 0, "1 of them fetched now")


CUTOVER = """\
golive: 1
solution: {name: shop, version: "2"}
roles:
  edge: {existing: true}
  app: {}
components:
  shop:
    on: app
    install:
      - {directory: /srv/shop/data}
      - {file: /etc/shop.conf, content: "version 2\\n", mode: "0600"}
    check: {command: test -e /etc/shop.conf}
cutover:
  fence:
    - {haproxy: www, on: edge}
  then:
    - {name: load, on: app, command: echo loaded > /srv/shop/data/loaded, undo: "UNDO"}
  switch:
    - {haproxy: shop, on: edge, to: app, port: 8888}
  verify:
    - {on: edge, check: {http: "http://127.0.0.1/", within: 3 s}}
sites:
  lyon:
    hosts:
      edge: {address: EDGE, role: edge}
      app-1: {address: APP, role: app}
"""


@pytest.fixture(scope="module")
def edge(ground: Ground) -> Host:
    """The old system: a front door, and behind it what serves today."""
    [edge] = ground.fresh("edge")
    old_shop(edge)
    assert served(edge) == "200 the old shop"
    return edge


def served(edge: Host, *words: str) -> str:
    """What the front door answers."""
    return edge.sh(f"curl -s -w '%{{http_code}} ' -o /tmp/page {' '.join(words)} http://127.0.0.1/; cat /tmp/page")


@pytest.mark.parametrize("undo", ["rm -f /srv/shop/data/loaded", "echo the data cannot be taken back; false"])
def test_a_cutover_whose_check_fails_goes_back(undo: str, edge: Host, ground: Ground, plan: Plans) -> None:
    [app] = ground.fresh("app")
    app.sh("mkdir -p /srv/shop; echo version 1 > /etc/shop.conf; chmod 640 /etc/shop.conf")
    shop = plan(CUTOVER.replace("EDGE", edge.address).replace("APP", app.address).replace("UNDO", undo))
    before = edge.tree("/etc"), app.tree("/etc", "/srv", "/opt", "/usr/local")

    done = shop.golive("run")

    assert "lyon/cutover/verify-1@edge" in done.out and "expected 200, got 503" in done.out
    assert edge.tree("/etc") == before[0]
    assert served(edge) == "200 the old shop" and served(edge, "-X POST") == "200 the old shop"  # the fence is gone
    if undo.startswith("rm"):
        tells(done, 4, "backed out: lyon, clean", r"backed out, clean \(exit 4\)", "the old system serves again")
        assert app.tree("/etc", "/srv", "/opt", "/usr/local") == before[1]
    else:
        tells(
            done, 5, "backed out: lyon, residue: .*lyon/cutover/load@app-1",
            r"residue: lyon/cutover/load@app-1 on lyon/app-1 \(golive.yaml:17\)", "the data cannot be taken back",
            r"with residue \(exit 5\)", "next: look at the residue named above on its host",
        )  # fmt: skip
        assert app.has("/srv/shop/data/loaded")
    tells(shop.golive("status"), 0, "backed out")


def test_a_plan_with_mistakes(plan: Plans) -> None:
    wrong = plan(TWO_HOSTS.replace("HARDWARE", "{disk: much}").replace("role: app", "role: web", 1))
    tells(
        wrong.golive("run"), 2, r"golive.yaml:5:\d+: .*not a size", r"golive.yaml:11:\d+: .*web",
        "golive: the plan has 2 mistakes",
    )  # fmt: skip
    assert not wrong.database.exists()
