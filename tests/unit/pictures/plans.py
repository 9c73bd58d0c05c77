"""A plan with as many sites as are wanted, in waves, with dates, windows and a freeze."""

import json
import tempfile
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from golive.graph.compile import compile_plan
from golive.graph.graph import Graph
from golive.kinds.registry import kinds
from golive.plan.load import load
from golive.plan.plan import Plan

TITLE = "Saint-Germain-en-Laye-lès-Corbeil, Logistikzentrum Nord & Süd <Halle 3> 東京都千代田区丸の内"


def text(sites: int) -> dict[str, object]:
    """The plan as it would be written; the third site has a very long title, and its hosts long names."""
    names = [f"site-{number:03}" for number in range(sites)]
    waves = [part for part in (names[:1], names[1:4], *(names[at : at + 12] for at in range(4, sites, 12))) if part]
    first = date(2026, 12, 5)
    dates = {
        site: first + timedelta(days=7 * (index if index < 3 else index + 3))
        for index, wave in enumerate(waves)
        for site in wave
    }
    return {
        "golive": 1,
        "solution": {"name": "notes", "version": "2.1"},
        "roles": {"old": {"existing": True}, "app": {}, "database-of-everything-that-is-kept": {}},
        "components": {
            "schema": {"on": "database-of-everything-that-is-kept", "check": {"tcp": 5432}},
            "pages": {"on": "app", "needs": ["schema"], "rolling": True, "check": {"http": "http://{host}/"}},
            "a-component-with-a-name-as-long-as-any-is": {"on": "app", "needs": ["pages"]},
        },
        "calendar": {"timezone": "Europe/Paris", "freezes": [{"name": "year", "from": "2026-12-24", "until": "2027-01-03"}]},
        "waves": [
            {
                "name": f"w{index}",
                "sites": wave,
                "planned": {"from": str(dates[wave[0]]), "until": str(dates[wave[0]] + timedelta(days=5))},
                "soak": "1 d",
                "exit": [{"on": "app", "check": {"http": "http://127.0.0.1/a/rather/long/path/to/a/page"}}],
            }
            for index, wave in enumerate(waves)
        ],
        "sites": {site: _site(number, site, dates[site]) for number, site in enumerate(names)},
        "people": {
            "ada": {"name": "Ada", "roles": ["lead"]},
            "claire": {"name": "Claire", "roles": ["operator", "a-role-with-a-name-that-is-quite-long"], "key": "k"},
        },
        "tasks": [
            {"name": "phones", "at": "before cutover", "role": "operator", "instruction": TITLE},
        ],
        "approvals": [{"name": "board", "at": "before cutover", "role": "operator", "question": f"Go? {TITLE}"}],
        "messages": [{"name": "told", "at": "before cutover", "to": ["desk"], "title": "Soon", "text": "Soon."}],
        "secrets": {"desk": {"env": "DESK"}},
        "cutover": {"verify": [{"on": "app", "check": {"tcp": 80}}], "planned": "5 min"},
        "handover": {"procedures": [{"name": "start", "on": "app", "command": "true"}]},
        "risks": [
            {
                "name": f"r-{number}",
                "about": TITLE * 2,
                "likelihood": ("low", "medium", "high")[number % 3],
                "impact": "high",
                "owner": "ada",
                "response": "It is watched.",
            }
            for number in range(40)
        ],
    }  # fmt: skip


def _site(number: int, site: str, day: date) -> dict[str, object]:
    long = number == 2
    hosts = {
        f"{'the-host-of-the-application-number-' if long else 'app-'}{count}": "app"
        for count in range(12 if long else 2)
    }
    hosts |= {"db": "database-of-everything-that-is-kept", "old": "old"}
    return {
        "title": TITLE if long else site,
        "timezone": ("Europe/Paris", "Asia/Tokyo", "America/New_York")[number % 3],
        **({"jump": "someone@a-jump-host-with-a-long-name.example.org:2222"} if long else {}),
        "link": {"megabits": 20, "share": 0.5},
        "planned": {"baseline": {"from": str(day - timedelta(days=4))}, "cutover": {"from": f"{day} 22:00"}},
        "windows": [{"name": "nights", "for": ["cutover"], "from": "2026-12-05 22:00", "until": "05:00", "rule": "FREQ=DAILY"}],
        "hosts": {
            host: {"address": f"10.{number}.0.{place}", "role": role} for place, (host, role) in enumerate(hosts.items())
        },
    }  # fmt: skip


@cache
def compiled(sites: int) -> tuple[Plan, Graph]:
    """The plan and its graph."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "k").write_text(
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBsDxGGfm5mCGJT7CVpvbCQzC0Yl0bPbSHWnDWPlxMW0 claire\n"
        )
        (folder / "golive.yaml").write_text(json.dumps(text(sites)), encoding="utf-8")
        loaded = load(folder, kinds())
    return loaded.plan, compile_plan(loaded, kinds())
