"""From a report to a case: sent, read, asked back, answered, allowed, filed; and each "no" at once."""

from api.catalogue.compartments import Compartment
from api.catalogue.purposes import Decision, Purpose
from api.clock import today
from api.services import consents, inbox, logbook, receiving
from api.services.consents import Given
from api.services.counting import count_cases
from api.services.files import read_file
from tests.receiving.family import ABOUT, Family, accepted, entered, family, stored
from tests.world import World

C = Compartment
YES, NO = Decision.YES, Decision.NO


def test_a_report_becomes_a_case_and_the_answer_and_the_yes_follow(world: World, larisa: Family) -> None:
    larisa.send()
    inbox.ask_back(world.store, world.caller("ines"), larisa.mailbox, "Кто приезжал?")
    assert [one.kind for one in larisa.look().letters] == ["report", "question"]
    larisa.answer("Двое в форме.")
    case_id = accepted(larisa)
    larisa.decide(Purpose.COUNT, YES)
    assert entered(world, case_id).open(C.FACTS).note["case"][0]["counting"] == NO
    assert inbox.file_letters(world.store, world.caller("ines"), larisa.mailbox) == case_id
    access = entered(world, case_id)
    told = [one["text"] for one in access.open(C.NARRATIVE).note["statement"]]
    assert told[0] == ABOUT["story"]
    assert "Двое в форме." in told
    assert consents.effective(access)[Purpose.COUNT] is YES
    assert access.open(C.FACTS).note["case"][0]["counting"] == YES
    assert inbox.list_reports(world.store, world.caller("ines")) == ()


def test_each_thing_told_lies_in_its_own_compartment(world: World, larisa: Family) -> None:
    larisa.send(consents={"count": "yes", "un-named": "no"})
    access = entered(world, accepted(larisa))
    reporter = access.open(C.SOURCE).note["reporter"][0]
    assert (reporter["name"], reporter["relation"]) == ("Лариса", "21/010103000000")
    contact = access.open(C.CONTACT).note["reporter"][0]
    assert (contact["id"], contact["address"]) == (reporter["id"], "@larisa.example")
    assert access.open(C.CONTROL).note["mailbox"][0]["id"] == larisa.mailbox
    statement = access.open(C.NARRATIVE).note["statement"][0]
    assert (statement["language"], statement["told_on"]) == ("ru", today().isoformat())
    assert access.open(C.IDENTITY).note["person"][0]["name"] == "Бунятов Артём Сергеевич"
    for compartment in set(C) - {C.CONTACT, C.LEGAL}:
        assert "larisa.example" not in str(access.open(compartment).note)
    for compartment in (C.CONTROL, C.CONSENT, C.FACTS, C.EVIDENCE):
        assert "Бунятов" not in str(access.open(compartment).note)


def test_sending_says_yes_to_keeping_with_its_day_and_to_nothing_else(world: World, larisa: Family) -> None:
    larisa.send()
    access = entered(world, accepted(larisa))
    entry = access.open(C.CONSENT).note["consent"][0]
    assert (entry["purpose"], entry["value"], entry["on"]) == (Purpose.KEEP, YES, today().isoformat())
    assert {one for one, value in consents.effective(access).items() if value is YES} == {Purpose.KEEP}


def test_nothing_that_was_filled_in_is_lost_when_the_inbox_copy_goes(world: World, larisa: Family) -> None:
    """What cannot be read as a date or a place, and what they wish, is kept in their words."""
    vague = {"held_where": "где-то под Нижним", "last_heard": "когда цвела черёмуха", "wishes": "Найдите его."}
    larisa.send(about={"about_birth": "лет сорока", **vague})
    kept = str(entered(world, accepted(larisa)).open(C.NARRATIVE).note)
    for words in (*vague.values(), "лет сорока"):
        assert words in kept


def test_a_file_comes_along_with_its_key_and_opens_in_the_case(world: World, larisa: Family) -> None:
    content = b"a photo of a letter " * 500
    larisa.send([stored(world, content)])
    case_id = accepted(larisa)
    access = entered(world, case_id)
    document = access.open(C.EVIDENCE).note["document"][0]
    assert (document["title"], document["media_type"], document["size"]) == ("letter.jpg", "image/jpeg", len(content))
    assert b"".join(read_file(access, document["file"]["id"])[1]) == content


