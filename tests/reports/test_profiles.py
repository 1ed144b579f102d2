"""Profiles: only what the catalogue lets leave can be listed, and only what is listed is composed."""

from dataclasses import asdict
from datetime import date
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.catalogue.compartments import Language
from api.catalogue.fields import FIELDS, Field, Kind
from api.reports.profiles import CONSENT_STATE, PROFILES, Profile, ProfileError, load, may_leave, read_profile
from api.reports.report import Report, compose
from api.reports.sections import FieldPath, Sections, Submitter
from api.reports.selecting import select
from tests.reports.example import EVERYTHING, GRANTED, GROUP, PLANTED, WITHOUT_STEPS

ON = date(2026, 11, 23)


def made(name: str, sections: Sections = EVERYTHING, languages: tuple[Language, ...] | None = None) -> Report:
    profile = load(name)
    return compose(profile, sections, GROUP, "2026-0007", ON, languages or profile.languages[0])


def written(name: str) -> str:
    return files("api.reports.profiles").joinpath(f"{name}.toml").read_text("utf-8")


def source_fields() -> list[str]:
    return [f"{one.compartment}.{one.entity}.{one.name}" for one in FIELDS if one.compartment == "source"]


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_loads_and_lists_only_fields_that_may_leave_under_its_purpose(name: str) -> None:
    profile = load(name)
    assert profile.fields
    assert all(may_leave(path, profile.purpose) for path in profile.fields)


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("planted", source_fields())
def test_a_profile_that_lists_a_field_of_the_source_does_not_load(name: str, planted: str) -> None:
    faulty = written(name).replace('fields = ["', f'fields = ["{planted}", "', 1)
    with pytest.raises(ProfileError):
        read_profile(name, faulty)


@pytest.mark.parametrize(
    "planted", ["consent.consent.given_by", "consent.consent.taken_by", "control.case.owner", "facts.case.nothing"]
)
def test_a_profile_cannot_list_who_decided_who_works_or_what_does_not_exist(planted: str) -> None:
    with pytest.raises(ProfileError):
        read_profile("wgeid", written("wgeid").replace('fields = ["', f'fields = ["{planted}", "', 1))


@pytest.mark.parametrize("planted", ["evidence.document.title", "evidence.document.received_from"])
def test_evidence_cannot_be_listed_for_the_un(planted: str) -> None:
    with pytest.raises(ProfileError):
        read_profile("wgeid", written("wgeid").replace('fields = ["', f'fields = ["{planted}", "', 1))


@pytest.mark.parametrize(
    "fault",
    [('rule = "month"', 'rule = "guess"'), ('kind = "rows"', 'kind = "raw"'), ("short", "shirt"), ('"en"', '"fr"')],
)
def test_a_profile_that_is_written_wrongly_does_not_load(fault: tuple[str, str]) -> None:
    with pytest.raises(ProfileError):
        read_profile("wgeid", written("wgeid").replace(*fault))


def test_a_profile_that_is_not_packaged_is_not_looked_for_on_the_disk() -> None:
    with pytest.raises(KeyError):
        load("../../etc/passwd")


@pytest.mark.parametrize("name", PROFILES)
def test_the_source_never_reaches_a_report_even_if_it_was_handed_in(name: str) -> None:
    told = str(asdict(made(name)))
    assert "Бунятов" in told
    assert [word for word in PLANTED if word in told] == []


@pytest.mark.parametrize("name", PROFILES)
def test_nothing_outside_the_allow_list_passes_the_gate(name: str) -> None:
    profile = load(name)
    passed = select(profile, EVERYTHING)
    held = {
        FieldPath(compartment, entity, field)
        for compartment, body in passed.items()
        for entity, entries in body.items()
        for entry in entries
        for field in entry
        if field != "id"
    }
    assert held <= profile.fields
    assert "source" not in passed


@given(st.sampled_from(FIELDS), st.sampled_from(PROFILES))
def test_a_word_planted_in_a_field_that_is_not_listed_stays_behind(field: Field, name: str) -> None:
    profile, planted = load(name), "planted-marigold"
    path = FieldPath(field.compartment, field.entity, field.name)
    entry = {"id": "v" * 26, path.name: planted}
    sections = {**EVERYTHING, path.compartment: {**EVERYTHING.get(path.compartment, {}), path.entity: [entry]}}
    found = planted in str(asdict(compose(profile, sections, GROUP, "1", ON, profile.languages[0])))
    assert not found or path in profile.fields


@pytest.mark.parametrize("name", PROFILES)
def test_a_word_in_every_listed_text_field_of_the_person_arrives(name: str) -> None:
    """The test above can fail: what is listed does come through."""
    profile = load(name)
    kinds = {FieldPath(one.compartment, one.entity, one.name): one.kind for one in FIELDS}
    for path in (one for one in profile.fields - CONSENT_STATE if kinds[one] is Kind.TEXT and one.entity == "person"):
        people = [{"id": "v" * 26, path.name: "planted-marigold"}]
        sections = {**GRANTED, path.compartment: {path.entity: people}}
        assert "planted-marigold" in str(asdict(compose(profile, sections, GROUP, "1", ON, profile.languages[0])))


