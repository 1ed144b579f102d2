"""What leaves has leave: consent at this moment, every required element, a line in the register, and no source."""

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path

import pytest
from pypdf import PdfReader

from api.access.caller import Caller
from api.access.doors import CaseAccess, enter_case
from api.catalogue.compartments import Compartment
from api.catalogue.purposes import Decision, Purpose
from api.errors import (
    ConsentMissing,
    Forbidden,
    Invalid,
    NotFound,
    NotReady,
    ReasonMissing,
    Refused,
    Stale,
    Unavailable,
)
from api.policy.actions import Action
from api.reports.document import Document as Finished
from api.reports.document import DocumentError, render_pdf
from api.reports.report import Report
from api.sealed import groups, shreds
from api.services import taking_out
from api.services.cases import append_to
from api.services.consents import Given, decide_consent, stop
from api.services.saving import Body
from api.services.taking_out import preview, readiness_of, register, take_out
from tests.cases.bench_world import SECTIONS, World, make_bench

C = Compartment
PERSON = "7" * 26
OPENS = frozenset({C.FACTS, C.IDENTITY, C.NARRATIVE, C.LEGAL})
CODED: Mapping[Compartment, Body] = {
    **SECTIONS,
    C.FACTS: {
        "case": [{"id": "0" * 26, "title": "A case", "last_heard": {"edtf": "2023-05-17", "basis": "exact"}}],
        "person": [{"id": PERSON, "role": "victim"}],
        "custody": [{"id": "5" * 26, "facility": {"type": "x", "kind": "IK", "number": "29", "region": "RU-ARK"}}],
        "act": [{"id": "6" * 26, "type": "X03-0301-01b", "body": "defence-ministry"}],
    },
    C.IDENTITY: {"person": [{"id": PERSON, "name": "Планов Артём", "name_latin": "Artyom Planov"}]},
}


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    made = make_bench(database_url, tmp_path)
    with made.store.writing() as db:
        note = dict(groups.read(db, made.store).note)
        groups.write(db, made.store, {**note, "name": "The group", "contact": "desk@group.example"})
    return made


def ready(world: World, purpose: Purpose | None = Purpose.UN_CONFIDENTIAL) -> str:
    """Return a case with every element, and with leave for `purpose`."""
    case_id = world.case(CODED)
    access = world.enter("worker", case_id, Action.CASE_WRITE)
    append_to(access, C.LEGAL, "intervention", {"type": "20/010000000000"})
    if purpose is not None:
        access = world.enter("worker", case_id, Action.CASE_WRITE)
        decide_consent(access, Given(purpose, Decision.YES, "2026-01-10", "21/010103000000", "", "ru"))
    return case_id


def lawyers(world: World, case_id: str, caller: Caller | None = None) -> CaseAccess:
    caller = caller or world.grantee("lawyer", case_id, OPENS)
    return enter_case(world.store, caller, case_id, Action.CASE_TAKE_OUT, OPENS, "prepare-submission")


def test_a_document_is_in_the_register_before_it_is_handed_out(world: World) -> None:
    case_id = ready(world)
    made = take_out(lawyers(world, case_id), "wgeid", "UN Working Group")
    (line,) = register(world.enter("worker", case_id, Action.CASE_READ))
    assert made.content.startswith(b"%PDF")
    assert line.sha256 == made.sha256 == hashlib.sha256(made.content).hexdigest()
    assert (line.number, line.recipient, line.purpose) == (made.number, "UN Working Group", "un-confidential")
    assert line.by == world.members["lawyer"][0]
    assert "identity.person.name" in line.fields
    assert not [one for one in line.fields if one.startswith(("source", "evidence"))]


def test_the_register_numbers_one_after_the_other(world: World) -> None:
    case_id = ready(world)
    lawyer = world.grantee("lawyer", case_id, OPENS)
    numbers = [take_out(lawyers(world, case_id, lawyer), "wgeid", "UN").number for _ in range(2)]
    assert [number.partition("/")[2] for number in numbers] == ["1", "2"]


def test_without_the_profiles_own_consent_nothing_leaves(world: World) -> None:
    for purpose in (None, Purpose.UN_NAMED, Purpose.LAWYER, Purpose.COUNT):
        case_id = ready(world, purpose)
        with pytest.raises(ConsentMissing):
            take_out(lawyers(world, case_id), "wgeid", "UN")
        assert register(world.enter("worker", case_id, Action.CASE_READ)) == ()


def stop_now(world: World, case_id: str) -> None:
    with shreds.erasing(world.store) as db:
        stop(db, world.store, case_id, [Purpose.UN_CONFIDENTIAL])


def test_a_no_at_the_mailbox_stops_the_next_taking_out_of_an_open_access(world: World) -> None:
    case_id = ready(world)
    access = lawyers(world, case_id)
    stop_now(world, case_id)
    with pytest.raises(ConsentMissing):
        take_out(access, "wgeid", "UN")


