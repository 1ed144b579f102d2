"""What a mailbox holds once its receipt has opened it: the letters, what they decide, what still waits.

Promises that the newest decision for a purpose counts, and that what was said is known from what was not. Must never
read or write the store.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.catalogue.purposes import DEFAULTS, Decision, Purpose

REPORT, ANSWER, ADDITION, CONSENT, ERASURE = "report", "answer", "addition", "consent", "erasure-request"
QUESTION, NOTICE = "question", "notice"
# What a notice may say; the page has the words for it.
ERASED = "erased"
OURS = frozenset({QUESTION, NOTICE})
USES = tuple(purpose for purpose in Purpose if purpose is not Purpose.KEEP)
# More letters than this do not wait in one mailbox: whoever has a receipt could fill the disk and hold up everyone.
MOST_WAITING = 200


@dataclass(frozen=True, slots=True)
class LetterView:
    """One letter as its reporter reads it; `waits` until a member has filed it."""

    id: str
    kind: str
    day: str
    waits: bool
    note: Mapping[str, Any] = field(repr=False)

    @property
    def ours(self) -> bool:
        """Whether the group wrote it."""
        return self.kind in OURS


@dataclass(frozen=True, slots=True)
class MailboxView:
    """A mailbox opened with its receipt."""

    letters: tuple[LetterView, ...]
    consents: Mapping[Purpose, Decision]
    accepted: bool

    @property
    def waiting(self) -> tuple[Purpose, ...]:
        """Return the purposes whose newest "yes" no member has filed yet."""
        newest = {str(one.note["purpose"]): one for one in self.letters if one.kind == CONSENT}
        return tuple(Purpose(name) for name, one in newest.items() if one.waits and one.note["value"] == Decision.YES)

    @property
    def erasure_asked(self) -> bool:
        """Whether erasure was asked for and is still to be done."""
        return any(letter.kind == ERASURE for letter in self.letters)

    @property
    def erased(self) -> bool:
        """Whether nothing is left of what was sent: it was erased, or declined."""
        return not any(letter.kind == REPORT for letter in self.letters)

    @property
    def unanswered(self) -> str:
        """Return what the group wrote since the family's last answer, all of it, or nothing."""
        last = max((at for at, one in enumerate(self.letters) if one.kind == ANSWER), default=-1)
        return "\n\n".join(str(one.note["text"]) for one in self.letters[last + 1 :] if one.kind == QUESTION)

    @property
    def full(self) -> bool:
        """Whether as many letters wait as may."""
        return sum(one.waits for one in self.letters) >= MOST_WAITING

    def says(self, purpose: Purpose, value: Decision, stopped: Collection[Purpose]) -> bool:
        """Whether this decision waits already or holds already, so that writing it again would change nothing.

        A "no" holds while its use is stopped: of two families of one case the other's "yes" may have come since.
        """
        if self.consents[purpose] != value:
            return False
        if any(one.waits and purpose in _said(one.note) for one in self.letters):
            return True
        return (purpose in stopped) is (value is not Decision.YES)

    def takes(self, purpose: Purpose, value: Decision) -> bool:
        """Whether there is room for a decision; a "no" after a "yes" finds it always."""
        withdraws = value is not Decision.YES and self.consents[purpose] is Decision.YES
        return withdraws or not self.full

    def asks_erasure(self) -> bool:
        """Whether a request for erasure waits, and nothing was allowed again since."""
        asked = any(one.waits and one.kind == ERASURE for one in self.letters)
        return asked and all(self.consents[use] is not Decision.YES for use in USES)


def decided(notes: Sequence[Mapping[str, Any]]) -> Mapping[Purpose, Decision]:
    """Return what the letters of a reporter decide, in their order: the report first."""
    held = dict(DEFAULTS)
    for note in notes:
        held |= _said(note)
    return held


def in_order(notes: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Sort letters as they were written: each says which in its mailbox it is."""
    return sorted(notes, key=lambda note: int(note.get("number", 0)))


def _said(note: Mapping[str, Any]) -> Mapping[Purpose, Decision]:
    """Return what one letter decides."""
    match note["kind"]:
        case "report":
            return {Purpose(name): Decision(value) for name, value in note.get("consents", {}).items()}
        case "consent":
            return {Purpose(note["purpose"]): Decision(note["value"])}
        case "erasure-request":
            return dict.fromkeys(USES, Decision.NO)
        case _:
            return {}
