"""Restoring on a fresh machine, by the command and nothing else; and every pair of files that is refused, in words."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from api.access.doors import enter_case
from api.cli import app
from api.crypto import Key
from api.demo import stage
from api.errors import Refused
from api.policy.actions import Action
from api.problems import problem_of
from api.services import erasing_letters, trustees
from api.settings import Settings
from tests import world as casts
from tests.story.servers import free_port
from tests.trust.workflow import WORDS, Filled, fill
from tests.world import one_time_code, passphrase

WORDS_OF = {
    "altered": "A file of this backup is not whole or was altered. Take another copy.",
    "foreign": "These files belong to different groups. Nothing was restored.",
    "older": "The erasure secrets are older than the data. Take those of the same day or newer ones.",
    "sealed": "The erasure secrets do not open: the shares are of another set, or the file was altered.",
    "shares": "These shares do not fit together: one is of another set, missing, or mistyped.",
    "register": "Without the newest register what was erased may come back. k trustees must agree: --confirm FILE.",
    "version": "The store is of another version of this program.",
}


@dataclass
class Kept:
    """What is kept off the machine: two files, the register, k shares on paper."""

    data: Path
    shreds: Path
    register: Path
    shares: Path


def lastheard(settings: Settings, *words: str | Path) -> tuple[int, str]:
    """Run the command in a process of its own; return its status and all that it said."""
    where = {"LASTHEARD_DATABASE": settings.database, "LASTHEARD_SECRETS": str(settings.secrets)}
    command = [sys.executable, "-m", "api.cli", *map(str, words), "--data", str(settings.data)]
    done = subprocess.run(command, env={**os.environ, **where}, capture_output=True, text=True)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def at_once(settings: Settings, *words: str | Path) -> tuple[int, str]:
    """Run the command in this process, and answer a refusal as its `main` does."""
    where = {"LASTHEARD_DATABASE": settings.database, "LASTHEARD_SECRETS": str(settings.secrets)}
    done = CliRunner().invoke(app, [*map(str, words), "--data", str(settings.data)], env=where)
    if isinstance(done.exception, Refused):
        return 1, problem_of(done.exception).sentence
    return done.exit_code, " ".join(done.output.split())


def machine(folder: Path) -> Settings:
    """Return the settings of a machine that has nothing yet."""
    port = free_port()
    url = f"sqlite:///{folder / 'lastheard.db'}"
    return Settings(folder / "data", folder / "secrets", url, f"http://127.0.0.1:{port}")


def kept(filled: Filled, folder: Path, *logins: str) -> Kept:
    """Make a backup by the command, and put the trustees' shares on paper."""
    world = filled.world
    here = Settings(world.store.folder, world.store.secrets.folder, str(world.store.engine.url))
    code, said = at_once(here, "backup", folder)
    assert code == 0, said
    paper = folder / "shares"
    paper.write_text("\n".join(trustees.own_share(world.store, world.caller(one)) for one in logins), "utf-8")
    found = {kind: next(folder.glob(f"lastheard-{kind}-*")) for kind in ("data", "shreds")}
    return Kept(found["data"], found["shreds"], folder / "register.json", paper)


def refused(tmp_path: Path, name: str, files: Kept, *more: str | Path, register: bool = True) -> str:
    """Restore on a fresh machine and return what it said, once it is sure that nothing was restored."""
    settings = machine(tmp_path / name)
    settings.data.parent.mkdir()
    given = [files.data, files.shreds, *([files.register] if register else []), "--shares", files.shares, *more]
    code, said = at_once(settings, "restore", *given)
    assert code == 1, said
    assert not (settings.secrets / "deployment.secret").exists()
    return said


@pytest.fixture
def filled(sqlite_url: str, tmp_path: Path) -> Filled:
    (tmp_path / "old").mkdir()
    return fill(sqlite_url.replace("lastheard.db", "old/lastheard.db"), tmp_path / "old")


def test_from_nothing_but_two_files_the_register_and_two_shares_a_fresh_machine_serves(
    filled: Filled, tmp_path: Path
) -> None:
    world = filled.world
    files = kept(filled, tmp_path / "kept", "tina", "toni")
    erasing_letters.erase_case(enter_case(world.store, world.caller("carl"), filled.other, Action.CASE_ERASE))
    files.register = kept(filled, tmp_path / "later", "tina").register
    settings = machine(tmp_path / "fresh")
    settings.data.parent.mkdir()
    given = (files.data, files.shreds, files.register, "--shares", files.shares)
    assert lastheard(settings, "restore", *given) == (0, "Restored. What the register names stays erased.")
    assert lastheard(settings, "audit", "verify")[0] == 0
    code, said = lastheard(settings, "restore", *given)
    assert (code, said) == (1, "An earlier step has to come first.")
    os.environ.pop("LASTHEARD_ORIGIN", None)
    process = stage.start(settings, int(settings.origin.rsplit(":", 1)[1]))
    try:
        stage.wait(settings.origin)
        shown = {"login": "carl", "passphrase": passphrase("carl"), "code": one_time_code(world.secrets["carl"], 1)}
        with httpx.Client(base_url=f"{settings.origin}/api/v1", timeout=60) as client:
            token = client.post("/sessions", json=shown).json()["token"]
            client.headers["authorization"] = f"Bearer {token}"
            opening = {"compartments": ["identity"], "reason": "verify-fact", "words": "a line"}
            assert WORDS[0] in client.post(f"/cases/{filled.case}/openings", json=opening).text
            assert client.get(f"/cases/{filled.other}").status_code in (404, 410)
    finally:
        process.terminate()
        process.wait(20)


