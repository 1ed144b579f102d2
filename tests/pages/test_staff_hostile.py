"""Whatever is sent to the group's pages is taken or refused in words: never a failure, never markup."""

import pytest

from tests.pages.browsing import Form, Person, Seen
from tests.pages.scene import Scene
from tests.pages.test_hostile_forms import NASTY
from tests.receiving.browser import URL, encoded

PAGES = {
    "ada": ("/members",),
    "otto": ("/members",),
    "tina": ("/steps/recovery",),
    "ines": ("/inbox/{report}", "/members", "/imports"),
    "carl": ("/desks", "/me", "{case}", "{case}/add/person", "{case}/add/act", "{case}/add/consent", "{case}/grants"),
    "leo": ("/me/device",),
}
# What would end the scene, and what stretches a passphrase and has its own tests.
LEFT = ("/sign-out", "/suspend", "/end", "/revoke", "/remove", "/decline", "/passphrase", "/code", "/device")


def forms(page: Seen) -> list[Form]:
    return [one for one in page.forms if not one.action.endswith(LEFT)]


def send(person: Person, form: Form, text: str, *left: str) -> None:
    """Send a form with every field but those in `left` replaced by a text; a field more that nobody asked for."""
    kept = {name: values[0] for name, values in form.fields.items() if name in left and values}
    body = encoded({**dict.fromkeys(form.fields, text), **kept, text: text})
    answer = person.client.post(form.action, content=body, headers=URL)
    assert answer.status_code < 500, form.action
    assert "<script>alert" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY.keys())
@pytest.mark.parametrize("login", PAGES)
def test_whatever_is_typed_is_taken_or_refused_and_never_a_failure(scene: Scene, login: str, text: str) -> None:
    person = scene.staff.member(login)
    for path in PAGES[login]:
        page = person.get(scene.fill(path))
        assert person.status == 200, path
        for form in forms(page):
            send(person, form, text)
            send(person, form, text, "version", "member", "entry", "compartment", "reason", "desk", "threshold")


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY.keys())
def test_no_address_is_a_failure(scene: Scene, text: str) -> None:
    person, asked = scene.staff.member("carl"), encoded({"q": text})[2:].decode()
    case = scene.names["case"]
    paths = (f"/cases/{asked}", f"{case}/add/{asked}", f"{case}/add/act?entry={asked}", f"/counts?dimension={asked}")
    for path in (*paths, f"/cases?after={asked}", f"{case}/files/{asked}", f"{case}/reports/{asked}"):
        if len(path) < 8_000:
            person.get(path)
            assert person.status < 500, path
            assert "<script>alert" not in person.answer.text
