"""Fixtures: an empty SQLite file, an empty PostgreSQL database, or each in turn."""

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import postgres

# The long campaigns: minutes and more each, and some of them need a disk of their own.
collect_ignore = [] if os.environ.get("LASTHEARD_TORTURE") else ["torture"]


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Say what was seen, so that a run ends with its figures and not with dots alone."""
    return lambda seen: request.node.user_properties.append(("figure", seen))


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Iterator[postgres.Cluster]:
    """One PostgreSQL for each worker, ended with it."""
    if not postgres.available():
        leave_out(request, "PostgreSQL 15")
    running = postgres.Cluster()
    yield running
    running.stop()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'lastheard.db'}"


@pytest.fixture
def postgres_url(cluster: postgres.Cluster) -> str:
    """The address of an empty PostgreSQL database."""
    return cluster.url(f"t{uuid.uuid4().hex}")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database, on each of the two in turn."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture(scope="session")
def chromium(request: pytest.FixtureRequest) -> str:
    """The path of Debian's browser."""
    if not Path("/usr/bin/chromium").exists():
        leave_out(request, "Chromium")
    return "/usr/bin/chromium"


def leave_out(request: pytest.FixtureRequest, what: str) -> None:
    """Leave tests out where something cannot be had, and say so; in CI that is a failure."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is not installed", pytrace=False)
    pytest.skip(f"left out: {what} is not installed")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say the figures; name each test that was left out, and why: a run without a database is not a run on it."""
    figures = [
        (one.nodeid, seen) for one in terminalreporter.stats.get("passed", []) for _, seen in one.user_properties
    ]
    for test, seen in sorted(figures):
        terminalreporter.write_line(f"{test}: {seen}")
    skipped = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    terminalreporter.write_sep("=", f"{len(skipped)} tests were NOT RUN", red=True)
    for report in sorted(skipped, key=lambda one: one.nodeid):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple | list) else report.longrepr
        terminalreporter.write_line(f"NOT RUN: {report.nodeid}: {reason}", red=True)
