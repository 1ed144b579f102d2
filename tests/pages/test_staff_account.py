"""How to sign in is changed, lost and found again; seats end; a second auditor: through the pages, then the API."""

from pathlib import Path

import pytest
from httpx import Response

from api.crypto import Key
from api.crypto.people import token_of, totp_secret
from tests.pages.browsing import Group, Person, Seen, group
from tests.world import one_time_code, passphrase


@pytest.fixture
def staff(database_url: str, tmp_path: Path) -> Group:
    return group(database_url, tmp_path)


def mark(seen: Seen, name: str) -> str:
    """Return what a page shows once."""
    return next(given[name] for _, given in seen.elements if name in given)


def signed_in(staff: Group, login: str, words: str, secret: str) -> Person:
    """Sign in with any code of the moment that was not used."""
    person = staff.stranger()
    for step in (-1, 0, 1):
        person.get("/sign-in")
        person.send("/sign-in", {"login": login, "passphrase": words, "code": one_time_code(secret, step)})
        if person.path == "/today":
            break
    return person


def test_a_lost_passphrase_is_replaced_with_the_printed_code_which_is_used_up(staff: Group) -> None:
    worker = staff.member("carl")
    worker.get("/me")
    page = worker.send("/me/code", shown(staff, "carl"))
    printed = mark(page, "data-shown")
    assert len(printed.split()) == 22
    assert printed not in worker.get("/me").text
    lost = staff.stranger()
    fresh = mark(lost.get("/lost"), "data-passphrase")
    lost.send("/lost", {"login": "carl", "printed": printed.upper()})
    assert lost.path == "/sign-in"
    worker.get("/cases")
    assert worker.path == "/sign-in"
    assert signed_in(staff, "carl", passphrase("carl"), staff.world.secrets["carl"]).path == "/sign-in"
    assert signed_in(staff, "carl", fresh, staff.world.secrets["carl"]).path == "/today"
    lost.get("/lost")
    lost.send("/lost", {"login": "carl", "printed": printed})
    assert lost.status == 401


def test_a_lost_authenticator_is_replaced_together_with_the_passphrase(staff: Group) -> None:
    worker, lost = staff.member("carl"), staff.stranger()
    worker.get("/me")
    printed = mark(worker.send("/me/code", shown(staff, "carl")), "data-shown")
    page = lost.get("/lost")
    fresh, secret = mark(page, "data-passphrase"), mark(page, "data-totp-secret")
    refused = lost.send("/lost", {"login": "carl", "printed": printed, "totp_code": "000000"})
    assert lost.status == 401
    assert mark(refused, "data-totp-secret") == secret
    lost.send("/lost", {"totp_code": one_time_code(secret)})
    assert lost.path == "/sign-in"
    assert signed_in(staff, "carl", fresh, staff.world.secrets["carl"]).path == "/sign-in"
    assert signed_in(staff, "carl", fresh, secret).path == "/today"


def test_another_authenticator_takes_over_and_all_sessions_end(staff: Group) -> None:
    worker = staff.member("carl")
    secret = mark(worker.get("/me/device"), "data-totp-secret")
    worker.send("/me/device", {**shown(staff, "carl"), "code": "000000", "shown": one_time_code(secret)})
    assert worker.path == "/me/device"
    worker.send("/me/device", {**shown(staff, "carl"), "shown": one_time_code(secret)})
    assert worker.path == "/sign-in"
    worker.get("/me")
    assert worker.path == "/sign-in"
    assert signed_in(staff, "carl", passphrase("carl"), staff.world.secrets["carl"]).path == "/sign-in"
    assert signed_in(staff, "carl", passphrase("carl"), secret).path == "/today"


def test_a_passphrase_is_changed_and_the_old_one_opens_nothing(staff: Group) -> None:
    worker, fresh = staff.member("carl"), passphrase("fresh")
    worker.get("/me")
    code = one_time_code(staff.world.secrets["carl"], 1)
    worker.send("/me/passphrase", {"login": "carl", "passphrase": passphrase("carl"), "new": fresh, "code": code})
    assert worker.path == "/sign-in"


