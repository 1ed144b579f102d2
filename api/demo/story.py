"""The story, step by step, as its people would live it: over HTTP, each with what they hold.

Promises that every step is checked where it is done. Must never look into the store.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.demo.tales import STEP, Tale
from api.demo.visitor import Page, Visitor

GRANTED = ["facts", "identity", "narrative", "legal"]
CAST: Mapping[str, str] = {
    "vera.admin": "administrator",
    "osip.audit": "auditor",
    "tamara.trust": "trustee",
    "timur.trust": "trustee",
    "taisia.trust": "trustee",
    "inga.intake": "intake",
    "kirill.desk": "case_worker",
    "anna.count": "analyst",
    "iosif.south": "intake",
    "klara.south": "case_worker",
    "leonid.law": "lawyer",
}


@dataclass
class Told:
    """One tale on its way: the receipt, the mailbox, the case."""

    tale: Tale
    receipt: str = field(default="", repr=False)
    mailbox: str = ""
    case: str = ""
    code: str = ""
    files: list[str] = field(default_factory=list)


@dataclass
class Stage:
    """The people, by login, and the desks, by name."""

    url: str
    people: dict[str, Visitor] = field(default_factory=dict)
    desks: dict[str, str] = field(default_factory=dict)

    def who(self, login: str) -> Visitor:
        """Return a member of the cast."""
        return self.people[login]


def found(url: str, code: str, group: str, contact: str, by: type[Visitor] = Visitor) -> Stage:
    """Found the group in its order: administrator, members, log, recovery, intake, desks; `by` is how they come in."""
    stage = Stage(url)
    founder = by(url, "vera.admin", "administrator")
    founder.enrol("/found", {"code": code, "group": group, "contact": contact})
    founder.sign_in()
    stage.people["vera.admin"] = founder
    for login, role in CAST.items():
        if login not in stage.people:
            stage.people[login] = _enrol(founder, login, role)
    _make_keys(stage)
    return stage


def report(url: str, tale: Tale) -> Told:
    """Tell a tale on the public page, in its language, with the receipt's words written down."""
    relative = Visitor(url)
    relative.page(f"/{tale.language}/")
    form = relative.page(f"/{tale.language}/report")
    told = Told(tale, form.hidden["receipt"])
    name, content, media = tale.file
    files = [("files", (name, content, media))] if name else [("files", ("", b"", "application/octet-stream"))]
    relative.submit(f"/{tale.language}/report", {**form.hidden, **tale.form}, files)
    return told


def take_in(stage: Stage, told: Told) -> None:
    """Open the report at the inbox, ask back, accept it into a new case of the North desk."""
    officer = stage.who("inga.intake")
    waiting = [one["mailbox_id"] for one in officer.api("GET", "/inbox")["lines"] if not one["accepted"]]
    told.mailbox = waiting[-1]
    opened = officer.api("GET", f"/inbox/{told.mailbox}")
    told.files = [one["id"] for letter in opened["letters"] for one in letter.get("files", ())]
    if told.tale.question:
        officer.api("POST", f"/inbox/{told.mailbox}/questions", {"text": told.tale.question})
    coding = [_entry(told, entity, values) for entity, values in told.tale.coding]
    body = {"desk": stage.desks["North"], "coding": coding}
    told.case = officer.api("POST", f"/inbox/{told.mailbox}/acceptance", body)["case"]
    told.code = officer.api("GET", f"/cases/{told.case}")["code"]


def document(stage: Stage, told: Told) -> None:
    """Add custody, acts and a file to the case."""
    worker = stage.who("kirill.desk")
    for entity, values in told.tale.later:
        add_entry(worker, told, entity, values)
    where = f"/cases/{told.case}/files?title=note.txt"
    headers = {**_seen(worker, told), "content-type": "text/plain"}
    answer = worker.api("POST", where, content=b"A note of the desk.", headers=headers)
    told.files.append(answer["file"])


def come_back(stage: Stage, told: Told) -> None:
    """Read the question, answer it, allow counting and the UN in confidence; the desk files what came."""
    relative, where = Visitor(stage.url), f"/{told.tale.language}/mailbox"
    relative.submit(where, {"receipt": told.receipt})
    relative.submit(where, {"receipt": told.receipt, "action": "add", "message": told.tale.answer})
    decide(stage, told, {"count": "yes", "un-confidential": "yes"})
    stage.who("inga.intake").api("POST", f"/inbox/{told.mailbox}/filing")


def decide(stage: Stage, told: Told, wanted: Mapping[str, str]) -> None:
    """Change what the family allows, at the mailbox."""
    fields = {f"consent_{purpose}": value for purpose, value in wanted.items()}
    body = {"receipt": told.receipt, "action": "consent", **fields}
    Visitor(stage.url).submit(f"/{told.tale.language}/mailbox", body)


