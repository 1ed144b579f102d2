"""For each sealed column the operation that reads it, row by row, over a store in which every column is filled."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from api import audit
from api.access import grants, rosters, sessions, shelves
from api.access.caller import Caller
from api.access.doors import enter_case
from api.catalogue.compartments import Compartment
from api.catalogue.keeping import Ending
from api.columns.kinds import KINDS
from api.crypto import Key, Opener, place, unwrap_parcel
from api.crypto.people import join, key_of, receipt_keys
from api.errors import KeyReused, SignInFailed, Tampered
from api.ids import new_id
from api.models.recovery import Brought, Ceremony
from api.models.remains import Remains
from api.models.tables import Grant, Letter, Mailbox, Member, Table
from api.policy.actions import Action
from api.sealed import letters, links, shreds
from api.sealed import shelves as sealed_shelves
from api.sealed.store import Store
from api.services import (
    answers,
    cases,
    ceremonies,
    desks,
    files,
    founding,
    inbox,
    keeping,
    ledgers,
    members,
    openings,
    receipts,
    receiving,
    recovering,
    remaining,
    rotating,
    shares,
    signing_in,
    splitting,
    trustees,
)
from api.services.answers import Asked
from api.services.invitations import use_invitation
from api.services.signing_in import Device
from api.words.receipt import read_receipt
from tests.importing.tables import begun, table
from tests.trust.workflow import Filled, fill
from tests.world import World, key_for, one_time_code

C = Compartment
RowKey = tuple[Any, ...]


@dataclass
class Rich:
    """A filled group in which no sealed column is empty, and what its people need to read each row."""

    filled: Filled
    printed: dict[str, str] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    receive: dict[str, Key] = field(default_factory=dict)
    owned: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, Asked] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.filled.world

    @property
    def store(self) -> Store:
        return self.filled.world.store

    def login(self, member_id: str) -> str:
        """Return whose record this is."""
        return next(login for login, known in self.world.ids.items() if known == member_id)

    def material(self, mailbox_id: str) -> bytes:
        """Return the receipt of a mailbox."""
        with self.store.reading() as db:
            locator = db.get_one(Mailbox, mailbox_id).locator
        known = [material for text in self.filled.receipts if (material := read_receipt(text))]
        return next(one for one in known if receipt_keys(one)[0] == locator)


def enrich(url: str, folder: Any) -> Rich:
    """Fill a store, and add what the workflow alone leaves empty."""
    rich = Rich(fill(url, folder))
    world, store = rich.world, rich.store
    for login in ("pavel", "pia"):
        world.enrol(login, "lawyer")
        reprint(rich, login)
    rich.codes = [members.invite(store, world.caller("ada"), role) for role in ("analyst", "lawyer")]
    for number in range(2):
        begun(world, table(number + 1))
    for receipt in rich.filled.receipts[:2]:
        material = read_receipt(receipt)
        assert material is not None
        receiving.write_letter(store, material, receiving.ADDITION, {"text": "ещё одно", "language": "ru"})
    for login, member_id in world.ids.items():
        receive = world.caller(login).receive
        assert receive is not None
        rich.receive[member_id] = receive
    own = [trustees.own_share(store, world.caller(login)) for login in ("tina", "tom")]
    rich.receive["recovery"] = join(own)
    begin_ceremonies(rich)
    close_counted(rich)
    for number in range(2):
        wanted = answers.asked(world.caller("carl"), f"key {number}", "POST /cases", b"{}")
        answers.claim(store, wanted)
        answers.keep(store, wanted, {"id": number})
        rich.asked[wanted.id] = wanted
    return rich


def begin_ceremonies(rich: Rich) -> None:
    """Two lawyers take their recovery up, a trustee splits anew, and shares are brought to each."""
    store, world = rich.store, rich.world
    begun_with = dict[str, str]()
    for login in ("pavel", "pia"):
        opened, offer = recovering.open_for(store, world.caller("ada"), world.ids[login]), members.offer("en")
        device = Device(offer.totp, one_time_code(offer.secret))
        words = recovering.claim(store, opened.code, login, key_for(login), device)
        begun_with[opened.ceremony] = " ".join(words)
    heard = {world.ids[login]: world.words(login) for login in ("tina", "tom", "toni")}
    made, words = splitting.open_split(store, world.caller("tina"), 2, heard)
    begun_with[made] = " ".join(words)
    for ceremony, said in begun_with.items():
        for login in ("tom", "toni"):
            shares.bring(store, world.caller(login), ceremony, said)


def close_counted(rich: Rich) -> None:
    """Close two cases that may be counted, so that something remains of them."""
    store, world = rich.store, rich.world
    for _ in range(2):
        facts = {"case": [{"id": new_id(), "title": "A planted title", "status": "X25-0103a", "counting": "yes"}]}
        sections = {C.FACTS: facts, C.CONSENT: {}}
        case = cases.create_case(store, world.caller("ines"), world.desks["North"], sections)
        keeping.close(enter_case(store, world.caller("carl"), case, Action.CASE_KEEP), Ending.FATE_KNOWN, 1)


def reprint(rich: Rich, login: str) -> None:
    """Print a new recovery code."""
    rich.owned = {}
    rich.printed[login] = signing_in.print_code(rich.store, rich.world.caller(login), rich.world.proof(login))


def read_group(rich: Rich, key: RowKey) -> None:
    founding.group_note(rich.store)


def read_seeds(rich: Rich, key: RowKey) -> None:
    login = rich.login(key[0])
    with rich.store.reading() as db:
        signing_in._unlock(db, rich.store, key_for(login), login)


def read_printed(rich: Rich, key: RowKey) -> None:
    with rich.store.reading() as db:
        row = db.get_one(Member, key[0])
        signing_in.unlock_printed(db, rich.store, rich.printed[rich.login(key[0])], row)


def read_label(rich: Rich, key: RowKey) -> None:
    members.view(rich.store, key[0])


def read_invitation(rich: Rich, key: RowKey) -> None:
    with rich.store.reading() as db:
        for code in rich.codes:
            use_invitation(db, rich.store, code)


def enter(rich: Rich, key: RowKey) -> Caller:
    """Come in with the session's secret, as a request does."""
    for token in rich.world.tokens.values():
        secret = key_of(token)
        if secret is not None and secret.mac(place("session")).hex() == key[0]:
            return sessions.enter(rich.store, token)
    raise AssertionError("nobody holds this session")


