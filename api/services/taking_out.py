"""Taking a document out of a case: consent, readiness, document, register.

Promises that nothing leaves without consent at this moment, that only the profile's fields leave, and that the
register and the log name the document before its bytes are handed out. Must never name who told the story.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from api.access.doors import CaseAccess
from api.catalogue.compartments import Compartment, Language
from api.catalogue.purposes import Purpose
from api.catalogue.text import clean_text
from api.clock import today
from api.crypto import Parcel
from api.errors import ConsentMissing, Invalid, NotFound, NotReady, ReasonMissing, Unavailable
from api.ids import new_id, short_code
from api.policy.actions import Action
from api.reports import profiles
from api.reports.document import DocumentError, render_pdf
from api.reports.profiles import Profile, may_leave
from api.reports.readiness import Readiness, readiness
from api.reports.report import compose
from api.reports.sections import FieldPath, Sections, Submitter, entries
from api.reports.selecting import select
from api.sealed import groups, joined, roots
from api.services import consents
from api.services.saving import Change, save, with_entry

C = Compartment


@dataclass(frozen=True, slots=True)
class Document:
    """A document that may leave: its number in the register, its bytes (PDF) and their SHA-256 (hex)."""

    number: str
    profile: str
    content: bytes = field(repr=False)
    sha256: str


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A line of the register: what left, to whom, for what, by whom and when."""

    number: str
    recipient: str = field(repr=False)
    purpose: Purpose
    profile: str
    fields: tuple[str, ...]
    sha256: str
    by: str
    on: str


def readiness_of(access: CaseAccess, profile: str) -> Readiness:
    """Return which required elements the opened sections meet; raises NotFound for an unknown profile."""
    access.require(Action.CASE_READ)
    chosen = _profile(profile)
    return readiness(chosen, sections_for(access, chosen), submitter(access))


def preview(access: CaseAccess, profile: str) -> tuple[FieldPath, ...]:
    """Return the fields that would leave: listed by the profile, opened, and known of this case."""
    access.require(Action.CASE_READ)
    chosen = _profile(profile)
    return leaving(chosen, sections_for(access, chosen))


def take_out(access: CaseAccess, profile: str, recipient: str, languages: Sequence[Language] | None = None) -> Document:
    """Make a document for `recipient`, enter it in the register, and return it.

    `languages` is one of the profile's choices, its first when None. Raises ConsentMissing, ReasonMissing when a
    compartment that it needs was not opened, NotReady, NotFound, Forbidden, Invalid, Stale.
    """
    access.require(Action.CASE_TAKE_OUT)
    chosen, to = under_consent(access, _profile(profile)), clean_text(recipient)
    in_languages = tuple(languages or chosen.languages[0])
    if not to or in_languages not in chosen.languages:
        raise Invalid({"recipient": "required"} if not to else {"languages": "unknown-term"})
    if set(access.closed) & set(chosen.compartments):
        raise ReasonMissing
    made = _made(access, chosen, in_languages)
    fields = leaving(chosen, sections_for(access, chosen))
    enter(access, chosen, line(access, chosen, made, to, fields), Action.CASE_TAKE_OUT)
    return made


def enter(access: CaseAccess, profile: Profile, entry: Mapping[str, Any], action: Action) -> None:
    """Enter a line in the register before the bytes are handed out; raises ConsentMissing, Stale."""
    control = access.open(C.CONTROL)
    parcel = Parcel(with_entry(control.note, "disclosure", entry), control.keys)
    change = Change(action, {C.CONTROL: parcel}, about=entry["number"])
    save(access, change, beside=lambda db: _require_no_stop(db, access, profile))


def register(access: CaseAccess) -> tuple[Disclosure, ...]:
    """Return what has left the case, oldest first."""
    access.require(Action.CASE_READ)
    return tuple(_disclosure(one) for one in access.open(C.CONTROL).note.get("disclosure", ()))


def _profile(name: str) -> Profile:
    if name not in profiles.PROFILES:
        raise NotFound
    return profiles.load(name)


def next_number(access: CaseAccess) -> str:
    """Return the number in the register of what is made next."""
    return f"{short_code(access.case_id)}/{len(register(access)) + 1}"


def sections_for(access: CaseAccess, profile: Profile) -> Sections:
    """Return the opened sections that a profile reads."""
    wanted = {path.compartment for path in profile.fields} | profile.compartments
    return {str(name): access.open(name).note for name in access.keys if name in wanted}


def submitter(access: CaseAccess) -> Submitter:
    """Return the group's name and how it is reached, as a document says them."""
    with access.store.reading() as db:
        note = groups.read(db, access.store).note
    return Submitter(str(note.get("name", "")), str(note.get("contact", "")))


def under_consent(access: CaseAccess, profile: Profile) -> Profile:
    """Return the profile under the first of its purposes that the family allows; raises ConsentMissing."""
    for purpose in (profile.purpose, *profile.also):
        if consents.allows(access.store, access, purpose):
            return profile.under(purpose)
    raise ConsentMissing


def _require_no_stop(db: Session, access: CaseAccess, profile: Profile) -> None:
    """Ask once more where it commits: the family may have said "no" while the document was being made."""
    roots.shared(db, access.store)
    if profile.purpose in joined.stopped(db, access.store, access.case_id):
        raise ConsentMissing


def _made(access: CaseAccess, profile: Profile, languages: tuple[Language, ...]) -> Document:
    sections, submitting = sections_for(access, profile), submitter(access)
    if not readiness(profile, sections, submitting).complete:
        raise NotReady
    number = next_number(access)
    report = compose(profile, sections, submitting, number, today(), languages)
    try:
        finished = render_pdf(report)
    except DocumentError:
        raise Unavailable from None
    return Document(number, profile.name, finished.pdf, finished.sha256)


def line(
    access: CaseAccess, profile: Profile, made: Document, recipient: str, fields: Sequence[FieldPath]
) -> Mapping[str, Any]:
    """Return the line of the register for a document that held these fields."""
    return {
        "id": new_id(),
        "number": made.number,
        "recipient": recipient,
        "purpose": str(profile.purpose),
        "consents": [relied["id"]] if (relied := consents.relied_on(access, profile.purpose)) else [],
        "profile": profile.name,
        "fields": [str(path) for path in fields],
        "sha256": made.sha256,
        "by": access.caller.member_id,
        "on": today().isoformat(),
    }


def leaving(profile: Profile, sections: Sections) -> tuple[FieldPath, ...]:
    """Return the fields that would leave of these sections."""
    opened = select(profile, sections)
    paths = sorted((path for path in profile.fields if may_leave(path, profile.purpose)), key=str)
    return tuple(path for path in paths if any(path.name in one for one in _entries(opened, path)))


def _entries(opened: Sections, path: FieldPath) -> Sequence[Mapping[str, object]]:
    return entries(opened, path.compartment, path.entity)


def _disclosure(entry: Mapping[str, Any]) -> Disclosure:
    names = ("number", "recipient", "purpose", "profile", "fields", "sha256", "by", "on")
    values = {name: entry[name] for name in names}
    return Disclosure(**{**values, "purpose": Purpose(values["purpose"]), "fields": tuple(values["fields"])})
