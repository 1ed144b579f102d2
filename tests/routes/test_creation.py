"""What is created is created once, however often it is sent under one key, and its answer is remembered for a while."""

import pytest
from sqlalchemy import select

from api.access import sessions
from api.errors import Unavailable
from api.guards import CallerGuard, CaseGuard
from api.models.answers import Answer
from api.policy.actions import Action
from api.routes.creation import Creation, creates
from api.sealed.store import Store
from api.services import answers, members
from tests.routes.calling import Office
from tests.routes.operations import Operation, operations
from tests.world import passphrase

INVITED = {"role": "lawyer"}


def rows(office: Office) -> list[Answer]:
    with office.world.store.reading() as db:
        return list(db.scalars(select(Answer)))


def forgetful(found: tuple[Operation, ...]) -> list[str]:
    """Name the creations of members that would be done twice."""
    made = [one for one in found if one.route.status_code == 201 and isinstance(one.guard, CallerGuard | CaseGuard)]
    return [str(one) for one in made if not isinstance(one.route.original_route, Creation)]


def test_every_creation_of_a_member_remembers() -> None:
    assert len([one for one in operations() if creates(one.route)]) >= 8
    assert forgetful(operations()) == [], "make its router with route_class=Creation"


def test_a_creation_that_forgets_is_caught() -> None:
    class Plain:
        status_code, original_route = 201, None

    planted = Operation("POST", "/planted", CallerGuard(Action.CASE_LIST), Plain())
    assert forgetful((*operations(), planted)) == ["POST /planted"]


def test_what_is_sent_twice_is_done_once(office: Office) -> None:
    key = {"Idempotency-Key": "one-invitation"}
    first = office.call("ada", "POST", "/invitations", INVITED, key)
    again = office.call("ada", "POST", "/invitations", INVITED, key)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")
    assert office.call("ada", "POST", "/invitations", INVITED).json() != first.json()


def test_a_change_under_a_key_answers_with_the_version_it_made_then(office: Office) -> None:
    case = office.make_case()
    step = {"entity": "task", "values": {"what": "Call", "due": "2030-01-02"}}
    headers = {**office.seen("carl", case), "Idempotency-Key": "a-step"}
    first = office.call("carl", "POST", f"/cases/{case}/entries", step, headers)
    again = office.call("carl", "POST", f"/cases/{case}/entries", step, headers)
    assert (first.status_code, again.status_code, again.headers["etag"]) == (201, 201, first.headers["etag"])
    assert len(office.call("carl", "GET", f"/cases/{case}").json()["sections"]["control"]["task"]) == 1


def test_a_file_under_a_key_is_stored_once(office: Office) -> None:
    case = office.make_case()
    headers = {**office.seen("carl", case), "Idempotency-Key": "a-file", "content-type": "text/plain"}
    sent = [
        office.call("carl", "POST", f"/cases/{case}/files?title=note", None, headers, content=b"Seen.")
        for _ in range(2)
    ]
    assert [one.status_code for one in sent] == [201, 201]
    assert sent[0].json() == sent[1].json()
    assert len(office.call("carl", "GET", f"/cases/{case}").json()["sections"]["evidence"]["document"]) == 1


def test_another_request_under_the_same_key_is_refused(office: Office) -> None:
    key = {"Idempotency-Key": "taken"}
    assert office.call("ada", "POST", "/invitations", INVITED, key).status_code == 201
    other = office.call("ada", "POST", "/invitations", {"role": "intake"}, key)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")


def test_a_refused_attempt_leaves_the_key_free(office: Office) -> None:
    key = {"Idempotency-Key": "mistyped"}
    assert office.call("ada", "POST", "/invitations", {"role": "reporter"}, key).status_code == 422
    assert office.call("carl", "POST", "/invitations", INVITED, key).status_code == 403
    assert office.call("ada", "POST", "/invitations", INVITED, key).status_code == 201


