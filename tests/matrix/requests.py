"""What is asked: for each operation a request that is good but for one thing, so that only the right to it decides.

A change of a case goes over a version that nobody saw: whoever may do it gets as far as 412. A form of the pages is
sent empty: whoever may fill it in is told what is missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OLD = {"If-Match": '"1"'}
WRONG = "not the six words of anybody"
PROOF = {"login": "nobody.here", "passphrase": "p", "code": "000000"}
SEED = "A" * 43


@dataclass(frozen=True)
class Ask:
    """Body, headers and query of a request; `through` are the answers to whoever may.

    `used`: who may, uses up what is asked about. `slow`: costs a passphrase, and is asked by one of each role.
    """

    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    through: frozenset[int] = frozenset({200, 201, 204})
    used: bool = False
    slow: bool = False
    names: Mapping[str, str] = field(default_factory=dict)


def over(body: Any = None) -> Ask:
    """Ask for a change over a version that nobody saw."""
    return Ask(body, OLD, through=frozenset({412}))


def wrong(body: Any, status: int = 422) -> Ask:
    """Ask for something that is refused for what it says."""
    return Ask(body, through=frozenset({status}))


def unproved(body: Any) -> Ask:
    """Ask for something that takes a passphrase, with another one."""
    return Ask(body, through=frozenset({401}), slow=True)


HEARD = {"member": "{leo}", "words": WRONG}
NEWCOMER = {**PROOF, "seed": SEED, "initial": "N", "invitation": "no such words"}
GRANT = {"member": "{leo}", "words": WRONG, "compartments": ["facts"], "days": 3, "reason": "prepare-submission"}
# No case is joined to itself.
ITSELF = Ask({"other": "{case_id}"}, OLD, through=frozenset({409}))
ACT = {"entity": "act", "values": {"type": "X03-0301-01a", "when": "2023"}}

API: Mapping[str, Ask] = {
    "POST /founding": wrong({**NEWCOMER, "group": "G", "contact": "c"}),
    "POST /members": wrong(NEWCOMER),
    "POST /sessions": unproved(PROOF),
    "POST /recoveries": wrong({"login": "x", "printed": "x", "passphrase": "weak"}),
    "DELETE /sessions/current": Ask(),
    "PUT /me/passphrase": wrong({**PROOF, "new": "weak"}),
    "PUT /me/recovery-code": unproved(PROOF),
    "PUT /me/device": unproved({**PROOF, "seed": SEED, "shown": "000000"}),
    "POST /tokens": unproved(PROOF),
    "GET /receipts/new": Ask(query="language=en"),
    "POST /reports": wrong({"receipt": "x", "about": {"story": "x"}}),
    "POST /mailbox": Ask({"receipt": "{receipt}"}),
    "POST /mailbox/letters": Ask({"receipt": "{receipt}", "text": "One thing more."}),
    "POST /mailbox/consents": Ask({"receipt": "{receipt}", "purpose": "count", "value": "no"}),
    "POST /mailbox/erasure": Ask({"receipt": "{receipt}"}),
    "GET /inbox/{mailbox_id}/seen-before": Ask(query="desk={desk_id}"),
    "POST /inbox/{mailbox_id}/questions": Ask({"text": "Who came?"}),
    "POST /inbox/{mailbox_id}/acceptance": Ask(
        {"desk": "{desk_id}", "coding": [ACT]}, used=True, names={"mailbox_id": "{waiting}"}
    ),
    "POST /inbox/{mailbox_id}/filing": Ask(used=True),
    "POST /inbox/{mailbox_id}/refusal": Ask({"text": "Sorry."}, used=True, names={"mailbox_id": "{waiting}"}),
    "POST /cases/{case_id}/openings": Ask({"compartments": ["control"]}),
    "POST /cases/{case_id}/entries": over(ACT),
    "PUT /cases/{case_id}/entries/{entry_id}": over(ACT),
    "POST /cases/{case_id}/entries/{entry_id}/removal": over({"entity": "act"}),
    "POST /cases/{case_id}/consents": over({"values": {"purpose": "count", "value": "no", "on": "2024-01-01"}}),
    "POST /cases/{case_id}/letters": over({"mailbox": "{mailbox_id}", "text": "We wrote to the prosecutor."}),
    "DELETE /cases/{case_id}": over(),
    "POST /cases/{case_id}/close": over({"ending": "returned"}),
    "POST /cases/{case_id}/reopen": Ask(headers=OLD, through=frozenset({409, 412})),
    "POST /cases/{case_id}/hold": over({"why": "proceedings"}),
    "POST /cases/{case_id}/lift": Ask(headers=OLD, through=frozenset({409, 412})),
    "POST /cases/{case_id}/review": Ask(
        {"until": "2030-01-01", "why": "still-needed"}, OLD, through=frozenset({409, 412})
    ),
    "POST /cases/{case_id}/contacted": over(),
    "POST /cases/{case_id}/join": ITSELF,
    "POST /cases/{case_id}/part": ITSELF,
    "POST /cases/{case_id}/apart": ITSELF,
    "POST /cases/{case_id}/subject": over({"person": "7" * 26, "recipient": "himself"}),
    "POST /imports": Ask(b"A,B\nx,y\n", query="desk={desk_id}"),
    "PUT /imports/{import_id}/mapping": wrong({"mapping": "x"}),
    "POST /imports/{import_id}/preview": Ask(through=frozenset({409, 422})),
    "POST /imports/{import_id}/confirmation": Ask({"also": []}, through=frozenset({409, 422})),
    "POST /imports/{import_id}/cases": Ask(through=frozenset({409, 422})),
    "DELETE /imports/{import_id}": Ask(used=True),
    "POST /desks/{desk_id}/rekeying": Ask(used=True),
    "GET /retention": Ask(query="month=2030-01"),
    "POST /cases/{case_id}/files": Ask(b"Seen.", OLD, "title=note", frozenset({412})),
    "POST /cases/{case_id}/grants": Ask(GRANT, OLD, through=frozenset({422})),
    "DELETE /cases/{case_id}/grants/{grant_id}": over(),
    "GET /cases/{case_id}/readiness": Ask(query="profile=dossier"),
    "POST /cases/{case_id}/readiness": Ask({"profile": "dossier", "words": "a look"}),
    "POST /cases/{case_id}/disclosures": over({"profile": "dossier", "recipient": "UN"}),
    "POST /cases/search": Ask({"line": "Taken", "reason": "check-duplicate"}),
    "POST /recovery/members/{member_id}": Ask(through=frozenset({201, 409}), names={"member_id": "{ludo}"}),
    "POST /recovery/claims": wrong({**PROOF, "seed": SEED, "claim": "x"}),
    "POST /recovery/sessions": unproved(PROOF),
    "POST /recovery/ceremonies/{ceremony_id}/shares": Ask({"words": WRONG}, through=frozenset({409, 422})),
    "DELETE /recovery/ceremonies/{ceremony_id}": Ask(used=True),
    "POST /recovery/splits": Ask(
        {"threshold": 2, "trustees": {"{tina}": WRONG, "{tom}": WRONG}}, through=frozenset({409, 422})
    ),
    "POST /recovery/splits/{ceremony_id}/key": Ask(through=frozenset({409, 422})),
    "POST /invitations": Ask({"role": "lawyer"}),
    "POST /members/{member_id}/confirmation": Ask(
        {"words": WRONG}, through=frozenset({422}), names={"member_id": "{newcomer}"}
    ),
    "POST /members/{member_id}/suspension": Ask(through=frozenset({409}), names={"member_id": "{ada}"}),
    "POST /log/key": wrong(None, 409),
    "POST /log/seats": wrong(HEARD),
    "POST /recovery/key": wrong({"threshold": 2, "trustees": {"{tina}": WRONG, "{tom}": WRONG}}, 409),
    "POST /intake/key": wrong(None, 409),
    "POST /intake/seats": wrong(HEARD),
    "POST /desks": wrong({"name": "East", "seats": {"{isa}": WRONG}}),
    "POST /desks/{desk_id}/seats": wrong(HEARD),
    "DELETE /desks/{desk_id}/seats/{member_id}": Ask(names={"member_id": "{aron}"}, used=True),
}

# What the forms of the pages need beside nothing at all: most say what is missing.
PAGES: Mapping[str, Ask] = {
    "POST /sign-in": Ask(slow=True),
    "POST /me/code": Ask(slow=True),
    "POST /recover/finish": Ask(slow=True),
    "POST /recovery/{ceremony_id}/cancel": Ask(used=True),
    "POST /imports/{import_id}/end": Ask(used=True),
    "POST /desks/{desk_id}/rekeying": Ask(used=True),
    "POST /me/tokens": Ask(slow=True),
    "POST /members/{member_id}/confirm": Ask(names={"member_id": "{newcomer}"}),
    "POST /members/{member_id}/suspend": Ask(names={"member_id": "{ada}"}),
    "POST /desks/{desk_id}/seats/{member_id}/end": Ask(names={"member_id": "{aron}"}, used=True),
    "POST /inbox/{mailbox_id}/file": Ask(used=True),
    "POST /cases/{case_id}/erase": Ask(used=True),
}
