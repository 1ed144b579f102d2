"""Recovery by k trustees on the pages: a code, six words, two shares, three days, and the way back in."""

from datetime import timedelta
from pathlib import Path

import pytest

from api import clock
from api.services import ceremonies
from tests.pages.browsing import Group, Person, Seen, group
from tests.world import one_time_code


@pytest.fixture
def staff(sqlite_url: str, tmp_path: Path) -> Group:
    made = group(sqlite_url, tmp_path)
    made.world.sign_in("carl")
    return made


def shown(page: Seen, name: str) -> str:
    return next(one[name] for one in page.all("p") if name in one)


def code(staff: Group) -> str:
    ada = staff.member("ada")
    ada.get("/members")
    return shown(ada.send(f"/members/{staff.world.ids['carl']}/recovery"), "data-code")


def taken_up(staff: Group, given: str) -> tuple[Person, str, str, str]:
    """Return Carl at a browser, the words he reads out, his new passphrase and the seed of his new device."""
    carl = staff.stranger()
    offered = carl.get("/recover")
    phrase, seed = shown(offered, "data-passphrase"), shown(offered, "data-totp-secret")
    page = carl.send("/recover", {"code": given, "login": "carl", "totp_code": one_time_code(seed)})
    return carl, shown(page, "data-words"), phrase, seed


def test_the_way_back_through_the_pages(staff: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    carl, words, phrase, seed = taken_up(staff, code(staff))
    assert "A recovery is open" in staff.member("leo").get("/today").text
    for login in ("tina", "toni"):
        trustee = staff.member(login)
        action = next(one.action for one in trustee.get("/recovery").forms if one.action.endswith("/share"))
        assert "These are not the words" in trustee.send(action, {"words": "some other words"}).text
        trustee.send(action, {"words": words})
        assert trustee.status == 200
    typed = {"login": "carl", "passphrase": phrase, "code": one_time_code(seed, 1)}
    carl.get("/recover")
    assert "The 72 hours are not over" in carl.send("/recover/finish", typed).text
    monkeypatch.setattr(ceremonies, "now", lambda: clock.now() + timedelta(hours=73))
    wrong = carl.send("/recover/finish", {**typed, "passphrase": "seven other words than were drawn here today"})
    assert (carl.status, "Login, passphrase or code is not right." in wrong.text) == (401, True)
    carl.send("/recover/finish", typed)
    assert (carl.status, carl.path) == (200, "/today")


def test_a_trustee_ends_a_recovery_from_the_first_page(staff: Group) -> None:
    taken_up(staff, code(staff))
    tom = staff.member("tom")
    action = next(one.action for one in tom.get("/today").forms if one.action.endswith("/cancel"))
    assert "A recovery is open" not in tom.send(action).text


def test_what_cannot_be_opened_says_why(staff: Group) -> None:
    ada, leo = staff.member("ada"), staff.world.ids["leo"]
    ada.get("/members")
    assert "This cannot be opened" in ada.send(f"/members/{leo}/recovery").text
    assert ada.status == 422


def test_a_code_that_opens_nothing_keeps_what_was_typed(staff: Group) -> None:
    stranger = staff.stranger()
    stranger.get("/recover")
    page = stranger.send("/recover", {"code": "no such code", "login": "carl", "totp_code": "123456"})
    assert (stranger.status, page.form("/recover").fields["login"]) == (422, ["carl"])
    assert "This code opens nothing." in page.text


def test_a_new_split_is_opened_and_its_words_stand_on_the_openers_page_alone(staff: Group) -> None:
    tina, world = staff.member("tina"), staff.world
    tina.get("/recovery/split")
    heard = {f"words_{world.ids[one]}": world.words(one) for one in ("tina", "tom", "toni")}
    some = {"threshold": "2", "trustee": [world.ids[one] for one in ("tina", "tom", "toni")], **heard}
    assert "Nothing was saved yet." in tina.send("/recovery/split", {**some, "threshold": "9"}).text
    page = tina.send("/recovery/split", some)
    assert len(shown(page, "data-words").split()) == 6
    assert not [one for one in staff.member("tom").get("/recovery").all("p") if "data-words" in one]
    action = next(one.action for one in page.forms if one.action.endswith("/split") and len(one.action) > 20)
    assert "The 72 hours are not over" in tina.send(action).text
