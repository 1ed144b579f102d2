"""Killed half-way, by the command itself: the same command goes on, and no row is made twice or left out."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner, Result

from api import audit, cli
from api.errors import Forbidden, Invalid, NotFound, SessionEnded, TooLarge
from api.importing.tables import LIMIT
from api.models.imports import Import
from api.models.tables import Case
from api.services import tokens
from api.services.tokens import TokenTerms
from tests.importing.tables import MAPPING, TITLES, as_csv, name, row, table
from tests.importing.test_importing import count, everyone
from tests.world import World, make_world

ROWS = 230


class Desk:
    """A desk with a table and a mapping on somebody's disk, and the command to import them."""

    def __init__(self, url: str, folder: Path) -> None:
        self.world = make_world(url, folder)
        self.folder, self.url = folder, url
        self.table, self.mapping = folder / "records.csv", folder / "mapping.toml"
        self.table.write_bytes(table(ROWS))
        self.mapping.write_text(MAPPING, "utf-8")
        terms = TokenTerms(signs=True)
        caller, proof = self.world.caller("ines"), self.world.proof("ines")
        self.token = tokens.make_token(self.world.store, caller, terms, proof)
        self.world.store.close()

    def environment(self) -> dict[str, str]:
        """Return what the command reads: where the store is, and the token."""
        where = {"LASTHEARD_DATABASE": self.url, "LASTHEARD_SECRETS": str(self.folder / "secrets")}
        return {**os.environ, **where, "LASTHEARD_TOKEN": self.token, "PYTHONUNBUFFERED": "1"}

    def words(self, *more: str) -> list[str]:
        """Return the words of the command."""
        where = ["--data", str(self.folder / "data"), "--desk", "North", "--mapping", str(self.mapping)]
        return ["import", str(self.table), *where, *more]

    def run(self, *more: str, typed: str = "") -> Result:
        """Run the command to its end."""
        return CliRunner().invoke(cli.app, self.words(*more), input=typed, env=self.environment())

    def killed(self) -> str:
        """Run the command in a process of its own, kill it once cases are made, and return what it said."""
        command = [sys.executable, "-m", "api.cli", *self.words("--yes")]
        process = subprocess.Popen(command, env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout is not None
        said = b""
        while b"cases made: 50" not in said:
            piece = os.read(process.stdout.fileno(), 4096)
            assert piece, process.stderr and process.stderr.read()
            said += piece
        time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        return said.decode()


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Desk:
    return Desk(database_url, tmp_path)


@pytest.fixture
def small(sqlite_url: str, tmp_path: Path) -> Desk:
    return Desk(sqlite_url, tmp_path)


def rows_of(world: World, what: type[Case] | type[Import]) -> int:
    with world.store.reading() as db:
        return db.scalar(select(func.count()).select_from(what)) or 0


def test_killed_half_way_the_same_command_goes_on(desk: Desk) -> None:
    said = desk.killed()
    made = rows_of(desk.world, Case)
    assert 50 <= made < ROWS
    assert f"Rows that fit: {ROWS}" in said
    done = desk.run()
    assert done.exit_code == 0, done.output
    assert "Going on where it stopped" in done.output
    assert f"Cases made: {ROWS}. Rows left out: 0." in done.output
    assert rows_of(desk.world, Case) == ROWS
    assert rows_of(desk.world, Import) == 0
    assert audit.verify(desk.world.store).whole
    assert everyone(desk.world) == sorted(map(name, range(ROWS)))


def test_the_command_shows_what_is_wrong_and_asks(small: Desk) -> None:
    wrong = [*row(2)[:4], "Пересвет", *row(2)[5:]]
    small.table.write_text(as_csv([TITLES, row(1), wrong, row(1)]), "windows-1251")
    refused = small.run(typed="n\n")
    assert refused.exit_code == 0, refused.output
    assert "Rows that fit: 1. With something wrong: 1. Seen before: 1." in refused.output
    assert "row 3, act.when: " in refused.output
    assert "row 4, row: Probably the same person as in an earlier row. (2)" in refused.output
    assert "Пересвет" not in refused.output
    assert "Nothing was imported." in refused.output
    assert (count(small.world, Case), count(small.world, Import)) == (0, 0)
    agreed = small.run("--also", "4", typed="y\n")
    assert "Cases made: 2. Rows left out: 1." in agreed.output
    assert "Destroy it there" in agreed.output


def test_the_token_is_asked_for_and_never_shown(small: Desk) -> None:
    small.table.write_bytes(table(1))
    token, small.token = small.token, ""
    done = small.run(typed=f"{token}\ny\n")
    assert "Cases made: 1." in done.output
    assert token not in done.output


@pytest.mark.parametrize("token", ["", "not a token", "A" * 43])
def test_without_a_token_nothing_is_read(token: str, small: Desk) -> None:
    small.token = token
    done = small.run(typed="none\n")
    assert isinstance(done.exception, SessionEnded)
    assert count(small.world, Import) == 0


def test_a_token_that_may_only_read_makes_nothing(small: Desk) -> None:
    small.table.write_bytes(table(1))
    small.token = tokens.make_token(
        small.world.store, small.world.caller("ines"), TokenTerms(), small.world.proof("ines")
    )
    assert isinstance(small.run("--yes").exception, Forbidden)
    assert count(small.world, Case) == 0


def test_a_desk_that_is_not_one_s_own_is_not_there(small: Desk) -> None:
    done = small.run("--desk", "South")
    assert isinstance(done.exception, NotFound)
    assert list(small.world.store.blobs.iterdir()) == []


def test_a_mapping_that_does_not_fit_is_said_place_by_place_and_leaves_nothing(small: Desk) -> None:
    small.mapping.write_text(MAPPING.replace('"Где"', '"Куда"'), "utf-8")
    done = small.run()
    assert isinstance(done.exception, Invalid)
    assert "columns 3: The table has no column with this title." in done.output
    assert (count(small.world, Import), list(small.world.store.blobs.iterdir())) == (0, [])


def test_a_table_of_a_gigabyte_is_refused_in_words_before_it_is_read(small: Desk) -> None:
    with small.table.open("wb") as file:
        file.truncate(1 << 30)
    assert LIMIT < (1 << 30)
    done = small.run()
    assert isinstance(done.exception, TooLarge)
    assert "The table has more than 64 MiB. Please split it." in done.output
    assert list(small.world.store.blobs.iterdir()) == []