def test_a_relative_who_is_written_down_in_the_case_is_not_in_a_report() -> None:
    shut = {name: body for name, body in GRANTED.items() if name != "facts"}
    assert "Бунятов" in str(asdict(made("dossier", GRANTED)))
    assert "Бунятов" not in str(asdict(made("dossier", shut))), "without the facts nobody's role is known"


def test_a_shut_identity_is_said_to_be_shut_beside_what_the_facts_say() -> None:
    shut = {name: body for name, body in GRANTED.items() if name != "identity"}
    told = str(asdict(made("dossier", shut)))
    assert "Бунятов" not in told
    assert "30 to 34" in told
    assert "Not opened for this document." in told


def test_a_report_does_not_show_its_words_when_it_is_printed() -> None:
    assert "Бунятов" not in repr(made("dossier"))
    assert GROUP.contact not in repr(GROUP)


def test_languages_that_a_profile_does_not_offer_are_refused() -> None:
    with pytest.raises(ValueError):
        made("wgeid", GRANTED, ("ru",))


def test_shut_evidence_is_said_to_be_held_and_opened_evidence_is_listed_with_its_hash() -> None:
    shut, opened = str(asdict(made("dossier", GRANTED))), str(asdict(made("dossier", EVERYTHING)))
    assert "was not opened for this document" in shut
    assert "was not opened for this document" not in opened
    assert "Release order, photographed" in opened
    assert "9f86d081884c7d65" in opened


def test_the_dossier_shows_how_each_act_is_known_and_how_sure_it_is_in_both_languages() -> None:
    told = str(asdict(made("dossier", GRANTED, ("en", "uk"))))
    for words in ("Told by the victim", "Зі слів потерпілого", "Possible", "Можливо", "Not decided", "Не вирішено"):
        assert words in told


def test_the_newest_decision_is_the_one_that_stands_in_the_dossier() -> None:
    withdrawn = {"id": "w" * 26, "purpose": "un-confidential", "value": "no", "on": "2026-11-22"}
    consent = {"consent": [withdrawn, *GRANTED["consent"]["consent"]]}
    said = str(asdict(made("dossier", {**GRANTED, "consent": consent})))
    before = str(asdict(made("dossier", GRANTED)))
    assert before.count("Yes") == said.count("Yes") + 1


def test_the_chronology_runs_from_the_earliest_day_and_ends_with_what_has_no_date() -> None:
    told = str(asdict(made("wgeid", GRANTED)))
    chronology = told[told.index("Circumstances") :]
    order = ("April 2023", "14 April 2023", "1–10 May 2023", "'17 May 2023'", "20 June 2023", "Date not known")
    assert sorted(order, key=chronology.index) == list(order)


def test_what_the_group_has_not_decided_is_not_told_to_the_un() -> None:
    assert "Not decided" not in str(asdict(made("wgeid", GRANTED)))


def test_a_submission_without_steps_says_so_in_its_place() -> None:
    assert "None is recorded." in str(asdict(made("wgeid", WITHOUT_STEPS)))
    shut = {name: body for name, body in GRANTED.items() if name != "legal"}
    assert "Not opened for this document." in str(asdict(made("wgeid", shut)))


def test_a_profile_says_which_compartments_it_needs() -> None:
    profile: Profile = load("wgeid")
    assert profile.compartments == {"facts", "identity", "legal"}
    assert profile.purpose == "un-confidential"
    assert load("dossier").purpose == "lawyer"


def test_a_group_that_gives_no_contact_stands_without_an_empty_row() -> None:
    profile = load("wgeid")
    report = compose(profile, GRANTED, Submitter("Group", " "), "1", ON, ("en",))
    assert "How to reach it" not in str(asdict(report))


def test_a_report_says_for_the_register_which_fields_it_holds() -> None:
    held = made("wgeid", GRANTED).fields
    assert "identity.person.name" in held
    assert "identity.person.other_names" not in held, "it is listed and nobody wrote it down"
    assert not any(path.startswith(("source.", "evidence.", "narrative.statement")) for path in held)


@pytest.mark.parametrize(("on", "asked"), [(date(2023, 8, 17), True), (date(2023, 8, 18), False)])
def test_the_urgent_procedure_is_asked_for_until_its_last_day(on: date, asked: bool) -> None:
    told = str(asdict(compose(load("wgeid"), GRANTED, GROUP, "1", on, ("en",))))
    assert ("three months from the event end on 17 August 2023" in told) is asked


def test_a_date_that_is_unknown_is_said_to_be_unknown() -> None:
    case = [{"id": "c" * 26, "last_heard": "unknown", "status": "unknown"}]
    told = str(asdict(made("wgeid", {**GRANTED, "facts": {**GRANTED["facts"], "case": case}})))
    assert "{'term': ('Last heard from him',), 'value': ('Unknown',)}" in told
