"""What a family does: report, come back with the receipt, answer, decide, ask for erasure.

Promises that nobody needs an account, that a repeated sending meets the same mailbox, that unknown and malformed
receipts answer alike after equal work, and that a "no" holds at once. Must never keep a receipt, or a time of day.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api import audit
from api.audit import Entry
from api.catalogue.purposes import Decision, Purpose
from api.clock import today
from api.crypto import Parcel
from api.crypto.people import receipt_keys
from api.errors import Busy
from api.ids import new_id
from api.models.tables import Mailbox
from api.sealed import letters, shreds
from api.sealed.store import Store
from api.services import consents
from api.services.files import StoredFile, discard, keep
from api.services.loading import HALF, letters_of
from api.services.mailboxes import (
    ADDITION,
    ANSWER,
    CONSENT,
    ERASURE,
    MOST_WAITING,
    NOTICE,
    QUESTION,
    REPORT,
    USES,
    LetterView,
    MailboxView,
    decided,
)
from api.services.receipts import Open, door, find, place, require

__all__ = [
    "ADDITION",
    "ANSWER",
    "CONSENT",
    "ERASURE",
    "NOTICE",
    "QUESTION",
    "REPORT",
    "USES",
    "MailboxView",
    "letters_of",
]


def send_report(store: Store, material: bytes, report: Mapping[str, Any], files: Sequence[StoredFile] = ()) -> None:
    """Seal a report to the intake and to its reporter; a second sending under the same receipt changes nothing.

    `report` is what was filled in: "language", "about" (field -> text or list), "consents" (purpose -> decision).
    """
    try:
        with place(), store.writing() as db:
            mailbox = _new_mailbox(db, store, material)
            _write(db, store, mailbox, REPORT, dict(report), files)
            audit.append(db, store, Entry("report:received", about=mailbox.id))
    except IntegrityError:
        # The same words are here already: whoever presses twice has sent once.
        if open_mailbox(store, material) is None:
            raise
        discard(store, files)
        return


def _new_mailbox(db: Session, store: Store, material: bytes) -> Mailbox:
    """Return the row of a new mailbox; raises IntegrityError for a receipt that has one, also from the same moment."""
    locator, opener = receipt_keys(material)
    mailbox = Mailbox(id=new_id(), locator=locator, public=opener.public.blob, day=today().isoformat())
    letters.bind(store, mailbox)
    db.add(mailbox)
    db.flush()
    return mailbox


def open_mailbox(store: Store, material: bytes | None) -> MailboxView | None:
    """Return the mailbox of a receipt, or None; `material` None stands for a malformed one and costs the same."""
    with door(store, material), store.reading() as db:
        found = find(db, store, material)
        return _view(db, store, found) if found else None


def write_letter(
    store: Store, material: bytes, kind: str, body: Mapping[str, Any], files: Sequence[StoredFile] = ()
) -> None:
    """Add an answer or an addition; raises NotFound for an unknown receipt, Busy where too many letters wait."""
    with door(store, material), store.writing() as db:
        found = require(db, store, material)
        if sum(row.intake_shred is not None for row in letters_of(db, found.mailbox.id)) >= MOST_WAITING:
            raise Busy
        _write(db, store, found.mailbox, kind, dict(body), files)


def decide_consent(store: Store, material: bytes, purpose: Purpose, value: Decision) -> None:
    """Write a decision. "No" and "ask again" stop the use at once; "yes" waits until a member files it.

    What waits or holds already is not written again. Whoever no longer allows keeping asks for erasure. Raises Busy
    where too many letters wait, but not for a "no" after a "yes".
    """
    if purpose is Purpose.KEEP and value is not Decision.YES:
        ask_erasure(store, material)
        return
    view, stopped = _standing(store, material)
    if view.says(purpose, value, stopped):
        return
    if not view.takes(purpose, value):
        raise Busy
    with door(store, material), shreds.erasing(store) as db:
        found = require(db, store, material)
        _write(db, store, found.mailbox, CONSENT, {"purpose": purpose, "value": value}, ())
        if value is not Decision.YES:
            _stop(db, store, found, [purpose])
        audit.append(db, store, Entry("consent:decided", about=found.mailbox.id))


def ask_erasure(store: Store, material: bytes) -> None:
    """Ask for everything to be erased, once; every use but keeping stops at once."""
    view, _ = _standing(store, material)
    if view.asks_erasure():
        return
    with door(store, material), shreds.erasing(store) as db:
        found = require(db, store, material)
        _write(db, store, found.mailbox, ERASURE, {}, ())
        _stop(db, store, found, USES)
        audit.append(db, store, Entry("erasure:asked", about=found.mailbox.id))


def _standing(store: Store, material: bytes) -> tuple[MailboxView, frozenset[Purpose]]:
    """Return what a mailbox holds and what is stopped, before anything is locked: a repeat holds nobody up."""
    with door(store, material), store.reading() as db:
        found = require(db, store, material)
        case_id = _case_of(found)
        return _view(db, store, found), frozenset(Purpose(one) for one in shreds.stops(db, store).get(case_id, ()))


def _stop(db: Session, store: Store, found: Open, purposes: Sequence[Purpose]) -> None:
    case_id = _case_of(found)
    if case_id:
        consents.stop(db, store, case_id, purposes)


def _case_of(found: Open) -> str:
    """Return the case that a mailbox belongs to, or nothing before there is one."""
    way = letters.open_way(found.mailbox, "reporter", found.opener, found.mailbox.for_reporter)
    return way["case"] if way else ""


def own_copy(view: MailboxView) -> list[dict[str, Any]]:
    """Return all that the mailbox holds, for its reporter to take along."""
    return [{"day": one.day, "from": "group" if one.ours else "me", **one.note} for one in view.letters]


def write_ours(db: Session, store: Store, mailbox: Mailbox, kind: str, body: Mapping[str, Any]) -> None:
    """Add a letter of the group, which the reporter alone can read."""
    letters.write(db, store, mailbox, Parcel(_note(kind, body)))


def write_beside(db: Session, store: Store, mailbox: Mailbox, kind: str, body: Mapping[str, Any]) -> None:
    """Add a letter of the group that the intake reads too, beside the letters that wait."""
    note = _note(kind, body)
    letters.write(db, store, mailbox, Parcel(note), Parcel({**note, HALF: letters.half_of(mailbox)}))


def _write(
    db: Session, store: Store, mailbox: Mailbox, kind: str, body: dict[str, Any], files: Sequence[StoredFile]
) -> None:
    titles = body.pop("titles", [])
    listed = [
        {"id": one.id, "title": title, "media_type": media, "size": one.size, "sha256": one.sha256}
        for one, (title, media) in zip(files, titles, strict=True)
    ]
    note = _note(kind, {**body, **({"files": listed} if listed else {})})
    note["number"] = len(letters_of(db, mailbox.id))
    for stored in files:
        keep(db, stored)
    keys = {one.id: one.key for one in files}
    # The intake's copy names the half it came with: the way back and the case must lead to the same reporter.
    letters.write(db, store, mailbox, Parcel(note, keys), Parcel({**note, HALF: letters.half_of(mailbox)}, keys))


def _note(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "on": today().isoformat(), **body}


def _view(db: Session, store: Store, found: Open) -> MailboxView:
    rows = letters_of(db, found.mailbox.id)
    opened = [(row, letters.open_reporter(db, store, found.opener, row).note) for row in rows]
    opened.sort(key=lambda pair: (pair[0].day, int(pair[1].get("number", 0))))
    views = tuple(LetterView(row.id, note["kind"], row.day, row.intake_shred is not None, note) for row, note in opened)
    return MailboxView(views, decided([view.note for view in views]), found.mailbox.for_reporter is not None)
