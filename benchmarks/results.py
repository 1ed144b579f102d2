"""Results: one row of the table for each comparison, printed and written to `results.json`.

Promises that a row which could not run says so and is not met. Must never round a miss into a hit.
"""

import json
import statistics
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

LINE = "{0.name:<52} {ours:>10} {0.peer:<11} {peer:>9} {0.ratio:>7} {0.goal:<10} {mark}"
Work = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Result:
    """One row; times in milliseconds. `met` is None where nothing was promised; `note` says what a figure does not."""

    name: str
    ours_ms: float
    peer: str = ""
    peer_ms: float = 0.0
    ratio: float = 0.0
    goal: str = ""
    met: bool | None = None
    note: str = ""

    def line(self) -> str:
        """Return the row for the terminal."""
        mark = {True: "met", False: "MISSED", None: ""}[self.met] + (f" ({self.note})" if self.note else "")
        return LINE.format(self, ours=f"{self.ours_ms:g}", peer=f"{self.peer_ms:g}" if self.peer else "", mark=mark)


def median_ms(work: Work, times: int) -> float:
    """Return the median of `times` runs, after two that do not count."""
    return statistics.median([timed(lambda at=at: work(at)) for at in range(times + 2)][2:])


def timed(work: Callable[[], object]) -> float:
    """Return the milliseconds that something takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def against(name: str, ours: float, peer: str, theirs: float, most: float | None, note: str = "") -> Result:
    """Return a row that is a ratio to a peer; `most` None where nothing was promised."""
    ratio = ours / theirs if theirs else float("inf")
    # A difference that noise has made negative is no figure, and no hit.
    goal, met = ("", None) if most is None else (f"<= {most:g}x", 0 < ratio <= most)
    return Result(name, round(ours, 3), peer, round(theirs, 3), round(ratio, 3), goal, met, note)


def within(name: str, ours: float, most: float, unit: str = "ms", note: str = "") -> Result:
    """Return a row that is a figure under a bound."""
    return Result(name, round(ours, 3), goal=f"<= {most:g} {unit}", met=ours <= most, note=note)


def seen(name: str, ours: float, note: str = "") -> Result:
    """Return a row that is told and not promised."""
    return Result(name, round(ours, 3), note=note)


@contextmanager
def tolerant(found: list[Result], name: str) -> Iterator[None]:
    """Go on after a row that cannot run, and say which: an error is a row that is not met."""
    try:
        yield
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
        found.append(Result(name, 0.0, goal="runs", met=False, note=where))


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Say how long a part of the run took."""
    print(f"… {name}", flush=True)
    began = time.perf_counter()
    yield
    print(f"… {name}: {time.perf_counter() - began:.1f} s", flush=True)


def write(path: Path, rows: list[Result], size: int) -> None:
    """Write the rows of a run over so many cases beside those of other sizes, the smallest first."""
    before = json.loads(path.read_text("utf-8")) if path.exists() else []
    found = [one for one in before if one["size"] != size] + [{"size": size, **asdict(one)} for one in rows]
    found.sort(key=lambda one: int(one["size"]))
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
