"""What whoever runs the server does without any member's key: a new store, an erasure by id, the daily turn of E.

Promises that operating opens nothing. Must never print a secret but the one-time founding code.
"""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from api import audit
from api.audit import Entry
from api.clock import today
from api.errors import Held, NotFound, Refused
from api.models.remains import Remains
from api.models.tables import Case, LogHead, Reason, Section, ShredBackup, ShredRow
from api.sealed import forgetting, joined, links, log_head, roots, schema, shreds
from api.sealed.secrets import SecretFiles
from api.sealed.store import Store, make_engine, open_store
from api.services import founding, remaining
from api.services.erasing_letters import take_mailbox


@dataclass(frozen=True, slots=True)
class Erased:
    """Until when the backups of the erasure secrets that still know the case must be destroyed."""

    backups_due: tuple[str, ...]


def make_store(url: str, folder: Path, secrets: SecretFiles) -> Store:
    """Make secrets, tables and the shred root where there are none; bring the tables up to date; return the store."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = make_engine(url)
    if schema.connection_revision(engine) is None and not secrets.deployment.exists():
        secrets.make()
    store = open_store(url, folder, secrets)
    schema.migrate(engine)
    engine.dispose()
    founding.make_root(store)
    return store


def erase_by_id(store: Store, case_id: str) -> Erased:
    """Erase a case without any key: its shreds go, with `evidence` the keys of its files, and its mailboxes' letters.

    Who comes back with the words of such a mailbox finds nothing: there is nobody to write a notice for the group.
    """
    with shreds.erasing(store) as db:
        # What remains of a case outlives its row, and is erased by the same identifier.
        if db.get(Case, case_id) is None and db.get(Remains, case_id) is None:
            raise NotFound
        # One person's cases go together; what was joined to another is erased with that one.
        whole = sorted(joined.together(db, store, case_id))
        ids = list(db.scalars(select(Section.shred_id).where(Section.case_id.in_(whole))))
        if db.scalar(select(ShredRow.id).where(ShredRow.id.in_(ids), ShredRow.held).limit(1)):
            raise Held
        forgetting.forget_wholly(db, store, whole)
        shreds.destroy(db, [*ids, *(shred for one in whole for shred in remaining.forget(db, one))])
        for one in whole:
            _take_rows(db, store, one)
    with store.reading() as db:
        due = db.scalars(select(ShredBackup.destroy_by).where(ShredBackup.destroy_by >= today().isoformat()))
        return Erased(tuple(sorted(set(due))))


def _take_rows(db: Session, store: Store, case_id: str) -> None:
    for box in links.mailboxes(db, store, case_id):
        shreds.destroy(db, take_mailbox(db, box))
    links.write(db, store, case_id, ())
    joined.forget(db, store, case_id)
    for table in (Reason, Section):
        db.execute(delete(table).where(table.case_id == case_id))
    db.execute(delete(Case).where(Case.id == case_id))
    audit.append(db, store, Entry("case:erase", case=case_id, about="operator"))


def is_ready(store: Store) -> bool:
    """Say whether the store can be read, is of this version, and opens with the secrets that are here."""
    try:
        schema.require_current(store.engine)
        with store.reading() as db:
            roots.opened(db, store)
    except (Refused, DBAPIError):
        return False
    return True


def remember_log(store: Store) -> None:
    """Note under the root how long the log is, where it has grown since: beyond that nobody sets it back unseen."""
    with store.reading() as db:
        grown = (db.scalar(select(LogHead.size)) or 0) > log_head.least(db, store)
    if grown:
        turn(store)


def turn(store: Store) -> None:
    """Replace the erasure secret: at each start and once a day, so that an old copy of it is soon worth nothing."""
    with shreds.erasing(store):
        pass
