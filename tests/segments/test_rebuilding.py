"""Segments are made again from the records by whoever holds the keys, with a command, and by nobody else."""

from pathlib import Path

import pytest
from sqlalchemy import delete
from typer.testing import CliRunner

from api.access.shelves import open_shelves
from api.cli import app
from api.columns.kinds import KINDS
from api.models.segments import Segment
from api.services import tokens
from api.services.counting import count_cases
from api.services.listing import list_cases
from api.services.tokens import TokenTerms
from tests.trust.workflow import Filled, fill


@pytest.fixture
def filled(database_url: str, tmp_path: Path) -> Filled:
    return fill(database_url, tmp_path)


def run(filled: Filled, monkeypatch: pytest.MonkeyPatch, login: str) -> tuple[int, str]:
    world, store = filled.world, filled.world.store
    mine = tokens.make_token(store, world.caller(login), TokenTerms(signs=True), world.proof(login))
    url = store.engine.url.render_as_string(hide_password=False)
    for name, value in (("DATABASE", url), ("SECRETS", str(store.secrets.folder)), ("TOKEN", mine)):
        monkeypatch.setenv(f"LASTHEARD_{name}", value)
    done = CliRunner().invoke(app, ["rebuild-segments", "--data", str(store.folder)])
    return done.exit_code, done.output


def test_the_command_makes_every_segment_again(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    world, store = filled.world, filled.world.store
    with store.writing() as db:
        db.execute(delete(Segment))
    assert count_cases(store, world.caller("ann"), "case.status").missing == 2
    code, said = run(filled, monkeypatch, "carl")
    assert (code, [f"{kind}: 2 cases to go." in said for kind in KINDS]) == (0, [True] * len(KINDS))
    assert {one.id for one in list_cases(store, world.caller("carl")).lines} == {filled.case, filled.other}
    for kind in KINDS:
        assert [one.missing for one in open_shelves(store, world.caller("carl"), kind)] == [0]


def test_a_token_without_the_keys_makes_nothing_again(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    world, store = filled.world, filled.world.store
    with store.writing() as db:
        db.execute(delete(Segment))
    code, said = run(filled, monkeypatch, "ann")
    assert (code, "to go" in said) == (0, False)
    assert count_cases(store, world.caller("ann"), "case.status").missing == 2


def test_segments_that_were_all_taken_away_are_missed_and_made_again_by_the_next_reader(filled: Filled) -> None:
    world, store = filled.world, filled.world.store
    with store.writing() as db:
        db.execute(delete(Segment))
    assert {one.id for one in list_cases(store, world.caller("carl")).lines} == {filled.case, filled.other}
    assert count_cases(store, world.caller("ann"), "case.status").missing == 0