def read_session(rich: Rich, key: RowKey) -> None:
    enter(rich, key)


def read_grant(rich: Rich, key: RowKey) -> None:
    with rich.store.reading() as db:
        row = db.get_one(Grant, key[0])
        opener, shred = Opener(rich.receive[row.member_id]), grants.shred_of(db, rich.store, row)
        grants.open_grant(db, rich.store, opener, row, shred)


def read_desk(rich: Rich, key: RowKey) -> None:
    name = next(name for name, known in rich.world.desks.items() if known == key[0])
    desks.desks(rich.store, rich.world.caller("carl" if name == "North" else "cora"))


def read_case(rich: Rich, key: RowKey) -> None:
    cases.read_case(enter_case(rich.store, rich.world.caller("carl"), key[0], Action.CASE_READ))


def read_reason(rich: Rich, key: RowKey) -> None:
    """Without a reason of one's own, so that reading adds none; identity's words lie under the same digest."""
    openings.openings(enter_case(rich.store, rich.world.caller("carl"), rich.filled.case, Action.CASE_READ))


def read_log(rich: Rich, key: RowKey) -> None:
    if not audit.verify(rich.store).whole:
        raise Tampered


def read_root(rich: Rich, key: RowKey) -> None:
    rich.store.opened = None
    with rich.store.reading() as db:
        shreds.stops(db, rich.store)


