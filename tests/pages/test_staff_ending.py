"""The end of a case by its page: closed, opened again, held, lifted; each over the version that was shown."""

import re
from datetime import timedelta

import pytest

from api.clock import month_after, today
from api.ids import short_code
from api.pages.staff import retention
from tests.pages.browsing import Seen
from tests.pages.scene import Scene
from tests.pages.test_staff_whole import faults


def test_a_case_is_closed_held_lifted_and_opened_again(scene: Scene) -> None:
    carl, end = scene.staff.member("carl"), f"{scene.names['case']}/end"
    assert "It is open." in carl.get(end).text
    assert "Closed on" in carl.send(end, {"what": "close", "why": "fate-known"}).text
    assert "Until when it is kept" in carl.get(end).text
    assert "Held since" in carl.post(end, {**_version(carl.get(end), end), "what": "hold", "why": "proceedings"}).text
    erase = f"{scene.names['case']}/erase"
    code = {"code": short_code(scene.names["case"].rsplit("/", 1)[-1])}
    shown = _version(carl.get(erase), erase)
    older = {"version": str(int(shown["version"]) - 1), **code}
    assert "Look at it again" in carl.post(erase, older).text
    assert carl.status == 409
    refused = carl.post(erase, {**shown, **code})
    assert (carl.status, "A legal hold keeps this case." in refused.text) == (409, True)
    assert "Held since" not in carl.post(end, {**_version(carl.get(end), end), "what": "lift"}).text
    assert "It is open." in carl.post(end, {**_version(carl.get(end), end), "what": "reopen"}).text


def test_no_reason_another_step_and_an_older_version_are_refused_in_words(scene: Scene) -> None:
    carl, end = scene.staff.member("carl"), f"{scene.names['case']}/end"
    shown = _version(carl.get(end), end)
    for typed in ({"what": "close", "why": ""}, {"what": "close", "why": "king"}, {"what": "lift"}, {"what": "x"}):
        assert "Please choose a reason." in carl.post(end, {**shown, **typed}).text
        assert carl.status == 422
    carl.post(end, {**shown, "what": "hold", "why": "request"})
    assert "Somebody saved a newer version." in carl.post(end, {**shown, "what": "close", "why": "error"}).text
    assert carl.status == 409


def test_what_goes_soon_is_seen_before_and_kept_longer_with_a_reason(scene: Scene) -> None:
    carl, end = scene.staff.member("carl"), f"{scene.names['case']}/end"
    carl.post(end, {**_version(carl.get(end), end), "what": "close", "why": "fate-known"})
    carl.post(end, {**_version(carl.get(end), end), "what": "lift"})
    goes = month_after(today(), 36)
    listed = carl.get(f"/retention?month={goes}")
    for words in ("North", "facts, identity", goes, "Keep it longer"):
        assert words in listed.text
    assert "Nothing of your desks goes by then." in carl.get("/retention").text
    assert "Nothing of your desks goes by then." in scene.staff.member("cora").get(f"/retention?month={goes}").text
    until, shown = (today() + timedelta(days=90)).isoformat(), _version(carl.get(end), end)
    refused = carl.post(end, {**shown, "what": "review", "until": "2001-01-01", "why": "family-asks"})
    assert carl.status == 422
    assert "Please give a day as 2023-05-17." in refused.text
    form = next(one for one in refused.forms if "until" in one.fields)
    assert (form.fields["until"], form.fields["why"]) == (["2001-01-01"], ["family-asks"])
    kept = carl.post(end, {**shown, "what": "review", "until": until, "why": "family-asks"})
    assert f"the family asks for it. Kept until {until}" in kept.text


def test_contact_with_the_family_is_written_down_from_the_end_page(scene: Scene) -> None:
    carl, end = scene.staff.member("carl"), f"{scene.names['case']}/end"
    page = carl.get(end)
    assert f"Last in touch on {today().isoformat()}" in page.text
    carl.post(end, {**_version(page, end), "what": "touch"})
    assert (carl.status, carl.path) == (200, end)


def test_the_register_of_erasures_is_read_by_auditor_and_administrator_alone(scene: Scene) -> None:
    for login, status in (("otto", 200), ("ada", 200), ("carl", 403), ("ines", 403), ("leo", 403)):
        member = scene.staff.member(login)
        member.get("/erasures")
        assert (login, member.status) == (login, status)
    page = scene.staff.member("otto").get("/erasures")
    assert "Backups that still know it" in page.text
    assert faults(page) == []


def test_a_lawyer_does_not_end_a_case(scene: Scene) -> None:
    leo = scene.staff.member("leo")
    leo.get(f"{scene.names['case']}/end")
    assert leo.status in (403, 404)


def _version(page: Seen, action: str) -> dict[str, str]:
    return {"version": page.form(action).fields["version"][0]}


def test_what_goes_soon_is_shown_page_by_page_and_each_line_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    carl, end = scene.staff.member("carl"), f"{scene.names['case']}/end"
    if "It is open." in carl.get(end).text:
        carl.post(end, {**_version(carl.get(end), end), "what": "close", "why": "fate-known"})
    first = f"/retention?month={month_after(today(), 120)}"
    every = carl.get(first)
    assert not _onward(every)
    assert len(_months(every)) > 1
    monkeypatch.setattr(retention, "PAGE", 1)
    page, seen = carl.get(first), list[str]()
    while onward := _onward(page):
        seen += _months(page)
        assert len(_months(page)) == 1
        page = carl.get(onward[-1])
    assert [*seen, *_months(page)] == _months(every)
    assert first in [one.get("href") for one in page.all("a")]


def _onward(page: Seen) -> list[str]:
    return [one["href"] for one in page.all("a") if "&after=" in one.get("href", "")]


def _months(page: Seen) -> list[str]:
    return re.findall(r"\b\d{4}-\d{2}\b", page.text.partition("last month")[2])
