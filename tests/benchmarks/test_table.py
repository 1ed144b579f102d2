"""The table of comparisons: peers that answer alike, differences that are caught, rows that fail and say so."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from api.ids import new_id
from benchmarks import invented, results, rows, told
from benchmarks.peers import Peer, peers
from benchmarks.results import Result, against, tolerant, within
from benchmarks.rows import Different

COUNT = 400


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory, cluster: Any) -> Iterator[tuple[list[Peer], list[str]]]:
    found = peers(tmp_path_factory.mktemp("peers"), cluster.url("peers"))
    made = [(new_id(), one) for one in invented.many(COUNT)]
    for peer in found:
        peer.load(made)
        peer.settle()
    yield found, [case_id for case_id, _ in made]
    for peer in found:
        peer.close()


def test_the_cases_are_the_same_in_every_run_and_nobody_is_in_them_twice() -> None:
    one, again = invented.invent(77), invented.invent(77)
    assert one == again
    assert one.sections != invented.invent(78).sections
    text = one.sections["narrative"]["statement"][0]["text"]
    assert 580 <= len(text) <= invented.LENGTH
    facts = one.sections["facts"]
    coded = [name for entity in facts.values() for entry in entity for name in entry if name not in ("id", "title")]
    assert len(coded) >= 15


def test_the_peers_answer_alike(three: tuple[list[Peer], list[str]]) -> None:
    found, ids = three
    assert [peer.name for peer in found] == ["SQLite", "PostgreSQL", "SQLCipher"]
    counted = [sorted(map(tuple, peer.statistics())) for peer in found]
    assert counted[0] == counted[1] == counted[2]
    assert sum(row[-1] for row in counted[0]) == COUNT
    for wanted in ({"status": invented.STATUS[0]}, {"act": invented.ACTS[0], "region": invented.REGIONS[0]}):
        pages = [[row.received_on for row in peer.newest(wanted)] for peer in found]
        assert pages[0] == pages[1] == pages[2] == sorted(pages[0], reverse=True)
    words = invented.words()[:2]
    hits = [peer.scanned(words) for peer in found] + [peer.indexed(words) for peer in found]
    assert hits[0]
    assert all(one == hits[0] for one in hits)
    assert len({peer.open(ids[3])["narrative"] for peer in found}) == 1
    assert all(peer.size() > 100_000 for peer in found)
    assert found[1].statistics_inside() > 0


def test_sqlcipher_holds_no_clear_word(three: tuple[list[Peer], list[str]]) -> None:
    word = invented.words()[0].encode()
    on_disk = {
        peer.name: b"".join(one.read_bytes() for one in peer.folder.rglob("*.db")) for peer in three[0] if peer.folder
    }
    assert word in on_disk["SQLite"]
    assert word not in on_disk["SQLCipher"]


def opened(number: int) -> Mapping[str, Any]:
    return invented.invent(number).sections


def test_another_case_in_the_place_of_one_is_caught(three: tuple[list[Peer], list[str]]) -> None:
    found, ids = three
    for peer in found:
        rows.same_case(opened(5), peer.open(ids[5]))
        with pytest.raises(Different):
            rows.same_case(opened(6), peer.open(ids[5]))


def test_another_page_is_caught(three: tuple[list[Peer], list[str]]) -> None:
    theirs = three[0][0].newest({"status": invented.STATUS[0]})
    lines = [SimpleNamespace(id=row.id, received_on=row.received_on, refused=False) for row in theirs]
    rows.same_list(SimpleNamespace(lines=lines), theirs)
    short, refused = lines[:-1], [*lines[:-1], SimpleNamespace(**{**vars(lines[-1]), "refused": True})]
    other = [SimpleNamespace(**{**vars(lines[0]), "id": "another"}), *lines[1:]]
    for wrong in (short, refused, other):
        with pytest.raises(Different):
            rows.same_list(SimpleNamespace(lines=wrong), theirs)


def _counted(cells: dict[tuple[str, ...], int], not_counted: int, missing: int) -> SimpleNamespace:
    return SimpleNamespace(found=SimpleNamespace(rows=cells.items), not_counted=not_counted, missing=missing)


def test_other_numbers_and_other_finds_are_caught(three: tuple[list[Peer], list[str]]) -> None:
    theirs = three[0][0].statistics()
    cells = {(f"{x[1]}-{x[2]} {x[0]}", x[3], x[4]): x[5] for x in theirs}
    whole = {"cells": cells, "not_counted": 0, "missing": 0}
    rows.same_counts(_counted(**whole), theirs)
    one = next(iter(cells))
    less = {key: cases for key, cases in cells.items() if key != one}
    for wrong in ({"cells": {**cells, one: 10_000}}, {"cells": less}, {"missing": 3}, {"not_counted": 1}):
        with pytest.raises(Different):
            rows.same_counts(_counted(**{**whole, **wrong}), theirs)
    rows.same_cases(2, {"a"}, {"a", "b"})
    for count, first in ((3, {"a"}), (2, {"c"})):
        with pytest.raises(Different):
            rows.same_cases(count, first, {"a", "b"})


def test_a_row_that_cannot_run_is_a_row_that_is_missed(tmp_path: Path) -> None:
    found = list[Result]()
    with tolerant(found, "planted"):
        raise Different
    assert [(one.name, one.met, one.note.startswith("Different at")) for one in found] == [("planted", False, True)]
    results.write(tmp_path / "r.json", found, 20)
    [written] = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert {"name", "ours_ms", "peer", "peer_ms", "ratio", "goal", "met"} <= written.keys()


def test_a_run_replaces_its_own_rows_and_no_others(tmp_path: Path) -> None:
    for size, figure in ((200, 1.0), (20, 2.0), (200, 3.0)):
        results.write(tmp_path / "r.json", [results.seen("x", figure)], size)
    written = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert [(one["size"], one["ours_ms"]) for one in written] == [(20, 2.0), (200, 3.0)]


def test_a_miss_is_never_rounded_into_a_hit() -> None:
    assert against("x", 1.0004, "SQLite", 1.0, 1).met is False
    assert against("x", 1.0, "SQLite", 1.0, 1).met is True
    assert against("x", 1.0, "SQLite", 0.0, 1).met is False
    assert against("x", -0.1, "SQLite", 1.0, 1).met is False
    assert against("x", 5.0, "SQLite", 1.0, None).met is None
    assert within("x", 25.0004, 25).met is False


def test_recall_is_of_those_who_are_meant() -> None:
    bench = SimpleNamespace(meant={who: {who[0]} for _, who in invented.asked_for()})
    assert rows.recall(bench, lambda asked: set()) == 0
    everyone = {who[0] for _, who in invented.asked_for()}
    assert rows.recall(bench, lambda asked: everyone) == 1


def test_every_compared_row_has_its_goals() -> None:
    assert all(set(goals) <= {"SQLite", "PostgreSQL", "SQLCipher"} for goals in rows.GOALS.values())
    assert len(rows.GOALS) == 10
    assert {row.name for row in rows.ROWS} == rows.GOALS.keys() - {"a log entry, durable", "load", "size"}


def test_the_page_has_the_figures_of_the_results_and_no_others() -> None:
    page, rows = told.PAGE.read_text("utf-8"), json.loads(told.RESULTS.read_text("utf-8"))
    assert told.written(page, rows) == page
    wrong = [{**one, "ours_ms": one["ours_ms"] + 1} for one in rows]
    assert told.written(page, wrong) != page


def test_the_page_says_which_rows_are_missed() -> None:
    one = {"size": 20, **vars_of(against("log", 2, "SQLite", 1, 1))}
    other = {"size": 20, **vars_of(within("list", 2, 5))}
    text = "\n".join(told.told([one, other]))
    assert "| log | SQLite | ≤ 1x | 2 / 1 = 2×, **missed** |" in text
    assert "| list |  | ≤ 5 ms | 2, met |" in text


def vars_of(one: Result) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__slots__}
