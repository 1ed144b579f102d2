"""`docs/api.md` is run line by line: where it lags behind the API, this fails."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import leave_out
from tests.story.servers import Running, server

ROOT = Path(__file__).parents[2]
# What the page shows being refused, in its order: a stale version, no reason, a revoked grant, an erased case.
REFUSED = ["412", "428", "404", "404"]
BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.M | re.S)


@pytest.fixture
def running(request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path) -> Iterator[Running]:
    if not shutil.which("curl"):
        leave_out(request, "curl")
    with server(sqlite_url, tmp_path / "store") as started:
        yield started


def blocks(page: str) -> list[tuple[str, str]]:
    """Return each block of lines with the output that the page promises, "" where it promises none."""
    found: list[tuple[str, str]] = []
    for kind, text in BLOCK.findall(page):
        found = [*found, (text, "")] if kind == "sh" else [*found[:-1], (found[-1][0], text)]
    return found


def run(page: str, running: Running, folder: Path) -> tuple[int, str]:
    """Run a page in one shell, each block's output in a file; return the status and what was said on the way."""
    folder.mkdir()
    authenticator = folder / "oathtool"
    authenticator.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m tests.story.oathtool "$@"\n')
    authenticator.chmod(0o700)
    numbered = enumerate(text for text, _ in blocks(page))
    lines = "".join(f"{{\n{text}\n}} > out.{number}\n" for number, text in numbered)
    known = {"HOST": running.url, "FOUNDING": running.code, "PATH": f"{folder}:{os.environ['PATH']}"}
    shell = ["bash", "-c", f"set -eu\n{lines}"]
    done = subprocess.run(shell, cwd=folder, env={**os.environ, **known}, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stderr


def test_every_line_of_the_page_does_what_it_says(running: Running, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    said = blocks(page)
    assert len(said) > 15
    status, complaints = run(page, running, tmp_path / "desk")
    assert (status, re.findall(r"error: (\d+)", complaints)) == (0, REFUSED), complaints
    for number, (text, promised) in enumerate(said):
        if promised:
            assert (tmp_path / "desk" / f"out.{number}").read_text() == promised, text


def test_a_line_that_lags_behind_is_caught(running: Running, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    status, said = run(page.replace("$API/founding", "$API/foundation"), running, tmp_path / "desk")
    assert (status, "404" in said) == (22, True)