def read_way_back(rich: Rich, key: RowKey) -> None:
    with rich.store.reading() as db:
        found = receipts.find(db, rich.store, rich.material(key[0]))
        assert found is not None
        letters.open_way(found.mailbox, "reporter", found.opener, found.mailbox.for_reporter)


def read_way(rich: Rich, key: RowKey) -> None:
    inbox.open_report(rich.store, rich.world.caller("ines"), key[0])


def mailbox_of(rich: Rich, letter_id: str) -> str:
    with rich.store.reading() as db:
        return db.get_one(Letter, letter_id).mailbox_id


def read_intake_copy(rich: Rich, key: RowKey) -> None:
    inbox.open_report(rich.store, rich.world.caller("ines"), mailbox_of(rich, key[0]))


def read_reporter_copy(rich: Rich, key: RowKey) -> None:
    receiving.open_mailbox(rich.store, rich.material(mailbox_of(rich, key[0])))


def read_file(rich: Rich, key: RowKey) -> None:
    """Open a file with the key that its case or its letter carries."""
    carl, ines = rich.world.caller("carl"), rich.world.caller("ines")
    both = (rich.filled.case, rich.filled.other)
    held = [enter_case(rich.store, carl, case, Action.FILE_READ).open(C.EVIDENCE).keys for case in both]
    held += [inbox._open(rich.store, ines, one.mailbox_id).keys for one in inbox.list_reports(rich.store, ines)]
    held += [{one.file: one.key} for one in ledgers.all_of(rich.store, ines)]
    found = next(keys[key[0]] for keys in held if key[0] in keys)
    assert b"".join(files.open_file(rich.store, key[0], found, 1))


def read_shred(rich: Rich, key: RowKey) -> None:
    """Do what needs this shred: a shred that nobody needs would fail here."""
    rich.owned = rich.owned or dict(owners(rich))
    reader, row = rich.owned[key[0]]
    reader(rich, row)


def owners(rich: Rich) -> Mapping[str, tuple[Callable[[Rich, RowKey], None], RowKey]]:
    """Return for each shred who reads with it, and which row."""
    found: dict[str, tuple[Callable[[Rich, RowKey], None], RowKey]] = {}
    with rich.store.reading() as db:
        for name, reader in OWNERS.items():
            table, column = name.split(".")
            rows = Table.metadata.tables[table]
            for row in db.execute(select(*rows.primary_key.columns, rows.columns[column])):
                if row[-1]:
                    found[row[-1]] = (reader, tuple(row[:-1]))
        for member in db.scalars(select(Member)):
            if printed := sessions.label(rich.store, member).note.get("printed"):
                found[printed] = (read_printed, (member.id,))
    return found


def read_segments(rich: Rich, key: RowKey) -> None:
    """Open every shelf of both desks as it is, without putting it in order."""
    for login in ("carl", "cora"):
        for ring in shelves.rings(rich.store, rich.world.caller(login)):
            for kind in KINDS:
                with rich.store.snapshot() as db:
                    if sealed_shelves.read(db, rich.store, ring, kind).misfits:
                        raise Tampered


def read_import(rich: Rich, key: RowKey) -> None:
    ledgers.look(rich.store, rich.world.caller("ines"), key[0])


def read_links(rich: Rich, key: RowKey) -> None:
    with rich.store.reading() as db:
        links.every(db, rich.store)


def read_office(rich: Rich, key: RowKey) -> None:
    """Read who holds the intake's or the auditors' key, with that key."""
    caller = rich.world.caller("ines" if key[0] == "intake" else "otto")
    with rich.store.reading() as db:
        rosters.read_book(
            db, rich.store, rosters.office_book(db, rich.store, key[0], rotating.office_keys(caller, key[0]))
        )


def read_terms(rich: Rich, key: RowKey) -> None:
    with rich.store.reading() as db:
        ceremonies.terms_of(db, rich.store, db.get_one(Ceremony, key[0]))


def read_secret(rich: Rich, key: RowKey) -> None:
    ceremony_key(rich, key[0])