def grant(stage: Stage, told: Told) -> str:
    """Grant the lawyer four compartments of the case for thirty days, and return the grant's id."""
    worker, lawyer = stage.who("kirill.desk"), stage.who("leonid.law")
    body: dict[str, Any] = {"member": lawyer.member, "words": lawyer.words}
    body |= {"compartments": GRANTED, "days": 30, "reason": "prepare-submission", "why": "UN working group"}
    seen = _seen(worker, told)
    return str(worker.api("POST", f"/cases/{told.case}/grants", body, headers=seen)["grant"])


def readiness(stage: Stage, told: Told) -> dict[str, Any]:
    """Ask how ready the WGEID submission is."""
    body = {"profile": "wgeid", "words": "readiness of the submission"}
    return dict(stage.who("leonid.law").api("POST", f"/cases/{told.case}/readiness", body))


def take_step(stage: Stage, told: Told) -> None:
    """Write down what was done to find the man."""
    add_entry(stage.who("kirill.desk"), told, *STEP)


def take_out(stage: Stage, told: Told, profile: str) -> bytes:
    """Take a document out."""
    body = {"profile": profile, "recipient": "UN Working Group on Enforced or Involuntary Disappearances"}
    lawyer = stage.who("leonid.law")
    return bytes(lawyer.api("POST", f"/cases/{told.case}/disclosures", body, headers=_seen(lawyer, told)))


def try_out(stage: Stage, told: Told, profile: str) -> int:
    """Try to take a document out and return the status."""
    body = {"profile": profile, "recipient": "UN Working Group"}
    lawyer = stage.who("leonid.law")
    where, headers = f"/cases/{told.case}/disclosures", _seen(lawyer, told)
    return lawyer.try_api("POST", where, body, headers=headers).status_code


def revoke(stage: Stage, told: Told, grant_id: str) -> None:
    """End the lawyer's grant."""
    worker = stage.who("kirill.desk")
    worker.api("DELETE", f"/cases/{told.case}/grants/{grant_id}", headers=_seen(worker, told))


def erase(stage: Stage, told: Told) -> None:
    """Erase the case."""
    worker = stage.who("kirill.desk")
    worker.api("DELETE", f"/cases/{told.case}", headers=_seen(worker, told))


def add_entry(worker: Visitor, told: Told, entity: str, values: Mapping[str, Any]) -> None:
    """Add one entry over the version that is current."""
    body = _entry(told, entity, values)
    worker.api("POST", f"/cases/{told.case}/entries", body, headers=_seen(worker, told))


def mailbox(url: str, told: Told) -> Page:
    """Open the mailbox with the receipt, as the family does."""
    return Page(Visitor(url).submit(f"/{told.tale.language}/mailbox", {"receipt": told.receipt}).text)


def _seen(person: Visitor, told: Told) -> dict[str, str]:
    """Say which version of the case a change is made over."""
    return {"If-Match": person.try_api("GET", f"/cases/{told.case}").headers["etag"]}


def _entry(told: Told, entity: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {"entity": entity, "values": dict(values), "language": told.tale.language}


def _enrol(founder: Visitor, login: str, role: str) -> Visitor:
    code = founder.api("POST", "/invitations", {"role": role})["code"]
    newcomer = type(founder)(founder.url, login, role)
    newcomer.enrol("/join", {"code": code})
    waiting = next(one for one in founder.api("GET", "/members")["lines"] if one["state"] == "waiting")
    founder.api("POST", f"/members/{waiting['id']}/confirmation", {"words": newcomer.words})
    newcomer.sign_in()
    return newcomer


def _make_keys(stage: Stage) -> None:
    stage.who("osip.audit").api("POST", "/log/key")
    trustee = stage.who("tamara.trust")
    trustees = [stage.who(login) for login in ("tamara.trust", "timur.trust", "taisia.trust")]
    heard = {one.member: one.words for one in trustees}
    trustee.api("POST", "/recovery/key", {"threshold": 2, "trustees": heard})
    officer, other = stage.who("inga.intake"), stage.who("iosif.south")
    officer.api("POST", "/intake/key")
    officer.api("POST", "/intake/seats", {"member": other.member, "words": other.words})
    _found_desk(stage, "North", "kirill.desk", ("inga.intake", "anna.count"))
    _found_desk(stage, "South", "klara.south", ("iosif.south",))


def _found_desk(stage: Stage, name: str, worker: str, others: tuple[str, ...]) -> None:
    founder = stage.who(worker)
    members = [stage.who(login) for login in others]
    body = {"name": name, "seats": {one.member: one.words for one in members}}
    stage.desks[name] = founder.api("POST", "/desks", body)["desk"]
