"""The smallest plan that is worth having, as it stands in the design: one file, one host, one component."""

from ground import Ground
from planfolder import PlanFolder, Plans

TEN_LINES = """\
golive: 1
solution: {name: notes, version: "2.1"}
roles:
  web:
    baseline:
      - package: nginx
      - service: nginx
components:
  site:
    on: web
    archive: dist/notes-2.1.tar.zst
    check: {http: "http://{host}/", status: 200}
sites:
  lyon: {hosts: {web-1: {address: 192.0.2.10, role: web}}}
"""


def changed(plan: PlanFolder) -> list[str]:
    """The resources that the latest run changed."""
    evidence = [event["evidence"] for event in plan.events("AttemptEnded")]
    return [title for item in evidence for title in item.get("changed", [])]


def test_the_ten_line_plan_puts_one_component_on_one_host(ground: Ground, plan: Plans) -> None:
    [web] = ground.fresh("web-1")
    notes = plan(TEN_LINES.replace("192.0.2.10", web.address))
    notes.archive("dist/notes-2.1.tar.zst", {"index.html": "notes 2.1\n"})

    first = notes.golive("run")
    assert first.exit == 0, first.out
    assert "sites live: 1 of 1 (lyon)" in first.out and "outcome: done (exit 0)" in first.out
    assert web.sh("cat /opt/site/index.html; systemctl is-active nginx") == "notes 2.1\nactive\n"
    assert {"package nginx", "package zstd", "command unpack site"} <= set(changed(notes))
    assert notes.folder.joinpath("guide.html").stat().st_size > 10_000

    again = notes.golive("run")
    assert again.exit == 0 and "nothing to do" in again.out

    anew = notes.golive("run", "--new")
    assert anew.exit == 0, anew.out
    assert notes.events("RunStarted")[0]["run"] == "notes-2"
    assert changed(notes) == []
    assert "sent 0 of 1 file," in anew.out
    status = notes.golive("status")
    assert status.exit == 0 and "ended: done" in status.out
