"""The end of a case by its page: closed, opened again, held, lifted; each over the version that was shown."""

from tests.pages.browsing import Seen
from tests.pages.scene import Scene


def test_a_case_is_closed_held_lifted_and_opened_again(scene: Scene) -> None:
    carl, end = scene.staff.member("carl"), f"{scene.names['case']}/end"
    assert "It is open." in carl.get(end).text
    assert "Closed on" in carl.send(end, {"what": "close", "why": "fate-known"}).text
    assert "Until when it is kept" in carl.get(end).text
    assert "Held since" in carl.post(end, {**_version(carl.get(end), end), "what": "hold", "why": "proceedings"}).text
    refused = carl.post(f"{scene.names['case']}/erase")
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


def test_a_lawyer_does_not_end_a_case(scene: Scene) -> None:
    leo = scene.staff.member("leo")
    leo.get(f"{scene.names['case']}/end")
    assert leo.status in (403, 404)


def _version(page: Seen, action: str) -> dict[str, str]:
    return {"version": page.form(action).fields["version"][0]}
