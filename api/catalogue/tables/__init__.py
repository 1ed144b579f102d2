"""The tables that the catalogue is read from: comma-separated, UTF-8, one header line.

Promises that a lawyer can open them in a spreadsheet. Must never hold anything about a person.
"""

import csv
from functools import cache
from importlib.resources import files


@cache
def read_table(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a packaged table, such as `terms`, in their order; every row has every column."""
    lines = files(__name__).joinpath(f"{name}.csv").read_text("utf-8").splitlines()
    return tuple(csv.DictReader(lines, strict=True))
