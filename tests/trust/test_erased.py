"""Erased is erased: an old copy of everything, every secret of people and today's whole machine open nothing of it."""

import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from api.access.doors import CaseAccess, enter_case
from api.catalogue.compartments import Compartment
from api.crypto import Key
from api.errors import Refused
from api.models.tables import ShredRoot
from api.policy.actions import Action
from api.sealed import roots, shreds
from api.sealed.secrets import SecretFiles
from api.sealed.store import Opened
from api.services import erasing, erasing_letters, granting, inbox, members, own_sessions
from api.words.receipt import read_receipt
from tests.trust.thief import Copy, Loot, Thief, copied
from tests.trust.workflow import WORDS, Filled, fill
from tests.world import DEPLOYMENT, key_for

C = Compartment
OPENED = {"member", "session", "grant", "section", "row", "reason", "letter", "file"}
# What is erased below, by a word that stood nowhere else.
GONE = {
    "a whole case": "Второй рассказ о другом человеке",
    "a declined report": "Третий Человек: рассказ",
    "an entry of a case": WORDS[12],
}


@dataclass
class Aftermath:
    """The group after everything below was erased, and the copy from before."""

    filled: Filled
    before: Copy

    def thief(self) -> Thief:
        """Return who holds both copies, the folder of secrets of today, and all that people know."""
        world = self.filled.world
        receipts = [material for text in self.filled.receipts if (material := read_receipt(text))]
        keys = {login: key_for(login) for login in world.ids}
        tokens = [*world.tokens.values()]
        copies = [self.before, copied(world.store)]
        return Thief(copies, world.store.secrets.folder, DEPLOYMENT, keys, receipts, tokens)


def entered(filled: Filled, action: Action, case: str, *names: Compartment) -> CaseAccess:
    return enter_case(filled.world.store, filled.world.caller("carl"), case, action, set(names))


def erase_everything(filled: Filled) -> None:
    """Each way in which something is erased, revoked, suspended or ended."""
    world, store = filled.world, filled.world.store
    erasing_letters.erase_case(entered(filled, Action.CASE_ERASE, filled.other))
    inbox.decline(store, world.caller("ines"), filled.declined, "Мы не можем помочь.")
    access = entered(filled, Action.CASE_WRITE, filled.case, C.LEGAL)
    step = access.open(C.LEGAL).note["intervention"][0]["id"]
    erasing.remove_entry(access, "intervention", step, access.version)
    access = entered(filled, Action.CASE_WRITE, filled.case, C.EVIDENCE)
    paper = access.open(C.EVIDENCE).note["document"][0]["id"]
    erasing.remove_entry(access, "document", paper, access.version)
    granting.revoke_case_grant(entered(filled, Action.CASE_REVOKE, filled.case), filled.grant)
    members.suspend(store, world.caller("ada"), world.ids["ann"])
    own_sessions.sign_out(store, world.caller("cora"))


def aftermath(url: str, folder: Path) -> Aftermath:
    filled = fill(url, folder)
    before = copied(filled.world.store)
    erase_everything(filled)
    return Aftermath(filled, before)


def leaks(after: Aftermath, loot: Loot) -> set[str]:
    """Return what of the erased was opened."""
    filled, before = after.filled, after.before.rows
    gone = {name for name, word in GONE.items() if loot.holds(word)}
    gone |= {name for name in loot.said if name.startswith((f"section:{filled.other}:", f"reason:{filled.other}:"))}
    gone |= {"a row of a segment" for name in loot.said if name.startswith(f"row:{filled.other}:")}
    sessions = {row["id"]: row["member_id"] for row in before["session"]}
    ended = {
        one for one, member_id in sessions.items() if member_id in {filled.world.ids["ann"], filled.world.ids["cora"]}
    }
    shut = {row["id"] for row in before["grant"] if row["member_id"] == filled.world.ids["ann"]} | {filled.grant}
    named = {f"session:{one}" for one in ended} | {f"grant:{one}" for one in shut}
    named |= {f"member:{filled.world.ids['ann']}"}
    accepted = {row["id"] for row in before["letter"] if row["intake_shred"] is None}
    named |= {f"letter:{one}:intake" for one in accepted}
    return gone | (named & loot.said.keys()) | ({"a removed file"} if filled.file in loot.files else set())


