"""Backups: a store comes back from two files, the register and k trustees; what was erased since does not."""

import uuid
from pathlib import Path

import pytest

from api import audit
from api.access import sessions
from api.access.doors import enter_case
from api.catalogue.compartments import Compartment
from api.errors import OutOfOrder, Refused, Tampered
from api.policy.actions import Action
from api.sealed.secrets import SecretFiles
from api.services import backup, cases, erasing_letters, receiving, trustees
from api.services.restore import Files, restore
from tests.postgres import Cluster
from tests.trust.search import hits
from tests.trust.workflow import Filled, fill
from tests.world import found_world


def saved(filled: Filled, folder: Path) -> Files:
    made = backup.back_up(filled.world.store, folder)
    register = folder / "register.json"
    register.write_text(backup.register(filled.world.store), "utf-8")
    return Files(made.data, made.shreds, register)


def shares(filled: Filled, *logins: str) -> list[str]:
    return [trustees.own_share(filled.world.store, filled.world.caller(login)) for login in logins]


def test_a_restored_store_opens_and_what_was_erased_since_does_not(
    database_url: str, cluster: Cluster, tmp_path: Path
) -> None:
    filled = fill(database_url, tmp_path)
    store = filled.world.store
    files, two = saved(filled, tmp_path / "backup"), shares(filled, "tina", "toni")
    erasing_letters.erase_case(enter_case(store, filled.world.caller("carl"), filled.other, Action.CASE_ERASE))
    files.register.write_text(backup.register(store), "utf-8")
    again = restore(
        cluster.url(f"r{uuid.uuid4().hex}"), tmp_path / "again", SecretFiles(tmp_path / "other-secrets"), files, two
    )
    filled.world.store = again
    filled.world.sign_in("carl")
    carl = sessions.enter(again, filled.world.tokens["carl"])
    view = cases.read_case(enter_case(again, carl, filled.case, Action.CASE_READ))
    assert view.sections[Compartment.FACTS]["case"][0]["title"] == "A neutral title"
    assert receiving.open_mailbox(again, filled.material) is not None
    with pytest.raises(Refused):
        cases.read_case(enter_case(again, carl, filled.other, Action.CASE_READ))
    assert audit.verify(again).whole


def test_one_share_restores_nothing(sqlite_url: str, tmp_path: Path) -> None:
    filled = fill(sqlite_url, tmp_path)
    files, one = saved(filled, tmp_path / "backup"), shares(filled, "tom")
    with pytest.raises(Tampered):
        restore(f"sqlite:///{tmp_path / 'n.db'}", tmp_path / "n", SecretFiles(tmp_path / "n-secrets"), files, one)


def test_a_flipped_bit_another_day_or_a_foreign_register_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    filled = fill(sqlite_url, tmp_path)
    old, two = saved(filled, tmp_path / "old"), shares(filled, "tina", "tom")
    audit.record(filled.world.store, audit.Entry("case:read"))
    new = saved(filled, tmp_path / "new")
    raw = bytearray(new.data.read_bytes())
    raw[len(raw) // 2] ^= 1
    broken = tmp_path / "broken.tar"
    broken.write_bytes(bytes(raw))
    foreign = tmp_path / "foreign.json"
    foreign.write_text(new.register.read_text("utf-8").replace("erased", "erasex"), "utf-8")
    wrong = [
        Files(broken, new.shreds, new.register),
        Files(new.data, old.shreds, new.register),
        Files(new.data, new.shreds, foreign),
    ]
    for number, files in enumerate(wrong):
        folder = tmp_path / f"r{number}"
        with pytest.raises(Tampered):
            restore(f"sqlite:///{folder}.db", folder, SecretFiles(tmp_path / f"s{number}"), files, two)


def test_there_is_no_backup_before_the_recovery_key(sqlite_url: str, tmp_path: Path) -> None:
    world = found_world(sqlite_url, tmp_path)
    with pytest.raises(OutOfOrder):
        backup.back_up(world.store, tmp_path / "backup")


def test_a_data_backup_holds_no_typed_word(sqlite_url: str, tmp_path: Path) -> None:
    filled = fill(sqlite_url, tmp_path)
    files = saved(filled, tmp_path / "backup")
    assert hits([files.data, files.shreds, files.register], filled.planted) == []
