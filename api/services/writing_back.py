"""Letters from a case to the families that told it.

Promises that the case keeps what was written, and that it is sealed to the half that the case remembers. Must never
write to a mailbox that the case does not name.
"""

from dataclasses import dataclass

from api.access.doors import CaseAccess, recording
from api.catalogue.compartments import Compartment
from api.catalogue.text import clean_long_text
from api.clock import today
from api.errors import Forbidden, Invalid, NotFound
from api.ids import new_id
from api.models.tables import Mailbox
from api.policy.actions import Action
from api.services import receiving, remaining
from api.services.loading import letters_of, mailbox_of, require_named
from api.services.saving import Change, parcels, with_entry, write

C = Compartment
LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class Family:
    """A mailbox that a case names, and the day on which its report arrived."""

    mailbox: str
    day: str


def families(access: CaseAccess) -> tuple[Family, ...]:
    """Return to whom can be written from this case, in the order in which they told it."""
    named = [str(one["id"]) for one in access.open(C.CONTROL).note.get("mailbox", ())]
    with access.store.reading() as db:
        rows = [db.get(Mailbox, one) for one in named]
    return tuple(Family(row.id, row.day) for row in rows if row is not None)


def write_to_family(access: CaseAccess, mailbox_id: str, text: str, version: int) -> int:
    """Write to a family of the case and return the new version.

    Raises Invalid, Stale, Forbidden without the narrative's key, NotFound for a mailbox that the case does not name,
    Tampered for one whose half is not the case's.
    """
    access.require(Action.CASE_WRITE)
    if C.NARRATIVE not in access.keys:
        raise Forbidden
    said = _clean(text)
    if mailbox_id not in [one.mailbox for one in families(access)]:
        raise NotFound
    letter = {"id": new_id(), "text": said, "on": today().isoformat()}
    body = with_entry(access.open(C.NARRATIVE).note, "letter", letter)
    change = Change("report:asked", parcels(access, {C.NARRATIVE: body}), about=mailbox_id)
    with recording(access.store, access.caller, access.case_id), remaining.writing(access) as db:
        mailbox = mailbox_of(db, access.store, mailbox_id)
        require_named(access, mailbox)
        written = write(db, access, change, version)
        remaining.follow(db, access, change)
        note = {"text": said, "number": len(letters_of(db, mailbox_id))}
        receiving.write_ours(db, access.store, mailbox, receiving.QUESTION, note)
    return written


def _clean(text: str) -> str:
    said = clean_long_text(text, LONGEST)
    if not said:
        raise Invalid({"text": "required"})
    return said
