"""Who asks: each role in each relation to one case of the North desk, and nobody at all."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest

from api.access import sessions
from api.access.doors import enter_case
from api.catalogue.compartments import Compartment
from api.catalogue.purposes import Purpose
from api.errors import Refused
from api.models.tables import Member
from api.policy.actions import Action
from api.sealed import shreds
from api.services import desks, granting, members
from tests.routes.calling import Office, make_office
from tests.world import key_for

C = Compartment
WHY = "prepare-submission"


@dataclass(frozen=True)
class Subject:
    """A column of the table: a login of the cast, in which role, how it stands to the case."""

    login: str
    role: str
    relation: str

    def __str__(self) -> str:
        """Return the head of the column."""
        return f"{self.role}, {self.relation}" if self.relation else self.role


SUBJECTS: Sequence[Subject] = (
    Subject("", "nobody", ""),
    Subject("isa", "intake", "other desk"),
    Subject("ines", "intake", "own desk"),
    Subject("cora", "case worker", "other desk"),
    Subject("carl", "case worker", "own desk"),
    Subject("clea", "case worker", "grantee"),
    Subject("cyra", "case worker", "ended grant"),
    Subject("lena", "lawyer", "none"),
    Subject("leo", "lawyer", "grantee"),
    Subject("lars", "lawyer", "grantee of other parts"),
    Subject("lida", "lawyer", "ended grant"),
    Subject("ludo", "lawyer", "run-out grant"),
    Subject("abel", "analyst", "other desk"),
    Subject("ann", "analyst", "own desk"),
    Subject("otto", "auditor", ""),
    Subject("ada", "administrator", ""),
    Subject("tina", "trustee", ""),
)
MORE = {"clea": "case_worker", "cyra": "case_worker", "abel": "analyst", "aron": "analyst"}
MORE |= {"lena": "lawyer", "lars": "lawyer", "lida": "lawyer", "ludo": "lawyer"}
# For the case: who is granted what.
GRANTED: Mapping[str, frozenset[C]] = {
    "clea": frozenset({C.SOURCE}),
    "cyra": frozenset({C.SOURCE}),
    "leo": frozenset({C.FACTS, C.IDENTITY, C.NARRATIVE, C.EVIDENCE, C.LEGAL}),
    "lars": frozenset({C.LEGAL}),
    "lida": frozenset({C.FACTS, C.IDENTITY, C.NARRATIVE, C.EVIDENCE, C.LEGAL}),
}


@dataclass
class Scene:
    """The office, and what stands for the {names} in addresses."""

    office: Office
    names: dict[str, str] = field(default_factory=dict)

    def renew(self) -> None:
        """Name a further case in the same relations, with a letter that waits: the one before was used up."""
        self.names |= _case(self.office)
        seated = (self.office.world.desks["North"], self.names["aron"], self.office.world.words("aron"))
        opened = self.office.call("ada", "POST", f"/recovery/members/{self.names['lars']}")
        self.names |= {"ceremony_id": opened.json()["ceremony"]} if opened.status_code == 201 else {}
        with contextlib.suppress(Refused):
            desks.seat(self.office.world.store, self.office.world.caller("carl"), *seated)

    def spare(self, login: str) -> tuple[str, str]:
        """Return the secret and the id of one more session of a member: it may be ended."""
        store = self.office.world.store
        with store.writing() as db:
            member = db.get_one(Member, self.office.world.ids[login])
            own = shreds.fetch_one(db, store, member.shred_id)
            seeds = members.unwrap_seeds(key_for(login), own, member.id, member.seeds)
            token = sessions.begin(db, store, member, seeds)
        return token, sessions.enter(store, token).session_id


def make_scene(folder: Path) -> Scene:
    """Return the office with everybody who asks, and one case to ask about."""
    office = make_office(f"sqlite:///{folder / 'x.db'}", folder)
    world = office.world
    for login, role in MORE.items():
        world.enrol(login, role)
    invitation = members.invite(world.store, world.caller("ada"), "lawyer")
    newcomer = members.join(world.store, invitation, world.newcomer("nora"))
    desks.seat(world.store, world.caller("cora"), world.desks["South"], world.ids["abel"], world.words("abel"))
    known = {"newcomer": newcomer, "desk_id": world.desks["North"], "language": "en", "profile": "dossier"}
    scene = Scene(office, {**known, **world.ids, "entity": "act"})
    scene.renew()
    return scene


def _case(office: Office) -> dict[str, str]:
    """Make a case with a task, a file, a letter that waits, and every relation to it; return what names it."""
    case, mailbox, receipt = _accepted(office)
    step = {"entity": "act", "values": {"type": "X03-0301-01a", "when": "2023"}}
    office.call("carl", "POST", f"/cases/{case}/entries", step, office.seen("carl", case))
    headers = {**office.seen("carl", case), "content-type": "text/plain"}
    sent = office.call("carl", "POST", f"/cases/{case}/files?title=note", None, headers, content=b"Seen.")
    grants = {login: _grant(office, case, login) for login in (*GRANTED, "ludo")}
    for login in ("cyra", "lida"):
        office.call("carl", "DELETE", f"/cases/{case}/grants/{grants[login]}", headers=office.seen("carl", case))
    entry = office.call("carl", "GET", f"/cases/{case}").json()["sections"]["facts"]["act"][0]["id"]
    office.call("", "POST", "/mailbox/letters", {"receipt": receipt, "text": "One thing more."})
    table = f"/imports?desk={office.world.desks['North']}"
    begun = office.call("ines", "POST", table, None, {"content-type": "text/csv"}, content=b"A,B\nx,y\n").json()["id"]
    found = {
        "import_id": begun,
        "case_id": case,
        "mailbox_id": mailbox,
        "file_id": sent.json()["file"],
        "entry_id": entry,
        "receipt": receipt,
    }
    return found | {"grant_id": grants["leo"], "waiting": _reported(office)[0]}


def _grant(office: Office, case: str, login: str) -> str:
    world = office.world
    wanted, giver = GRANTED.get(login, GRANTED["leo"]), "ines" if C.SOURCE in GRANTED.get(login, ()) else "carl"
    access = enter_case(world.store, world.caller(giver), case, Action.CASE_GRANT, wanted, WHY)
    with pytest.MonkeyPatch.context() as then:
        if login == "ludo":
            then.setattr(granting, "today", lambda: date.today() - timedelta(days=10))
        return granting.grant_case(access, world.ids[login], world.words(login), wanted, 3, WHY)


def _reported(office: Office) -> tuple[str, str]:
    """Send a report and return its mailbox and its receipt."""
    before = _waiting(office)
    words = office.call("", "GET", "/receipts/new?language=en").json()["receipt"]
    about = {"story": "They came at night.", "about_name": "Ostap Loboday"}
    allowed = {str(one): "yes" for one in Purpose}
    sent = {"receipt": words, "language": "en", "about": about, "consents": allowed}
    assert office.call("", "POST", "/reports", sent).status_code == 201
    return (_waiting(office) - before).pop(), words


def _waiting(office: Office) -> set[str]:
    found, after = set[str](), ""
    while True:
        page = office.call("ines", "GET", f"/inbox?after={after}").json()
        found |= {one["mailbox_id"] for one in page["lines"] if not one["accepted"]}
        after = page["next"]
        if not after:
            return found


def _accepted(office: Office) -> tuple[str, str, str]:
    mailbox, receipt = _reported(office)
    body = {"desk": office.world.desks["North"], "coding": [{"entity": "case", "values": {"title": "Taken"}}]}
    case = office.call("ines", "POST", f"/inbox/{mailbox}/acceptance", body).json()["case"]
    return case, mailbox, receipt
