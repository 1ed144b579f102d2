"""Columns of the work on cases: received, who answers for it, stage, the next day due, closed; five numbers a case.

Promises that a row comes back as it went in. Must never hold what a task says: its day alone.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.columns.coding import day_text

Body = Mapping[str, Sequence[Mapping[str, Any]]]
DAYS = ("received", "due", "closed")
WORDS = ("owner", "stage")


@dataclass(frozen=True, slots=True)
class Work:
    """For each of n cases: three days as numbers, 0 for none, and codes of owner and stage in `words`, "" first."""

    days: Mapping[str, NDArray[np.uint16]] = field(repr=False)
    codes: Mapping[str, NDArray[np.uint16]] = field(repr=False)
    words: tuple[str, ...] = field(repr=False)


def row(body: Body) -> bytes:
    """Return what the columns hold of one control section, as JSON."""
    head = next(iter(body.get("case", ())), {})
    waiting = [day_text(one["due"]) for one in body.get("task", ()) if "due" in one and "done_on" not in one]
    waiting += [day_text(one.get("on")) for one in body.get("deadline", ()) if "met_on" not in one]
    days = [day_text(head.get("received_on")), min(filter(None, waiting), default=0), day_text(head.get("closed_on"))]
    return json.dumps([*days, str(head.get("owner", "")), str(head.get("stage", ""))]).encode()


def pack(bodies: Sequence[bytes]) -> bytes:
    """Return the columns of rows in their order."""
    rows = [json.loads(body) if body else [0, 0, 0, "", ""] for body in bodies]
    words = sorted({"", *(str(word) for one in rows for word in one[3:])})
    places = {word: place for place, word in enumerate(words)}
    head = json.dumps([len(rows), words]).encode()
    head = head.ljust((len(head) + 7) // 8 * 8 + 4)
    columns = [np.array([one[place] for one in rows], "<u2") for place in range(3)]
    columns += [np.array([places[str(one[place])] for one in rows], "<u2") for place in (3, 4)]
    return b"".join([len(head).to_bytes(4, "little"), head, *(column.tobytes() for column in columns)])


def unpack(blob: memoryview) -> Work:
    """Return the columns of `pack`, without copying them."""
    length = int.from_bytes(blob[:4], "little")
    rows, words = json.loads(bytes(blob[4 : 4 + length]))
    columns = np.frombuffer(blob, "<u2", 5 * rows, 4 + length).reshape(5, rows)
    return Work(dict(zip(DAYS, columns, strict=False)), dict(zip(WORDS, columns[3:], strict=True)), tuple(words))


def bodies(columns: Work) -> list[bytes]:
    """Return the rows again, as `row` made them."""
    days = [columns.days[name].tolist() for name in DAYS]
    words = [[columns.words[code] for code in columns.codes[name].tolist()] for name in WORDS]
    return [json.dumps(list(one)).encode() for one in zip(*days, *words, strict=True)]
