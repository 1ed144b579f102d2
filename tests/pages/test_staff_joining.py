"""Two reports of one man, by forms alone: seen at triage, looked at side by side, joined, parted, or told apart."""

from pathlib import Path

import pytest

from api.ids import short_code
from tests.pages.browsing import Group, Seen, group
from tests.pages.test_staff import TITLE, accept, accepted, links, told


@pytest.fixture
def staff(database_url: str, tmp_path: Path) -> Group:
    return group(database_url, tmp_path)


def code(case: str) -> str:
    return short_code(case.removeprefix("/cases/"))


def beside(seen: Seen) -> list[str]:
    """Return the other cases of which the page of a case says what they say."""
    return [f"/cases/{one['data-other']}" for one in seen.all("section") if "data-other" in one]


def second(staff: Group, first: str) -> str:
    """Another relative reports the same man; the officer sees the first case beside the report, and makes another."""
    told(staff)
    officer = staff.member("ines")
    report = links(officer.get("/inbox"), "/inbox/")[-1]
    seen = officer.get(report)
    assert code(first) in seen.text
    assert "probably the same name" in seen.text
    assert "agrees" in seen.text
    return accept(officer, report)


def test_two_reports_of_one_man_are_joined_and_parted_again(staff: Group) -> None:
    first = accepted(staff)
    other = second(staff, first)
    worker = staff.member("carl")
    assert code(other) in worker.get(f"{first}/together").text
    side_by_side = worker.get(f"{first}/together?other={code(other)}")
    assert side_by_side.text.count(TITLE) == 2
    worker.send(f"{first}/together", {"what": "join", "other": code(other)})
    assert worker.path == f"{first}/together"
    assert beside(worker.get(first)) == [other]
    assert beside(worker.get(other)) == [first]
    listed = worker.get("/cases")
    assert links(listed, first)
    assert not links(listed, other)
    assert code(other) in listed.text
    worker.get(f"{first}/together")
    worker.send(f"{first}/together", {"what": "part", "other": code(other)})
    assert beside(worker.get(first)) == []
    assert links(worker.get("/cases"), other)


def test_what_was_told_apart_is_not_offered_again(staff: Group) -> None:
    first = accepted(staff)
    other = second(staff, first)
    worker = staff.member("carl")
    desk = next(link for link in links(worker.get("/desks"), "/desks/") if link.endswith("/alike"))
    assert code(other) in worker.get(desk).text
    worker.get(f"{first}/together?other={code(other)}")
    worker.send(f"{first}/together", {"what": "apart", "other": code(other)})
    assert "Of somebody else:" in worker.get(f"{first}/together").text
    assert code(other) not in worker.get(desk).text


def test_a_lawyer_of_one_case_reads_no_word_of_the_other(staff: Group) -> None:
    first = accepted(staff)
    other = second(staff, first)
    worker, lawyer = staff.member("carl"), staff.member("leo")
    worker.get(f"{first}/together?other={code(other)}")
    worker.send(f"{first}/together", {"what": "join", "other": code(other)})
    assert beside(worker.get(first)) == [other]
    worker.get(f"{first}/grants")
    given = {"member": staff.world.ids["leo"], "words": staff.world.words("leo"), "days": "3", "why": "UN"}
    worker.send(f"{first}/grants", {**given, "reason": "prepare-submission", "compartments": ["facts", "narrative"]})
    assert TITLE in lawyer.get(first).text
    assert beside(lawyer.get(first)) == []


@pytest.mark.parametrize("said", ["", "nothing", "ZZ-ZZZZ", "K7-M4QX", "💥", "x" * 60])
def test_a_code_of_no_case_is_refused_and_kept_as_typed(staff: Group, said: str) -> None:
    first = accepted(staff)
    worker = staff.member("carl")
    worker.get(f"{first}/together")
    refused = worker.post(f"{first}/together", {"what": "join", "other": said, "version": "1"})
    assert (worker.status, [one["value"] for one in refused.all("input") if one.get("id") == "other"]) == (422, [said])