def test_a_file_in_a_later_letter_comes_along_too(world: World, larisa: Family) -> None:
    larisa.send([stored(world, b"the first")])
    case_id = accepted(larisa)
    note = {"text": "Ещё письмо.", "language": "ru", "titles": [("second.txt", "text/plain")]}
    receiving.write_letter(world.store, larisa.material, receiving.ADDITION, note, [stored(world, b"the second")])
    inbox.file_letters(world.store, world.caller("ines"), larisa.mailbox)
    access = entered(world, case_id)
    files = [one["file"]["id"] for one in access.open(C.EVIDENCE).note["document"]]
    assert [b"".join(read_file(access, one)[1]) for one in files] == [b"the first", b"the second"]


def test_a_no_stops_the_use_at_once_before_anybody_files_it(world: World, larisa: Family) -> None:
    larisa.send(consents={"count": "yes", "un-confidential": "yes"})
    case_id = accepted(larisa)
    access = entered(world, case_id)
    assert consents.allows(world.store, access, Purpose.UN_CONFIDENTIAL)
    assert count_cases(world.store, world.caller("ann"), "case.status").cases == 1
    larisa.decide(Purpose.UN_CONFIDENTIAL, NO)
    larisa.decide(Purpose.COUNT, Decision.ASK_AGAIN)
    assert not consents.allows(world.store, access, Purpose.UN_CONFIDENTIAL)
    assert count_cases(world.store, world.caller("ann"), "case.status").cases == 0


def test_a_no_stays_when_it_is_filed_and_only_a_later_yes_that_is_filed_lifts_it(world: World, larisa: Family) -> None:
    larisa.send(consents={"lawyer": "yes"})
    case_id = accepted(larisa)
    larisa.decide(Purpose.LAWYER, NO)
    inbox.file_letters(world.store, world.caller("ines"), larisa.mailbox)
    assert not consents.allows(world.store, entered(world, case_id), Purpose.LAWYER)
    larisa.decide(Purpose.LAWYER, YES)
    assert not consents.allows(world.store, entered(world, case_id), Purpose.LAWYER)
    inbox.file_letters(world.store, world.caller("ines"), larisa.mailbox)
    assert consents.allows(world.store, entered(world, case_id), Purpose.LAWYER)
    assert consents.stopped(world.store, case_id) == frozenset()


def test_a_yes_and_then_a_no_filed_together_are_a_no(world: World, larisa: Family) -> None:
    larisa.send()
    case_id = accepted(larisa)
    larisa.decide(Purpose.COUNT, YES)
    larisa.decide(Purpose.COUNT, NO)
    inbox.file_letters(world.store, world.caller("ines"), larisa.mailbox)
    access = entered(world, case_id)
    assert access.open(C.FACTS).note["case"][0]["counting"] == NO
    assert Purpose.COUNT in consents.stopped(world.store, case_id)


def test_decisions_made_before_acceptance_hold_from_the_first_moment(world: World, larisa: Family) -> None:
    larisa.send(consents={"count": "yes", "lawyer": "no"})
    larisa.decide(Purpose.COUNT, NO)
    larisa.decide(Purpose.LAWYER, YES)
    access = entered(world, accepted(larisa))
    held = consents.effective(access)
    assert (held[Purpose.COUNT], held[Purpose.LAWYER]) == (NO, YES)
    assert access.open(C.FACTS).note["case"][0]["counting"] == NO


def test_asking_for_erasure_stops_every_use_and_becomes_a_task_due_today(world: World, larisa: Family) -> None:
    every = {purpose.value: "yes" for purpose in Purpose}
    larisa.send(consents=every)
    case_id = accepted(larisa)
    receiving.ask_erasure(world.store, larisa.material)
    access = entered(world, case_id)
    assert not any(consents.allows(world.store, access, one) for one in Purpose if one is not Purpose.KEEP)
    assert larisa.look().erasure_asked
    inbox.file_letters(world.store, world.caller("ines"), larisa.mailbox)
    tasks = entered(world, case_id).open(C.CONTROL).note["task"]
    assert [one["due"] for one in tasks] == [today().isoformat()]


def test_withdrawing_the_keeping_is_a_request_for_erasure(world: World, larisa: Family) -> None:
    larisa.send(consents={"count": "yes"})
    case_id = accepted(larisa)
    larisa.decide(Purpose.KEEP, NO)
    assert larisa.look().erasure_asked
    assert not consents.allows(world.store, entered(world, case_id), Purpose.COUNT)
    inbox.file_letters(world.store, world.caller("ines"), larisa.mailbox)
    assert entered(world, case_id).open(C.CONTROL).note["task"]


