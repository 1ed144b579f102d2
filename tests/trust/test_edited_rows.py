"""Rows that an editor of the database hid while something ended: it has ended all the same, and what lives goes on."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import ColumnElement, delete, insert, select, update

from api.access.doors import enter_case
from api.catalogue.compartments import Compartment
from api.clock import today
from api.columns.frame import marks_of
from api.errors import NotFound, Tampered
from api.models.segments import Segment, TailRow
from api.models.tables import Erasure, Grant, Letter, Section, SessionKey, ShredRow, Table
from api.policy.actions import Action
from api.sealed import bound, registers, roots, shreds
from api.services import erasing_letters, granting, receiving, retaining
from api.services.listing import list_cases
from tests.trust.workflow import Filled, fill, sort_in

C = Compartment
# Rows with the name of their table.
Hidden = list[tuple[str, Mapping[str, Any]]]


@pytest.fixture
def filled(database_url: str, tmp_path: Path) -> Filled:
    return fill(database_url, tmp_path)


def taken(filled: Filled, model: type[Table], where: ColumnElement[bool]) -> Hidden:
    """Take rows away and return them, to be put back."""
    table = Table.metadata.tables[model.__tablename__]
    with filled.world.store.writing() as db:
        rows = [dict(row) for row in db.execute(select(table).where(where)).mappings()]
        db.execute(delete(table).where(where))
    return [(model.__tablename__, row) for row in rows]


def put_back(filled: Filled, rows: Hidden) -> None:
    with filled.world.store.writing() as db:
        for name, row in rows:
            db.execute(insert(Table.metadata.tables[name]).values(row))


def letters(filled: Filled) -> int:
    return len(receiving.open_mailbox(filled.world.store, filled.material).letters)


def test_a_grant_whose_row_was_hidden_while_it_was_revoked_opens_nothing_when_it_is_put_back(filled: Filled) -> None:
    store, world = filled.world.store, filled.world
    assert C.LEGAL in enter_case(store, world.caller("leo"), filled.case, Action.CASE_READ).keys
    hidden = taken(filled, SessionKey, SessionKey.grant_id == filled.grant)
    hidden = [*taken(filled, Grant, Grant.id == filled.grant), *hidden]
    granting.revoke_case_grant(enter_case(store, world.caller("carl"), filled.case, Action.CASE_REVOKE), filled.grant)
    put_back(filled, hidden)
    with pytest.raises(NotFound):
        enter_case(store, world.caller("leo"), filled.case, Action.CASE_READ)


def test_a_grant_whose_row_was_hidden_while_its_case_was_erased_is_in_the_register(filled: Filled) -> None:
    store, world = filled.world.store, filled.world
    hidden = taken(filled, Grant, Grant.id == filled.grant)
    erasing_letters.erase_case(enter_case(store, world.caller("carl"), filled.case, Action.CASE_ERASE))
    with store.reading() as db:
        assert db.get(Erasure, hidden[0][1]["shred_id"]) is not None


@pytest.mark.parametrize("ends", ["erased", "due"])
def test_letters_that_were_hidden_while_their_mailbox_was_erased_open_no_more(filled: Filled, ends: str) -> None:
    store = filled.world.store
    hidden = taken(filled, Letter, Letter.mailbox_id == filled.mailbox)
    shreds_of = [row["reporter_shred"] for _, row in hidden]
    assert [one for one in shreds_of if lives(filled, one)] == shreds_of != []
    if ends == "erased":
        erase(filled, filled.case)
    else:
        with shreds.erasing(store) as db:
            shreds.destroy(db, erasing_letters.take_mailbox(db, filled.mailbox))
    assert [one for one in shreds_of if lives(filled, one)] == []


def test_a_case_whose_parts_were_taken_away_has_not_ended(filled: Filled) -> None:
    """The run that destroys by itself would take the family's letters along, for ever."""
    store, before = filled.world.store, letters(filled)
    assert before
    hidden = taken(filled, Section, Section.case_id == filled.case)
    assert retaining.retain(store).edited == 1
    assert letters(filled) == before
    put_back(filled, hidden)
    assert enter_case(store, filled.world.caller("carl"), filled.case, Action.CASE_READ).version
    assert retaining.retain(store).edited == 0


