"""A family with its words, as the tests of reports know it: no account, only a receipt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from api.access.doors import CaseAccess, enter_case
from api.catalogue.check import Checked, check
from api.catalogue.compartments import Compartment
from api.catalogue.purposes import Decision, Purpose
from api.clock import today
from api.crypto.people import random_bytes, receipt_keys
from api.models.tables import Mailbox
from api.policy.actions import Action
from api.services import inbox, receiving
from api.services.files import StoredFile, open_sink
from api.services.receiving import MailboxView
from api.words.receipt import new_receipt, read_receipt
from tests.world import World

C = Compartment
ABOUT = {
    "about_name": "Бунятов Артём",
    "story": "Его увезли в начале мая. Он не подписал.",
    "reporter_name": "Лариса",
    "relation": "21/010103000000",
    "contact_channel": "messenger",
    "contact_address": "@larisa.example",
    "contact_safe_times": "вечером",
    "last_heard": "17 мая 2023",
    "held_where": "ИК-29, Архангельская область",
    "who_came": ["pmc", "defence-ministry"],
}


@dataclass(frozen=True, slots=True)
class Family:
    """Somebody outside the group: the words on paper, and the group's store behind the pages."""

    world: World
    receipt: str

    @property
    def material(self) -> bytes:
        """Return what the words stand for."""
        material = read_receipt(self.receipt)
        assert material is not None
        return material

    def send(
        self,
        files: Sequence[StoredFile] = (),
        consents: Mapping[str, str] | None = None,
        about: Mapping[str, Any] | None = None,
    ) -> None:
        """Send the report, with some answers in place of the usual ones."""
        note: dict[str, Any] = {"language": "ru", "about": {**ABOUT, **(about or {})}, "consents": dict(consents or {})}
        note["titles"] = [("letter.jpg", "image/jpeg") for _ in files]
        receiving.send_report(self.world.store, self.material, note, files)

    def look(self) -> MailboxView:
        """Open the mailbox."""
        view = receiving.open_mailbox(self.world.store, self.material)
        assert view is not None
        return view

    def answer(self, text: str) -> None:
        """Answer the newest question."""
        receiving.write_letter(self.world.store, self.material, receiving.ANSWER, {"text": text, "language": "ru"})

    def decide(self, purpose: Purpose, value: Decision) -> None:
        """Decide on one use."""
        receiving.decide_consent(self.world.store, self.material, purpose, value)

    @property
    def mailbox(self) -> str:
        """Return the identifier of the mailbox."""
        with self.world.store.reading() as db:
            found = db.scalar(select(Mailbox.id).where(Mailbox.locator == receipt_keys(self.material)[0]))
        assert found is not None
        return found


def family(world: World) -> Family:
    """Return a family with fresh words."""
    return Family(world, " ".join(new_receipt("ru", random_bytes(16))))


def stored(world: World, content: bytes) -> StoredFile:
    """Return a file as an upload leaves it: sealed, and named by nothing yet."""
    sink = open_sink(world.store)
    sink.feed(content)
    return sink.finish()


def coded(**case: str) -> list[tuple[str, Checked]]:
    """Return the coding that an officer sends along when accepting."""
    raw: list[tuple[str, dict[str, str]]] = [
        ("case", {"title": "A neutral title", **case}),
        ("person", {"role": "victim", "name": "Бунятов Артём Сергеевич"}),
    ]
    return [(entity, check(entity, values, "ru", today())) for entity, values in raw]


def accepted(one: Family, officer: str = "ines", desk: str = "North") -> str:
    """Accept what a family sent into a new case; return the case's id."""
    world = one.world
    return inbox.accept(world.store, world.caller(officer), one.mailbox, world.desks[desk], coded())


def entered(world: World, case_id: str, login: str = "ines") -> CaseAccess:
    """Enter a case with all that this member may open of it."""
    held = set(C) - {C.LEGAL}
    return enter_case(world.store, world.caller(login), case_id, Action.CASE_READ, held, "document-case", "a line")