def test_one_takes_along_all_that_one_wrote(world: World, larisa: Family) -> None:
    larisa.send(consents={"count": "yes"})
    inbox.ask_back(world.store, world.caller("ines"), larisa.mailbox, "Кто приезжал?")
    larisa.answer("Двое в форме.")
    accepted(larisa)
    copy = receiving.own_copy(larisa.look())
    assert [(one["from"], one["kind"]) for one in copy] == [("me", "report"), ("group", "question"), ("me", "answer")]
    assert copy[0]["about"] == ABOUT
    assert copy[2]["text"] == "Двое в форме."


def test_a_second_family_member_extends_the_case_and_the_newer_decision_counts(world: World, larisa: Family) -> None:
    larisa.send(consents={"count": "yes"})
    case_id = accepted(larisa)
    wife = family(world)
    wife.send(consents={"count": "no"}, about={"reporter_name": "Нина", "story": "Он звонил мне."})
    inbox.accept_into(world.store, world.caller("ines"), wife.mailbox, case_id, "the same man")
    access = entered(world, case_id)
    assert [one["name"] for one in access.open(C.SOURCE).note["reporter"]] == ["Лариса", "Нина"]
    assert consents.effective(access)[Purpose.COUNT] is NO
    assert access.open(C.FACTS).note["case"][0]["counting"] == NO
    assert {one["id"] for one in access.open(C.CONTROL).note["mailbox"]} == {larisa.mailbox, wife.mailbox}


def test_of_two_family_members_the_no_of_one_outlives_the_older_yes_of_the_other(world: World, larisa: Family) -> None:
    """The wife's "yes" waits since before the mother's "no": filing it first must not set the case free."""
    larisa.send(consents={"count": "yes"})
    case_id = accepted(larisa)
    wife = family(world)
    wife.send(consents={"count": "no"}, about={"reporter_name": "Нина"})
    inbox.accept_into(world.store, world.caller("ines"), wife.mailbox, case_id, "the same man")
    wife.decide(Purpose.COUNT, YES)
    larisa.decide(Purpose.COUNT, NO)
    for one in (wife, larisa):
        inbox.file_letters(world.store, world.caller("ines"), one.mailbox)
        assert not consents.allows(world.store, entered(world, case_id), Purpose.COUNT)
        assert Purpose.COUNT in consents.stopped(world.store, case_id)


def test_a_yes_that_staff_note_lifts_nothing_while_a_no_waits_in_the_mailbox(world: World, larisa: Family) -> None:
    larisa.send(consents={"count": "yes"})
    case_id = accepted(larisa)
    larisa.decide(Purpose.COUNT, NO)
    by_phone = Given(Purpose.COUNT, YES, today().isoformat(), "21/010103000000", "by phone", "ru")
    consents.decide_consent(entered(world, case_id), by_phone)
    assert not consents.allows(world.store, entered(world, case_id), Purpose.COUNT)
    assert Purpose.COUNT in consents.stopped(world.store, case_id)


def test_what_was_withheld_while_letters_waited_is_lifted_when_the_last_is_filed(world: World, larisa: Family) -> None:
    larisa.send(consents={"lawyer": "yes"})
    case_id = accepted(larisa)
    wife = family(world)
    wife.send(consents={"lawyer": "yes"}, about={"reporter_name": "Нина"})
    inbox.accept_into(world.store, world.caller("ines"), wife.mailbox, case_id, "the same man")
    wife.decide(Purpose.LAWYER, NO)
    wife.decide(Purpose.LAWYER, YES)
    larisa.answer("Ещё одно.")
    for one in (wife, larisa):
        assert Purpose.LAWYER in consents.stopped(world.store, case_id)
        inbox.file_letters(world.store, world.caller("ines"), one.mailbox)
    assert consents.allows(world.store, entered(world, case_id), Purpose.LAWYER)


def test_reading_a_report_is_in_the_log_and_what_it_says_is_not(world: World, larisa: Family) -> None:
    larisa.send()
    inbox.open_report(world.store, world.caller("ines"), larisa.mailbox)
    accepted(larisa)
    entries = logbook.newest(world.store, world.caller("otto"))
    read = [one for one in entries if one["verb"] == "report:read"]
    assert {one["actor"] for one in read} == {world.ids["ines"]}
    assert {"report:received", "report:accepted"} <= {str(one["verb"]) for one in entries}
    assert "Бунятов" not in str(entries)
