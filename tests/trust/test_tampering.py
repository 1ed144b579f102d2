"""Every sealed column: one bit flipped, swapped with a neighbour, replayed from before: refused by whoever reads it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from api import audit
from api.access.doors import enter_case
from api.catalogue.compartments import Compartment
from api.crypto import Sealed
from api.errors import Refused
from api.models.columns import SealedBytes
from api.models.tables import Table as Tables
from api.policy.actions import Action
from api.sealed import shreds
from api.services import cases, desks, founding, inbox, logbook, members, openings, receiving, signing_in
from tests.trust.workflow import WORDS, Filled, fill
from tests.world import key_for, one_time_code

C = Compartment
EVERYTHING = set(C) - {C.SOURCE}


def read_case(filled: Filled) -> None:
    caller = filled.world.caller("carl")
    for case in (filled.case, filled.other):
        cases.read_case(enter_case(filled.world.store, caller, case, Action.CASE_READ, EVERYTHING, "verify-fact", "x"))


def read_reasons(filled: Filled) -> None:
    caller = filled.world.caller("carl")
    wanted = {C.FACTS, C.IDENTITY, C.NARRATIVE, C.LEGAL}
    openings.openings(
        enter_case(filled.world.store, caller, filled.case, Action.CASE_READ, wanted, "verify-fact", WORDS[13])
    )


def read_mailboxes(filled: Filled) -> None:
    receiving.open_mailbox(filled.world.store, filled.material)


def use_the_way(filled: Filled) -> None:
    receiving.ask_erasure(filled.world.store, filled.material)


def read_inbox(filled: Filled) -> None:
    caller = filled.world.caller("ines")
    for line in inbox.list_reports(filled.world.store, caller):
        inbox.open_report(filled.world.store, caller, line.mailbox_id)


def file_again(filled: Filled) -> None:
    receiving.write_letter(filled.world.store, filled.material, receiving.ADDITION, {"text": "x", "language": "ru"})
    inbox.file_letters(filled.world.store, filled.world.caller("ines"), filled.mailbox)


def sign_in_again(filled: Filled) -> None:
    login = "carl"
    signing_in.sign_in(filled.world.store, key_for(login), login, one_time_code(filled.world.secrets[login], 1))


def come_in(filled: Filled) -> None:
    for login in filled.world.ids:
        filled.world.caller(login)


def read_group(filled: Filled) -> None:
    founding.group_note(filled.world.store)


def read_desks(filled: Filled) -> None:
    desks.desks(filled.world.store, filled.world.caller("carl"))
    desks.desks(filled.world.store, filled.world.caller("cora"))


def read_members(filled: Filled) -> None:
    members.members(filled.world.store, filled.world.caller("carl"))


def read_root(filled: Filled) -> None:
    store = filled.world.store
    store.opened = None
    with store.reading() as db:
        shreds.stops(db, store)


def verify_log(filled: Filled) -> None:
    if not audit.verify(filled.world.store).whole:
        raise Refused


# Column -> the operation that reads it. A column without one fails the test below.
READERS: dict[str, Callable[[Filled], None]] = {
    "group.sealed": read_group,
    "member.seeds": sign_in_again,
    "member.label": read_members,
    "session.head": come_in,
    "session_key.sealed": come_in,
    "desk.name": read_desks,
    "desk.roster": read_desks,
    "case.manifest": read_case,
    "section.body": read_case,
    "reason.sealed": read_reasons,
    "log_leaf.sealed": verify_log,
    "shred_root.root": read_root,
    "shred_root.buckets": read_root,
    "shred_root.stops": read_root,
    "shred.sealed": come_in,
    "mailbox.for_reporter": use_the_way,
    "mailbox.for_intake": file_again,
    "letter.intake_copy": read_inbox,
    "letter.reporter_copy": read_mailboxes,
}
# Read only by whoever signs in afresh, or with a printed code, or uses an invitation: said with its own test.
ELSEWHERE = {
    "grant.sealed": "test_a_grant_with_a_flipped_bit_opens_nothing",
    "member.printed_seeds": "tests/people",
    "invitation.sealed": "tests/people",
}


def sealed_columns() -> set[str]:
    tables = Tables.metadata.tables.values()
    columns = [column for table in tables for column in table.columns]
    return {f"{one.table.name}.{one.name}" for one in columns if isinstance(one.type, SealedBytes)}


def test_every_sealed_column_has_a_reader_in_this_test() -> None:
    assert sealed_columns() == set(READERS) | set(ELSEWHERE)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    folder = tmp_path_factory.mktemp("tampering")
    return fill(f"sqlite:///{folder / 'x.db'}", folder)


def values_of(filled: Filled, column: Any) -> dict[tuple[Any, ...], Sealed]:
    """Return a column's values by primary key."""
    keys = list(column.table.primary_key.columns)
    with filled.world.store.reading() as db:
        rows = db.execute(select(*keys, column).where(column.is_not(None)).order_by(*keys)).all()
    return {tuple(row[:-1]): row[-1] for row in rows}


