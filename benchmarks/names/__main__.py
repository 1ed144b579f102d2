"""`make eval-names`: precision, recall and F1 of `similarity` by kind of pair, at both bands.

Promises our own pairs always, and those of a file with columns a, b, same, kind when one is named. Must never print
more than `--show` pairs that were judged wrongly.
"""

import argparse
import csv
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from api.names import POSSIBLY_SAME, PROBABLY_SAME, similarity
from benchmarks.names.pairs import NamePair, pairs

Scored = tuple[float, NamePair]
HEAD = f"{'':<28}{'pairs':>7}{'probably':>10}{'possibly':>10}"


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("file", nargs="?", type=Path)
    arguments.add_argument("--show", type=int, default=0)
    asked = arguments.parse_args()
    report("our own pairs", pairs(), asked.show)
    if asked.file:
        report(asked.file.name, from_file(asked.file), asked.show)


def from_file(path: Path) -> list[NamePair]:
    """Return the pairs of a file."""
    with path.open(encoding="utf-8", newline="") as lines:
        return [NamePair(row["a"], row["b"], row["same"] == "1", row["kind"]) for row in csv.DictReader(lines)]


def report(title: str, found: Iterable[NamePair], show: int) -> None:
    """Score the pairs and print them by kind: how many were judged rightly in each band."""
    asked = list(found)
    start = time.perf_counter()
    scored = [(similarity(pair.a, pair.b), pair) for pair in asked]
    speed = len(asked) / (time.perf_counter() - start)
    print(f"{title}: {len(asked)} pairs, {speed:.0f} pairs a second with reading\n{HEAD}")
    for kind, some in by_kind(scored).items():
        print(f"{kind:<28}{len(some):>7}{right(some, PROBABLY_SAME):>10.3f}{right(some, POSSIBLY_SAME):>10.3f}")
        for value, pair in sorted(wrong(some), key=lambda one: one[0])[:show]:
            print(f"    {value:.2f}  {pair.a} | {pair.b}")
    for name, band in (("probably", PROBABLY_SAME), ("possibly", POSSIBLY_SAME)):
        print("{}: precision {:.3f}, recall {:.3f}, F1 {:.3f}".format(name, *figures(scored, band)))


def by_kind(scored: Sequence[Scored]) -> dict[str, list[Scored]]:
    """Return the scored pairs of each kind."""
    kinds = defaultdict[str, list[Scored]](list)
    for one in scored:
        kinds[one[1].kind].append(one)
    return dict(kinds)


def right(scored: Sequence[Scored], band: float) -> float:
    """Return the share of pairs on the right side of a band."""
    return sum((value >= band) == pair.same for value, pair in scored) / len(scored)


def wrong(scored: Sequence[Scored]) -> list[Scored]:
    """Return the pairs on the wrong side of the upper band."""
    return [(value, pair) for value, pair in scored if (value >= PROBABLY_SAME) != pair.same]


def figures(scored: Sequence[Scored], band: float) -> tuple[float, float, float]:
    """Return precision, recall and F1 in a band."""
    found = [pair.same for value, pair in scored if value >= band]
    precision = sum(found) / max(1, len(found))
    recall = sum(found) / max(1, sum(pair.same for _, pair in scored))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


if __name__ == "__main__":
    main()
