"""Lists: each is given out in pages, `lines` and the cursor `next`, which is asked for with `after`.

Promises that a line which comes or goes in between moves no other out of sight. Must never give out a list without end.
"""

from collections.abc import Callable, Iterable
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

SIZE = 50
Line = TypeVar("Line")
After = Annotated[str, Query(max_length=80)]


class Page(BaseModel, Generic[Line]):
    """A page of a list; `next` is the cursor of the page after it, "" on the last one."""

    lines: list[Line]
    next: str


def page_of(rows: Iterable[Line], after: str, named: Callable[[Line], str]) -> Page[Line]:
    """Return the page after a cursor, in the order of the names that `named` gives; each is unique."""
    left = sorted((row for row in rows if named(row) > after), key=named)
    shown = left[:SIZE]
    return Page(lines=shown, next=named(shown[-1]) if len(left) > SIZE else "")
