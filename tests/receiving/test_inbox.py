"""The inbox: a list without content, one officer who accepts, and what is declined is gone."""

from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import select

from api.catalogue.compartments import Compartment
from api.catalogue.purposes import Decision, Purpose
from api.errors import Erased, Forbidden, Invalid, NotFound, OutOfOrder, Refused, Stale
from api.ids import new_id, short_code
from api.models.tables import File, Letter, ShredRow
from api.sealed import letters, shreds
from api.services import candidates, consents, inbox, receiving
from api.services.candidates import Candidate
from api.services.inbox import Waiting
from tests.receiving.family import Family, accepted, coded, entered, family, stored
from tests.world import World

C = Compartment


def copies(world: World, one: Family) -> list[Letter]:
    with world.store.reading() as db:
        return receiving.letters_of(db, one.mailbox)


def test_the_list_says_days_and_numbers_and_nothing_of_what_was_said(world: World, larisa: Family) -> None:
    larisa.send()
    larisa.answer("ещё")
    waiting = inbox.list_reports(world.store, world.caller("isa"))
    assert waiting == (Waiting(larisa.mailbox, copies(world, larisa)[0].day, 2, False),)


def test_who_holds_no_key_of_the_intake_opens_nothing(world: World, larisa: Family) -> None:
    larisa.send()
    store, mailbox = world.store, larisa.mailbox
    for login in ("carl", "ann", "leo", "otto", "ada", "tina"):
        caller = world.caller(login)
        tries: list[Callable[[], object]] = [
            partial(inbox.list_reports, store, caller),
            partial(inbox.open_report, store, caller, mailbox),
            partial(inbox.ask_back, store, caller, mailbox, "?"),
            partial(inbox.decline, store, caller, mailbox, "no"),
        ]
        for attempt in tries:
            with pytest.raises(Forbidden):
                attempt()


def test_an_accepted_report_opens_to_no_other_officer(world: World, larisa: Family) -> None:
    larisa.send()
    before = copies(world, larisa)[0]
    assert inbox.open_report(world.store, world.caller("isa"), larisa.mailbox).report["language"] == "ru"
    case_id = accepted(larisa)
    isa = world.caller("isa")
    for attempt in (
        lambda: inbox.open_report(world.store, isa, larisa.mailbox),
        lambda: inbox.accept(world.store, isa, larisa.mailbox, world.desks["South"], coded()),
        lambda: entered(world, case_id, "isa"),
    ):
        with pytest.raises(NotFound):
            attempt()
    # The row as it was in an old copy of the database: the shred is gone, the intake's key opens it no more.
    with world.store.reading() as db, pytest.raises(Erased):
        letters.open_intake(db, world.store, isa.keyring.intake_openers(), before)


