"""Each value of each sealed column: flipped, exchanged with a neighbour, put back from before, moved elsewhere."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import select, update

from api.access.doors import enter_case
from api.catalogue.compartments import Compartment
from api.catalogue.purposes import Decision
from api.crypto import Sealed
from api.errors import Refused, Tampered
from api.ids import new_id
from api.models.columns import SealedBytes
from api.models.tables import Letter, Mailbox, Section, Table
from api.policy.actions import Action
from api.sealed import letters, links, offices, shreds
from api.services import cases, desks, importing, inbox, logbook, receiving, signing_in
from api.services import offices as keys_of_offices
from tests.importing.tables import MAPPING
from tests.postgres import Cluster
from tests.trust.readers import PARTS, READERS, SAYS, Rich, RowKey, enrich, reprint
from tests.world import key_for

C = Compartment
Values = Mapping[RowKey, Sealed]
# Salt, commitment, the middle, the tag.
PLACES = (0, 40, None, -1)
# Never written a second time, so that nothing older of the same place exists.
WRITTEN_ONCE = {
    "answer.sealed": "answered once; before that it says only that the first attempt runs",
    "brought.sealed": "a trustee's share of one set is always the same",
    "ceremony.terms": "fixed at the start",
    "ceremony.secret": "taken up once",
    "remains.sealed": "what changes is written under another shred, and the old one destroyed",
    "desk.name": "a desk keeps its name",
    "grant.sealed": "another grant is another row",
    "invitation.sealed": "used up",
    "log_leaf.sealed": "the log grows only",
    "reason.sealed": "one opening, one row",
    "segment_part.sealed": "a segment is never written again: the next has another id and another shred",
    "session_key.sealed": "the same keys under the same secret",
    "letter.intake_copy": "a letter is not rewritten",
    "letter.reporter_copy": "a letter is not rewritten",
    "mailbox.for_reporter": "names the same case for ever",
    "mailbox.for_intake": "names the same case for ever",
}
# An older value fits: what that yields to who edits the database is said in the threat model.
REPLAYABLE = {
    "group.sealed": "the founder's print never changes; how many trustees must stay was not yet said",
    "member.label": "a one-time code of the last ninety seconds works again, for who knows the passphrase too",
    "tail.sealed": "lists and counts go by the older row, until the case is shown: its version betrays it",
    "session.head": "an older visit: the session ends sooner",
}


def column_of(name: str) -> Any:
    table, column = name.split(".")
    return Table.metadata.tables[table].columns[column]


def sealed_columns() -> set[str]:
    columns = [column for table in Table.metadata.tables.values() for column in table.columns]
    return {f"{one.table.name}.{one.name}" for one in columns if isinstance(one.type, SealedBytes)}


def test_every_sealed_column_has_a_reader() -> None:
    assert sealed_columns() == set(READERS)


def test_a_new_sealed_column_without_a_reader_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(READERS, "desk.roster")
    assert sealed_columns() - set(READERS) == {"desk.roster"}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def rich(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Rich:
    folder = tmp_path_factory.mktemp("tampering")
    if request.param == "sqlite":
        return enrich(f"sqlite:///{folder / 'x.db'}", folder)
    cluster: Cluster = request.getfixturevalue("cluster")
    return enrich(cluster.url(f"t{folder.name.replace('-', '_').lower()}"), folder)


def values_of(rich: Rich, column: Any) -> dict[RowKey, Sealed]:
    keys = list(column.table.primary_key.columns)
    with rich.store.reading() as db:
        rows = db.execute(select(*keys, column).where(column.is_not(None)).order_by(*keys)).all()
    return {tuple(row[:-1]): row[-1] for row in rows}


def write(rich: Rich, column: Any, values: Mapping[RowKey, Mapping[str, Any]] | Values) -> None:
    """Write over a column, or over whole rows, as somebody who edits the database would."""
    keys = list(column.table.primary_key.columns)
    with rich.store.writing() as db:
        for parts, value in values.items():
            where = [key == part for key, part in zip(keys, parts, strict=True)]
            columns = value if isinstance(value, Mapping) else {column.name: value}
            db.execute(update(column.table).where(*where).values(columns))
    rich.store.opened = None


def flipped(one: Sealed, place: int | None) -> Sealed:
    blob = bytearray(one.blob)
    blob[len(blob) // 2 if place is None else place] ^= 1
    return Sealed(bytes(blob))


def flips(values: Values) -> Iterator[Values]:
    """Flip one bit of each row: at each place where there are few rows, at one place each where there are many."""
    turn = itertools.cycle(PLACES)
    for key, value in values.items():
        for place in PLACES if len(values) < 5 else (next(turn),):
            yield {key: flipped(value, place)}


def exchanges(values: Values) -> Iterator[Values]:
    """Exchange the rows two by two; one that is left over, with the first."""
    keys = list(values)
    pairs = [(one, other) for one, other in zip(keys[::2], [*keys[1::2], keys[0]], strict=False) if one != other]
    for one, other in pairs:
        yield {one: values[other], other: values[one]}


def newest_verb(rich: Rich) -> object:
    return logbook.newest(rich.store, rich.world.caller("otto"), most=1)[0]["verb"]


def accepted(rich: Rich, name: str, attack: Values) -> list[RowKey]:
    """Return the attacked rows whose reader did not refuse, or did not record what it refused."""
    column, found = column_of(name), []
    before = {key: values_of(rich, column)[key] for key in attack}
    write(rich, column, attack)
    for key in attack:
        try:
            READERS[name](rich, key)
        except SAYS.get(name, Tampered):
            found += [key] if name in PARTS and newest_verb(rich) != "case:tampered" else []
        else:
            found.append(key)
    write(rich, column, before)
    return found


@pytest.mark.parametrize("how", [flips, exchanges])
@pytest.mark.parametrize("name", sorted(READERS))
def test_every_sealed_value_is_refused(name: str, how: Callable[[Values], Iterator[Values]], rich: Rich) -> None:
    values = values_of(rich, column_of(name))
    assert values, "an empty column proves nothing"
    passed = [key for attack in how(values) for key in accepted(rich, name, attack)]
    assert passed == []
    # The same readers read every row as it was: they refuse the attack, and not by themselves.
    for key in values:
        READERS[name](rich, key)


def test_an_opening_that_forgets_to_check_is_caught(rich: Rich, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: whoever reads desks lets an altered roster pass."""
    monkeypatch.setattr(desks, "_view", lambda db, store, caller, desk: desk.id)
    values = values_of(rich, column_of("desk.roster"))
    assert [key for attack in flips(values) for key in accepted(rich, "desk.roster", attack)] != []


