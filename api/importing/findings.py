"""What is said of an import: how it stands, and what is found in its table, the first findings by row.

Promises a bounded list whatever the table brings. Must never hold a cell.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

MOST_FINDINGS = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """What is to be said of a row: the field or `row`, and a code; `like` is the code of a case or a row's number."""

    row: int
    place: str
    code: str
    like: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: rows read, of how many (0 while nobody knows), cases made, rows that are left out.

    `findings` are the first of what was found, `broken` and `doubled` how many rows in all; `done` for the last one.
    """

    row: int = 0
    rows: int = 0
    fit: int = 0
    made: int = 0
    broken: int = 0
    doubled: int = 0
    done: bool = False
    findings: Sequence[Finding] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class ImportLine:
    """An import that waits: at which desk, in which state, how far."""

    id: str
    desk: str
    state: str
    row: int
    rows: int
    made: int


@dataclass(frozen=True, slots=True)
class ImportView:
    """An import as it stands: its titles as the table has them, those that the mapping leaves out, and the state."""

    id: str
    desk: str
    state: str
    row: int
    rows: int
    made: int
    mapping: str = field(repr=False)
    titles: tuple[str, ...] = field(repr=False)
    unused: tuple[str, ...] = field(repr=False)


@dataclass(slots=True)
class Tally:
    """What a pass over the table has found so far."""

    rows: int = 0
    row: int = 0
    fit: int = 0
    made: int = 0
    broken: int = 0
    doubled: int = 0
    findings: list[Finding] = field(default_factory=list, repr=False)

    def find(self, found: Iterable[Finding]) -> None:
        """Keep the first findings; the numbers say how many there are in all."""
        self.findings += islice(found, max(0, MOST_FINDINGS - len(self.findings)))

    def said(self) -> Progress:
        """Return how far it is."""
        numbers = (self.row, self.rows, self.fit, self.made, self.broken, self.doubled)
        return Progress(*numbers, findings=tuple(self.findings))

    def ended(self) -> Progress:
        """Return the last word: how many rows there are is known now."""
        return replace(self.said(), rows=self.row, done=True)
