"""The declarations: none without a purpose, a compartment, a class, a reader; the inventory says what they say."""

from dataclasses import replace

import pytest

from api.catalogue.compartments import LABELS, LANGUAGES, Compartment
from api.catalogue.fields import (
    ENTITIES,
    ENTITY_LABELS,
    FIELDS,
    FORM_ENTITIES,
    Kind,
    entity_fields,
    form_fields,
    read_field,
)
from api.catalogue.inventory import gaps, inventory
from api.catalogue.purposes import DECISION_LABELS, DEFAULTS, FAMILY_LABELS, PURPOSE_LABELS, Decision, Purpose
from api.catalogue.retention import TABLE, Retention
from api.catalogue.tables import read_table
from tests.catalogue.write_inventory import DOCUMENT, READERS

ROW = read_table("fields")[0]


def test_no_field_lacks_a_purpose_or_a_reader() -> None:
    assert gaps(FIELDS, READERS) == ()


def test_a_field_without_a_purpose_is_caught() -> None:
    assert gaps([replace(FIELDS[0], purpose="")], READERS) == ("case.desk has no purpose",)


def test_a_field_that_nobody_reads_is_caught() -> None:
    nobody = {**READERS, FIELDS[0].compartment: ()}
    assert gaps(FIELDS[:1], nobody) == ("case.desk has no reader",)


@pytest.mark.parametrize("column", ["compartment", "retention", "kind"])
@pytest.mark.parametrize("value", ["", "somewhere"])
def test_a_row_without_a_compartment_a_class_or_a_kind_is_refused(column: str, value: str) -> None:
    with pytest.raises(ValueError):
        read_field({**ROW, column: value})


def test_a_row_with_a_purpose_of_consent_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError):
        read_field({**ROW, "consent": "count everything"})


def test_every_field_every_entity_and_every_compartment_is_named_in_three_languages() -> None:
    labels = [one.labels for one in FIELDS] + [one.hint for one in FIELDS if one.hint]
    everything = [*labels, *ENTITY_LABELS.values(), *LABELS.values(), *PURPOSE_LABELS.values()]
    everything += [*FAMILY_LABELS.values(), *DECISION_LABELS.values()]
    assert all(said[language].strip() for said in everything for language in LANGUAGES)
    assert set(ENTITY_LABELS) == set(ENTITIES)


def test_no_field_is_declared_twice() -> None:
    names = [(one.entity, one.name) for one in FIELDS]
    assert len(names) == len(set(names))


def test_terms_and_choices_have_a_list_and_nothing_else_does() -> None:
    listed = {one.kind for one in FIELDS if one.term_list}
    assert listed == {Kind.TERM, Kind.CHOICE, Kind.INTERNAL}
    assert all(one.term_list for one in FIELDS if one.kind in {Kind.TERM, Kind.CHOICE})


def test_a_form_has_no_field_of_the_program_s_own() -> None:
    assert {one.name for one in form_fields("case")} == {
        "stage", "priority", "title", "themes", "last_heard", "status", "status_basis", "verification",
    }  # fmt: skip
    assert all(one.kind is not Kind.INTERNAL for entity in ENTITIES for one in form_fields(entity))
    assert all(form_fields(entity) for entity in FORM_ENTITIES)


def test_a_source_never_leaves_the_group() -> None:
    assert {one.consent for one in entity_fields("reporter")} == {()}


def test_a_name_is_neither_counted_nor_published_without_a_name() -> None:
    identity = [one for one in FIELDS if one.compartment is Compartment.IDENTITY]
    hidden = {Purpose.COUNT, Purpose.PUBLISH_ANONYMOUS}
    assert [one.name for one in identity if hidden & set(one.consent)] == []


def test_the_teller_s_own_words_are_never_published() -> None:
    told = {purpose for entity in ("statement", "told") for one in entity_fields(entity) for purpose in one.consent}
    assert told == {Purpose.LAWYER, Purpose.UN_CONFIDENTIAL, Purpose.UN_NAMED}


def test_free_text_that_may_leave_is_reviewed_by_a_person() -> None:
    free = [one for one in FIELDS if one.kind in {Kind.TEXT, Kind.LONG_TEXT} and one.consent]
    assert [one.name for one in free if not one.redact] == []


def test_contact_details_go_first() -> None:
    contact = [one for one in entity_fields("reporter") if one.retention is Retention.CONTACT]
    assert {one.name for one in contact} >= {"address", "safe_times", "safe_word", "do_not_contact_from"}
    assert TABLE[Retention.CONTACT].months == 12


def test_every_retention_class_has_a_row() -> None:
    assert set(TABLE) == set(Retention)


def test_every_purpose_but_keeping_starts_at_no() -> None:
    assert [one for one in Purpose if DEFAULTS[one] is not Decision.NO] == [Purpose.KEEP]


def test_the_committed_inventory_says_what_the_catalogue_says() -> None:
    written = DOCUMENT.read_text("utf-8")
    assert written == inventory(READERS), "write it anew: python -m tests.catalogue.write_inventory"


def test_no_field_has_the_name_of_what_every_form_carries() -> None:
    carried = {"reason", "words", "version", "entry", "shown", "id"}
    assert [one for one in FIELDS if one.kind is not Kind.INTERNAL and one.name in carried] == []
