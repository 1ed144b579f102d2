"""Erasing what families sent: a case with its mailboxes, or the letters of one mailbox.

Promises that a mailbox is found without the source's key, and keeps one notice that it was done. Must never leave a
copy of a letter, the family's own included.
"""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api.access.doors import CaseAccess, recording
from api.catalogue.compartments import Compartment
from api.models.tables import File, Mailbox
from api.sealed import letters, links
from api.sealed.store import Store
from api.services import erasing, receiving
from api.services.erasing import ErasureNotice, notice_of
from api.services.loading import HALF, letters_of, mailbox_of, require_half
from api.services.mailboxes import ERASED

C = Compartment


def erase_case(access: CaseAccess) -> ErasureNotice:
    """Erase a case and the letters of its mailboxes; each mailbox keeps one notice that it was done.

    Needs no key but the case's own: which mailboxes belong to it stands in `control`.
    """
    named = access.open(C.CONTROL).note.get("mailbox", ())
    boxes = [str(one["id"]) for one in named]
    notice = notice_of(access)
    store = access.store

    def also(db: Session) -> list[str]:
        for one in named:
            require_half(mailbox_of(db, store, str(one["id"])), [str(one.get(HALF, ""))])
        gone = [shred for box in boxes for shred in erase_letters(db, store, box)]
        for box in boxes:
            body = {"said": ERASED, "until": max(notice.backups_due, default=""), "number": 0}
            receiving.write_ours(db, store, mailbox_of(db, store, box), receiving.NOTICE, body)
        links.write(db, store, access.case_id, ())
        return gone

    with recording(store, access.caller, access.case_id):
        return erasing.erase_case(access, also)


def erase_letters(db: Session, store: Store, mailbox_id: str) -> list[str]:
    """Delete a mailbox's letters and its way to the case; return the shreds to be destroyed."""
    rows = letters_of(db, mailbox_id)
    named = {shred for row in rows for shred in (row.intake_shred, row.reporter_shred) if shred}
    gone = sorted(named.union(letters.shreds_of(db, mailbox_id)))
    for row in rows:
        db.delete(row)
    mailbox = mailbox_of(db, store, mailbox_id)
    mailbox.for_reporter = mailbox.for_intake = None
    letters.bind(store, mailbox)
    db.flush()
    return gone


def take_mailbox(db: Session, mailbox_id: str) -> list[str]:
    """Delete a mailbox with its letters, whatever its row says; return the shreds to be destroyed."""
    rows = letters_of(db, mailbox_id)
    named = {shred for row in rows for shred in (row.intake_shred, row.reporter_shred) if shred}
    gone = sorted(named.union(letters.shreds_of(db, mailbox_id)))
    for row in rows:
        db.delete(row)
    db.flush()
    db.execute(delete(Mailbox).where(Mailbox.id == mailbox_id))
    return gone


def forget_files(db: Session, file_ids: Sequence[str]) -> list[str]:
    """Delete the rows of files; return their shreds."""
    rows = list(db.scalars(select(File).where(File.id.in_(list(file_ids)))))
    for row in rows:
        db.delete(row)
    return [row.shred_id for row in rows]