def test_old_copies_and_every_secret_open_nothing_that_was_erased(database_url: str, tmp_path: Path) -> None:
    after = aftermath(database_url, tmp_path)
    loot = after.thief().steal()
    assert leaks(after, loot) == set()
    # The same thief opens what is alive: it is the erasing, and not the thief, that fails here.
    assert loot.kinds() == OPENED
    assert loot.holds(WORDS[1])
    assert loot.holds("Четвёртый Кто-то")


def test_before_the_erasing_the_same_thief_opens_all_of_it(database_url: str, tmp_path: Path) -> None:
    filled = fill(database_url, tmp_path)
    kept = tmp_path / "kept"
    shutil.copytree(filled.world.store.secrets.folder, kept)
    after = Aftermath(filled, copied(filled.world.store))
    erase_everything(filled)
    loot = replace(after.thief(), secrets=kept).steal()
    named = {"a removed file", "a row of a segment", f"grant:{filled.grant}", f"member:{filled.world.ids['ann']}"}
    assert named | set(GONE) <= leaks(after, loot)


Fault = Callable[[pytest.MonkeyPatch], None]


def turning(monkeypatch: pytest.MonkeyPatch, forgotten: str) -> None:
    """Replace keys as `shreds` does, all but one."""

    def turn(db: Any, store: Any, destroyed: Collection[str]) -> int:
        old, note = roots.opened(db, store), roots.anchored(db, store)
        buckets = list(old.buckets)
        for bucket in {roots.bucket_of(one) for one in destroyed if forgotten != "bucket"}:
            buckets[bucket] = shreds._rekey(db, bucket, old.buckets[bucket])
        root, beside = old.root if forgotten == "root" else Key.fresh(), roots.beside(db, store)
        new = Opened(old.epoch + 1, root, buckets, note, beside)
        erasure = store.secrets.erasure_key(old.epoch) if forgotten == "E" else Key.fresh()
        store.secrets.prepare(new.epoch, erasure)
        roots.write_root(db, new, erasure)
        return new.epoch

    monkeypatch.setattr(shreds, "_turn", turn)


def a_bucket_keeps_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    turning(monkeypatch, "bucket")


def the_root_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    turning(monkeypatch, "root")


def the_erasure_secret_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    turning(monkeypatch, "E")


def the_old_secret_is_kept_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    settle = SecretFiles.settle

    def careless(self: SecretFiles, epoch: int) -> None:
        (self.folder / f"erasure.{epoch - 1}").write_bytes(self.erasure.read_bytes())
        settle(self, epoch)

    monkeypatch.setattr(SecretFiles, "settle", careless)


def the_rows_alone_are_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is destroyed; the shreds stay in today's database."""
    monkeypatch.setattr(shreds, "destroy", lambda db, ids: None)


FAULTS: tuple[Fault, ...] = (
    a_bucket_keeps_its_key,
    the_root_stays,
    the_erasure_secret_stays,
    the_old_secret_is_kept_beside,
    the_rows_alone_are_deleted,
)


@pytest.mark.parametrize("fault", FAULTS, ids=[one.__name__ for one in FAULTS])
def test_each_forgotten_step_of_erasing_leaks_and_is_seen(
    fault: Fault, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault(monkeypatch)
    after = aftermath(sqlite_url, tmp_path)
    found = leaks(after, after.thief().steal())
    assert set(GONE) <= found
    assert {"a removed file", f"grant:{after.filled.grant}", f"member:{after.filled.world.ids['ann']}"} <= found


def test_an_entry_removed_without_a_new_shred_leaks_and_is_seen(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    renew = erasing._renew
    monkeypatch.setattr(erasing, "_renew", lambda a, change, v: renew(a, replace(change, renewed=frozenset()), v))
    after = aftermath(sqlite_url, tmp_path)
    assert "an entry of a case" in leaks(after, after.thief().steal())


def test_a_segment_whose_shred_is_not_destroyed_leaks_and_is_seen(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.sealed.forgetting.forget_wholly", lambda *_: None)
    after = aftermath(sqlite_url, tmp_path)
    assert "a row of a segment" in leaks(after, after.thief().steal())


def test_an_old_root_in_todays_database_opens_nothing(database_url: str, tmp_path: Path) -> None:
    """Put back by SQL, the root of before is refused by the product, too."""
    after = aftermath(database_url, tmp_path)
    old, store = after.before.rows["shred_root"][0], after.filled.world.store
    with store.writing() as db:
        db.execute(update(ShredRoot).values(root=old["root"], buckets=old["buckets"], note=old["note"]))
    store.opened = store.earlier = None
    with store.reading() as db, pytest.raises(Refused):
        roots.opened(db, store)
