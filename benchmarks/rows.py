"""What is measured: our services beside the peers, which do the same work; each answer is compared before it is timed.

Promises medians, and a figure only where both sides found the same. Must never count the log's own write in another
row: it is a row of its own.
"""

import itertools
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks import invented
from benchmarks.ours import Ours
from benchmarks.ours import found as found_by
from benchmarks.peers import Peer
from benchmarks.results import Result, against, median_ms, seen, timed, tolerant, within

COMMON = {"status": invented.STATUS[0]}
ANY = {"act": invented.ACTS[2], "region": invented.REGIONS[3]}
# Row -> for each peer how many times its time ours may take.
GOALS: Mapping[str, Mapping[str, float]] = {
    "full statistics": {"SQLite": 0.1, "PostgreSQL": 0.1, "SQLCipher": 0.1},
    "fuzzy cross-script name": {"SQLite": 0.2, "PostgreSQL": 0.6, "SQLCipher": 0.3},
    "words in all narratives": {"SQLite": 0.3, "PostgreSQL": 1, "SQLCipher": 0.15},
    "open a case": {"SQLite": 3, "PostgreSQL": 0.5, "SQLCipher": 1},
    "newest 50, common filter": {"SQLite": 3, "PostgreSQL": 2.5, "SQLCipher": 4},
    "newest 50, any filter": {"SQLite": 20, "PostgreSQL": 8, "SQLCipher": 8},
    "durable insert of a case": {"SQLite": 1.5, "PostgreSQL": 2, "SQLCipher": 0.6},
    "a log entry, durable": {"SQLite": 1, "PostgreSQL": 1},
    "load": {"SQLite": 3, "PostgreSQL": 3, "SQLCipher": 1.5},
    "size": {"SQLite": 1.25, "PostgreSQL": 1.25, "SQLCipher": 1.25},
}
INSIDE, ANY_MS, RECALL = 0.3, 5.0, 0.97
PAGE = 50


