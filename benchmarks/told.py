"""`python -m benchmarks.told`: the figures of `results.json` as the tables of `docs/performance.md`.

Promises every row that was promised, the missed ones as such. Must never let a figure stand there that no run gave.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results.json")
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- figures: written by benchmarks.told -->\n", "<!-- end of figures -->\n"
GROWS = re.compile(r"(.+), at ([\d,]+) cases")
Row = Mapping[str, Any]


def main() -> None:
    """Write the tables."""
    PAGE.write_text(written(PAGE.read_text("utf-8"), json.loads(RESULTS.read_text("utf-8"))), "utf-8")


def written(page: str, rows: Sequence[Row]) -> str:
    """Return the page with the tables of these rows."""
    before, rest = page.split(BEGIN)
    return before + BEGIN + "\n".join(told(rows)) + "\n" + END + rest.split(END)[1]


def told(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of the tables."""
    sizes = sorted({one["size"] for one in rows})
    machines = {one["note"] for one in rows if one["name"] == f"{one['size']:,} cases"}
    yield f"\nMachine: {'; '.join(sorted(machines))}."
    yield "Each cell: ours / theirs = ratio, in milliseconds where the row does not say otherwise.\n"
    yield from _table([one for one in rows if one["goal"]], sizes)
    yield "\nTold beside, with nothing promised:\n"
    beside = [one for one in rows if not one["goal"] and not GROWS.fullmatch(one["name"]) and one["ours_ms"]]
    yield from _table(beside, sizes)
    yield "\nGrowth, within one run of the largest size; each with its log entry:\n"
    yield from _growth([one for one in rows if one["size"] == sizes[-1]])


def _table(rows: Sequence[Row], sizes: Sequence[int]) -> Iterator[str]:
    yield "| row | against | goal | " + " | ".join(f"{size:,} cases" for size in sizes) + " |"
    yield "|---" * (3 + len(sizes)) + "|"
    cells = {(_place(one), one["size"]): _cell(one) for one in rows}
    for name, peer, goal in dict.fromkeys(map(_place, rows)):
        each = [cells.get(((name, peer, goal), size), "") for size in sizes]
        yield f"| {name} | {peer} | {goal.replace('<=', '≤').replace('>=', '≥')} | " + " | ".join(each) + " |"


def _place(one: Row) -> tuple[str, str, str]:
    return re.sub(r" of [\d,]+ records", "", one["name"]), one["peer"], one["goal"]


def _cell(one: Row) -> str:
    mark = {True: ", met", False: ", **missed**", None: ""}[one["met"]]
    if one["peer"]:
        return f"{_figure(one['ours_ms'])} / {_figure(one['peer_ms'])} = {_figure(one['ratio'])}×{mark}"
    return f"{_figure(one['ours_ms'])}{mark}"


def _figure(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _growth(rows: Sequence[Row]) -> Iterator[str]:
    found = [(match[1], match[2], one["ours_ms"]) for one in rows if (match := GROWS.fullmatch(one["name"]))]
    counts = list(dict.fromkeys(count for _, count, _ in found))
    yield "| work | " + " | ".join(f"{count} cases" for count in counts) + " |"
    yield "|---" * (1 + len(counts)) + "|"
    for name in dict.fromkeys(name for name, _, _ in found):
        yield f"| {name} | " + " | ".join(_figure(ms) for one, _, ms in found if one == name) + " |"


if __name__ == "__main__":
    main()