def test_two_officers_who_accept_at_once_make_one_case(
    world: World, larisa: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    larisa.send()
    opened = inbox._open(world.store, world.caller("isa"), larisa.mailbox)
    accepted(larisa)
    monkeypatch.setattr(inbox, "_open", lambda *_: opened)
    with pytest.raises(Erased):
        inbox.accept(world.store, world.caller("isa"), larisa.mailbox, world.desks["South"], coded())


@pytest.mark.parametrize("value", [Decision.NO, Decision.ASK_AGAIN])
def test_a_no_that_comes_while_the_officer_reads_is_not_overlooked(
    world: World, larisa: Family, monkeypatch: pytest.MonkeyPatch, value: Decision
) -> None:
    """Between opening and accepting there is no way to the case yet, so that nothing could be stopped."""
    larisa.send(consents={"count": "yes"})
    opened = inbox._open(world.store, world.caller("ines"), larisa.mailbox)
    larisa.decide(Purpose.COUNT, value)
    with monkeypatch.context() as patched:
        patched.setattr(inbox, "_open", lambda *_: opened)
        with pytest.raises(Stale):
            accepted(larisa)
    case_id = accepted(larisa)
    assert not consents.allows(world.store, entered(world, case_id), Purpose.COUNT)


def test_a_no_that_comes_while_a_yes_is_filed_is_not_lifted_by_it(
    world: World, larisa: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    larisa.send()
    case_id = accepted(larisa)
    larisa.decide(Purpose.COUNT, Decision.YES)
    opened = inbox._open(world.store, world.caller("ines"), larisa.mailbox)
    larisa.decide(Purpose.COUNT, Decision.NO)
    with monkeypatch.context() as patched:
        patched.setattr(inbox, "_open", lambda *_: opened)
        with pytest.raises(Stale):
            inbox.file_letters(world.store, world.caller("ines"), larisa.mailbox)
    assert not consents.allows(world.store, entered(world, case_id), Purpose.COUNT)


def test_what_is_declined_is_gone_with_its_files_and_its_reporter_reads_why(world: World, larisa: Family) -> None:
    larisa.send([stored(world, b"planted in a file")])
    old = copies(world, larisa)[0]
    inbox.decline(world.store, world.caller("ines"), larisa.mailbox, "Мы не можем взяться за это.")
    letter = larisa.look().letters[0]
    assert (letter.kind, letter.note["text"]) == ("notice", "Мы не можем взяться за это.")
    assert len(larisa.look().letters) == 1
    assert inbox.list_reports(world.store, world.caller("ines")) == ()
    assert list(world.store.blobs.iterdir()) == []
    with world.store.reading() as db:
        assert db.scalar(select(File.id)) is None
        assert shreds.fetch(db, world.store, [str(old.intake_shred), old.reporter_shred]) == {}
    with pytest.raises(NotFound):
        inbox.open_report(world.store, world.caller("ines"), larisa.mailbox)


def test_an_accepted_case_is_not_declined_nor_accepted_again(world: World, larisa: Family) -> None:
    larisa.send()
    accepted(larisa)
    larisa.answer("ещё одно")
    with pytest.raises(OutOfOrder):
        inbox.decline(world.store, world.caller("ines"), larisa.mailbox, "нет")
    with pytest.raises(OutOfOrder):
        accepted(larisa)


def test_letters_are_not_filed_before_there_is_a_case(world: World, larisa: Family) -> None:
    larisa.send()
    with pytest.raises(OutOfOrder):
        inbox.file_letters(world.store, world.caller("ines"), larisa.mailbox)


def test_an_officer_of_another_desk_does_not_file_into_a_case_she_cannot_see(world: World, larisa: Family) -> None:
    larisa.send()
    accepted(larisa)
    larisa.answer("ответ")
    with pytest.raises(NotFound):
        inbox.file_letters(world.store, world.caller("isa"), larisa.mailbox)
    with pytest.raises(NotFound):
        accepted(family_with_report(world), "isa", "North")


def family_with_report(world: World) -> Family:
    one = family(world)
    one.send()
    return one


def test_asking_back_takes_words_and_a_mailbox_that_is_there(world: World, larisa: Family) -> None:
    larisa.send()
    ines = world.caller("ines")
    with pytest.raises(Invalid):
        inbox.ask_back(world.store, ines, larisa.mailbox, " \n ")
    for wrong in (new_id(), "", "\0", "x" * 5000, "\ud800"):
        for attempt in (inbox.open_report, inbox.file_letters):
            with pytest.raises(NotFound):
                attempt(world.store, ines, wrong)
        with pytest.raises(NotFound):
            inbox.ask_back(world.store, ines, wrong, "?")


def test_a_question_stands_beside_what_waits_and_is_no_letter_of_the_family(world: World, larisa: Family) -> None:
    larisa.send()
    inbox.ask_back(world.store, world.caller("ines"), larisa.mailbox, "Кто приезжал?")
    assert larisa.look().letters[-1].ours
    isa = world.caller("isa")
    kinds = [one["kind"] for one in inbox.open_report(world.store, isa, larisa.mailbox).letters]
    assert kinds == ["report", "question"]
    (line,) = inbox.list_reports(world.store, isa)
    assert (line.count, line.asked, line.erasure) == (1, True, False)
    narrative = entered(world, accepted(larisa)).open(C.NARRATIVE).note
    assert [one["text"] for one in narrative["letter"]] == ["Кто приезжал?"]
    assert inbox.list_reports(world.store, isa) == ()


def test_a_letter_that_does_not_open_hides_no_other_line_of_the_list(world: World, larisa: Family) -> None:
    larisa.send()
    larisa.answer("ещё")
    other = family(world)
    other.send()
    with world.store.writing() as db:
        row = db.scalars(select(Letter).where(Letter.mailbox_id == larisa.mailbox)).first()
        assert row is not None
        row.intake_epoch = 9
    assert len(inbox.list_reports(world.store, world.caller("ines"))) == 2


def test_letters_stand_in_the_order_in_which_they_were_written(world: World, larisa: Family) -> None:
    larisa.send()
    for number in range(6):
        larisa.answer(f"{number}")
    told = [one["text"] for one in inbox.open_report(world.store, world.caller("ines"), larisa.mailbox).letters[1:]]
    assert told == [one.note["text"] for one in larisa.look().letters[1:]] == list("012345")


def test_a_failed_acceptance_leaves_everything_as_it_was(
    world: World, larisa: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    larisa.send([stored(world, b"still here")])
    with world.store.reading() as db:
        before = set(db.scalars(select(ShredRow.id)))

    def fails(*_: object) -> None:
        raise Erased

    with monkeypatch.context() as patched:
        patched.setattr(inbox, "_close", fails)
        with pytest.raises(Refused):
            accepted(larisa)
    with world.store.reading() as db:
        assert set(db.scalars(select(ShredRow.id))) == before
    assert entered(world, accepted(larisa)).open(C.EVIDENCE).note["document"]


def test_the_same_name_however_spelled_is_seen_before_and_only_by_who_may(world: World, larisa: Family) -> None:
    larisa.send()
    case_id = accepted(larisa)

    def seen(login: str, desk: str, name: str) -> tuple[Candidate, ...]:
        report = {"about": {"about_name": name}, "language": "ru"}
        return candidates.seen_before(world.store, world.caller(login), world.desks[desk], report).lines

    for name in ("BUNYATOV ARTEM", "Бунятов Артьом", "артём бунятов"):
        assert [(one.case, one.code, one.probably) for one in seen("ines", "North", name)] == [
            (case_id, short_code(case_id), True)
        ]
    assert seen("ines", "North", "Иванов Пётр") == ()
    for login in ("isa", "ann", "leo"):
        with pytest.raises(Forbidden):
            seen(login, "North", "Бунятов Артём")
    assert seen("isa", "South", "Бунятов Артём") == ()
