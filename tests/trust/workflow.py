"""A full workflow through the services, and every word that was typed into it."""

from dataclasses import dataclass, field
from pathlib import Path

from api.access.doors import enter_case
from api.access.shelves import rings
from api.catalogue.check import check
from api.catalogue.compartments import Compartment
from api.catalogue.purposes import Decision, Purpose
from api.clock import today
from api.columns.kinds import KINDS
from api.policy.actions import Action
from api.sealed import tidying
from api.services import cases, files, granting, inbox, receiving
from api.words.receipt import new_receipt, read_receipt
from tests.world import World, make_world, passphrase

C = Compartment
WORDS = (
    "Ветлужанин",
    "Серафим Гордеевич",
    "Serafim Vetluzhanin",
    "Пелагея Ветлужанина",
    "у мельницы за Черемшанкой",
    "+7 901 555-02-84",
    "@pelageya_cherem",
    "вагранка остыла к утру",
    "выписка-из-приказа-Ветлужанин",
    "ОПИСЬ № 7741-Щ",
    "расскажите, кто был рядом",
    "Пересвет из третьего барака",
    "Прокуратура Черемшанского гарнизона",
    "сверить с описью вещей",
)


@dataclass
class Filled:
    """A group with two cases, one granted to a lawyer, and all that was typed."""

    world: World
    case: str
    other: str
    material: bytes
    receipt: str
    mailbox: str
    grant: str
    file: str
    declined: str
    receipts: list[str]
    planted: list[str] = field(default_factory=list)


def report(world: World, name: str, story: str) -> tuple[bytes, str, str]:
    """Send a report with a file and return material, receipt and mailbox."""
    receipt = " ".join(new_receipt("ru", name.encode().ljust(16, b"x")[:16]))
    material = read_receipt(receipt)
    assert material is not None
    sink = files.open_sink(world.store)
    sink.feed(f"{WORDS[9]} {story}\n".encode() * 40)
    about = {"about_name": name, "story": story, "reporter_name": WORDS[3], "contact_address": WORDS[6]}
    about |= {"contact_safe_times": WORDS[7], "relation": "21/010103000000", "last_heard": "17 мая 2023"}
    titles = [(f"{WORDS[8]}.txt", "text/plain")]
    note = {"language": "ru", "about": about, "consents": {"count": "yes"}, "titles": titles}
    before = waiting(world)
    receiving.send_report(world.store, material, note, [sink.finish()])
    return material, receipt, (waiting(world) - before).pop()


def waiting(world: World) -> set[str]:
    """Return the mailboxes in which something waits."""
    return {one.mailbox_id for one in inbox.list_reports(world.store, world.caller("ines"))}


def accept(world: World, mailbox: str, name: str, latin: str) -> str:
    """Accept a report into a new case of the North desk, coded."""
    coding = [
        ("case", {"title": "A neutral title", "status": "X25-0103a", "last_heard": "17 мая 2023"}),
        ("person", {"role": "victim", "name": name, "name_latin": latin}),
        ("custody", {"facility": "ИК-29, Архангельская область", "end": "14 апреля 2023"}),
    ]
    checked = [(entity, check(entity, raw, "ru", today())) for entity, raw in coding]
    return inbox.accept(world.store, world.caller("ines"), mailbox, world.desks["North"], checked)


def fill(url: str, folder: Path) -> Filled:
    """Play the workflow."""
    world = make_world(url, folder)
    store = world.store
    name = f"{WORDS[0]} {WORDS[1]}"
    material, receipt, mailbox = report(world, name, f"Взяли {WORDS[4]}, звонил с {WORDS[5]}")
    inbox.ask_back(store, world.caller("ines"), mailbox, WORDS[10])
    case = accept(world, mailbox, name, WORDS[2])
    receiving.write_letter(store, material, receiving.ANSWER, {"text": WORDS[11], "language": "ru"})
    receiving.decide_consent(store, material, Purpose.UN_CONFIDENTIAL, Decision.YES)
    inbox.file_letters(store, world.caller("ines"), mailbox)
    access = enter_case(store, world.caller("carl"), case, Action.CASE_WRITE, {C.LEGAL, C.NARRATIVE})
    step = {"type": "20/020100000000", "addressee": WORDS[12]}
    cases.save_entry(access, "intervention", None, check("intervention", step, "ru", today()), access.version)
    wanted = {C.FACTS, C.IDENTITY, C.NARRATIVE, C.LEGAL}
    access = enter_case(store, world.caller("carl"), case, Action.CASE_GRANT, wanted, "prepare-submission", WORDS[13])
    grant = granting.grant_case(access, world.ids["leo"], world.words("leo"), wanted, 30, "prepare-submission")
    sort_in(world, "carl")
    _, more, second = report(world, "Другой Человек", "Второй рассказ о другом человеке")
    other = accept(world, second, "Другой Человек", "Another Person")
    left = leave_waiting(world)
    seen = enter_case(store, world.caller("carl"), case, Action.CASE_READ)
    file = seen.open(C.EVIDENCE).note["document"][0]["file"]["id"]
    receipts = [receipt, more, *(one for _, one, _ in left)]
    planted = [*WORDS, *receipts, "The Lantern", "desk@lantern.example", "A neutral title"]
    planted += [passphrase(login) for login in world.ids] + [*world.secrets.values(), *world.tokens.values()]
    where = (case, other, material, receipt, mailbox, grant, file, left[0][2], receipts)
    return Filled(world, *where, planted)


def sort_in(world: World, login: str) -> None:
    """Sort the tails of a member's desks into segments."""
    for ring in rings(world.store, world.caller(login)):
        for kind in KINDS:
            tidying.tidy(world.store, ring, kind)


def leave_waiting(world: World) -> list[tuple[bytes, str, str]]:
    """Two reports that still wait, so that unfiled letters are in the store too."""
    names = ("Третий Человек", "Четвёртый Кто-то")
    return [report(world, name, f"{name}: рассказ, ещё не открытый") for name in names]