def test_ones_own_sessions_are_listed_and_ended(staff: Group) -> None:
    other = staff.member("carl")
    staff.world.sign_in("carl")
    here = staff.member("carl")
    page = here.get("/me")
    assert len([one for one in page.all("span") if one.get("class") == "tag ok"]) == 1
    here.send("/me/sessions/\\w+/end")
    assert here.path == "/me"
    other.get("/cases")
    assert other.path == "/sign-in"
    here.post("/me/sessions/" + "a" * 26 + "/end")
    assert (here.status, here.path) == (200, "/me")


def test_a_seat_is_ended_and_the_member_opens_nothing_of_the_desk(staff: Group) -> None:
    worker, analyst = staff.member("carl"), staff.world.ids["ann"]
    north = staff.world.desks["North"]
    worker.get("/desks")
    worker.send(f"/desks/{north}/seats/{analyst}/end")
    assert (worker.status, worker.path) == (200, "/desks")
    assert "0 cases counted" in staff.member("ann").get("/counts").text
    refused = worker.post(f"/desks/{north}/seats/{analyst}/end")
    assert worker.status == 422
    assert "They do not sit at this desk any more." in refused.text
    worker.send(f"/desks/{north}/seats/{staff.world.ids['ines']}/end")
    alone = worker.post(f"/desks/{north}/seats/{staff.world.ids['carl']}/end")
    assert "They are the last one at this desk." in alone.text
    elsewhere = staff.member("cora")
    elsewhere.post(f"/desks/{north}/seats/{staff.world.ids['carl']}/end")
    assert elsewhere.status == 422
    assert "case worker you" in worker.get("/desks").text


def test_a_second_auditor_receives_the_key_of_the_log(staff: Group) -> None:
    staff.world.enrol("olga", "auditor")
    olga, otto = staff.member("olga"), staff.member("otto")
    olga.get("/log")
    assert olga.status in (200, 403)
    before = olga.answer.text.count("<tr>")
    otto.get("/members")
    otto.send("/log/seat", {"words": staff.world.words("olga")})
    assert (otto.status, otto.path) == (200, "/members")
    assert "The log is whole." in olga.get("/log?proof=yes").text
    assert olga.answer.text.count("<tr>") > before


def api(staff: Group, login: str, method: str, path: str, body: object = None) -> Response:
    """Call the API with the member's session."""
    token = f"Bearer {staff.world.tokens[login]}" if login else ""
    headers = {"authorization": token} if token else {}
    answer: Response = staff.stranger().client.request(method, f"/api/v1{path}", json=body, headers=headers)
    return answer


def shown(staff: Group, login: str) -> dict[str, str]:
    """Return what shows that it is the member: login, passphrase, a code that was not used."""
    return {"login": login, "passphrase": passphrase(login), "code": staff.world.proof(login).code}


def test_a_session_alone_makes_no_token(staff: Group) -> None:
    """Who takes a session over an unlocked screen has not the passphrase, nor the device, nor a code twice."""
    right = shown(staff, "carl")
    page = staff.member("carl")
    for wrong in ({"code": "000000"}, {"passphrase": passphrase("cora")}, {"login": "cora"}, {"code": ""}):
        for signs in (False, True):
            assert api(staff, "carl", "POST", "/tokens", {**right, **wrong, "signs": signs}).status_code == 401
            page.get("/me")
            page.send("/me/tokens", {**right, **wrong, **({"signs": "yes"} if signs else {})})
            assert (page.status, "data-shown" in page.answer.text) == (422, False)
    assert api(staff, "carl", "POST", "/tokens", {"days": 3}).status_code == 422
    assert len(api(staff, "carl", "GET", "/sessions").json()["lines"]) == 1
    # Refusing sixteen times takes as long as a code may live on a busy machine.
    right = shown(staff, "carl")
    page.get("/me")
    token = mark(page.send("/me/tokens", {**right, "signs": "yes"}), "data-shown")
    assert passphrase("carl") not in page.answer.text
    assert api(staff, "carl", "POST", "/tokens", right).status_code == 401
    staff.world.tokens["token"] = token
    assert api(staff, "token", "GET", "/me").json()["member"] == staff.world.ids["carl"]