def ceremony_key(rich: Rich, ceremony_id: str) -> Opener:
    """Open a ceremony's own half: with the member's new passphrase, or as the trustee who splits anew."""
    with rich.store.reading() as db:
        row = db.get_one(Ceremony, ceremony_id)
        terms, shred = ceremonies.terms_of(db, rich.store, row), shreds.fetch_one(db, rich.store, row.shred_id)
        if terms.kind == ceremonies.SPLIT:
            return splitting._opener(db, rich.store, rich.world.caller("tina"), row)
        assert row.secret is not None
        use = ceremonies.secret_key(key_for(rich.login(terms.member)), shred, row)
        return Opener(unwrap_parcel(use, ceremonies.secret_place(row), row.secret).keys["open"])


def read_brought(rich: Rich, key: RowKey) -> None:
    opener = ceremony_key(rich, key[0])
    with rich.store.reading() as db:
        shred = shreds.fetch_one(db, rich.store, db.get_one(Ceremony, key[0]).shred_id)
        shares._opened(db, rich.store, db.get_one(Brought, key), shred, opener)


def read_remains(rich: Rich, key: RowKey) -> None:
    """Open what remains of a case with the desk's key of the epoch that the row names."""
    with rich.store.reading() as db:
        row = db.get_one(Remains, key[0])
        (held,) = rich.world.caller("carl").keyring.desks[row.desk_id]
        remaining._open(db, rich.store, held.keys[C.FACTS, row.epoch], row)


def read_answer(rich: Rich, key: RowKey) -> None:
    answers.claim(rich.store, rich.asked[key[0]])


Reader = Callable[[Rich, RowKey], None]
OWNERS: Mapping[str, Reader] = {
    "member.shred_id": read_seeds,
    "session.shred_id": read_session,
    "grant.shred_id": read_grant,
    "section.shred_id": read_case,
    "segment.shred_id": read_segments,
    "file.shred_id": read_file,
    "import.shred_id": read_import,
    "ceremony.shred_id": read_secret,
    "remains.shred_id": read_remains,
    "letter.intake_shred": read_intake_copy,
    "letter.reporter_shred": read_reporter_copy,
}
# Column -> the operation that reads it. A column without one fails `test_every_sealed_column_has_a_reader`.
READERS: Mapping[str, Reader] = {
    "group.sealed": read_group,
    "member.seeds": read_seeds,
    "member.printed_seeds": read_printed,
    "member.label": read_label,
    "invitation.sealed": read_invitation,
    "session.head": read_session,
    "session_key.sealed": read_session,
    "grant.sealed": read_grant,
    "desk.name": read_desk,
    "desk.roster": read_desk,
    "office_roster.roster": read_office,
    "ceremony.terms": read_terms,
    "ceremony.secret": read_secret,
    "brought.sealed": read_brought,
    "case.manifest": read_case,
    "section.body": read_case,
    "segment_part.sealed": read_segments,
    "tail.sealed": read_segments,
    "remains.sealed": read_remains,
    "answer.sealed": read_answer,
    "import.sealed": read_import,
    "reason.sealed": read_reason,
    "log_leaf.sealed": read_log,
    "shred_root.root": read_root,
    "shred_root.buckets": read_root,
    "shred_root.note": read_root,
    "mailbox_links.sealed": read_links,
    "shred.sealed": read_shred,
    "mailbox.for_reporter": read_way_back,
    "mailbox.for_intake": read_way,
    "letter.intake_copy": read_intake_copy,
    "letter.reporter_copy": read_reporter_copy,
}
# How a refusal sounds: wherever people come in it must not say what was wrong.
SAYS = {"member.seeds": SignInFailed, "member.printed_seeds": SignInFailed, "answer.sealed": KeyReused}
# Read through a case's door: the refusal stands in the log.
PARTS = frozenset({"case.manifest", "section.body", "reason.sealed", "import.sealed"})