def test_what_does_not_fit_together_is_refused_in_words(filled: Filled, tmp_path: Path) -> None:
    old = kept(filled, tmp_path / "older", "tina", "tom")
    new = kept(filled, tmp_path / "newer", "tina", "tom")
    flipped = tmp_path / "flipped.tar"
    raw = bytearray(new.data.read_bytes())
    raw[len(raw) // 2] ^= 1
    flipped.write_bytes(bytes(raw))
    assert WORDS_OF["altered"] in refused(tmp_path, "a", Kept(flipped, new.shreds, new.register, new.shares))
    given = (flipped, new.shreds, new.register, "--shares", new.shares)
    assert lastheard(machine(tmp_path / "a"), "restore", *given) == (1, WORDS_OF["altered"])
    cut = tmp_path / "cut.sealed"
    cut.write_bytes(new.shreds.read_bytes()[:-5])
    assert WORDS_OF["altered"] in refused(tmp_path, "b", Kept(new.data, cut, new.register, new.shares))
    assert WORDS_OF["older"] in refused(tmp_path, "c", Kept(new.data, old.shreds, new.register, new.shares))
    forged = tmp_path / "register.json"
    forged.write_text(new.register.read_text("utf-8").replace("erased", "erasex"), "utf-8")
    assert WORDS_OF["altered"] in refused(tmp_path, "d", Kept(new.data, new.shreds, forged, new.shares))
    one = tmp_path / "one"
    one.write_text(new.shares.read_text("utf-8").splitlines()[0], "utf-8")
    assert WORDS_OF["shares"] in refused(tmp_path, "e", Kept(new.data, new.shreds, new.register, one))


def test_another_groups_files_and_shares_are_refused_in_words(filled: Filled, tmp_path: Path) -> None:
    mine = kept(filled, tmp_path / "mine", "tina", "tom")
    (tmp_path / "other").mkdir()
    deployment = casts.DEPLOYMENT
    try:
        casts.DEPLOYMENT = Key.fresh()
        casts.stretched.cache_clear()
        theirs_world = casts.found_everyone(f"sqlite:///{tmp_path / 'other' / 'lastheard.db'}", tmp_path / "other")
    finally:
        casts.DEPLOYMENT = deployment
        casts.stretched.cache_clear()
    here = Settings(tmp_path / "other" / "data", tmp_path / "other" / "secrets", str(theirs_world.store.engine.url))
    assert at_once(here, "backup", tmp_path / "theirs")[0] == 0
    their_data = next((tmp_path / "theirs").glob("lastheard-data-*"))
    assert WORDS_OF["foreign"] in refused(tmp_path, "f", Kept(their_data, mine.shreds, mine.register, mine.shares))
    paper = tmp_path / "their-shares"
    own = [trustees.own_share(theirs_world.store, theirs_world.caller(one)) for one in ("tina", "tom")]
    paper.write_text("\n".join(own), "utf-8")
    assert WORDS_OF["sealed"] in refused(tmp_path, "g", Kept(mine.data, mine.shreds, mine.register, paper))
    mixed = tmp_path / "mixed"
    mixed.write_text("\n".join([own[0], mine.shares.read_text("utf-8").splitlines()[1]]), "utf-8")
    assert WORDS_OF["shares"] in refused(tmp_path, "h", Kept(mine.data, mine.shreds, mine.register, mixed))


def test_without_the_register_nothing_opens_until_k_trustees_agree(filled: Filled, tmp_path: Path) -> None:
    files = kept(filled, tmp_path / "kept", "tina", "tom")
    assert WORDS_OF["register"] in refused(tmp_path, "a", files, register=False)
    one = tmp_path / "one"
    one.write_text(files.shares.read_text("utf-8").splitlines()[0], "utf-8")
    assert WORDS_OF["shares"] in refused(tmp_path, "b", files, "--confirm", one, register=False)
    settings = machine(tmp_path / "c")
    settings.data.parent.mkdir()
    given = (files.data, files.shreds, "--shares", files.shares, "--confirm", files.shares)
    assert at_once(settings, "restore", *given) == (0, "Restored without a register.")


def test_an_older_and_a_newer_store_are_refused_in_words(filled: Filled) -> None:
    store = filled.world.store
    here = Settings(store.folder, store.secrets.folder, str(store.engine.url))
    for revision in ("0001", "9999"):
        with store.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")
        for words in (("retain",), ("backup", store.folder / "nowhere")):
            code, said = at_once(here, *words)
            assert (code, said) == (1, WORDS_OF["version"])