def test_a_part_that_names_the_shred_of_what_goes_by_the_day_ends_no_case(
    filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, before = filled.world.store, letters(filled)
    with store.writing() as db:
        made = shreds.make(db, store, today().isoformat())
        db.get_one(Section, (filled.case, "control")).shred_id = made.id
    tomorrow = today() + timedelta(days=1)
    monkeypatch.setattr(retaining, "today", lambda: tomorrow)
    retaining.retain(store)
    assert letters(filled) == before


def lives(filled: Filled, shred_id: str) -> bool:
    with filled.world.store.reading() as db:
        return db.get(ShredRow, shred_id) is not None and db.get(Erasure, shred_id) is None


def closed(filled: Filled) -> list[Segment]:
    """Return the closed segments that hold the case, as they stand."""
    sort_in(filled.world, "carl")
    with filled.world.store.reading() as db:
        rows = db.scalars(select(Segment).where(Segment.open.is_(False), Segment.shred_id != "")).all()
        found = [row for row in rows if np.isin(marks_of([filled.case]), bound.read_marks(row.holds)).any()]
    assert {row.kind for row in found} == {"facts", "names", "words"}
    return found


def erase(filled: Filled, case_id: str) -> None:
    erasing_letters.erase_case(enter_case(filled.world.store, filled.world.caller("carl"), case_id, Action.CASE_ERASE))


def without_mark(filled: Filled, row: Segment) -> None:
    marks = bound.read_marks(row.holds)
    left = marks[marks != marks_of([filled.case])[0]].astype("<u8").tobytes()
    edit_segment(filled, row, holds=left + row.holds[-bound.MAC :])


def of_another_kind(filled: Filled, row: Segment) -> None:
    edit_segment(filled, row, kind="none")


def of_another_desk(filled: Filled, row: Segment) -> None:
    edit_segment(filled, row, desk_id=filled.world.desks["South"])


def taken_away(filled: Filled, row: Segment) -> None:
    taken(filled, Segment, Segment.id == row.id)


def edit_segment(filled: Filled, row: Segment, **values: Any) -> None:
    with filled.world.store.writing() as db:
        db.execute(update(Segment).where(Segment.id == row.id).values(**values))


@pytest.mark.parametrize("hidden", [without_mark, of_another_kind, of_another_desk, taken_away])
def test_a_segment_that_was_hidden_while_its_case_was_erased_is_gone_when_it_is_put_back(
    filled: Filled, hidden: Callable[[Filled, Segment], None]
) -> None:
    rows = closed(filled)
    for row in rows:
        hidden(filled, row)
    erase(filled, filled.case)
    sort_in(filled.world, "carl")
    assert [row.kind for row in rows if lives(filled, row.shred_id)] == []
    assert [one.id for one in list_cases(filled.world.store, filled.world.caller("carl")).lines] == [filled.other]


def test_a_row_of_the_tail_that_was_hidden_while_its_case_was_erased_opens_no_more(filled: Filled) -> None:
    with filled.world.store.reading() as db:
        tails = set(db.scalars(select(TailRow.segment_id).where(TailRow.case_id == filled.other)))
        known = list(db.scalars(select(Segment.shred_id).where(Segment.id.in_(tails))))
    assert known
    taken(filled, TailRow, TailRow.case_id == filled.other)
    erase(filled, filled.other)
    assert [one for one in known if lives(filled, one)] == []


def test_a_segment_that_names_the_shred_of_what_lives_takes_nothing_along(filled: Filled) -> None:
    rows, store = closed(filled), filled.world.store
    with store.reading() as db:
        shred_id = db.get_one(Section, (filled.other, "narrative")).shred_id
    for row in rows:
        edit_segment(filled, row, shred_id=shred_id)
    erase(filled, filled.case)
    sort_in(filled.world, "carl")
    assert lives(filled, shred_id)
    assert [row.kind for row in rows if lives(filled, row.shred_id)] == []


def test_the_segments_of_an_older_store_are_bound_in_its_first_erasing(filled: Filled) -> None:
    rows, store = closed(filled), filled.world.store
    for row in rows:
        edit_segment(filled, row, holds=row.holds[: -bound.MAC])
    with store.writing() as db:
        now = roots.opened(db, store)
        note = {name: value for name, value in now.note.items() if name != bound.BOUND}
        roots.write_root(db, replace(now, note=note), store.secrets.erasure_key(now.epoch))
    store.opened = store.earlier = None
    erase(filled, filled.case)
    assert [row.kind for row in rows if lives(filled, row.shred_id)] == []


def gone(filled: Filled, line: Mapping[str, Any]) -> None:
    """Take a part of the case away with its shred, and write a line into the register."""
    with filled.world.store.writing() as db:
        row = db.get_one(Section, (filled.case, "evidence"))
        db.execute(delete(ShredRow).where(ShredRow.id == row.shred_id))
        db.execute(insert(Erasure).values(shred_id=row.shred_id, **line))
        db.delete(row)


def test_a_part_taken_away_with_its_shred_and_a_line_in_the_register_is_missed(filled: Filled) -> None:
    store, carl = filled.world.store, filled.world.caller("carl")
    assert enter_case(store, carl, filled.case, Action.CASE_READ).version
    gone(filled, {"day": today().isoformat()})
    with pytest.raises(Tampered):
        enter_case(store, carl, filled.case, Action.CASE_READ)
    with pytest.raises(Tampered):
        retaining.retain_daily(store)


def test_a_line_that_was_found_once_is_not_looked_for_again_and_one_put_in_later_is(filled: Filled) -> None:
    store = filled.world.store
    with shreds.erasing(store) as db:
        made = shreds.make(db, store)
        db.flush()
        shreds.destroy(db, [made.id])
    with store.snapshot() as db:
        registers.require_entered(db, store, [made.id])
    with store.writing() as db:
        db.execute(insert(Erasure).values(shred_id="z" * 26, day="2026-01-01"))
    with store.snapshot() as db:
        registers.require_entered(db, store, [made.id])
        for asked in (["z" * 26], ["y" * 26], [made.id, "z" * 26]):
            with pytest.raises(Tampered):
                registers.require_entered(db, store, asked)
