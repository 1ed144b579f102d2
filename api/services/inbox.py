"""The intake's inbox: what families sent, opened by an intake officer and accepted into a case.

Promises that each opening is in the log first, that after acceptance no other officer opens the report, and that a
letter is filed by a person. Must never let a report go into two cases.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from api import audit
from api.access.caller import Caller
from api.access.doors import CaseAccess, enter_case, recording
from api.audit import Entry
from api.catalogue.check import Checked
from api.catalogue.compartments import Compartment
from api.catalogue.text import clean_long_text
from api.crypto import Key, Parcel
from api.errors import Erased, Invalid, NotFound, OutOfOrder, Stale
from api.ids import short_code
from api.models.tables import Letter, Mailbox
from api.policy.actions import Action
from api.sealed import letters, links, offices, shreds
from api.sealed.store import Store
from api.services import consents, filing, receiving, remaining
from api.services.arrivals import Waiting, list_reports, require_key
from api.services.cases import found_case
from api.services.erasing_letters import erase_letters, forget_files
from api.services.files import destroy_blob
from api.services.loading import HALF, letters_of, mailbox_of, require_half, require_named, waiting, watching
from api.services.mailboxes import in_order
from api.services.saving import Change, write

__all__ = [
    "ReportView",
    "Waiting",
    "accept",
    "accept_into",
    "ask_back",
    "decline",
    "file_letters",
    "list_reports",
    "open_report",
]

C = Compartment


@dataclass(frozen=True, slots=True)
class ReportView:
    """What waits in one mailbox, opened; `case` is the id of the case that it belongs to, or empty."""

    mailbox_id: str
    day: str
    letters: tuple[Mapping[str, Any], ...] = field(repr=False)
    case: str = ""
    desk: str = ""

    @property
    def report(self) -> Mapping[str, Any]:
        """The report itself; empty when only later letters wait."""
        return next((one for one in self.letters if one["kind"] == receiving.REPORT), {})

    @property
    def code(self) -> str:
        """The code of the case, as people say it."""
        return short_code(self.case) if self.case else ""


@dataclass(frozen=True, slots=True)
class _Opened:
    mailbox: Mailbox
    rows: Sequence[Letter]
    parcels: Sequence[Parcel]
    way: Mapping[str, str]

    @property
    def notes(self) -> list[Mapping[str, Any]]:
        told = [{name: one for name, one in parcel.note.items() if name != HALF} for parcel in self.parcels]
        return in_order(told)

    @property
    def keys(self) -> dict[str, Key]:
        return {name: key for parcel in self.parcels for name, key in parcel.keys.items()}


def open_report(store: Store, caller: Caller, mailbox_id: str) -> ReportView:
    """Return what waits in a mailbox; logged first. Raises NotFound when nothing waits."""
    opened = _open(store, caller, mailbox_id)
    way = opened.way
    notes = tuple(opened.notes)
    return ReportView(mailbox_id, opened.mailbox.day, notes, way.get("case", ""), way.get("desk", ""))


def ask_back(store: Store, caller: Caller, mailbox_id: str, text: str) -> None:
    """Write to the reporter; beside what waits a copy stays for the next officer. Asked twice alike is asked once."""
    require_key(caller)
    question = clean_long_text(text)
    if not question:
        raise Invalid({"text": "required"})
    with watching(store, caller, mailbox_id), store.writing() as db:
        mailbox = mailbox_of(db, store, mailbox_id)
        _, parcels = waiting(db, store, caller, mailbox)
        if question in [one.note.get("text") for one in parcels if one.note["kind"] == receiving.QUESTION]:
            return
        # Where nothing waits there is nobody to read a copy, and it would stand in the inbox as a letter.
        write = receiving.write_beside if parcels else receiving.write_ours
        body = {"text": question, "number": len(letters_of(db, mailbox_id))}
        write(db, store, mailbox, receiving.QUESTION, body)
        audit.append(db, store, Entry("report:asked", caller.member_id, about=mailbox_id))


def accept(store: Store, caller: Caller, mailbox_id: str, desk_id: str, coding: Sequence[tuple[str, Checked]]) -> str:
    """Make a case of the desk from what waits and from the coding; return its id.

    The intake's copies are destroyed in the same transaction: from then on only the case's keys open the report.
    """
    opened = _open(store, caller, mailbox_id)
    if opened.way:
        raise OutOfOrder
    sections = filing.sections_of(filing.mailbox_entry(opened.mailbox), opened.notes, caller.member_id)
    for entity, checked in coding:
        sections = filing.with_checked(sections, entity, checked)
    with watching(store, caller, mailbox_id), shreds.erasing(store) as db:
        case_id = found_case(db, store, caller, desk_id, sections, opened.keys)
        _link(db, store, opened, case_id, desk_id)
        _close(db, opened)
        audit.append(db, store, Entry("report:accepted", caller.member_id, case_id, about=mailbox_id))
    return case_id


def accept_into(store: Store, caller: Caller, mailbox_id: str, case_id: str, words: str) -> str:
    """Extend an existing case with what waits: a second family member's report of the same man."""
    opened = _open(store, caller, mailbox_id)
    if opened.way:
        raise OutOfOrder
    access = enter_case(store, caller, case_id, Action.CASE_WRITE, set(C) - {C.LEGAL}, "document-case", words)
    _file(store, access, opened, filing.merged(access, filing.mailbox_entry(opened.mailbox), opened.notes))
    return case_id


