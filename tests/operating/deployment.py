"""What docs/deploy.md tells an operator to write, taken out of the page block by block."""

import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import leave_out

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "deploy.md"
BLOCK = re.compile(r"^\*\*`([^`\n]+)`\*\*\n\n```\w*\n(.*?)^```$", re.M | re.S)


def blocks() -> dict[str, str]:
    """Return each file of the page by its path."""
    return dict(BLOCK.findall(PAGE.read_text("utf-8")))


def block(ending: str) -> str:
    """Return the one file whose path ends so."""
    (found,) = (body for path, body in blocks().items() if path.endswith(ending))
    return found


def program(request: pytest.FixtureRequest, name: str) -> str:
    """Return the path of a program, or leave the test out where it is not installed."""
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if found is None:
        leave_out(request, name)
    return str(found)