def test_the_same_can_be_done_over_the_api(staff: Group) -> None:
    world, seed = staff.world, Key.fresh()
    world.enrol("olga", "auditor")
    seat = {"member": world.ids["olga"], "words": world.words("olga")}
    assert api(staff, "otto", "POST", "/log/seats", seat).status_code == 204
    assert api(staff, "carl", "POST", "/log/seats", seat).status_code == 403
    ended = f"/desks/{world.desks['North']}/seats/{world.ids['ann']}"
    assert api(staff, "ada", "DELETE", ended).status_code == 403
    assert api(staff, "carl", "DELETE", ended).status_code == 204
    for wrong, status in (({"code": "000000"}, 401), ({"shown": "000000"}, 401), ({"seed": "x"}, 422), ({}, 204)):
        # On a busy machine a code would not live through four answers.
        device = {**shown(staff, "cora"), "seed": token_of(seed), "shown": one_time_code(totp_secret(seed))}
        assert api(staff, "cora", "PUT", "/me/device", {**device, **wrong}).status_code == status
    assert api(staff, "cora", "GET", "/sessions").status_code == 401


def test_sessions_are_listed_and_ended_and_a_passphrase_recovered_over_the_api(staff: Group) -> None:
    world, fresh = staff.world, passphrase("fresh")
    token = api(staff, "carl", "POST", "/tokens", {**shown(staff, "carl"), "days": 3}).json()["token"]
    listed = api(staff, "carl", "GET", "/sessions").json()["lines"]
    assert sorted(one["present"] for one in listed) == [False, True]
    other = next(one["id"] for one in listed if not one["present"])
    assert api(staff, "cora", "DELETE", f"/sessions/{other}").status_code == 401
    assert api(staff, "carl", "DELETE", f"/sessions/{other}").status_code == 204
    world.tokens["token"] = token
    assert api(staff, "token", "GET", "/me").status_code == 401
    worker = staff.member("carl")
    worker.get("/me")
    printed = mark(worker.send("/me/code", shown(staff, "carl")), "data-shown")
    body = {"login": "carl", "printed": printed, "passphrase": fresh}
    assert api(staff, "", "POST", "/recoveries", {**body, "passphrase": "weak"}).status_code == 422
    assert api(staff, "", "POST", "/recoveries", {**body, "printed": "one two"}).status_code == 401
    assert api(staff, "", "POST", "/recoveries", body).status_code == 204
    assert signed_in(staff, "carl", fresh, world.secrets["carl"]).path == "/today"


def test_nobody_is_shown_the_six_words_that_another_reads_out(staff: Group) -> None:
    """Who has to hear them could otherwise type them from the screen, and nobody would ever be called."""
    world = staff.world
    for login in ("ada", "ines", "carl", "otto", "tina"):
        person, listed = staff.member(login), api(staff, login, "GET", "/members").json()["lines"]
        assert {one["id"]: " ".join(one["words"]) for one in listed if one["words"]} == {
            world.ids[login]: world.words(login)
        }
        pages = [person.get(path).text for path in ("/members", "/desks", "/today", "/steps/recovery", "/me", "/log")]
        assert world.words(login) in pages[0]
        for other in set(world.ids) - {login}:
            assert not [one for one in pages if world.words(other) in one]


def test_a_newcomer_is_shown_their_own_six_words(staff: Group) -> None:
    world, newcomer = staff.world, staff.stranger()
    code = api(staff, "ada", "POST", "/invitations", {"role": "lawyer"}).json()["code"]
    secret = mark(newcomer.get("/join"), "data-totp-secret")
    mine = {"code": code, "login": "nadia", "initial": "N", "totp_code": one_time_code(secret)}
    words = mark(newcomer.send("/join", mine), "data-words")
    waiting = next(one for one in api(staff, "ada", "GET", "/members").json()["lines"] if one["state"] == "waiting")
    assert waiting["words"] == []
    confirming = f"/members/{waiting['id']}/confirmation"
    assert api(staff, "ada", "POST", confirming, {"words": world.words("leo")}).status_code == 422
    assert api(staff, "ada", "POST", confirming, {"words": words}).status_code == 204
