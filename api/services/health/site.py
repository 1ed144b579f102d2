"""What the doctor looks at: a store, the address it is served under, and the machine's own folders.

Promises that every check gets all it needs from here, so that a test can show it a sick machine. Must never hold a key
of its own.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from api.sealed.store import Store

ROOT = Path("/")


class Grade(IntEnum):
    """How bad a finding is; the number is the command's exit status."""

    KNOW = 0
    MEND = 1
    BROKEN = 2


@dataclass(frozen=True, slots=True)
class Site:
    """The store under its public address; `machine` is where /proc, /sys and /etc hang, `environment` what is set."""

    store: Store
    origin: str
    machine: Path = ROOT
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def text(self, path: str) -> str:
        """Return a file of the machine, or nothing where it has none."""
        file = self.machine / path
        return file.read_text("utf-8", "replace") if file.is_file() else ""

    def set(self, *prefixes: str) -> list[str]:
        """Return the names of environment variables that begin so and are not empty."""
        return sorted(name for name, value in self.environment.items() if value and name.startswith(prefixes))
