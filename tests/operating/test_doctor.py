"""The doctor finds each weakness that is planted, names it, and finds none where there is none."""

import importlib.util
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import event

from api import audit, clock
from api.sealed import shreds
from api.sealed.secrets import SecretFiles
from api.services import backup, departures, health, operating, retaining
from api.services.health import Check, Grade, keeping, machine, proxy
from api.services.health.site import Site
from tests.operating import test_doctor_postgresql
from tests.world import make_world

ROOT = Path(__file__).parents[2]
ORIGIN = "https://lantern.example"
SOMEBODY = 65534
# A disk other than the one of the tests' folders.
MEMORY = Path("/", "dev", "shm")
Plant = Callable[[Site, pytest.MonkeyPatch], AbstractContextManager[Site]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A whole group on a well-kept machine: secrets on another disk, a user of its own, a backup of today."""
    folder, before = tmp_path_factory.mktemp("doctor"), os.umask(0o077)
    world = make_world(f"sqlite:///{folder / 'lastheard.db'}", folder)
    store = world.store
    backup.back_up(store, folder / "backup")
    retaining.retain(store)
    store.secrets = SecretFiles(MEMORY / f"lastheard-{os.getpid()}")
    shutil.move(folder / "secrets", store.secrets.folder)
    for path in (folder, *folder.rglob("*"), store.secrets.folder, *store.secrets.folder.iterdir()):
        if os.geteuid() == 0:
            os.chown(path, SOMEBODY, -1)
    os.umask(before)
    yield Site(store, ORIGIN, folder / "machine", {})
    store.close()
    shutil.rmtree(store.secrets.folder)


@pytest.fixture
def site(whole: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """That machine, looked at by the user of the server from a sheltered process."""
    monkeypatch.setattr(os, "geteuid", lambda: whole.store.folder.stat().st_uid)
    monkeypatch.setattr(machine, "is_sheltered", lambda: True)
    return whole


def seen(site: Site) -> set[str]:
    return {one.check for one in health.findings(site)}


@contextmanager
def edited(site: Site, *statements: str) -> Iterator[Site]:
    """Edit the database behind the product's back, and put it back as it was."""
    raw, kept = site.store.engine.raw_connection(), sqlite3.connect(":memory:")
    raw.driver_connection.backup(kept)
    for statement in statements:
        raw.driver_connection.execute(statement)
    yield site
    kept.backup(raw.driver_connection)
    raw.close()


@contextmanager
def mode(site: Site, path: Path, bits: int) -> Iterator[Site]:
    before = path.stat().st_mode
    path.chmod(bits)
    yield site
    path.chmod(before)


@contextmanager
def dated(site: Site, path: Path, ahead: timedelta) -> Iterator[Site]:
    moment = (clock.now() + ahead).timestamp()
    os.utime(path, (moment, moment))
    yield site
    os.utime(path)


@contextmanager
def renamed(site: Site, path: Path) -> Iterator[Site]:
    other = path.with_name("elsewhere")
    path.rename(other)
    yield site
    other.rename(path)


@contextmanager
def owned(site: Site, patch: pytest.MonkeyPatch, uid: int) -> Iterator[Site]:
    patch.setattr(os, "geteuid", lambda: uid)
    yield site


@contextmanager
def secrets_at(site: Site, folder: Path) -> Iterator[Site]:
    kept = site.store.secrets
    shutil.copytree(kept.folder, folder)
    site.store.secrets = SecretFiles(folder)
    yield site
    site.store.secrets = kept
    shutil.rmtree(folder)


@contextmanager
def pragma(site: Site, words: str) -> Iterator[Site]:
    """A connection that somebody set up otherwise."""

    def otherwise(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA {words}")

    event.listen(site.store.engine, "connect", otherwise)
    site.store.engine.dispose()
    yield site
    event.remove(site.store.engine, "connect", otherwise)
    site.store.engine.dispose()


@contextmanager
def departed(site: Site, place: str) -> Iterator[Site]:
    """Somebody left a place, and nobody who holds it has signed in since."""
    with shreds.erasing(site.store) as db:
        departures.note(db, site.store, [place])
    yield site
    with shreds.erasing(site.store) as db:
        departures.settle(db, site.store, place)


@contextmanager
def patched(site: Site, patch: pytest.MonkeyPatch, owner: object, name: str, value: object) -> Iterator[Site]:
    patch.setattr(owner, name, value)
    yield site


@contextmanager
def later(site: Site, patch: pytest.MonkeyPatch, ahead: timedelta) -> Iterator[Site]:
    patch.setattr(keeping, "now", lambda: clock.now() + ahead)
    patch.setattr(keeping, "today", lambda: (clock.now() + ahead).date())
    yield site


def plain(site: Site) -> AbstractContextManager[Site]:
    return nullcontext(site)


def given(site: Site, **environment: str) -> AbstractContextManager[Site]:
    return nullcontext(replace(site, environment=environment))


def on_a_machine_with(site: Site, path: str, content: str) -> AbstractContextManager[Site]:
    folder = site.machine.with_name(f"machine-{len(content)}-{path.replace('/', '-')}")
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(content, "utf-8")
    return nullcontext(replace(site, machine=folder))


def served_at(site: Site, origin: str) -> AbstractContextManager[Site]:
    return nullcontext(replace(site, origin=origin))


SWAPS = "Filename Type Size Used Priority\n"
PASSING = "server {{ {}\n location / {{ proxy_pass http://127.0.0.1:8000; }} }}\n"
QUIET = tuple(f"\n{name} {wanted};" for name, (wanted, _) in proxy.QUIET.items())
NGINX = "etc/nginx/sites-enabled/lastheard"


def proxied(without: str) -> Plant:
    """Return a plant: a proxy that was told all but this to be quiet."""
    told = PASSING.format("".join(line for line in QUIET if line != without))
    return lambda site, _: on_a_machine_with(site, NGINX, told)


FULL = SimpleNamespace(total=100, free=4)
D, M = timedelta(days=1), timedelta(days=40)


# Each check, and what somebody did to the machine so that it has to speak.
@contextmanager
def five_years_on(site: Site, patch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A month of the log ended long ago, and no run took it away."""
    with shreds.erasing(site.store) as db:
        audit.turn_month(db, site.store, clock.today() + M)
    patch.setattr(keeping, "today", lambda: clock.today() + 64 * M)
    yield site


PLANTS: tuple[tuple[str, Plant], ...] = (
    ("secrets", lambda s, p: renamed(s, s.store.secrets.deployment)),
    ("secrets", lambda s, p: renamed(s, s.store.secrets.erasure)),
    ("file modes", lambda s, p: mode(s, s.store.secrets.deployment, 0o640)),
    ("file modes", lambda s, p: mode(s, s.store.folder, 0o755)),
    ("file modes", lambda s, p: mode(s, s.store.checkpoint, 0o644)),
    ("file modes", lambda s, p: mode(s, Path(s.store.engine.url.database), 0o604)),
    ("folders", lambda s, p: mode(s, s.store.folder.parent, 0o777)),
    ("owner", lambda s, p: owned(s, p, 4242)),
    ("root", lambda s, p: owned(s, p, 0)),
    ("core dumps", lambda s, p: patched(s, p, machine, "is_sheltered", lambda: False)),
    ("swap", lambda s, p: on_a_machine_with(s, "proc/swaps", SWAPS + "/dev/sda2 partition 1 0 -2\n")),
    ("swap", lambda s, p: on_a_machine_with(s, "proc/swaps", SWAPS + "/swapfile file 1 0 -2\n")),
    ("secrets inside the data", lambda s, p: secrets_at(s, s.store.folder / "secrets")),
    ("one disk", lambda s, p: secrets_at(s, s.store.folder.with_name("secrets"))),
    ("room on the disk", lambda s, p: patched(s, p, shutil, "disk_usage", lambda _: FULL)),
    ("debugging", lambda s, p: given(s, PYTHONASYNCIODEBUG="1")),
    ("telemetry", lambda s, p: given(s, OTEL_EXPORTER_OTLP_ENDPOINT="http://collector.example")),
    ("telemetry", lambda s, p: patched(s, p, importlib.util, "find_spec", lambda _: object())),
    ("address", lambda s, p: served_at(s, "http://lantern.example")),
    *(("proxy's log", proxied(without)) for without in QUIET),
    ("proxy's log", lambda s, p: on_a_machine_with(s, NGINX, PASSING.format("".join(QUIET) + "\naccess_log a.log;"))),
    ("proxy's headers", lambda s, p: given(s, FORWARDED_ALLOW_IPS="*")),
    ("statements printed", lambda s, p: patched(s, p, s.store.engine, "echo", True)),
    ("statements printed", lambda s, p: patched(s, p, s.store.engine, "hide_parameters", False)),
    ("SQLite", lambda s, p: pragma(s, "synchronous=NORMAL")),
    ("SQLite", lambda s, p: pragma(s, "secure_delete=OFF")),
    ("SQLite", lambda s, p: pragma(s, "temp_store=FILE")),
    ("log", lambda s, p: edited(s, "UPDATE log_leaf SET reason_digest = x'00' WHERE \"index\" = 3")),
    ("age of the log", five_years_on),
    ("register", lambda s, p: edited(s, "INSERT INTO erasure VALUES ('aaaaaaaaaaaaaaaaaaaaaaaaaa', '2026-01-01')")),
    ("clock", lambda s, p: dated(s, s.store.checkpoint, 2 * D)),
    ("clock", lambda s, p: later(s, p, -2 * D)),
    ("retention", lambda s, p: later(s, p, 2 * D)),
    ("erasure secret", lambda s, p: dated(s, s.store.secrets.erasure, -3 * D)),
    ("backup", lambda s, p: edited(s, "DELETE FROM shred_backup")),
    ("backup", lambda s, p: later(s, p, 8 * D)),
    ("backups past their day", lambda s, p: later(s, p, M)),
    ("backups still due", lambda s, p: plain(s)),
    ("rotations", lambda s, p: departed(s, "intake")),
    ("founding", lambda s, p: edited(s, "DELETE FROM office WHERE kind = 'intake'")),
)


@pytest.mark.parametrize(("check", "plant"), PLANTS, ids=[f"{at}-{one}" for at, (one, _) in enumerate(PLANTS)])
def test_a_planted_weakness_is_found_and_gone_with_its_cause(
    site: Site, check: str, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert seen(site) == {"backups still due"}
    with plant(site, monkeypatch) as sick:
        assert check in seen(sick)


def test_every_check_of_the_table_has_a_planted_weakness() -> None:
    assert {one.key for one in health.CHECKS} == {check for check, _ in PLANTS} | set(test_doctor_postgresql.PLANTED)


@pytest.mark.parametrize("origin", ["https://x.example", "http://a2.onion", "http://127.0.0.1:8000", "http://[::1]:1"])
def test_an_address_that_nobody_reads_along_is_well(site: Site, origin: str) -> None:
    assert "address" not in seen(replace(site, origin=origin))


def test_swap_in_memory_or_on_an_encrypted_volume_is_well(site: Site) -> None:
    lines = SWAPS + "/dev/zram0 partition 1 0 -2\n/dev/dm-1 partition 1 0 -2\n"
    with on_a_machine_with(site, "proc/swaps", lines) as found:
        assert "swap" in seen(found)
        uuid = found.machine / "sys/block/dm-1/dm/uuid"
        uuid.parent.mkdir(parents=True)
        uuid.write_text("CRYPT-PLAIN-swap", "utf-8")
        assert "swap" not in seen(found)


def test_a_proxy_that_writes_nothing_down_is_well(site: Site) -> None:
    with on_a_machine_with(site, NGINX, PASSING.format("".join(QUIET))) as found:
        assert "proxy's log" not in seen(found)


def test_what_cannot_be_looked_at_counts_as_broken(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(_: Site) -> Iterator[str]:
        raise PermissionError
        yield ""

    monkeypatch.setattr(health, "CHECKS", (Check("folders", Grade.KNOW, unreadable),))
    (found,) = health.findings(site)
    assert (found.grade, "could not be looked at" in found.sentence) == (Grade.BROKEN, True)


def test_the_worst_comes_first_and_decides_the_exit_status(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert health.status(health.findings(site)) == 0
    with given(site, PYTHONDEVMODE="1") as mended:
        assert health.status(health.findings(mended)) == 1
    with given(site, PYTHONDEVMODE="1", OTEL_TRACES_EXPORTER="otlp") as broken:
        found = health.findings(broken)
        assert health.status(found) == 2
        assert [one.check for one in found] == ["telemetry", "debugging", "backups still due"]


def test_no_sentence_names_a_member_a_desk_or_the_group(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    said = ""
    for _, plant in PLANTS:
        with pytest.MonkeyPatch.context() as patch, plant(site, patch) as sick:
            said += " ".join(one.sentence for one in health.findings(sick))
    assert len(said) > 2000
    assert [word for word in ("ada", "carl", "Lantern", "North", "South") if word in said] == []


def run(folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the command as an operator would."""
    command = [sys.executable, "-m", "api.cli", "doctor", "--data", str(folder / "data")]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | environment)


def test_the_command_says_it_in_words_and_its_exit_status_says_how_bad(tmp_path: Path) -> None:
    secrets = SecretFiles(tmp_path / "data-secrets")
    operating.make_store(f"sqlite:///{tmp_path / 'data' / 'lastheard.db'}", tmp_path / "data", secrets).close()
    weak = run(tmp_path, LASTHEARD_ORIGIN="http://lantern.example")
    assert (weak.returncode, weak.stderr) == (2, "")
    assert "- broken: The address is neither https nor an onion service" in weak.stdout
    assert "- mend: There is no backup of the last seven days." in weak.stdout
    assert "Core dumps" not in weak.stdout
    secrets.deployment.rename(tmp_path / "gone")
    locked = run(tmp_path)
    assert (locked.returncode, locked.stdout) == (2, "- The store is locked: a secret is missing.\n")


def test_a_sheltered_process_leaves_no_core_and_its_files_are_its_own(tmp_path: Path) -> None:
    words = (
        "from api.services.shelter import *; print(is_sheltered()); shelter(); print(is_sheltered()); open('x', 'w')"
    )
    script = [sys.executable, "-c", words]
    done = subprocess.run(script, capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)})
    assert done.stdout.split() == ["False", "True"]
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o600
