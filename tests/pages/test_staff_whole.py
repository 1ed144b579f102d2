"""Every page of the group: whole, labelled, without an identifier to read, and shut once the session has ended."""

import pytest

from api.ids import is_id
from tests.pages.browsing import Seen
from tests.pages.scene import Scene
from tests.trust.test_bad_days import day_of, reading_only


def test_whose_session_has_ended_is_led_to_the_sign_in(scene: Scene) -> None:
    staff = scene.staff
    for path in ("/today", "/cases", scene.names["case"], "/inbox", "/me", "/log", "/members"):
        stranger = staff.stranger()
        stranger.client.cookies.set(staff.app.state.settings.cookie, "x" * 43)
        stranger.get(path)
        assert (stranger.status, stranger.path) == (200, "/sign-in")
    sent = stranger.post(f"{scene.names['case']}/entries/act", {"when": "May 2023"})
    assert stranger.status == 401
    assert "Your session has ended. Please sign in again." in sent.text
    assert "/sign-in" in [one["href"] for one in sent.all("a")]


def test_what_was_typed_when_the_session_ended_is_sent_again_after_signing_in(scene: Scene) -> None:
    carl, cookie = scene.staff.member("carl"), scene.staff.app.state.settings.cookie
    text, action = 'An hour of "writing" </textarea>\nand more', f"{scene.names['case']}/entries/statement"
    carl.get(f"{scene.names['case']}/add/statement")
    carl.client.cookies.clear()
    carl.client.cookies.set(cookie, "x" * 43)
    again = carl.send(action, {"text": text})
    assert carl.status == 401
    assert again.form(action).fields["text"] == [text]
    carl.client.cookies.clear()
    carl.client.cookies.set(cookie, scene.staff.world.tokens["carl"])
    assert 'An hour of "writing"' in carl.send(action).text
    assert carl.path == scene.names["case"]


def test_what_was_typed_on_a_full_disk_is_sent_again(scene: Scene) -> None:
    carl, action = scene.staff.member("carl"), f"{scene.names['case']}/entries/statement"
    carl.get(f"{scene.names['case']}/add/statement")
    with day_of(scene.staff.world.store.engine, reading_only):
        again = carl.send(action, {"text": "An hour of writing"})
    assert carl.status == 503
    assert again.form(action).fields["text"] == ["An hour of writing"]
    assert "An hour of writing" in carl.send(action).text
    assert carl.path == scene.names["case"]


@pytest.mark.parametrize("sender", [{}, {"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}])
def test_what_another_site_filled_in_is_not_offered_to_be_sent(scene: Scene, sender: dict[str, str]) -> None:
    stranger, cookie = scene.staff.stranger(), scene.staff.app.state.settings.cookie
    ours = {} if not sender else {cookie: "x" * 43}
    for headers, cookies in ((sender, ours), ({}, {cookie: "x" * 43})):
        stranger.client.cookies.clear()
        stranger.client.cookies.update(cookies)
        answer = stranger.client.post(f"{scene.names['case']}/grants", data={"words": "planted"}, headers=headers)
        # The same form of our own page, sent with a cookie that has ended, is shown once more.
        assert ("planted" in answer.text) is (headers is not sender)


@pytest.mark.parametrize("path", ["/sign-in", "/join", "/recover"])
def test_nobody_is_signed_in_by_another_sites_form(scene: Scene, path: str) -> None:
    stranger = scene.staff.stranger()
    for headers, refused in (({"sec-fetch-site": "cross-site"}, True), ({"sec-fetch-site": "same-origin"}, False)):
        answer = stranger.client.post(path, data={"login": "x"}, headers=headers)
        assert (answer.status_code == 400) is refused, answer.status_code


def test_a_passphrase_is_never_shown_again(scene: Scene) -> None:
    stranger = scene.staff.stranger()
    answer = stranger.post("/me/passphrase", {"old": "seven planted words", "new": "seven planted words", "code": "1"})
    assert stranger.status in (401, 404, 405)
    assert "planted" not in answer.text


PAGES = {
    "ada": ("/today", "/members", "/desks", "/me", "/me/device", "/inventory"),
    "otto": ("/today", "/log", "/members"),
    "tina": ("/recovery", "/steps/recovery"),
    "ines": ("/today", "/inbox", "/inbox/{report}", "/cases", "{case}", "/counts"),
    "carl": ("/today", "/cases", "{case}", "{case}/add/act", "{case}/grants", "{case}/erase", "{case}/reports/wgeid"),
    "ann": ("/counts", "/today"),
}


@pytest.mark.parametrize("login", PAGES)
def test_no_page_prints_an_identifier_and_each_control_has_a_label(scene: Scene, login: str) -> None:
    person = scene.staff.member(login)
    for path in PAGES[login]:
        page = person.get(scene.fill(path))
        assert person.status == 200, path
        assert [word for word in page.text.split() if is_id(word.strip(".,()"))] == []
        assert faults(page) == [], path


def faults(page: Seen) -> list[str]:
    """Name what a reader with a screen reader would stumble over."""
    ids = [given["id"] for _, given in page.elements if "id" in given]
    labels = {given["for"] for given in page.all("label") if "for" in given}
    boxes = ("hidden", "checkbox", "radio")
    controls = [one for one in page.all("input", "select", "textarea") if one.get("type") not in boxes]
    found = [f"no label: {one.get('name')}" for one in controls if one.get("id") not in labels]
    found += [f"twice: {one}" for one in {one for one in ids if ids.count(one) > 1}]
    found += [f"label of nothing: {one}" for one in labels - set(ids)]
    described = " ".join(given.get("aria-describedby", "") for _, given in page.elements).split()
    found += [f"describes nothing: {one}" for one in described if one not in ids]
    levels = [int(tag[1]) for tag, _ in page.elements if tag in ("h1", "h2", "h3")]
    found += ["headings"] if levels[:1] != [1] or levels.count(1) != 1 else []
    found += ["no language"] if not page.all("html")[0].get("lang") else []
    found += (
        ["style"]
        if any("style" in given or any(name.startswith("on") for name in given) for _, given in page.elements)
        else []
    )
    return found + ["script" for _ in page.all("script", "style", "iframe")]


@pytest.mark.parametrize("planted", ["<input name=x>", "<h1></h1>", "<p style=x>", "<script>", "<p id=a></p><p id=a>"])
def test_a_page_with_a_fault_is_caught(planted: str) -> None:
    whole = '<html lang="en"><h1>x</h1>'
    assert faults(Seen(f"{whole}</html>")) == []
    assert faults(Seen(f"{whole}<form action=x>{planted}</form></html>"))
