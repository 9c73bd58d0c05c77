"""Secrets stand where they must, and nowhere else: everything that was written is looked through for a poison."""

import base64
import html
import json
import sqlite3
import time
from contextlib import closing
from urllib.parse import quote

import pytest
from ground import Ground, Host
from planfolder import PlanFolder, Plans
from poison import forms, found, on_controller, on_host, processes

ENV, FILE, COMMAND = "poison \"env\" \\ <x> 'it's' ü&", "poison-file/+=%?7f3a", "poison-command-$HOME-`id`"

PLAN = """\
golive: 1
solution: {name: poison, version: "1"}
secrets:
  from_env: {env: POISON}
  from_file: {file: keys/poison}
  from_command: {command: [base64, -d, keys/encoded]}
roles: {app: {}}
components:
  api:
    on: app
    install:
      - file: /etc/api.conf
        content: |
          env={{ secret('from_env') }}
          file={{ secret('from_file') }}
          command={{ secret('from_command') }}
        mode: "0600"
      - name: token
        command: |
          umask 077
          printf '%s\\n' "{{ secret('from_file') }}" > /etc/api.token
          : > /srv/begun
          until [ -e /srv/go ]; do sleep 0.1; done
        creates: /srv/go
    check: {command: 'case $(cat /etc/api.conf) in *"{{ secret(''from_command'') }}"*) ;; *) false ;; esac'}
sites:
  lyon: {hosts: {app-1: {address: ADDRESS, role: app}}}
"""


@pytest.fixture(scope="module")
def host(ground: Ground) -> Host:
    return ground.fresh("poison")[0]


def with_secrets(plan: Plans, text: str, host: Host) -> PlanFolder:
    made = plan(text.replace("ADDRESS", host.address), POISON=ENV)
    made.write("keys/poison", FILE + "\n")
    made.write("keys/encoded", base64.b64encode(COMMAND.encode()).decode())
    return made


def shown(api: PlanFolder) -> str:
    """What every command that shows something shows."""
    words = ["status", "status --format json", "events", "events --format json", "graph", "graph --format json"]
    words += ["graph --format svg", "check", *(f"status --step {step}" for step in api.seconds())]
    return "\n".join(api.golive(*line.split()).out for line in words)


def test_secrets_are_nowhere_but_in_the_files_that_need_them(host: Host, plan: Plans) -> None:
    api = with_secrets(plan, PLAN, host)
    running = api.start("run")
    host.until("[ -e /srv/begun ]")
    places = {"host's processes": processes(host), "golive's arguments": _arguments(running.process.pid)}
    host.sh(": > /srv/go")
    done = running.wait()
    assert done.exit == 0, done.out
    assert host.sh("cat /etc/api.conf") == f"env={ENV}\nfile={FILE}\ncommand={COMMAND}\n"

    places |= {"terminal": (done.out + shown(api)).encode()} | on_controller(api.folder) | on_host(host)
    assert len(places) > 50
    assert found(places, [ENV, FILE, COMMAND]) == {"host /etc/api.conf", "host /etc/api.token"}

    _plant(host, api)
    places = {"host's processes": processes(host)} | on_controller(api.folder) | on_host(host)
    planted = found(places, [ENV, FILE, COMMAND]) - {"host /etc/api.conf", "host /etc/api.token"}
    kinds = {"host's processes", "host's journal", "host /var/lib/golive/planted", "controller guide.html"}
    assert kinds <= planted
    assert len([place for place in planted if place.startswith("journal entries")]) == 1
    assert len([place for place in planted if place.startswith("journal blobs")]) == 1


def _arguments(pid: int) -> bytes:
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        return file.read()


def _plant(host: Host, api: PlanFolder) -> None:
    """Writes a secret, each time in another form, into every kind of place that was looked through."""
    hidden = base64.b64encode(f"x{FILE} and more".encode()).decode()
    host.sh(f"sh -c 'sleep 100; : {quote(FILE, safe='')}' >/dev/null 2>&1 &")
    host.sh(f"echo {FILE.encode().hex()} | systemd-cat; echo {hidden} > /var/lib/golive/planted; journalctl --sync")
    with api.folder.joinpath("guide.html").open("a") as guide:
        guide.write(html.escape(ENV))
    with closing(sqlite3.connect(api.database)) as connection:
        connection.execute("INSERT INTO blobs VALUES ('planted', ?)", (COMMAND.encode(),))
        body = json.dumps({"note": f"once more: {ENV}"}, separators=(",", ":")).replace(" ", "\\u0020")
        connection.execute("INSERT INTO entries SELECT run, 999, at, ?, previous, hash FROM entries LIMIT 1", (body,))
        connection.commit()


def test_every_form_of_a_secret_is_found() -> None:
    for secret in (ENV, FILE, COMMAND):
        for form in forms(secret):
            assert found({"here": b"before " + form + b" after"}, [secret]) == {"here"}
        for shift in range(6):
            hidden = base64.b64encode(b"y" * shift + secret.encode() + b"z" * shift)
            assert found({"here": hidden}, [secret]) == {"here"}
    assert found({"here": b"poison env file command"}, [ENV, FILE, COMMAND]) == set()


ECHO = """\
golive: 1
solution: {name: echo, version: "1"}
secrets:
  token: {file: keys/poison}
roles: {app: {}}
components:
  api:
    on: app
    install:
      - name: talkative
        command: |
          echo "the token is {{ secret('token') }}"
          : > /srv/talking
          until [ -e /srv/talked ]; do sleep 0.1; done
          printf %s still
          sleep 0.3
          echo " {{ secret('token') }}"
          echo "again {{ secret('token') }}"
          exit 3
        creates: /srv/never
sites:
  lyon: {hosts: {app-1: {address: ADDRESS, role: app}}}
"""


def test_a_command_that_prints_a_secret_is_redacted_in_journal_and_terminal(host: Host, plan: Plans) -> None:
    api = with_secrets(plan, ECHO, host)
    running = api.start("run")
    host.until("[ -e /srv/talking ]")
    time.sleep(11)  # a step that takes long says now and then what its commands print
    host.sh(": > /srv/talked")
    done = running.wait()
    assert done.exit == 1, done.out
    assert "again ‹secret token›" in done.out
    assert " …  " in done.out.split("failed")[0]
    places = {"terminal": (done.out + shown(api)).encode()} | on_controller(api.folder)
    assert found(places, [FILE]) == set()
