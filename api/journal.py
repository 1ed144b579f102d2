"""The server's own log: one JSON object a line, of events that an operator must act on, and of how much came in a day.

Promises names from a closed table, route templates, numbers and classes of errors. Must never hold a path, a query, an
address, a header, the text of an exception, or the moment of a request that went well: of a family the day is enough.
"""

import errno
import json
import logging
import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from api.clock import today

NAME = "lastheard"
EVENTS: Mapping[str, str] = {
    "started": "a worker has opened the store and answers",
    "stopped": "a worker has answered what it had taken, and closed the store",
    "failure": "an answer of 500: which class of error, at which route",
    "retention-refused": "the daily run did not destroy what is due; the doctor says why",
    "requests": "how often a route answered so on a day",
    "library": "a line of a library, its words left out",
}
FIELDS = frozenset({"method", "route", "status", "duration", "count", "day", "error", "reason", "logger"})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = ((0.01, "<10ms"), (0.1, "<100ms"), (1.0, "<1s"), (10.0, "<10s"))
PLAIN = re.compile(r"[\w .:/{}<>=*-]{0,100}", re.ASCII)
EVENT = "journal_event"
log = logging.getLogger(NAME)


def note(event: str, level: int = logging.INFO, **fields: str | int) -> None:
    """Write one event; raises KeyError for an event or a field that is not in the table."""
    if event not in EVENTS or not fields.keys() <= FIELDS:
        raise KeyError("only what the tables name is written")
    log.log(level, event, extra={EVENT: {"event": event, **{name: _plain(one) for name, one in fields.items()}}})


class Line(logging.Formatter):
    """Makes a line of a record: of ours the fields, of a library's its logger and the class of its error alone."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line of JSON, in UTC."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds")
        said: dict[str, Any] = getattr(record, EVENT, None) or _of_a_library(record)
        return json.dumps({"at": at, "level": record.levelname.lower(), **said})


class Tally:
    """Counts answers by route, status and duration, and writes a day's counts once that day is over."""

    def __init__(self) -> None:
        self._day, self._counts = today().isoformat(), Counter[tuple[str, str, int, str]]()

    def add(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self.turn()
        bucket = next((name for limit, name in BUCKETS if seconds < limit), ">=10s")
        self._counts[method if method in METHODS else "-", route, status, bucket] += 1

    def turn(self) -> None:
        """Write what was counted if the day it was counted on is over."""
        if today().isoformat() != self._day:
            self.write()

    def write(self) -> None:
        """Write what was counted, in an order that tells nothing of when it came, and begin anew."""
        counts, day = sorted(self._counts.items()), self._day
        self._day, self._counts = today().isoformat(), Counter()
        for (method, route, status, duration), count in counts:
            note("requests", day=day, method=method, route=route, status=status, duration=duration, count=count)


def settings() -> dict[str, Any]:
    """Return the configuration of Python's logging that a server process starts with."""
    quiet = {"handlers": ["lines"], "level": "ERROR", "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": Line}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "lines", "stream": "ext://sys.stderr"}},
        "root": {"handlers": ["lines"], "level": "ERROR"},
        # uvicorn's warnings are about requests that cannot be read: whoever sends them would fill the log.
        "loggers": {NAME: {**quiet, "level": "INFO"}, "uvicorn": quiet, "uvicorn.access": {**quiet, "handlers": []}},
    }


def _plain(value: str | int) -> str | int:
    return value if isinstance(value, int) or PLAIN.fullmatch(value) else "-"


def _of_a_library(record: logging.LogRecord) -> dict[str, str]:
    """A library's words may repeat what a person typed: keep the logger, the class, and the system's name of it."""
    error = record.exc_info[1] if record.exc_info else record.msg
    said = {"event": "library", "logger": str(_plain(record.name))}
    if isinstance(error, BaseException):
        said["error"] = type(error).__name__
    if isinstance(error, OSError) and error.errno:
        said["reason"] = errno.errorcode.get(error.errno, "-")
    return said
