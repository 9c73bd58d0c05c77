"""A small shop that goes live on two hosts, behind the front door of an old one: every kind of step that can be taken back.

A user reads and writes through the front door all the time, and notes what did not come from the old shop.
"""

import http.client
import threading
import time
from pathlib import Path

from ground import Ground, Host
from planfolder import PlanFolder

PLAN = """\
golive: 1
solution: {name: shop, version: "2"}
POLICY
roles:
  edge: {existing: true}
  app:
    baseline:
      - {package: haproxy}
      - {directory: /srv/shop, mode: "0750"}
components:
  shop:
    on: app
    archive: dist/shop.tar.zst
    install:
      - file: /etc/shop.cfg
        content: |
          defaults
              mode http
              timeout client 5s
              timeout server 5s
              timeout connect 1s
          frontend shop
              bind :8888
              http-request return status 200 content-type text/plain string "the new shop"
      - {directory: /srv/shop/data}
      - file: /etc/systemd/system/shop.service
        content: |
          [Service]
          ExecStart=/usr/sbin/haproxy -Ws -f /etc/shop.cfg
          Type=notify
          [Install]
          WantedBy=multi-user.target
      - {name: schema, command: "sleep 0.3; echo 2 > /srv/shop/data/schema", creates: /srv/shop/data/schema, undo: rm -f /srv/shop/data/schema}
      - {service: shop, restart_on: [/etc/shop.cfg, /etc/systemd/system/shop.service]}
    check: {http: "http://127.0.0.1:8888/", within: 5 s}
cutover:
  serves:
    - {on: edge, check: {command: "curl -fsS http://127.0.0.1/ | grep -q old", within: 5 s}}
  fence:
    - {haproxy: www, on: edge}
  then:
    - {name: load, on: app, command: "echo one > /srv/shop/data/loaded; sleep 0.3; echo two >> /srv/shop/data/loaded", undo: "UNDO", undone: "! [ -e /srv/shop/data/loaded ]"}
    - {name: tell, on: app, command: echo told >> /var/tmp/told}
  switch:
    - {haproxy: shop, on: edge, to: app, port: 8888}
  verify:
    - {on: edge, check: {command: "curl -fsS http://127.0.0.1/ | grep -q new", within: 5 s}}
handover:
  procedures:
    - {name: status, on: app, command: systemctl is-active shop}
sites:
  lyon:
    hosts:
      edge: {address: EDGE, role: edge}
      app: {address: APP, role: app}
"""
UNDO = "rm -f /srv/shop/data/loaded"
KEPT = "^$"

OLD_SHOP = """\
defaults
    mode http
    timeout client 5s
    timeout server 5s
    timeout connect 1s
frontend www
    bind :80
    default_backend shop
backend shop
    server old 127.0.0.1:8001
frontend old
    bind 127.0.0.1:8001
    http-request return status 200 content-type text/plain string "the old shop"
"""


def old_shop(edge: Host) -> None:
    """What serves today."""
    edge.sh("apt-get -qq -y install haproxy curl")
    edge.sh(f"cat > /etc/haproxy/haproxy.cfg <<'END'\n{OLD_SHOP}END\nsystemctl restart haproxy")


def shop(folder: Path, ground: Ground, edge: Host, app: Host, policy: str = "", undo: str = UNDO) -> PlanFolder:
    """The plan for two hosts, with a policy for failures."""
    plan = PlanFolder(folder, ground.home)
    text = PLAN.replace("POLICY", policy).replace("UNDO", undo)
    plan.write("golive.yaml", text.replace("EDGE", edge.address).replace("APP", app.address))
    plan.archive("dist/shop.tar.zst", {"pages/index": "welcome\n"})
    return plan


class User(threading.Thread):
    """Reads and writes through the front door, twenty times a second, until told to stop.

    Attributes:
        answers: how often each answer came: its status and its text.
    """

    def __init__(self, address: str) -> None:
        super().__init__(daemon=True)
        self._address, self._over = address, threading.Event()
        self.answers: dict[str, int] = {}
        self.longest = 0.0
        """Seconds between two writes that were taken."""

    def run(self) -> None:
        taken = time.monotonic()
        while not self._over.wait(0.05):
            for method in ("GET", "POST"):
                answer = self._ask(method)
                self.answers[answer] = self.answers.get(answer, 0) + 1
                if method == "POST" and answer.startswith("POST 200"):
                    self.longest = max(self.longest, time.monotonic() - taken)
                    taken = time.monotonic()

    def _ask(self, method: str) -> str:
        connection = http.client.HTTPConnection(self._address, timeout=5)
        try:
            connection.request(method, "/")
            answer = connection.getresponse()
            return f"{method} {answer.status} {answer.read().decode()[:20].strip()}"
        except OSError as error:
            return f"{method} {type(error).__name__}"
        finally:
            connection.close()

    def stop(self) -> dict[str, int]:
        """Ends it; returns the answers."""
        self._over.set()
        self.join(20)
        return self.answers

    def amiss(self) -> list[str]:
        """Answers that did not come from the old shop, but for writes that the fence refused."""
        fine = ("GET 200 the old shop", "POST 200 the old shop")
        return [
            f"{answer} × {count}"
            for answer, count in self.stop().items()
            if answer not in fine and not answer.startswith("POST 503")
        ]