@pytest.mark.parametrize(("body", "status"), [(b"{}", 422), (b'{"role":', 422), (b'{"role": "\xff"}', 400)])
def test_what_no_handler_saw_leaves_the_key_free(office: Office, body: bytes, status: int) -> None:
    """A request of a wrong shape was not done: sent again it is refused alike, and set right it is done."""
    headers = {"Idempotency-Key": f"shapeless-{body.hex()}", "content-type": "application/json"}
    refused = [office.call("ada", "POST", "/invitations", None, headers, content=body) for _ in range(2)]
    assert [one.status_code for one in refused] == [status, status]
    assert refused[0].json() == refused[1].json()
    assert office.call("ada", "POST", "/invitations", INVITED, headers).status_code == 201


def test_an_attempt_that_was_broken_off_is_not_made_again_unseen(office: Office) -> None:
    """A process that died may have done it or not: who asks again is told to look first."""
    key, caller = "broken-off", office.world.caller("ada")
    body = b'{"role":"lawyer"}'
    wanted = answers.asked(caller, key, "POST /api/v1/invitations? ", body)
    assert answers.claim(office.world.store, wanted) is None
    headers = {"Idempotency-Key": key, "content-type": "application/json"}
    again = office.call("ada", "POST", "/invitations", None, headers, content=body)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/unfinished")


def test_a_token_is_shown_once_whatever_key_it_was_asked_for_under(office: Office) -> None:
    """Whoever has the session and an old request gets no secret of three months; nor is a second one made."""
    proof = office.world.proof("ada")
    body = {"login": proof.login, "passphrase": passphrase("ada"), "code": proof.code, "days": 3}
    key, before = {"Idempotency-Key": "a-token"}, len(rows(office))
    first = office.call("ada", "POST", "/tokens", body, key)
    again = office.call("ada", "POST", "/tokens", body, key)
    assert (first.status_code, again.status_code) == (201, 401)
    assert first.json()["token"] not in again.text
    assert len(rows(office)) == before
    assert len(office.call("ada", "GET", "/sessions").json()["lines"]) == 2


def test_two_sessions_share_no_key(office: Office) -> None:
    key = {"Idempotency-Key": "mine"}
    first = office.call("ada", "POST", "/invitations", INVITED, key).json()
    office.world.sign_in("ada")
    assert office.call("ada", "POST", "/invitations", INVITED, key).json() != first


@pytest.mark.parametrize("key", ["", "x" * 101, "\x7f", "a\tb", "ключ".encode()])
def test_a_key_that_is_none_is_refused(office: Office, key: str | bytes) -> None:
    answer = office.call("ada", "POST", "/invitations", INVITED, {"Idempotency-Key": key})
    assert answer.status_code == 422


def test_what_is_remembered_names_nobody_and_goes_after_two_nights(office: Office) -> None:
    code = office.call("ada", "POST", "/invitations", INVITED, {"Idempotency-Key": "kept"}).json()["code"]
    kept = rows(office)
    assert kept
    assert all(code.encode() not in one.sealed.blob for one in kept)
    assert not {office.world.ids["ada"], office.world.caller("ada").session_id} & {one.id for one in kept}
    for left in (len(kept), 0):
        with office.world.store.writing() as db:
            answers.forget_old(db)
        assert len(rows(office)) == left


def test_who_has_signed_out_is_answered_nothing_more(office: Office) -> None:
    key = {"Idempotency-Key": "before-the-end"}
    office.call("ada", "POST", "/invitations", INVITED, key)
    old = office.world.tokens["ada"]
    sessions.end(office.world.store, [office.world.caller("ada").session_id])
    assert office.call("ada", "POST", "/invitations", INVITED, key).status_code == 401
    assert office.world.sign_in("ada") != old


def test_a_full_disk_takes_the_memory_and_not_the_creation(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(store: Store, wanted: object, answer: object) -> None:
        raise Unavailable

    monkeypatch.setattr(answers, "keep", full)
    before = len(members.members(office.world.store, office.world.caller("ada")))
    answer = office.call("ada", "POST", "/invitations", INVITED, {"Idempotency-Key": "full"})
    assert answer.status_code == 201
    assert len(members.members(office.world.store, office.world.caller("ada"))) == before
