"""Who comes in, and with what: passphrases, codes, tokens, defaults."""

import math
import os
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import func, select

from api.access import sessions
from api.crypto import Key
from api.crypto.people import token_of
from api.errors import SessionEnded, SignInFailed
from api.guards import CallerGuard, CaseGuard, PublicGuard, guard_of
from api.models.tables import Grant, Invitation, Member
from api.policy.actions import READS
from api.services import logbook, signing_in, tokens
from api.services.tokens import TokenTerms
from api.words.lists import LANGUAGES, word_list
from api.words.passphrase import PASSPHRASE_WORDS, strong_enough
from tests.asvs.asking import UNSAFE, Route, ask, bearer, client, staying
from tests.pages.browsing import Seen
from tests.pages.scene import Scene
from tests.world import World, empty_store, key_for, make_world, one_time_code

# What is tried first everywhere: none is long enough for us, whatever is put behind it.
COMMON = "123456 password qwerty111 iloveyou dragon monkey letmein football master sunshine princess welcome shadow"
COMMON += (
    " superman michael passw0rd trustno1 baseball whatever starwars parol пароль йцукен любовь привет наташа 1q2w3e4r"
)
RECEIPT_WORDS = 11


@pytest.fixture
def world(sqlite_url: str, tmp_path: Path) -> World:
    return make_world(sqlite_url, tmp_path)


def test_a_fresh_store_has_nobody_and_nothing_to_come_in_with(sqlite_url: str, tmp_path: Path) -> None:
    store = empty_store(sqlite_url, tmp_path)
    with store.reading() as db:
        assert [db.scalar(select(func.count()).select_from(one)) for one in (Member, Grant, Invitation)] == [0, 0, 0]
    for login in ("admin", "root", "lastheard", "test"):
        with pytest.raises(SignInFailed):
            signing_in.sign_in(store, Key.fresh(), login, "000000")


@pytest.mark.parametrize("common", COMMON.split())
def test_what_is_tried_first_everywhere_is_no_passphrase(common: str) -> None:
    assert not strong_enough(common)
    assert not strong_enough(f"{common}1!")
    assert not strong_enough(" ".join([common] * 9))


def test_a_passphrase_is_long_and_made_of_nothing_in_particular() -> None:
    assert not strong_enough("river stone xyz")
    assert not strong_enough("abcdefghijklmn")
    assert strong_enough("calm river stone lamp field seven")
    assert strong_enough("тиха річка камінь лампа поле сімнадцять")
    assert strong_enough("calm river stone lamp field seven " * 20)


def test_the_products_and_the_roles_own_words_add_nothing() -> None:
    assert not strong_enough("lastheard password passphrase prisoner administrator calm river stone")


def test_what_is_generated_cannot_be_guessed() -> None:
    sizes = {len(set(word_list(language))) for language in LANGUAGES}
    assert sizes == {2048}
    assert PASSPHRASE_WORDS * math.log2(2048) == 77
    assert RECEIPT_WORDS * math.log2(2048) >= 112


def test_a_token_is_256_bits_of_the_systems_own_randomness(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, real = list[int](), os.urandom
    monkeypatch.setattr(os, "urandom", lambda size: asked.append(size) or real(size))
    tokens = {token_of(Key.fresh()) for _ in range(1000)}
    assert len(tokens) == 1000
    assert {len(one) for one in tokens} == {43}


def test_each_sign_in_has_a_session_of_its_own(world: World) -> None:
    first = world.tokens["carl"]
    second = world.sign_in("carl")
    assert first != second
    for token in (first, second):
        assert sessions.enter(world.store, token).member_id == world.ids["carl"]
    for at in (0, 10, 42):
        turned = second[:at] + ("A" if second[at] != "A" else "B") + second[at + 1 :]
        with pytest.raises(SessionEnded):
            sessions.enter(world.store, turned)


@pytest.mark.parametrize("step", [-4, -3, 3, 4])
def test_a_code_of_another_time_opens_nothing(world: World, step: int) -> None:
    with pytest.raises(SignInFailed):
        signing_in.sign_in(world.store, key_for("carl"), "carl", one_time_code(world.secrets["carl"], step))


def test_a_code_without_its_passphrase_and_a_passphrase_without_its_code_open_nothing(world: World) -> None:
    code = one_time_code(world.secrets["carl"], 1)
    for key, typed in (
        (key_for("ann"), code),
        (Key.fresh(), code),
        (key_for("carl"), ""),
        (key_for("carl"), "000000x"),
    ):
        with pytest.raises(SignInFailed):
            signing_in.sign_in(world.store, key, "carl", typed)


def test_a_sign_in_is_in_the_log(world: World) -> None:
    world.sign_in("carl")
    newest = next(iter(logbook.newest(world.store, world.caller("otto"))))
    assert (newest["verb"], newest["actor"]) == ("session:begun", world.ids["carl"])
    assert "at" in newest


def test_a_member_has_no_date_on_which_a_passphrase_ends(world: World) -> None:
    with world.store.reading() as db:
        note = sessions.label(world.store, db.get_one(Member, world.ids["carl"])).note
    assert set(note) <= {"initial", "language", "spent", "name"}


@pytest.mark.parametrize("path", ["/sign-in", "/join", "/lost", "/me", "/me/device"])
def test_a_passphrase_is_typed_into_a_field_for_it_and_may_be_pasted(scene: Scene, path: str) -> None:
    page = Seen(client(scene, "carl" if path.startswith("/me") else "").get(path).text)
    fields = [
        one for one in page.all("input") if "passphrase" in one.get("name", "") or one.get("name") in ("old", "new")
    ]
    assert fields
    for field in fields:
        # One that is offered stands there to be written down; whatever is typed from memory is not shown.
        offered = bool(field.get("value")) and path in ("/join", "/lost")
        assert offered or (field.get("type") == "password" and field.get("autocomplete") != "off")
        assert not [name for name in field if name.startswith("on")]
        assert "maxlength" not in field or int(field["maxlength"]) >= 128
    asked = {one.get("name", "") for one in page.all("input", "select", "textarea")}
    assert not {"hint", "question", "secret_answer", "email", "phone"} & asked


def test_a_token_that_only_reads_does_nothing_but_read(scene: Scene) -> None:
    app, world, refused = scene.staff.app, scene.staff.world, 0
    guarded = [(one, guard_of(one)) for one in iter_route_contexts(app.routes) if hasattr(one, "dependant")]
    writing = {(method, one.path) for one, guard in guarded for method in one.methods or () if not _reads(guard)}
    for login in ("ada", "ines", "carl", "tina", "otto", "leo"):
        token = tokens.make_token(world.store, world.caller(login), TokenTerms(), world.proof(login))
        reading, whole = client(scene, authorization=f"Bearer {token}"), bearer(scene, login)
        changing = [one for one in staying(app) if (one.method, one.template) in writing]
        assert {ask(reading, route, scene).status_code for route in changing} == {403}
        assert ask(reading, Route("GET", "/api/v1/me"), scene).status_code == 200
        # A body of nothing is refused to who may write, and with another answer.
        asked = [ask(whole, route, scene).status_code for route in changing if route.method in UNSAFE]
        refused += sum(status in (409, 422, 428) for status in asked)
    assert refused > 40


def _reads(guard: PublicGuard | CallerGuard | CaseGuard) -> bool:
    return isinstance(guard, PublicGuard) or guard.action in READS
