"""Rotation as a person does it: the button of the desks' page, the route, the command with a token."""

from pathlib import Path

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from api.catalogue.compartments import Compartment
from api.cli import app
from api.ids import short_code
from api.models.tables import Case
from api.services import cases, desks, rotating, tokens
from api.services.tokens import TokenTerms
from tests.pages.browsing import Group, group
from tests.people.test_rotating import SECTIONS
from tests.trust.workflow import Filled, fill


@pytest.fixture
def filled(sqlite_url: str, tmp_path: Path) -> Filled:
    return fill(sqlite_url, tmp_path)


def run(filled: Filled, monkeypatch: pytest.MonkeyPatch, token: str, *words: str) -> tuple[int, str]:
    store = filled.world.store
    for name, value in (("DATABASE", str(store.engine.url)), ("SECRETS", str(store.secrets.folder)), ("TOKEN", token)):
        monkeypatch.setenv(f"LASTHEARD_{name}", value)
    done = CliRunner().invoke(app, ["rotate", *words, "--data", str(store.folder)])
    return done.exit_code, done.output


def token(filled: Filled) -> str:
    world = filled.world
    return tokens.make_token(world.store, world.caller("carl"), TokenTerms(signs=True), world.proof("carl"))


def test_the_command_moves_the_older_cases_and_says_what_waits_for_others(
    filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    rotating.rotate(filled.world.store, filled.world.caller("ines"), filled.world.desks["North"])
    mine = token(filled)
    assert run(filled, monkeypatch, mine) == (0, "Nothing waits for you.\n")
    moved = "2 cases moved, 0 to go; 2 wait for the next holder.\nNothing waits for you.\n"
    assert run(filled, monkeypatch, mine, "--deep") == (0, moved)
    assert run(filled, monkeypatch, mine, "--deep") == (0, "Nothing waits for you.\n")


def test_a_command_whose_token_does_not_sign_says_so_and_what_did_not_move_is_named(
    filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, store = filled.world, filled.world.store
    rotating.rotate(store, world.caller("ines"), world.desks["North"])
    narrow = tokens.make_token(store, world.caller("carl"), TokenTerms(signs=False), world.proof("carl"))
    code, said = run(filled, monkeypatch, narrow, "--deep")
    assert (code, "Nothing waits" in said) == (1, False)
    with store.writing() as db:
        db.execute(update(Case).where(Case.id == filled.case).values(version=Case.version + 1))
    code, said = run(filled, monkeypatch, token(filled), "--deep")
    assert (code, short_code(filled.case) in said, "Nothing waits" in said) == (1, True, False)


def test_a_command_whose_token_ends_with_the_older_keys_says_so(
    filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = token(filled)
    desks.unseat(filled.world.store, filled.world.caller("ines"), filled.world.desks["North"], filled.world.ids["ann"])
    code, said = run(filled, monkeypatch, mine, "--deep")
    assert (code, "Go on with a new token." in said) == (1, True)


def test_the_desks_page_says_what_waits_and_moves_it(sqlite_url: str, tmp_path: Path) -> None:
    staff: Group = group(sqlite_url, tmp_path)
    world, north = staff.world, staff.world.desks["North"]
    cases.create_case(world.store, world.caller("ines"), north, SECTIONS)
    desks.unseat(world.store, world.caller("ines"), north, world.ids["ann"])
    carl = staff.member("carl")
    assert "New keys are made when the next holder of this desk signs in." in carl.get("/desks").text
    rotating.rotate(world.store, world.caller("ines"), north)
    assert "1 older case lies under keys" in carl.get("/desks").text
    assert "older case" not in carl.send(f"/desks/{north}/rekeying").text
    said = carl.client.get("/api/v1/rotations").json()
    assert said == {"places": {}, "cases": {}}
    cases.create_case(world.store, world.caller("ines"), north, {**SECTIONS, Compartment.SOURCE: {}})
    rotating.rotate(world.store, world.caller("ines"), north)
    carl.get("/desks")
    carl.send(f"/desks/{north}/rekeying")
    # What is left behind for who holds the source waits as well, and is told to the desk alone.
    assert carl.client.get("/api/v1/rotations").json()["cases"] == {north: 1}
    assert staff.member("cora").client.get("/api/v1/rotations").json()["cases"] == {}