def test_a_misfit_that_is_not_recorded_is_caught(rich: Rich, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.access.doors.TAMPERED", "case:read")
    values = values_of(rich, column_of("case.manifest"))
    assert [key for attack in flips(values) for key in accepted(rich, "case.manifest", attack)] != []


def rows_of(rich: Rich, table: str) -> dict[RowKey, dict[str, Any]]:
    known = Table.metadata.tables[table]
    with rich.store.reading() as db:
        found = [dict(row._mapping) for row in db.execute(select(known))]
    return {tuple(row[key.name] for key in known.primary_key.columns): row for row in found}


def live_on(rich: Rich) -> None:
    """Write everything anew that is ever written anew."""
    store, world = rich.store, rich.world
    for name in (C.CONTROL, C.FACTS, C.NARRATIVE, C.EVIDENCE, C.LEGAL, C.CONSENT):
        access = enter_case(store, world.caller("carl"), rich.filled.case, Action.CASE_WRITE, {name})
        cases.append_to(access, name, "task", {"what": "later"})
    world.enrol("cleo", "case_worker")
    desks.seat(store, world.caller("carl"), world.desks["North"], world.ids["cleo"], world.words("cleo"))
    world.enrol("cyra", "intake"), world.enrol("otis", "auditor")
    keys_of_offices.seat_intake(store, world.caller("ines"), world.ids["cyra"], world.words("cyra"))
    keys_of_offices.seat_auditor(store, world.caller("otto"), world.ids["otis"], world.words("otis"))
    for one in importing.waiting(store, world.caller("ines")):
        importing.give_mapping(store, world.caller("ines"), one.id, MAPPING + "# again")
    reprint(rich, "pia")
    signing_in.recover(store, "pavel", rich.printed["pavel"], key_for("pavel"))
    receiving.decide_consent(store, rich.filled.material, receiving.USES[0], Decision.NO)
    with shreds.erasing(store) as db:
        # Of the bucket of a shred that lives on: that one is sealed anew.
        neighbour = db.get_one(Section, (rich.filled.case, "facts")).shred_id
        shreds.destroy(db, [neighbour[:2] + new_id()[2:]])
        for case, boxes in links.every(db, store).items():
            links.write(db, store, case, boxes)
    rich.owned.clear()


def test_every_older_value_and_every_older_row_put_back_is_refused(rich: Rich) -> None:
    before = {name: rows_of(rich, name.split(".")[0]) for name in READERS}
    live_on(rich)
    now = {name: rows_of(rich, name.split(".")[0]) for name in READERS}
    passed, seen = [], set()
    for name in sorted(set(READERS) - set(REPLAYABLE) - set(WRITTEN_ONCE)):
        field = name.split(".")[1]
        changed = [
            key for key in before[name] if key in now[name] and before[name][key][field] != now[name][key][field]
        ]
        seen |= {name} if changed else set()
        for key, old in itertools.product(changed, ("value", "row")):
            attack = {field: before[name][key][field]} if old == "value" else before[name][key]
            write(rich, column_of(name), {key: attack})
            try:
                with pytest.raises(Refused):
                    READERS[name](rich, key)
            except pytest.fail.Exception:
                passed.append((name, key, old))
            write(rich, column_of(name), {key: now[name][key]})
    assert passed == []
    assert seen == set(READERS) - set(REPLAYABLE) - set(WRITTEN_ONCE)


@pytest.mark.parametrize("name", ["control", "consent", "facts", "identity", "source", "narrative", "evidence"])
@pytest.mark.parametrize("carried", ["body", "row"])
def test_a_section_moved_to_another_case_is_refused_and_recorded(name: str, carried: str, rich: Rich) -> None:
    own, other = (rich.filled.case, name), (rich.filled.other, name)
    rows = rows_of(rich, "section")
    taken = ("body",) if carried == "body" else ("body", "version", "shred_id")
    write(rich, column_of("section.body"), {own: {one: rows[other][one] for one in taken}})
    with pytest.raises(Tampered):
        READERS["section.body"](rich, own)
    assert newest_verb(rich) == "case:tampered"
    write(rich, column_of("section.body"), {own: {one: rows[own][one] for one in taken}})
    READERS["section.body"](rich, own)


def test_a_letter_moved_to_another_mailbox_is_refused(rich: Rich) -> None:
    """One family's "yes", carried into another's mailbox, would free what the other has forbidden."""
    boxes = sorted({one.mailbox_id for one in inbox.list_reports(rich.store, rich.world.caller("ines"))})
    with rich.store.reading() as db:
        letter = db.scalars(
            select(Letter.id).where(Letter.mailbox_id == boxes[0], Letter.intake_shred.is_not(None))
        ).first()
    assert letter is not None
    move(rich, letter, boxes[1])
    with pytest.raises(Tampered):
        READERS["letter.intake_copy"](rich, (letter,))
    with pytest.raises(Tampered):
        READERS["letter.reporter_copy"](rich, (letter,))
    move(rich, letter, boxes[0])
    READERS["letter.intake_copy"](rich, (letter,))


def move(rich: Rich, letter: str, mailbox: str) -> None:
    with rich.store.writing() as db:
        db.execute(update(Letter).where(Letter.id == letter).values(mailbox_id=mailbox))


def test_a_way_to_another_case_that_anyone_could_seal_files_nothing_there(rich: Rich) -> None:
    """The intake's public half stands in the clear: a forged way opens, but its case does not know the mailbox."""
    ines, mailbox = rich.world.caller("ines"), rich.filled.mailbox
    column, old = column_of("mailbox.for_intake"), values_of(rich, column_of("mailbox.for_intake"))
    with rich.store.reading() as db:
        office, row = offices.intake(db, rich.store), db.get_one(Mailbox, mailbox)
    assert office is not None
    forged = letters.seal_way(row, "intake", office.public, {"case": rich.filled.other, "desk": ""})
    write(rich, column, {(mailbox,): forged})
    before = rows_of(rich, "section")
    with pytest.raises(Tampered):
        inbox.file_letters(rich.store, ines, mailbox)
    assert newest_verb(rich) == "case:tampered"
    assert rows_of(rich, "section") == before
    write(rich, column, {(mailbox,): old[mailbox,]})
    assert inbox.file_letters(rich.store, ines, mailbox) == rich.filled.case


def test_a_section_taken_away_is_refused(rich: Rich) -> None:
    row = rows_of(rich, "section")[rich.filled.case, "evidence"]
    with rich.store.writing() as db:
        db.delete(db.get_one(Section, (rich.filled.case, "evidence")))
    with pytest.raises(Tampered):
        READERS["section.body"](rich, (rich.filled.case,))
    with rich.store.writing() as db:
        db.add(Section(**row))
    READERS["section.body"](rich, (rich.filled.case,))
