"""What is measured: the cutover and the way back under load, the copy beside dump and restore, and the same by hand."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass

from benchmarks.cutover.shop import Crossing, Shop, address, wait
from benchmarks.load.log import Request, judge

WARM, CALM, AFTER = 3.0, 60.0, 60.0
"""Seconds of load that are not looked at, before anything is done, and on the new system before the way back."""
AROUND = 3.0
"""Seconds before a fence and after its release that are looked at for its stall."""

Kept = dict[str, object]
"""What a part leaves for the figures and the picture, as JSON values."""


@dataclass(frozen=True)
class Stall:
    """How long users stood at one crossing, in seconds."""

    whole: float
    """The longest wait of one request, the slow one's own work taken off."""
    beyond: float
    """The same, counted from the end of the slow request that was under way when the fence came."""
    failed: int
    acknowledged: int


def stall(requests: Iterable[Request], crossing: Crossing) -> Stall:
    """What users saw of a crossing.

    Args:
        requests: all that the client has seen.
        crossing: when its fence came, and what followed.
    """
    over = crossing.at + crossing.phases[-1][0] + AROUND
    near = [one for one in requests if crossing.at - AROUND < one.ended and one.began < over]
    under_way = [one.ended for one in near if one.kind == "slow" and one.began < crossing.at < one.ended]
    since = max([crossing.at, *under_way])
    verdict = judge(near, ())
    late = judge([one for one in near if one.ended >= since], ())
    waits = [one.ended - max(one.began, since) - one.own for one in near if one.ended > since]
    return Stall(verdict.longest, max([late.gap, *waits]), len(verdict.failed), verdict.acknowledged)


def cross(shop: Shop) -> Kept:
    """There under load, a minute of writes on the new system, and back."""
    plan = shop.plan("cross", gentle=True)
    with shop.load("cross", "--rate", "120", "--writers", "16", "--idle", "200", "--slow", "3") as users:
        warm = wait(WARM)
        wait(CALM)
        plan.golive("run", ends=6)
        wait(AFTER)
        plan.decide("refuse", "no-return")
        plan.golive("run", ends=4)
        wait(5)
    requests, times = users.requests, plan.times()
    there, back = plan.crossing(1), plan.crossing(2)
    verdict = judge(requests, shop.ids("old"))
    phases = {name: times[name] for name in ("do copy-postgresql", "do follow-postgresql")}
    return {
        "requests": verdict.requests,
        "writes a second": verdict.acknowledged / (requests[-1].ended - requests[0].began),
        "lost": len(verdict.lost),
        "failed": len(verdict.failed),
        "failures": sorted({one.error or str(one.status) for one in verdict.failed})[:5],
        "there": asdict(stall(requests, there)),
        "back": asdict(stall(requests, back)),
        "fences": {"there": asdict(there), "back": asdict(back)},
        "p99 users alone": judge(requests, (), warm, warm + CALM).p99,
        "p99 without": judge(requests, (), warm, times["do copy-postgresql"][0]).p99,
        "p99 copying": judge(requests, (), *times["do copy-postgresql"]).p99,
        "p99 comparing": judge(requests, (), *times["do follow-postgresql"]).p99,
        "steps": phases,
        "megabytes": int(shop.sql("old", "SELECT pg_database_size('shop')")) / 1e6,
    }


_DUMP = """set -e
cd /var/tmp && rm -rf hand
export PGPASSWORD=hand
began=$(date +%%s.%%N)
pg_dump -Fd -j2 -h %(old)s -U hand -d shop -f hand
dumped=$(date +%%s.%%N)
chown -R postgres hand
runuser -u postgres -- psql -Xq -c 'DROP DATABASE IF EXISTS shop WITH (FORCE)' -c 'CREATE DATABASE shop OWNER shop'
runuser -u postgres -- pg_restore -j2 -d shop hand
restored=$(date +%%s.%%N)
rm -rf hand
echo "$began $dumped $restored"
"""
_ROLE = """cd /; runuser -u postgres -- psql -Xq <<'END'
DROP ROLE IF EXISTS hand;
CREATE ROLE hand LOGIN SUPERUSER PASSWORD 'hand';
END
"""


def _dump(shop: Shop) -> tuple[float, float]:
    """Seconds of dump and of restore, as a person does it on the new host."""
    shop.sh("old", _ROLE)
    began, dumped, restored = map(float, shop.sh("new", _DUMP % {"old": address("old")}).split())
    return dumped - began, restored - dumped


def copy(shop: Shop) -> Kept:
    """The copy as quick as it can beside dump and restore, on the same hosts, in turn, nobody else there."""
    by_hand = sum(_dump(shop))
    plan = shop.plan("copy", gentle=False, stop_at_go=True)
    plan.golive("run", ends=6)
    began, ended = plan.times()["do copy-postgresql"]
    plan.decide("refuse", "go")
    plan.golive("run", ends=4)
    again = sum(_dump(shop))
    return {"by hand": [by_hand, again], "golive": ended - began}


_REFUSE = """sed -i '/^frontend shop/a http-request deny status 503 unless METH_GET  # hand' /etc/haproxy/haproxy.cfg
systemctl reload haproxy"""
_FENCE = """cd /; runuser -u postgres -- psql -Xqd postgres >/dev/null <<'END'
ALTER DATABASE shop SET default_transaction_read_only = on;
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'shop';
END"""
_SWITCH = """sed -i -e '/# hand/d' -e 's/server old .*/server new %s:8000 check/' /etc/haproxy/haproxy.cfg
systemctl reload haproxy"""


def hand(shop: Shop) -> Kept:
    """Dump and restore under a fence, as a person does it; the new system serves in the end."""
    with shop.load("hand", "--rate", "120", "--writers", "16", "--idle", "200", "--slow", "3") as users:
        began = wait(5)
        shop.sh("edge", _REFUSE)
        wait(3)
        shop.sh("old", _FENCE)
        dumped, restored = _dump(shop)
        shop.sh("new", "systemctl restart shop")
        shop.sh("edge", _SWITCH % address("new"))
        wait(5)
    verdict = judge(users.requests, shop.ids("new"), since=began)
    return {
        "lost": len(verdict.lost), "failed": len(verdict.failed), "gap": verdict.gap,
        "dump": dumped, "restore": restored, "requests": verdict.requests,
    }  # fmt: skip


PARTS: Mapping[str, Callable[[Shop], Kept]] = {"cross": cross, "copy": copy, "hand": hand}
"""The last one leaves the hosts so that nothing more can be measured there."""
