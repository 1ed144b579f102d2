"""Who edits the database becomes nobody's family: locator, half and way of a mailbox belong together."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import select, update

from api.catalogue.compartments import Compartment
from api.catalogue.purposes import Decision, Purpose
from api.crypto import PublicHalf
from api.errors import Tampered
from api.models.tables import Mailbox
from api.sealed import letters
from api.services import consents, erasing_letters, inbox, logbook, receiving, writing_back
from tests.receiving.family import Family, accepted, entered, family
from tests.world import World

MAY_BE_WRITTEN = ("locator", "public", "day", "for_reporter", "for_intake", "mac")


def row_of(one: Family) -> dict[str, Any]:
    """Return a mailbox's row as an editor of the database reads it."""
    with one.world.store.reading() as db:
        row = db.scalars(select(Mailbox).where(Mailbox.id == one.mailbox)).one()
        return {name: getattr(row, name) for name in ("id", *MAY_BE_WRITTEN)}


def edit(world: World, mailbox: str, values: Mapping[str, Any]) -> None:
    """Write into a row past the program."""
    with world.store.writing() as db:
        db.execute(update(Mailbox).where(Mailbox.id == mailbox).values(dict(values)))


def rebind(world: World, mailbox: str) -> None:
    """Bind an edited row again, as only who also holds the deployment secret can."""
    with world.store.writing() as db:
        letters.bind(world.store, db.get_one(Mailbox, mailbox))


def newest(world: World) -> Mapping[str, object]:
    """Return the newest entry of the log."""
    return next(iter(logbook.newest(world.store, world.caller("otto"))))


def refused(world: World, attempt: Callable[[], object]) -> None:
    """Expect a refusal that stands in the log."""
    with pytest.raises(Tampered):
        attempt()
    assert newest(world)["verb"] == "case:tampered"


@pytest.fixture
def stranger(world: World) -> Family:
    """Somebody with a receipt of their own, and a friend who edits the database."""
    one = family(world)
    one.send()
    return one


def give_to(theirs: Mapping[str, Any], victim: Family, *columns: str) -> dict[str, Any]:
    """Put columns of the stranger's row into the victim's; return the victim's row as it was."""
    ours = row_of(victim)
    edit(victim.world, theirs["id"], {"locator": "0" * 64})
    edit(victim.world, ours["id"], {name: theirs[name] for name in columns})
    return ours


def at_the_group(world: World, mailbox: str) -> list[Callable[[], object]]:
    """Return all that the group does with a mailbox."""
    store, ines = world.store, world.caller("ines")
    return [
        lambda: inbox.open_report(store, ines, mailbox),
        lambda: inbox.ask_back(store, ines, mailbox, "Is the witness still there?"),
        lambda: inbox.accept(store, ines, mailbox, world.desks["North"], []),
        lambda: inbox.file_letters(store, ines, mailbox),
        lambda: inbox.decline(store, ines, mailbox, "no"),
    ]


def at_the_receipt(one: Family) -> list[Callable[[], object]]:
    """Return all that a receipt does."""
    return [
        one.look,
        lambda: one.answer("call my new number"),
        lambda: one.decide(Purpose.PUBLISH_NAMED, Decision.YES),
        lambda: receiving.ask_erasure(one.world.store, one.material),
    ]


@pytest.mark.parametrize("known", [False, True], ids=["waiting", "accepted"])
def test_a_strangers_receipt_never_opens_a_familys_mailbox(
    world: World, larisa: Family, stranger: Family, known: bool
) -> None:
    larisa.send()
    if known:
        accepted(larisa)
        larisa.answer("Её зовут Зинаида")
    own = give_to(row_of(stranger), larisa, "locator", "public")
    for attempt in (*at_the_receipt(stranger), *at_the_group(world, own["id"])):
        refused(world, attempt)
    edit(world, own["id"], own)
    assert {one.kind for one in larisa.look().letters} <= {"report", "answer"}
    assert len(inbox.open_report(world.store, world.caller("ines"), own["id"]).letters) == 1