def test_a_no_that_comes_while_the_document_is_made_still_stops_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = ready(world)

    def slow(report: Report) -> Finished:
        stop_now(world, case_id)
        return render_pdf(report)

    monkeypatch.setattr(taking_out, "render_pdf", slow)
    with pytest.raises(ConsentMissing):
        take_out(lawyers(world, case_id), "wgeid", "UN")
    assert register(world.enter("worker", case_id, Action.CASE_READ)) == ()


def test_readiness_counts_and_names_what_is_missing(world: World) -> None:
    case_id = world.case(CODED)
    access = world.enter("worker", case_id, Action.CASE_READ, {C.FACTS, C.IDENTITY, C.LEGAL})
    found = readiness_of(access, "wgeid")
    assert (found.met, found.of, [one.key for one in found.missing]) == (5, 6, ["steps"])
    append_to(access, C.LEGAL, "intervention", {"type": "20/010000000000"})
    access = world.enter("worker", case_id, Action.CASE_READ, {C.FACTS, C.IDENTITY, C.LEGAL})
    assert readiness_of(access, "wgeid").complete


def test_an_incomplete_submission_does_not_leave(world: World) -> None:
    case_id = world.case(CODED)
    access = world.enter("worker", case_id, Action.CASE_WRITE)
    yes = Given(Purpose.UN_CONFIDENTIAL, Decision.YES, "2026-01-10", "21/010103000000", "", "ru")
    decide_consent(access, yes)
    with pytest.raises(NotReady):
        take_out(lawyers(world, case_id), "wgeid", "UN")


def test_the_preview_is_what_leaves_and_needs_what_is_open(world: World) -> None:
    case_id = ready(world)
    access = lawyers(world, case_id)
    shown = {str(path) for path in preview(access, "wgeid")}
    take_out(access, "wgeid", "UN")
    (line,) = register(world.enter("worker", case_id, Action.CASE_READ))
    assert shown == set(line.fields)
    narrower = world.enter("worker", case_id, Action.CASE_READ, {C.FACTS})
    assert shown > {str(path) for path in preview(narrower, "wgeid")}


def test_a_closed_compartment_asks_for_a_reason_first(world: World) -> None:
    case_id = ready(world)
    lawyer = world.grantee("lawyer", case_id, OPENS)
    access = enter_case(world.store, lawyer, case_id, Action.CASE_TAKE_OUT)
    with pytest.raises(ReasonMissing):
        take_out(access, "wgeid", "UN")


@pytest.mark.parametrize("name", ["worker", "intake"])
def test_the_desk_takes_nothing_out(world: World, name: str) -> None:
    access = world.enter(name, ready(world), Action.CASE_READ, {C.FACTS, C.IDENTITY})
    with pytest.raises(Forbidden):
        take_out(access, "wgeid", "UN")


@pytest.mark.parametrize(
    ("profile", "recipient", "refused"),
    [("wgeid", " ", Invalid), ("wgeid", "\ud800", Invalid), ("everything", "UN", NotFound)],
)
def test_a_document_has_a_profile_and_a_recipient(
    world: World, profile: str, recipient: str, refused: type[Refused]
) -> None:
    with pytest.raises(refused):
        take_out(lawyers(world, ready(world)), profile, recipient)


def test_a_language_that_the_body_does_not_take_is_refused(world: World) -> None:
    with pytest.raises(Invalid):
        take_out(lawyers(world, ready(world)), "wgeid", "UN", ["ru"])


def test_a_stale_access_takes_nothing_out(world: World) -> None:
    case_id = ready(world)
    access = lawyers(world, case_id)
    append_to(world.enter("worker", case_id, Action.CASE_WRITE), C.CONTROL, "task", {"what": "call"})
    with pytest.raises(Stale):
        take_out(access, "wgeid", "UN")


def test_a_document_that_cannot_be_made_leaves_no_line(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_: object) -> object:
        raise DocumentError

    case_id = ready(world)
    monkeypatch.setattr(taking_out, "render_pdf", failing)
    with pytest.raises(Unavailable):
        take_out(lawyers(world, case_id), "wgeid", "UN")
    assert register(world.enter("worker", case_id, Action.CASE_READ)) == ()


@pytest.mark.parametrize(
    ("purpose", "foot"),
    [(Purpose.LAWYER, "For the lawyer named in the register"), (Purpose.UN_CONFIDENTIAL, "For the United Nations")],
)
def test_the_foot_of_a_dossier_says_for_whom_its_consent_lets_it_be(world: World, purpose: Purpose, foot: str) -> None:
    case_id = ready(world, purpose)
    made = take_out(lawyers(world, case_id), "dossier", "the recipient")
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(made.content)).pages)
    said = " ".join(text.split())
    assert foot in said
    assert ("For the lawyer" in said) is (purpose is Purpose.LAWYER)
