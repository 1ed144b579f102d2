"""The auditor reads all of the log, page by page: many later entries hide no older one."""

from pathlib import Path

import pytest

from api import audit
from api.access import sessions
from api.audit import Entry
from api.catalogue.verbs import VERBS
from api.errors import Forbidden
from api.ids import short_code
from api.models.tables import Member
from api.services import logbook
from tests.pages.browsing import group
from tests.pages.test_staff import accepted
from tests.world import make_world


def test_five_hundred_and_one_later_entries_do_not_hide_an_older_one(sqlite_url: str, tmp_path: Path) -> None:
    staff = group(sqlite_url, tmp_path)
    store, auditor = staff.world.store, staff.world.caller("otto")
    audit.record(store, Entry("case:open-compartment", staff.world.ids["carl"], reason="verify-fact"))
    with store.writing() as db:
        for _ in range(501):
            audit.append(db, store, Entry("case:list", staff.world.ids["carl"]))
    first = logbook.newest(store, auditor)
    assert {one["verb"] for one in first} == {"case:list"}
    second = logbook.newest(store, auditor, int(str(first[-1]["index"])))
    assert [one["verb"] for one in second[:2]] == ["case:list", "case:open-compartment"]
    assert [one["index"] for one in (*first, *second)] == list(range(len(first) + len(second)))[::-1]
    person = staff.member("otto")
    words = "parts opened with a reason"
    assert words not in person.get("/log").text
    (older,) = [one["href"] for one in person.get("/log").all("a") if "before" in one.get("href", "")]
    assert words in person.get(older).text
    assert not [one for one in person.get("/log?before=0").all("a") if "before" in one.get("href", "")]
    token = {"authorization": f"Bearer {staff.world.tokens['otto']}"}
    answer = person.client.get(f"/api/v1{older.replace('before', 'after')}", headers=token)
    assert answer.json()["lines"][1]["verb"] == "case:open-compartment"
    for typed in ("-1", "x", str(2**63)):
        assert person.client.get(f"/log?before={typed}").status_code == 422


def test_without_the_auditors_key_no_page_of_the_log_is_read(sqlite_url: str, tmp_path: Path) -> None:
    world = make_world(sqlite_url, tmp_path)
    for before in (None, 3):
        with pytest.raises(Forbidden):
            logbook.newest(world.store, world.caller("carl"), before)


def test_a_form_that_was_looked_at_reads_as_an_opening_and_the_act_as_an_act(sqlite_url: str, tmp_path: Path) -> None:
    staff = group(sqlite_url, tmp_path)
    page, worker = accepted(staff), staff.member("carl")
    case = page.split("/")[-1]

    def told() -> list[tuple[object, object]]:
        entries = logbook.newest(staff.world.store, staff.world.caller("otto"), most=1000)
        return [(one["verb"], one.get("about", "")) for one in entries if one.get("case") == case]

    before = told()
    looked = {
        "erase": "case:erase",
        "grants": "case:grant",
        "add/custody": "case:write",
        "subject": "case:give-subject",
    }
    for form in looked:
        worker.get(f"{page}/{form}")
        assert worker.status == 200
    fresh = told()[: -len(before)]
    assert fresh == [("case:opened", wanted) for wanted in reversed(looked.values())]
    worker.get(f"{page}/erase")
    worker.send(f"{page}/erase", {"code": "K7-AAAA"})
    assert "case:erase" not in [verb for verb, _ in told()]
    worker.send(f"{page}/erase", {"code": short_code(case)})
    assert told()[0] == ("case:erase", "")


@pytest.mark.parametrize(("language", "words"), [("ru", "стирание дела"), ("uk", "стирання справи")])
def test_an_auditor_reads_the_log_in_her_language(sqlite_url: str, tmp_path: Path, language: str, words: str) -> None:
    staff = group(sqlite_url, tmp_path)
    store, ids = staff.world.store, staff.world.ids
    audit.record(store, Entry("case:opened", ids["carl"], about="case:erase"))
    with store.writing() as db:
        sessions.set_label(store, db.get_one(Member, ids["otto"]), {"initial": "O", "language": language})
    page = staff.member("otto").get("/log")
    assert words in page.text
    assert "case:opened" in [given.get("data-verb") for given in page.all("span")]
    assert not [code for code in VERBS if code in page.text]
