"""Frozen vectors: segments and rows that were sealed once open for ever, whatever the catalogue's lists become."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from api.catalogue.compartments import Compartment
from api.columns import facts, work
from api.columns.frame import opened, read_ids
from api.columns.kinds import FACTS
from api.columns.tally import dimension, tally
from api.crypto import Key, Sealed, Shred, unwrap
from api.errors import Tampered
from api.sealed.segments import Ring, open_part, use_key
from api.sealed.tails import entry_place

V: dict[str, Any] = json.loads((Path(__file__).parent / "vectors.json").read_text("utf-8"))
C = Compartment
RING = Ring("desk", {(C.FACTS, 1): Key(bytes.fromhex(V["key"]))})
SHRED = Shred(bytes.fromhex(V["shred"]))
PART = Sealed(bytes.fromhex(V["part"]))


def test_columns_of_the_past_give_back_their_rows() -> None:
    columns = facts.unpack(memoryview(bytes.fromhex(V["facts"])))
    assert facts.bodies(columns) == [row.encode() for row in V["facts_rows"]]
    assert work.bodies(work.unpack(memoryview(bytes.fromhex(V["work"])))) == [row.encode() for row in V["work_rows"]]


def test_fields_that_the_catalogue_got_since_were_not_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(facts, "FIELDS", {entity: fields[1:] for entity, fields in facts.FIELDS.items()})
        packed = facts.pack([facts.row(json.loads(row)) for row in V["facts_rows"]])
    columns = facts.unpack(memoryview(packed))
    for entity, fields in facts.FIELDS.items():
        one = dimension(f"{entity}.{fields[0].name}")
        assert set(tally([(columns, np.ones(2, np.bool_))], [one]).values[0]) == {""}
    assert json.loads(facts.bodies(columns)[0]).keys() == json.loads(V["facts_rows"][0]).keys()


def test_a_segment_of_the_past_opens() -> None:
    blob = open_part(RING, FACTS, ("segment", 1, SHRED), C.FACTS, PART)
    assert blob.hex() == V["frame"]
    found = opened(blob)
    assert (read_ids(found.ids), found.versions.tolist()) == (V["ids"], V["versions"])
    assert facts.bodies(facts.unpack(found.columns))[0].decode() == V["facts_rows"][0]


def test_a_row_of_a_tail_of_the_past_opens() -> None:
    use = use_key(RING, 1, SHRED, "segment", C.FACTS)
    row = unwrap(use, entry_place("segment", V["ids"][0], C.FACTS), Sealed(bytes.fromhex(V["tail"])))
    assert (int.from_bytes(row[:4], "big"), row[4:].decode()) == (V["versions"][0], V["facts_rows"][0])


@pytest.mark.parametrize(
    ("desk", "kind", "segment", "shred"),
    [
        ("other", FACTS, "segment", SHRED),
        ("desk", "names", "segment", SHRED),
        ("desk", FACTS, "other", SHRED),
        ("desk", FACTS, "segment", Shred(bytes(32))),
    ],
)
def test_in_any_other_place_it_does_not(desk: str, kind: str, segment: str, shred: Shred) -> None:
    with pytest.raises(Tampered):
        open_part(Ring(desk, RING.keys), kind, (segment, 1, shred), C.FACTS, PART)
