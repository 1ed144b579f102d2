"""One walk through the whole API, each answer held against its description: people come in, a case lives and ends.

Each step sends a good request, with real identifiers; what it answers names what the next ones ask about.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from schemathesis import checks
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.catalogue.purposes import Purpose
from api.clock import today
from api.crypto.people import totp_code
from api.describing import PREFIX
from api.main import create_app
from api.services import founding
from api.settings import Settings
from tests.importing.tables import MAPPING, TITLES, as_csv, row
from tests.world import empty_store

CHECKS = [
    checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
STEP, MARGIN = 30, 12
# Whose first session begins when there is a recovery key, to which it entrusts what is to be given back.
LATE = "leo"


@dataclass
class Walker:
    """The application, its description, the people by login, and which operations have answered well, to whom."""

    app: FastAPI
    founding: str
    people: dict[str, dict[str, str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    reached: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read the description from where everybody does."""
        self.client = TestClient(self.app, raise_server_exceptions=False, follow_redirects=False)
        document = json.loads(self.client.get("/api/openapi.json").text)
        self.schema = schemathesis.openapi.from_dict(document)
        self.schema.app = self.app
        found = (one.ok() for one in self.schema.get_all_operations())
        self.operations: dict[str, APIOperation] = {one.label.replace(PREFIX, ""): one for one in found}

    def do(self, name: str, login: str = "", body: Any = None, query: str = "", **more: str) -> Any:
        """Send a good request, hold the answer against the description, and return what it says."""
        answer = self.ask(name, login, body, query, more)
        assert answer.status_code < 300, f"{name}: {answer.status_code} {answer.text[:300]}"
        self.reached[name] = login
        said = answer.content and answer.headers.get("content-type") == "application/json"
        return answer.json() if said else answer.content

    def ask(self, name: str, login: str, body: Any, query: str, more: Mapping[str, str]) -> Response:
        """Send a request and hold the answer against the description."""
        operation, names = self.operations[name], {**self.names, **more}
        named = {one.name: names[one.name] for one in operation.path_parameters}
        path = operation.path.format_map(named) + (f"?{query}" if query else "")
        said = {"content": body} if isinstance(body, bytes) else {"json": body}
        answer = self.client.request(operation.method, path, headers=self._headers(operation, login), **said)
        operation.Case(path_parameters=named or None).validate_response(answer, checks=CHECKS)
        return answer

    def _headers(self, operation: APIOperation, login: str) -> dict[str, str]:
        headers = {"authorization": f"Bearer {self.people[login]['token']}"} if login else {}
        if any(one.name == "If-Match" for one in operation.headers):
            case = self.client.get(f"{PREFIX}/cases/{self.names['case_id']}", headers=headers)
            headers["if-match"] = case.headers.get("etag", '"1"')
        return headers

    def digits(self, login: str) -> str:
        """Return a code of this member's that was not shown before."""
        who, moment = self.people[login], time.time()
        # The oldest that is still good after a slow moment; one that is not good yet is waited for.
        step = max(int(moment + MARGIN) // STEP - 1, int(who.get("shown", 0)) + 1)
        time.sleep(max(0, (step - 1) * STEP - moment))
        who["shown"] = str(step)
        return totp_code(who["secret"], step * STEP)

    def newcomer(self, login: str, invitation: str) -> dict[str, str]:
        """Return what somebody brings who comes in."""
        offer = self.do("GET /offers")
        self.people[login] = {**offer, "login": login}
        known = {"login": login, "passphrase": offer["passphrase"], "seed": offer["seed"], "initial": login[0]}
        return {**known, "code": self.digits(login), "invitation": invitation}

    def sign_in(self, login: str) -> None:
        """Begin a session."""
        self.people[login]["token"] = self.do("POST /sessions", body=self.proof(login))["token"]

    def proof(self, login: str) -> dict[str, str]:
        """Return login, passphrase and a code."""
        return {"login": login, "passphrase": self.people[login]["passphrase"], "code": self.digits(login)}

    def heard(self, login: str) -> dict[str, str]:
        """Return whom a seat is for, with the six words."""
        return {"member": self.people[login]["member"], "words": self.people[login]["words"]}


def begin(url: str, folder: Path) -> Walker:
    """Return a walker at an empty store."""
    store = empty_store(url, folder)
    settings = Settings(folder / "data", folder / "secrets", url, "http://testserver")
    return Walker(create_app(settings, store), founding.begin_founding(store))


def come_in(walk: Walker) -> None:
    """Found the group, and let its people in."""
    note = {"group": "The Lantern", "contact": "desk@lantern.example"}
    founded = walk.do("POST /founding", body={**walk.newcomer("ada", walk.founding), **note})
    walk.people["ada"] |= founded
    walk.sign_in("ada")
    roles = {"otto": "auditor", "olga": "auditor", "tina": "trustee", "tom": "trustee", "ines": "intake"}
    roles |= {"isa": "intake", "carl": "case_worker", "ann": "analyst", "leo": "lawyer"}
    for login, role in roles.items():
        code = walk.do("POST /invitations", "ada", {"role": role})["code"]
        joined = walk.do("POST /members", body=walk.newcomer(login, code))
        walk.people[login] |= joined
        words = {"words": joined["words"]}
        walk.do("POST /members/{member_id}/confirmation", "ada", words, member_id=joined["member"])
        if login != LATE:
            walk.sign_in(login)


def make_keys(walk: Walker) -> None:
    """Make each office's keys, and give them to the next."""
    walk.do("POST /log/key", "otto")
    walk.do("POST /log/seats", "otto", walk.heard("olga"))
    trustees = {walk.people[one]["member"]: walk.people[one]["words"] for one in ("tina", "tom")}
    walk.do("POST /recovery/key", "tina", {"threshold": 2, "trustees": trustees})
    walk.do("GET /recovery/share", "tina")
    walk.sign_in(LATE)
    walk.do("POST /intake/key", "ines")
    walk.do("POST /intake/seats", "ines", walk.heard("isa"))
    seats = {walk.people["ines"]["member"]: walk.people["ines"]["words"]}
    walk.names["desk_id"] = walk.do("POST /desks", "carl", {"name": "North", "seats": seats})["desk"]
    for login in ("isa", "ann"):
        walk.do("POST /desks/{desk_id}/seats", "carl", walk.heard(login))
    isa = walk.people["isa"]["member"]
    walk.do("DELETE /desks/{desk_id}/seats/{member_id}", "carl", member_id=isa)
    for name in ("GET /desks", "GET /members", "GET /founding", "GET /me", "GET /sessions", "GET /inventory"):
        walk.do(name, "carl")
    walk.do("GET /rotations", "carl")


def report(walk: Walker) -> tuple[str, str]:
    """Report, and return the receipt and the mailbox."""
    receipt = walk.do("GET /receipts/new", query="language=en")["receipt"]
    about = {"story": "They came in April.", "about_name": "Ostap Loboday", "last_heard": "17 May 2023"}
    sent = {"receipt": receipt, "language": "en", "about": about, "consents": {"count": "yes"}}
    known = {one["mailbox_id"] for one in walk.do("GET /inbox", "ines")["lines"]}
    walk.do("POST /reports", body=sent)
    now = {one["mailbox_id"] for one in walk.do("GET /inbox", "ines")["lines"]}
    return receipt, (now - known).pop()


def take_in(walk: Walker) -> None:
    """Two reports: one becomes a case, one is declined."""
    receipt, walk.names["mailbox_id"] = report(walk)
    walk.names["receipt"] = receipt
    walk.do("GET /inbox/{mailbox_id}", "ines")
    walk.do("GET /inbox/{mailbox_id}/seen-before", "ines", query=f"desk={walk.names['desk_id']}")
    walk.do("POST /inbox/{mailbox_id}/questions", "ines", {"text": "Who came?"})
    coding = [{"entity": "case", "values": {"title": "Taken from a cell", "last_heard": "17 May 2023"}}]
    accepted = walk.do("POST /inbox/{mailbox_id}/acceptance", "ines", {"desk": walk.names["desk_id"], "coding": coding})
    walk.names["case_id"] = accepted["case"]
    walk.do("POST /mailbox", body={"receipt": receipt})
    walk.do("POST /mailbox/letters", body={"receipt": receipt, "text": "Two men in uniform."})
    for purpose in map(str, Purpose):
        walk.do("POST /mailbox/consents", body={"receipt": receipt, "purpose": purpose, "value": "yes"})
    walk.do("POST /inbox/{mailbox_id}/filing", "ines")
    _, declined = report(walk)
    walk.do("POST /inbox/{mailbox_id}/refusal", "ines", {"text": "We cannot help."}, mailbox_id=declined)


def document(walk: Walker) -> None:
    """Write into the case, and take out of it."""
    why = {"reason": "document-case", "words": "as told"}
    act = {"entity": "act", "values": {"type": "X03-0301-01a", "when": "2023"}}
    person = {"entity": "person", "values": {"role": "victim", "name": "Ostap Loboday"}, **why}
    walk.do("POST /cases/{case_id}/entries", "carl", person)
    walk.do("POST /cases/{case_id}/entries", "carl", act)
    sections = walk.do("GET /cases/{case_id}", "carl")["sections"]
    walk.names["entry_id"] = sections["facts"]["act"][0]["id"]
    walk.do("PUT /cases/{case_id}/entries/{entry_id}", "carl", act)
    walk.do("POST /cases/{case_id}/entries/{entry_id}/removal", "carl", {"entity": "act"})
    decided = {"values": {"purpose": "lawyer", "value": "yes", "on": "2024-03-01"}}
    walk.do("POST /cases/{case_id}/consents", "carl", decided)
    walk.do("POST /cases/{case_id}/letters", "carl", {"mailbox": walk.names["mailbox_id"], "text": "We wrote."})
    walk.do("POST /cases/{case_id}/openings", "carl", {"compartments": ["identity"], **why})
    walk.names["file_id"] = walk.do("POST /cases/{case_id}/files", "carl", b"Seen.", "title=note")["file"]
    walk.do("GET /cases/{case_id}/files/{file_id}", "carl")
    granted = {"compartments": ["facts", "identity", "narrative", "legal"], "days": 3, "reason": "prepare-submission"}
    given = walk.do("POST /cases/{case_id}/grants", "carl", {**granted, **walk.heard("leo"), "why": "UN"})
    walk.names["grant_id"] = given["grant"]
    walk.do("GET /cases/{case_id}/readiness", "leo", query="profile=dossier")
    walk.do("POST /cases/{case_id}/readiness", "leo", {"profile": "dossier", "words": "a look"})
    walk.do("POST /cases/{case_id}/disclosures", "leo", {"profile": "dossier", "recipient": "UN"})
    for name in ("GET /cases/{case_id}/grants", "GET /cases/{case_id}/openings", "GET /cases/{case_id}/disclosures"):
        walk.do(name, "carl")
    walk.do("POST /needs", "carl")
    walk.do("GET /cases", "carl")
    walk.do("GET /counts", "ann", query="dimension=case.status")
    walk.do("GET /log", "otto")
    walk.do("GET /log/verification", "otto")


def give_answers(walk: Walker) -> None:
    """Answer the person it is about, and lay the case together with another of the same man."""
    person = walk.do("GET /cases/{case_id}", "carl")["sections"]["facts"]["person"][0]["id"]
    told = {"person": person, "recipient": "himself", "words": "he asked", "form": "json"}
    walk.do("POST /cases/{case_id}/subject", "carl", told)
    _, again = report(walk)
    coding = [{"entity": "case", "values": {"title": "Taken from a cell, told again"}}]
    accepted = {"desk": walk.names["desk_id"], "coding": coding}
    other = walk.do("POST /inbox/{mailbox_id}/acceptance", "ines", accepted, mailbox_id=again)["case"]
    walk.do("POST /cases/{case_id}/join", "carl", {"other": other})
    walk.do("GET /cases/{case_id}/together", "carl")
    walk.do("POST /cases/{case_id}/part", "carl", {"other": other})
    walk.do("POST /cases/{case_id}/apart", "carl", {"other": other})


def bring_records(walk: Walker) -> None:
    """Import two rows, and give a second import up."""
    desk = f"desk={walk.names['desk_id']}"
    walk.names["import_id"] = walk.do("POST /imports", "ines", as_csv([TITLES, row(1), row(2)]).encode(), desk)["id"]
    walk.do("PUT /imports/{import_id}/mapping", "ines", {"mapping": MAPPING})
    walk.do("POST /imports/{import_id}/preview", "ines")
    walk.do("POST /imports/{import_id}/confirmation", "ines", {"also": []})
    walk.do("GET /imports/{import_id}", "ines")
    walk.do("POST /imports/{import_id}/cases", "ines")
    other = walk.do("POST /imports", "ines", as_csv([TITLES, row(3)]).encode(), desk)["id"]
    walk.do("GET /imports", "ines")
    walk.do("DELETE /imports/{import_id}", "ines", import_id=other)
    compare(walk)


def compare(walk: Walker) -> None:
    """Look for other cases of the same person, join one, part it again, and say that it is somebody else."""
    others = (one["id"] for one in walk.do("GET /cases", "carl")["lines"] if one["id"] != walk.names["case_id"])
    other = {"other": next(others)}
    for name in ("GET /cases/{case_id}/candidates", "GET /cases/{case_id}/together", "GET /desks/{desk_id}/alike"):
        walk.do(name, "carl")
    for deed in ("join", "part", "apart"):
        walk.do(f"POST /cases/{{case_id}}/{deed}", "carl", other)


def ask_around(walk: Walker) -> None:
    """Search, and ask what a member holds and opened."""
    lawyer = walk.people["leo"]["member"]
    walk.do("POST /cases/search", "carl", {"line": "Taken", "reason": "check-duplicate"})
    walk.do("GET /members/{member_id}/held", "carl", member_id=lawyer)
    walk.do("GET /members/{member_id}/opened", "otto", member_id=lawyer)
    walk.do("POST /members/{member_id}/shared", "carl", member_id=lawyer)


def own_affairs(walk: Walker) -> None:
    """Tokens, passphrases, devices, sessions."""
    walk.do("POST /tokens", "ines", {**walk.proof("ines"), "days": 3})
    sessions = walk.do("GET /sessions", "ines")["lines"]
    other = next(one["id"] for one in sessions if not one["present"])
    walk.do("DELETE /sessions/{session_id}", "ines", session_id=other)
    tina, olga = (walk.people[one] for one in ("tina", "olga"))
    printed = walk.do("PUT /me/recovery-code", "tom", walk.proof("tom"))["printed"]
    fresh = walk.do("GET /offers")
    walk.do("POST /recoveries", body={"login": "tom", "printed": printed, "passphrase": fresh["passphrase"]})
    walk.do("PUT /me/passphrase", "tina", {**walk.proof("tina"), "new": fresh["passphrase"]})
    tina["passphrase"] = fresh["passphrase"]
    present, olga["secret"] = walk.proof("olga"), fresh["secret"]
    walk.do("PUT /me/device", "olga", {**present, "seed": fresh["seed"], "shown": walk.digits("olga")})
    walk.do("DELETE /sessions/current", "otto")


def end(walk: Walker) -> None:
    """Close, hold, keep, rotate, erase, suspend."""
    walk.do("POST /cases/{case_id}/contacted", "ines")
    walk.do("POST /cases/{case_id}/close", "carl", {"ending": "returned"})
    until = (today() + timedelta(days=90)).isoformat()
    walk.do("POST /cases/{case_id}/review", "carl", {"until": until, "why": "still-needed"})
    walk.do("POST /cases/{case_id}/reopen", "carl")
    walk.do("POST /cases/{case_id}/hold", "carl", {"why": "proceedings"})
    walk.do("POST /cases/{case_id}/lift", "carl")
    walk.do("GET /retention", "carl", query="month=2030-01")
    walk.do("DELETE /cases/{case_id}/grants/{grant_id}", "carl")
    walk.do("POST /desks/{desk_id}/rotation", "carl")
    walk.do("POST /desks/{desk_id}/rekeying", "carl")
    walk.do("POST /mailbox/erasure", body={"receipt": walk.names["receipt"]})
    walk.do("DELETE /cases/{case_id}", "carl")
    walk.do("GET /erasures", "ada")
    walk.do("GET /erasures/backups", "ada")
    walk.do("POST /members/{member_id}/suspension", "ada", member_id=walk.people["leo"]["member"])


LIVING: Sequence[Any] = (come_in, make_keys, take_in, document, give_answers, bring_records, ask_around)
LEAVING: Sequence[Any] = (own_affairs, end)
