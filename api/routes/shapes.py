"""What the API takes: bodies with bounded texts.

Promises that nothing beyond a field's bound is read into a service. Must never carry a default that allows something.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.catalogue.check import Checked, check
from api.catalogue.compartments import Compartment
from api.catalogue.fields import FORM_ENTITIES
from api.catalogue.purposes import Decision, Purpose
from api.clock import today
from api.errors import NotFound

Short = Annotated[str, StringConstraints(max_length=400)]
Long = Annotated[str, StringConstraints(max_length=60_000)]
Language = Literal["en", "ru", "uk"]


class Body(BaseModel):
    """A body without fields that nobody declared."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class ReceiptBody(Body):
    """The eleven words, in any forgiven spelling."""

    receipt: Short


class ReportBody(ReceiptBody):
    """A family's report: fields of the form by name, and a decision for each purpose."""

    language: Language = "ru"
    about: Mapping[str, Long | list[Short]]
    consents: Mapping[Purpose, Decision] = {}


class Message(ReceiptBody):
    """An answer or an addition."""

    text: Long
    language: Language = "ru"


class Decided(ReceiptBody):
    """A decision for one purpose."""

    purpose: Purpose
    value: Decision


class Text(Body):
    """A text to a reporter."""

    text: Long


class LetterBody(Text):
    """A text to a family, by its mailbox as the case names it."""

    mailbox: Short


class ConsentBody(Body):
    """A decision of the person concerned: its fields as they would be typed into the form."""

    values: Mapping[str, Long | list[Short]]
    language: Language = "en"

    def checked(self) -> Checked:
        """Return the clean decision; raises FieldProblems."""
        return _checked("consent", self.values, self.language)


class EntryBody(Body):
    """One entry: its entity and its fields as they would be typed into the form."""

    entity: Short
    values: Mapping[str, Long | list[Short]]
    language: Language = "en"

    def checked(self) -> Checked:
        """Return the clean entry; raises FieldProblems, NotFound for an entity that has no form."""
        if self.entity not in FORM_ENTITIES:
            raise NotFound
        return _checked(self.entity, self.values, self.language)


def _checked(entity: str, values: Mapping[str, str | Sequence[str]], language: Language) -> Checked:
    return check(entity, values, language, today())


class Acceptance(Body):
    """Into which desk, coded how; or into which existing case, with the words of the reason."""

    desk: Short = ""
    coding: list[EntryBody] = []
    case: Short = ""
    words: Short = ""


class Save(EntryBody):
    """An entry to be saved; a reason where it touches identity or source."""

    reason: Short = ""
    words: Short = ""


class Removal(Body):
    """Which kind of entry goes; a reason where such an entry touches identity or source."""

    entity: Short
    reason: Short = ""
    words: Short = ""


class Opening(Body):
    """Compartments to open, with a reason code and a line."""

    compartments: list[Compartment]
    reason: Short = ""
    words: Short = ""


class GrantBody(Body):
    """To whom (six words heard by voice), what, for how many days; a reason's code and a line beside it."""

    member: Short
    words: Short
    compartments: list[Compartment]
    days: int
    reason: Short
    why: Short = ""


class TakeOut(Body):
    """Which profile leaves, to whom."""

    profile: Short
    recipient: Short


class Wish(Body):
    """Which profile is looked at, with the words of the reason."""

    profile: Short
    words: Short = ""


class Invitation(Body):
    """For which role."""

    role: Short


class Heard(Body):
    """Six words heard by voice."""

    words: Short


class Seat(Heard):
    """Whom to seat."""

    member: Short


class DeskBody(Body):
    """A desk's name and who sits there: member id -> six words heard."""

    name: Short
    seats: Mapping[Short, Short]


class RecoveryBody(Body):
    """How many of whom: member id -> six words heard."""

    threshold: int
    trustees: Mapping[Short, Short]


class BringBody(Heard):
    """The six words of the ceremony; a share typed from paper, or nothing for the one that is kept here."""

    share: Short = Field(default="", repr=False)
