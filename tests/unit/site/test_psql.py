"""A session answers each thread with its own rows; psql itself is a stand-in that echoes what it is asked."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from golive.site.psql import Session, SqlError

PSQL = """#!/usr/bin/python3 -u
import sys, time
asked = []
for line in sys.stdin:
    line = line.rstrip("\\n")
    if line.startswith("\\\\echo"):
        wrong = "true wrong" if any("wrong" in one for one in asked) else "false "
        print(line[6:].replace(":ERROR :LAST_ERROR_MESSAGE", wrong), flush=True)
        asked = [] if line.endswith(".") else asked
    elif line != ";":
        asked.append(line)
        time.sleep(0.002)
        print(line.replace("SELECT ", ""), end="")
"""


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    psql = tmp_path / "psql"
    psql.write_text(PSQL)
    psql.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return Session("nowhere")


def test_threads_take_turns(session: Session) -> None:
    ask: Callable[[int], str] = lambda number: session.value(f"SELECT {number}")
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(100))) == [str(number) for number in range(100)]
    session.close()


def test_an_error_is_that_of_its_statement(session: Session) -> None:
    with pytest.raises(SqlError, match="wrong"):
        session.query("SELECT wrong")
    assert session.value("SELECT right") == "right"
    session.close()
