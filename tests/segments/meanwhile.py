"""What others do between the two moments of a tidying: after its first look, and before it holds the writers' turn."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from api.sealed import remaking


@contextmanager
def meanwhile(step: Callable[[], None]) -> Iterator[None]:
    """Do `step` once the lost rows were made again, and before they are written."""
    rows = remaking.rows

    def then(*asked: Any) -> list[remaking.Remade]:
        found = rows(*asked)
        step()
        return found

    remaking.rows = then
    try:
        yield
    finally:
        remaking.rows = rows
