"""Two hundred nasty inputs in fields, headers and forms, on both databases: no failure, no echo, no letters turned."""

import pytest
from httpx import Response

from api.catalogue.text import REORDERING
from tests.nasty.corpus import RAW, TEXTS
from tests.nasty.sending import Finding, look, outside_of_fields, send_in_headers, send_to_forms, send_to_the_api
from tests.pages.browsing import Seen
from tests.routes.calling import Office

LEAST = 200


@pytest.fixture(scope="module")
def names(office: Office) -> dict[str, str]:
    """What addresses name: a case, a desk, a member."""
    case = office.make_case("Taken from a cell")
    return {"case_id": case, "desk_id": office.world.desks["North"], "member_id": office.world.ids["ada"]}


def test_the_corpus_is_large_and_each_input_is_another() -> None:
    assert len({*TEXTS.values()} | {*RAW.values()}) >= LEAST
    assert sum(1 for text in TEXTS.values() if REORDERING.search(text)) > 10


def test_every_field_of_the_api_takes_or_refuses_it(office: Office, names: dict[str, str]) -> None:
    found = send_to_the_api(office, names)
    assert found.wrong == []
    assert found.sent > 1_000
    assert {*TEXTS, *RAW} == found.inputs


def test_every_header_takes_or_refuses_it(office: Office) -> None:
    found = send_in_headers(office)
    assert found.wrong == []
    assert {*TEXTS} == found.inputs


def test_every_form_takes_or_refuses_it(office: Office, names: dict[str, str]) -> None:
    found = send_to_forms(office, names)
    assert found.wrong == []
    assert {*TEXTS} == found.inputs


def test_what_was_taken_turns_nothing_round_where_it_is_shown(office: Office, names: dict[str, str]) -> None:
    """A step of the case says each of them that was taken; nothing of it is markup, and no letters turn."""
    case, taken = f"/cases/{names['case_id']}", list[str]()
    step = {"entity": "task", "values": {"due": "2030-01-02"}}
    for text in (one for one in TEXTS.values() if REORDERING.search(one) or "<" in one):
        body = {**step, "values": {**step["values"], "what": text}}
        sent = office.call("carl", "POST", f"{case}/entries", body, office.seen("carl", names["case_id"]))
        taken += [text] if sent.status_code == 201 else []
    assert len(taken) > 5
    cookie = {"cookie": f"{office.app.state.settings.cookie}={office.world.tokens['carl']}"}
    for path in ("/cases", case, "/desks", "/members", f"{case}/grants"):
        page = office.client.get(path, headers=cookie)
        assert page.status_code == 200, path
        assert not REORDERING.search(page.text), path
        elements = [(tag, *given) for tag, given in Seen(page.text).elements]
        assert not [one for one in elements if one[0] == "script" or any(name[:2] == "on" for name in one[1:])], path
    assert "<script>alert(1)</script>" in taken
    assert "<script>alert(1)</script>" in Seen(office.client.get(case, headers=cookie).text).text


def answered(status: int, text: str, media: str) -> list[str]:
    found = Finding()
    look(found, "planted", Response(status, text=text, headers={"content-type": media}), "what somebody typed")
    return found.wrong


@pytest.mark.parametrize(
    ("status", "text", "media"),
    [
        (500, "{}", "application/json"),
        (422, '{"fields": {"what somebody typed": "x"}}', "application/problem+json"),
        (200, "<p>\u202egnp.exe</p>", "text/html"),
        (422, "<p><script>alert(1)</script></p>", "text/html"),
    ],
)
def test_an_answer_that_must_not_be_is_caught(status: int, text: str, media: str) -> None:
    assert answered(status, text, media)


def test_what_somebody_typed_may_stand_in_its_own_field() -> None:
    assert outside_of_fields('<input value="\u202e"><textarea>\u202e</textarea>') == "<input >"
    assert answered(422, '<input value="\u202e">', "text/html") == []