def file_letters(store: Store, caller: Caller, mailbox_id: str) -> str:
    """File later letters into their case: answers, files, decisions, a request for erasure; return the case's id.

    A "yes" filed here lifts the stop of its purpose once no letter of the case waits; nothing else does.
    """
    opened = _open(store, caller, mailbox_id)
    if not opened.way:
        raise OutOfOrder
    wanted = {C.CONTROL, C.CONSENT, C.FACTS, C.NARRATIVE, C.EVIDENCE}
    access = enter_case(store, caller, opened.way["case"], Action.CASE_WRITE, wanted)
    with recording(store, caller, access.case_id):
        require_named(access, opened.mailbox)
    _file(store, access, opened, filing.merged(access, {}, opened.notes))
    return opened.way["case"]


def decline(store: Store, caller: Caller, mailbox_id: str, text: str) -> None:
    """Erase a report that the group cannot take up, and tell its reporter so."""
    opened = _open(store, caller, mailbox_id)
    if opened.way:
        raise OutOfOrder
    files = list(opened.keys)
    with watching(store, caller, mailbox_id), shreds.erasing(store) as db:
        mailbox = mailbox_of(db, store, mailbox_id)
        shreds.destroy(db, erase_letters(db, store, mailbox.id))
        shreds.destroy(db, forget_files(db, files))
        receiving.write_ours(db, store, mailbox, receiving.NOTICE, {"text": clean_long_text(text), "number": 0})
        audit.append(db, store, Entry("report:declined", caller.member_id, about=mailbox_id))
    for file_id in files:
        destroy_blob(store, file_id)


def _open(store: Store, caller: Caller, mailbox_id: str) -> _Opened:
    require_key(caller)
    with watching(store, caller, mailbox_id), store.reading() as db:
        mailbox_of(db, store, mailbox_id)
    audit.record(store, Entry("report:read", caller.member_id, about=mailbox_id))
    openers = caller.keyring.intake_openers()
    with watching(store, caller, mailbox_id), store.reading() as db:
        mailbox = mailbox_of(db, store, mailbox_id)
        rows, parcels = waiting(db, store, caller, mailbox)
        if not rows:
            raise NotFound
        way = letters.open_intake_way(mailbox, openers) or {}
    return _Opened(mailbox, rows, parcels, way)


def _file(store: Store, access: CaseAccess, opened: _Opened, merged: "filing.Merged") -> None:
    documents = access.open(C.EVIDENCE)
    parcels = {name: Parcel(body, access.open(name).keys) for name, body in merged.bodies.items()}
    if opened.keys:
        parcels[C.EVIDENCE] = Parcel(merged.bodies[C.EVIDENCE], {**documents.keys, **opened.keys})
    change = Change("case:filed", parcels, about=opened.mailbox.id, files_added=frozenset(opened.keys))
    with recording(store, access.caller, access.case_id), shreds.erasing(store) as db:
        write(db, access, change)
        remaining.follow(db, access, change)
        _link(db, store, opened, access.case_id, access.desk_id)
        _close(db, opened)
        consents.lift(db, access, merged.allowed)


def _link(db: Session, store: Store, opened: _Opened, case_id: str, desk_id: str) -> None:
    mailbox, office = mailbox_of(db, store, opened.mailbox.id), offices.intake(db, store)
    if office is None:
        raise OutOfOrder
    way = {"case": case_id, "desk": desk_id}
    require_half(mailbox, [letters.half_of(opened.mailbox)])
    theirs = type(office.public)(mailbox.public)
    mailbox.for_reporter = letters.seal_way(mailbox, "reporter", theirs, {"case": case_id})
    mailbox.for_intake = letters.seal_way(mailbox, "intake", office.public, way)
    letters.bind(store, mailbox)
    links.write(db, store, case_id, {*links.mailboxes(db, store, case_id), mailbox.id})


def _close(db: Session, opened: _Opened) -> None:
    """Destroy the intake's copies; raises Erased when another officer was quicker, Stale when more has come."""
    live = [row for row in letters_of(db, opened.mailbox.id) if row.intake_shred]
    waiting, read = {row.id for row in live}, {row.id for row in opened.rows}
    # A "no" that came since was not read, and while there was no way to the case it stopped nothing.
    if waiting != read:
        raise Erased if read - waiting else Stale
    shreds.destroy(db, [row.intake_shred for row in live if row.intake_shred])
    for row in live:
        row.intake_shred = row.intake_copy = None