def write(filled: Filled, column: Any, values: dict[tuple[Any, ...], Sealed]) -> None:
    """Write values over a column, as somebody who edits the database would."""
    keys = list(column.table.primary_key.columns)
    with filled.world.store.writing() as db:
        for parts, value in values.items():
            where = [key == part for key, part in zip(keys, parts, strict=True)]
            db.execute(update(column.table).where(*where).values({column.name: value}))
    filled.world.store.opened = None


def rewrite(filled: Filled, column: Any, change: Callable[[list[Sealed]], list[Sealed]]) -> None:
    """Replace all values of a column by what `change` makes of them."""
    old = values_of(filled, column)
    write(filled, column, dict(zip(old, change(list(old.values())), strict=True)))


def flipped(values: list[Sealed]) -> list[Sealed]:
    return [Sealed(bytes([*one.blob[:-9], one.blob[-9] ^ 1, *one.blob[-8:]])) for one in values]


def rotated(values: list[Sealed]) -> list[Sealed]:
    return values[1:] + values[:1]


@pytest.mark.parametrize("name", sorted(READERS))
def test_every_sealed_column_refuses_a_flipped_bit(name: str, filled: Filled) -> None:
    attacked(name, filled, flipped)


@pytest.mark.parametrize("name", sorted(READERS))
def test_every_sealed_column_refuses_its_neighbours_value(name: str, filled: Filled) -> None:
    attacked(name, filled, rotated)


def attacked(name: str, filled: Filled, attack: Callable[[list[Sealed]], list[Sealed]]) -> None:
    table, column_name = name.split(".")
    column = Tables.metadata.tables[table].columns[column_name]
    old = values_of(filled, column)
    if attack is rotated and len(old) < 2:
        # One row has no neighbour: the flipped bit is the whole of the attack.
        assert table in {"group", "shred_root"} or name.startswith("mailbox.")
        return
    rewrite(filled, column, attack)
    try:
        with pytest.raises(Refused):
            READERS[name](filled)
    finally:
        write(filled, column, old)


@pytest.mark.parametrize("name", ["case.manifest", "section.body", "desk.roster"])
def test_an_older_value_put_back_is_refused(name: str, database_url: str, tmp_path: Path) -> None:
    """The replay fits its own place; only the version betrays it."""
    filled = fill(database_url, tmp_path)
    table, column_name = name.split(".")
    column = Tables.metadata.tables[table].columns[column_name]
    old = values_of(filled, column)
    access = enter_case(filled.world.store, filled.world.caller("carl"), filled.case, Action.CASE_WRITE)
    cases.append_to(access, C.CONTROL, "task", {"what": "later"})
    cases.append_to(
        enter_case(filled.world.store, filled.world.caller("carl"), filled.case, Action.CASE_WRITE),
        C.FACTS,
        "act",
        {"type": "4/030103000000"},
    )
    if table == "desk":
        world = filled.world
        world.enrol("cleo", "case_worker")
        desks.seat(world.store, world.caller("carl"), world.desks["North"], world.ids["cleo"], world.words("cleo"))
    write(filled, column, old)
    with pytest.raises(Refused):
        READERS[name](filled)


def test_tampering_with_a_case_is_recorded(database_url: str, tmp_path: Path) -> None:
    filled = fill(database_url, tmp_path)
    rewrite(filled, Tables.metadata.tables["section"].columns["body"], flipped)
    with pytest.raises(Refused):
        read_case(filled)
    verbs = [one.get("verb") for one in logbook.newest(filled.world.store, filled.world.caller("otto"))]
    assert "case:tampered" in verbs


def test_a_grant_with_a_flipped_bit_opens_nothing(database_url: str, tmp_path: Path) -> None:
    filled = fill(database_url, tmp_path)
    rewrite(filled, Tables.metadata.tables["grant"].columns["sealed"], flipped)
    code = one_time_code(filled.world.secrets["leo"], 1)
    with pytest.raises(Refused):
        signing_in.sign_in(filled.world.store, key_for("leo"), "leo", code)


def test_the_attack_can_fail(filled: Filled) -> None:
    """Without an attack every reader reads: the refusals above are not of the readers' own making."""
    for name, reader in READERS.items():
        if reader not in (use_the_way, file_again, sign_in_again):
            reader(filled)
        assert name in READERS