@dataclass
class Bench:
    """Both sides with the same cases, and who is meant by each name that is asked for."""

    ours: Ours
    peers: list[Peer]
    ids: list[str] = field(default_factory=list)
    meant: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def some(self, at: int) -> str:
        """Return one of 64 cases of all times."""
        return self.ids[at % 64 * len(self.ids) // 64]

    def know(self, case_id: str, one: invented.Invented) -> None:
        """Remember a case that both sides have now."""
        self.ids.append(case_id)
        for _, who in invented.asked_for():
            if who == one.who:
                self.meant.setdefault(who, set()).add(case_id)


@dataclass(frozen=True)
class Compared:
    """A row: our work, theirs, and what both must have said; who `reads` leaves an entry, which is taken off ours."""

    name: str
    ours: Callable[[Bench, int], object]
    theirs: Callable[[Bench, Peer, int], object]
    same: Callable[[Bench, Peer], object]
    times: int = 20
    reads: bool = True
    note: Callable[[Bench], str] = lambda _: ""


def compared(bench: Bench) -> Iterator[Result]:
    """Yield the rows that are ratios."""
    found = list[Result]()
    for row in ROWS:
        with tolerant(found, row.name):
            for peer in bench.peers:
                row.same(bench, peer)
            ours, note = _ours(bench, row), row.note(bench)
            for peer in bench.peers:
                theirs = median_ms(lambda at, peer=peer, row=row: row.theirs(bench, peer, at), row.times)
                found.append(against(row.name, ours, peer.name, theirs, GOALS[row.name].get(peer.name), note))
            found += _besides(bench, row.name, ours)
    found += _logged(bench)
    yield from found


def _ours(bench: Bench, row: Compared) -> float:
    return _reading(bench, row) if row.reads else median_ms(lambda at: row.ours(bench, at), row.times)


def _reading(bench: Bench, row: Compared) -> float:
    """Return what a reading takes without its entry in the log: the two by turns, without waiting for the disk."""
    with bench.ours.unsynced():
        both, entry = list[float](), list[float]()
        for at in range(row.times + 2):
            both.append(timed(lambda at=at: row.ours(bench, at)))
            entry.append(timed(bench.ours.log))
    return statistics.median(both[2:]) - statistics.median(entry[2:])


def _logged(bench: Bench) -> Iterator[Result]:
    name, log = "a log entry, durable", median_ms(lambda _: bench.ours.log(), 100)
    for peer in bench.peers:
        theirs = median_ms(lambda _, peer=peer: peer.log("case:read"), 100)
        yield against(name, log, peer.name, theirs, GOALS[name].get(peer.name))


def _besides(bench: Bench, name: str, ours: float) -> Iterator[Result]:
    """Yield what a row promises beside its ratios."""
    postgresql = next(one for one in bench.peers if one.dialect == "postgresql")
    if name == "full statistics":
        inside = sorted(postgresql.statistics_inside() for _ in range(7))[3]
        yield against(f"{name}, inside the server", ours, "PostgreSQL", inside, INSIDE)
    if name == "newest 50, any filter":
        yield within(f"{name}, alone", ours, ANY_MS)
        pages = bench.ours.pages()
        first = statistics.median([timed(lambda: next(pages)) for _ in range(12)][2:])
        yield seen("newest 50, a page that was never shown", first, "its log entry included")
    if name == "fuzzy cross-script name":
        share = recall(bench, lambda asked: found_by(bench.ours.names, asked, 150))
        yield Result(f"{name}, recall", round(share, 3), goal=f">= {RECALL}", met=share >= RECALL)
    if name == "words in all narratives":
        for peer in bench.peers:
            theirs = median_ms(lambda _, peer=peer: peer.indexed(invented.asked_words()), 10)
            note = "where a plain database wins"
            yield against(f"{name}, their full-text index", ours, peer.name, theirs, None, note)


def recall(bench: Bench, find: Callable[[str], set[str]]) -> float:
    """Return which part of those who are meant is found."""
    meant = {asked: bench.meant.get(who, set()) for asked, who in invented.asked_for()}
    found = sum(len(find(asked) & wanted) for asked, wanted in meant.items())
    return found / max(1, sum(map(len, meant.values())))


def _recalls(bench: Bench) -> str:
    shares = [f"{peer.name} {recall(bench, peer.names):.3f}" for peer in bench.peers]
    return "recall of the peers: " + ", ".join(shares)


class Different(AssertionError):
    """Both sides were asked the same and said something else."""


def _require(same: bool) -> None:
    if not same:
        raise Different


def same_case(ours: Mapping[Any, Any], theirs: Mapping[str, Any]) -> None:
    """Raise Different unless both opened the same case."""
    act, person = ours["facts"]["act"][0], ours["identity"]["person"][0]
    _require((person["name"], person["name_latin"]) == (theirs["name"], theirs["name_latin"]))
    _require(ours["narrative"]["statement"][0]["text"] == theirs["narrative"])
    _require(
        (act["type"], act["outcome"], act["when"]["edtf"]) == (theirs["act"], theirs["outcome"], theirs["acted_on"])
    )


def same_list(ours: Any, theirs: Sequence[Any]) -> None:
    """Raise Different unless both pages hold the same days in the same order, with the same states."""
    _require([one.received_on for one in ours.lines] == [row.received_on for row in theirs])
    _require(len(theirs) > 0 and not any(one.refused for one in ours.lines))
    last = theirs[-1].received_on if len(theirs) == PAGE else ""
    _require({one.id for one in ours.lines if one.received_on > last} == {r.id for r in theirs if r.received_on > last})


def same_cases(count: int, first: set[str], theirs: set[str]) -> None:
    """Raise Different unless as many were found, and the first of ours are among theirs."""
    _require(count == len(theirs) and first <= theirs)


def same_counts(ours: Any, theirs: Sequence[Any]) -> None:
    """Raise Different unless facility, outcome and month have the same numbers."""
    counted = {(f"{row.place_kind}-{row.place_number} {row.region}", row.outcome, row.month): row[-1] for row in theirs}
    _require(dict(ours.found.rows()) == counted)
    _require((ours.not_counted, ours.missing) == (0, 0))


def sizes(bench: Bench, seconds: Mapping[str, float]) -> Iterator[Result]:
    """Yield the load and the size."""
    ours, count = bench.ours.size(), len(bench.ids)
    for peer in bench.peers:
        each = {one: seconds[one] * 1000 / count for one in ("ours", peer.name)}
        note = "a case"
        yield against("load", each["ours"], peer.name, each[peer.name], GOALS["load"][peer.name], note)
    for peer in bench.peers:
        theirs = peer.size()
        yield against("size", ours / 2**20, peer.name, theirs / 2**20, GOALS["size"][peer.name], "MiB")


def brought_in(bench: Bench) -> Iterator[Result]:
    """Yield an import of 20,000 records, or of as many as there are cases, compared with all that the desk has."""
    count = min(20_000, len(bench.ids))
    took = timed(lambda: bench.ours.bring_in(invented.many(30_000_000 + count, 30_000_000)))
    yield within(f"import of {count:,} records, preview included", took, 180_000)


def growth(bench: Bench) -> Iterator[Result]:
    """Yield what our side takes with the cases that there are now: segments grow, and nothing with their square."""
    count, found = len(bench.ids), list[Result]()
    asked, line = invented.asked_for(), " ".join(invented.asked_words())
    work: Mapping[str, Callable[[int], object]] = {
        "newest 50, any filter": lambda _: bench.ours.newest(ANY),
        "full statistics": lambda _: bench.ours.statistics(),
        "fuzzy cross-script name": lambda at: bench.ours.names(asked[at % len(asked)][0]),
        "words in all narratives": lambda _: bench.ours.words(line),
        "the one box: names and words together": lambda at: bench.ours.box(asked[at % len(asked)][0]),
        "open a case": lambda at: bench.ours.open(bench.ids[-1 - at]),
    }
    for name, one in work.items():
        with tolerant(found, f"{name}, at {count:,} cases"):
            found.append(seen(f"{name}, at {count:,} cases", median_ms(one, 7), "its log entry included"))
    yield from found


def _same_words(bench: Bench, peer: Peer) -> None:
    found = found_by(bench.ours.words, LINE, 200)
    same_cases(bench.ours.words(LINE).found, found, peer.scanned(WORDS))


def _new(peer: Peer) -> tuple[str, invented.Invented]:
    number = next(NEW)
    return f"{peer.name:0>20}{number:06d}"[-26:], invented.invent(number)


ASKED, WORDS = tuple(one for one, _ in invented.asked_for()), invented.asked_words()
LINE, NEW = " ".join(WORDS), itertools.count(10_000_000)
ROWS = (
    Compared(
        "full statistics",
        lambda bench, _: bench.ours.statistics(),
        lambda bench, peer, _: peer.statistics(),
        lambda bench, peer: same_counts(bench.ours.statistics(), peer.statistics()),
        10,
    ),
    Compared(
        "fuzzy cross-script name",
        lambda bench, at: bench.ours.names(ASKED[at % len(ASKED)]),
        lambda bench, peer, at: peer.names(ASKED[at % len(ASKED)]),
        # Who finds whom is no question of the same answer: the recall of each stands beside the row.
        lambda bench, peer: None,
        len(ASKED),
        note=_recalls,
    ),
    Compared(
        "words in all narratives",
        lambda bench, _: bench.ours.words(LINE),
        lambda bench, peer, _: peer.scanned(WORDS),
        _same_words,
        7,
    ),
    *(
        Compared(
            f"newest 50, {name} filter",
            lambda bench, _, wanted=wanted: bench.ours.newest(wanted),
            lambda bench, peer, _, wanted=wanted: peer.newest(wanted),
            lambda bench, peer, wanted=wanted: same_list(bench.ours.newest(wanted), peer.newest(wanted)),
        )
        for name, wanted in {"common": COMMON, "any": ANY}.items()
    ),
    Compared(
        "open a case",
        lambda bench, at: bench.ours.open(bench.some(at)),
        lambda bench, peer, at: peer.open(bench.some(at)),
        lambda bench, peer: same_case(bench.ours.open(bench.some(0)), peer.open(bench.some(0))),
        60,
    ),
    Compared(
        "durable insert of a case",
        lambda bench, _: bench.ours.insert(invented.invent(next(NEW))),
        lambda bench, peer, _: peer.load([_new(peer)]),
        lambda bench, peer: None,
        40,
        # Its entry commits with the case: there is no write of its own to leave out.
        reads=False,
    ),
)
