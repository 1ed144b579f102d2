"""Why each field is kept, and how long, is said in three languages."""

import re
from pathlib import Path

import pytest

from api.access import sessions
from api.catalogue.fields import FIELDS
from api.catalogue.purposes import KEPT_FOR
from api.catalogue.retention import TABLE
from api.models.tables import Member
from tests.pages.browsing import group

CYRILLIC = re.compile("[а-яіїєґ]")


def test_every_purpose_is_told_in_three_languages_and_no_other() -> None:
    asked = {one.purpose for one in FIELDS}
    assert len(asked) > 100
    assert KEPT_FOR.keys() == asked
    told = [text for one in KEPT_FOR.values() for text in (one["ru"], one["uk"])]
    assert all(CYRILLIC.search(text) and text.endswith(".") for text in told)
    for language in ("en", "ru", "uk"):
        assert len({one[language] for one in KEPT_FOR.values()}) == len(KEPT_FOR)


def test_each_period_is_told_in_three_languages() -> None:
    assert {str(one) for one in TABLE.values()} >= {"36 months after the case's end", "until the case's end"}
    for period in TABLE.values():
        assert CYRILLIC.search(period.told("ru"))
        assert period.told("ru") != period.told("uk")
        assert not period.months or str(period.months) in period.told("uk")


@pytest.mark.parametrize("language", ["ru", "uk"])
def test_a_member_reads_in_her_language_what_is_kept_and_why(sqlite_url: str, tmp_path: Path, language: str) -> None:
    staff = group(sqlite_url, tmp_path)
    with staff.world.store.writing() as db:
        carl = db.get_one(Member, staff.world.ids["carl"])
        sessions.set_label(staff.world.store, carl, {"initial": "C", "language": language})
    page = staff.member("carl").get("/inventory").text
    assert all(one[language] in page for one in KEPT_FOR.values())
    assert not [english for english in KEPT_FOR if english in page]
    assert "months after" not in page
