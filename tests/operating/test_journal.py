"""The server's own log says which route failed and how much came in a day, and nothing of whom."""

import ast
import json
import logging
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from api import journal
from api.guards import Public
from api.journal import EVENTS, Line, Tally
from tests.ground.test_edge import application

ROOT = Path(__file__).parents[2]
PLANTED = "Bunyatov\r\n\x1b[31mforged\u202e"


class Kept(logging.Handler):
    """Keeps the lines as the server would write them."""

    def __init__(self) -> None:
        super().__init__()
        self.formatter, self.lines = Line(), list[str]()

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def said(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.lines]


@pytest.fixture
def kept() -> Iterator[Kept]:
    handler, root = Kept(), logging.getLogger()
    root.addHandler(handler)
    logging.getLogger(journal.NAME).setLevel(logging.INFO)
    yield handler
    root.removeHandler(handler)


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    return application(tmp_path)


def asking(app: FastAPI) -> TestClient:
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False)


def counted(app: FastAPI, kept: Kept) -> list[tuple[object, ...]]:
    app.state.tally.write()
    rows = [one for one in kept.said() if one["event"] == "requests"]
    return [tuple(one[name] for name in ("method", "route", "status", "count")) for one in rows]


def test_a_failure_is_one_line_with_route_and_class_and_no_content(app: FastAPI, kept: Kept) -> None:
    @app.get("/api/v1/planted/{name}", dependencies=[Public("planted")])
    def planted(name: str, request: Request) -> None:
        """Fail with what was typed in the exception's text."""
        raise RuntimeError(PLANTED + name + str(request.query_params))

    asking(app).get("/api/v1/planted/Larisa?q=Artyom", headers={"user-agent": PLANTED.encode().hex()})
    (line,) = [one for one in kept.said() if one["event"] == "failure"]
    assert (line["route"], line["error"], line["level"]) == ("/api/v1/planted/{name}", "RuntimeError", "error")
    assert not [word for word in ("Larisa", "Artyom", "Bunyatov", "testclient") if word in " ".join(kept.lines)]


def test_requests_are_counted_by_template_and_written_when_the_day_is_over(
    app: FastAPI, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = asking(app)
    for path in ("/uk/report", "/ru/report", "/cases/abc?x=y", "/nowhere/Larisa", "/api/v1/cases"):
        client.get(path)
    client.request("ARTYOM", "/uk/report")
    assert kept.lines == []
    monkeypatch.setattr(journal, "today", lambda: date(9999, 1, 1))
    app.state.tally.turn()
    rows = [one for one in kept.said() if one["event"] == "requests"]
    found = Counter[tuple[object, ...]]()
    for one in rows:
        found[one["method"], one["route"], one["status"]] += int(str(one["count"]))
    assert found == {
        ("-", "/{language}/report", 405): 1,
        ("GET", "-", 404): 1,
        ("GET", "/api/v1/cases", 401): 1,
        ("GET", "/cases/{case_id}", 303): 1,
        ("GET", "/{language}/report", 503): 2,
    }
    assert {one["day"] for one in rows} != {"9999-01-01"}
    assert "Larisa" not in " ".join(kept.lines)


def test_a_body_that_is_too_large_and_a_failure_are_counted_too(app: FastAPI, kept: Kept) -> None:
    @app.get("/planted", dependencies=[Public("planted")])
    def planted() -> None:
        """Fail."""
        raise RuntimeError

    asking(app).get("/planted")
    asking(app).post("/api/v1/mailbox", content=b"a" * (1 << 21))
    assert counted(app, kept) == [("GET", "/planted", 500, 1), ("POST", "-", 413, 1)]


def test_how_long_an_answer_took_is_a_bucket(kept: Kept) -> None:
    tally = Tally()
    for seconds in (0.001, 0.05, 0.5, 5, 50):
        tally.add("GET", "/x", 200, seconds)
    tally.write()
    assert sorted(str(one["duration"]) for one in kept.said()) == ["<100ms", "<10ms", "<10s", "<1s", ">=10s"]


def test_every_line_is_one_object_in_utc_whatever_was_put_in(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tehran")
    journal.note("failure", route=PLANTED, error=PLANTED)
    logging.getLogger("sqlalchemy").error("INSERT %s", PLANTED)
    logging.getLogger("uvicorn.error").error(PLANTED, exc_info=ValueError(PLANTED))
    logging.getLogger("uvicorn.error").error(OSError(98, PLANTED))
    assert all("\n" not in line and line.isascii() for line in kept.lines)
    said = kept.said()
    assert all(str(one["at"]).endswith("+00:00") for one in said)
    assert (said[0]["route"], said[0]["error"]) == ("-", "-")
    assert [one.get("error") for one in said[1:]] == [None, "ValueError", "OSError"]
    assert said[-1]["reason"] == "EADDRINUSE"
    assert "forged" not in " ".join(kept.lines)


@pytest.mark.parametrize("planted", [{"event": "case-opened"}, {"event": "failure", "path": "/cases/1"}])
def test_what_the_tables_do_not_name_is_not_written(planted: dict[str, str], kept: Kept) -> None:
    with pytest.raises(KeyError):
        journal.note(**planted)
    assert kept.lines == []


def written(source: str) -> set[str]:
    """Return the events that a piece of the program writes, and "print" for whatever goes another way."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    found = set()
    for call in calls:
        name = ast.unparse(call.func)
        if name in ("journal.note", "note") and isinstance(call.args[0], ast.Constant):
            found.add(str(call.args[0].value))
        if name == "print" or name.split(".")[-1] in ("getLogger", "warning", "exception", "critical"):
            found.add("another way")
    return found


def test_the_program_writes_just_the_events_of_the_table_and_nothing_another_way() -> None:
    sources = [path for path in (ROOT / "api").rglob("*.py") if path.name != "journal.py"]
    found = set[str]().union(*(written(path.read_text("utf-8")) for path in sources))
    inside = written((ROOT / "api" / "journal.py").read_text("utf-8")) - {"another way"}
    assert (found | inside) == set(EVENTS) - {"library"}


@pytest.mark.parametrize("planted", ["print(case)", "logging.getLogger('x').info(name)", "log.warning(name)"])
def test_a_line_written_another_way_is_seen(planted: str) -> None:
    assert written(planted) == {"another way"}


def test_the_deployment_page_lists_every_event_with_its_purpose() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    assert [event for event, why in EVENTS.items() if f"| `{event}` | {why} |" not in page] == []
