"""Frozen vectors of names and words: what was written once is found by today's questions.

A rule of reading or of stems that changes these bytes blinds the segments that are there: then the change says in the
change log that `lastheard rebuild-segments` has to follow.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from api.columns import names, narratives
from api.columns.asking import candidates
from api.columns.stems import stems
from api.names import PROBABLY_SAME, keys

V: dict[str, Any] = json.loads((Path(__file__).parent / "searched.json").read_text("utf-8"))
NAMES = names.unpack(memoryview(bytes.fromhex(V["names"])))
WORDS = narratives.unpack(memoryview(bytes.fromhex(V["words"])))


def test_rows_are_written_as_they_were() -> None:
    assert names.row(V["identity"]).hex() == V["names_row"]
    assert narratives.row(V["narrative"]).hex() == V["words_row"]


def test_columns_of_the_past_give_back_their_rows() -> None:
    assert [row.hex() for row in names.bodies(NAMES)] == [V["names_row"], ""]
    assert [row.hex() for row in narratives.bodies(WORDS)] == ["", V["words_row"]]


@pytest.mark.parametrize("line", ["Полозову Мергену", "Polozow Mergen", "Палозаў Мерген", "Полозов М.З."])
def test_a_name_of_the_past_is_found(line: str) -> None:
    ((row, score),) = candidates(NAMES, line)
    assert row == 0
    assert score >= PROBABLY_SAME


def test_words_of_the_past_are_found() -> None:
    (found,) = narratives.find([WORDS], stems("колония этапы"))
    assert found.tolist() == [1]


def test_another_rule_of_keys_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_TOLD_APART", {})
    assert names.row(V["identity"]).hex() != V["names_row"]