@pytest.mark.parametrize("column", ["public", "day", "for_reporter", "for_intake", "mac"])
def test_each_column_of_a_mailbox_is_bound_to_the_others(
    world: World, larisa: Family, stranger: Family, column: str
) -> None:
    larisa.send()
    accepted(larisa)
    larisa.answer("ещё")
    edit(world, larisa.mailbox, {column: "2020-01-01" if column == "day" else row_of(stranger)[column]})
    refused(world, lambda: inbox.open_report(world.store, world.caller("ines"), larisa.mailbox))
    refused(world, larisa.look)


def test_a_half_exchanged_only_while_an_officer_accepts_makes_no_case(
    world: World, larisa: Family, stranger: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The way would lead the stranger to the case, and the family's own "no" would stop nothing."""
    larisa.send()
    opened = inbox._open(world.store, world.caller("ines"), larisa.mailbox)
    own = give_to(row_of(stranger), larisa, "public")
    with monkeypatch.context() as patched:
        patched.setattr(inbox, "_open", lambda *_: opened)
        refused(world, lambda: accepted(larisa))
    rebind(world, own["id"])
    with monkeypatch.context() as patched:
        patched.setattr(inbox, "_open", lambda *_: opened)
        refused(world, lambda: accepted(larisa))
    edit(world, own["id"], own)
    case_id = accepted(larisa)
    receiving.ask_erasure(world.store, larisa.material)
    assert Purpose.COUNT in consents.stopped(world.store, case_id)


def test_a_case_is_not_erased_with_an_answer_to_a_stranger(world: World, larisa: Family, stranger: Family) -> None:
    larisa.send()
    case_id = accepted(larisa)
    own = give_to(row_of(stranger), larisa, "locator", "public")
    rebind(world, own["id"])
    refused(world, lambda: erasing_letters.erase_case(entered(world, case_id, "carl")))
    edit(world, own["id"], own)
    erasing_letters.erase_case(entered(world, case_id, "carl"))
    assert [one.kind for one in larisa.look().letters] == ["notice"]


def test_even_with_the_deployment_secret_a_stranger_is_not_asked_for_the_family(
    world: World, larisa: Family, stranger: Family
) -> None:
    larisa.send()
    own = give_to(row_of(stranger), larisa, "locator", "public")
    rebind(world, own["id"])
    for attempt in at_the_group(world, own["id"]):
        refused(world, attempt)


def test_even_with_the_deployment_secret_a_case_writes_to_its_own_family_alone(
    world: World, larisa: Family, stranger: Family
) -> None:
    larisa.send()
    case_id = accepted(larisa)
    own = give_to(row_of(stranger), larisa, "locator", "public")
    rebind(world, own["id"])

    def write() -> int:
        access = entered(world, case_id, "carl")
        return writing_back.write_to_family(access, own["id"], "Is the witness still there?", access.version)

    refused(world, write)
    edit(world, own["id"], own)
    write()
    assert [one.kind for one in larisa.look().letters] == ["report", "question"]


def test_even_with_the_deployment_secret_a_strangers_letter_is_not_filed_for_the_family(
    world: World, larisa: Family, stranger: Family
) -> None:
    larisa.send()
    case_id = accepted(larisa)
    own = give_to(row_of(stranger), larisa, "locator", "public", "for_reporter")
    rebind(world, own["id"])
    stranger.answer("Её зовут Зинаида")
    refused(world, lambda: inbox.file_letters(world.store, world.caller("ines"), own["id"]))
    assert "Зинаида" not in str(entered(world, case_id).open(Compartment.NARRATIVE).note)


def test_a_way_that_an_editor_sealed_stops_no_other_familys_uses(
    world: World, larisa: Family, stranger: Family
) -> None:
    """The way is sealed to a public half that stands in the row, and so anyone's to seal."""
    larisa.send()
    case_id = accepted(larisa)
    before = consents.stopped(world.store, case_id)
    own = row_of(stranger)
    way = letters.seal_way(Mailbox(id=own["id"]), "reporter", PublicHalf(own["public"]), {"case": case_id})
    edit(world, own["id"], {"for_reporter": way})
    refused(world, lambda: stranger.decide(Purpose.COUNT, Decision.ASK_AGAIN))
    refused(world, lambda: receiving.ask_erasure(world.store, stranger.material))
    assert consents.stopped(world.store, case_id) == before
    edit(world, own["id"], own)
    receiving.ask_erasure(world.store, stranger.material)
    assert consents.stopped(world.store, case_id) == before
