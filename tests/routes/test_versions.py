"""A change is made over the version that was seen: 428 without one, 412 over another."""

from collections.abc import Mapping

import pytest

from api.describing.refusals import asks_for_a_version
from tests.routes.calling import Office
from tests.routes.operations import operations

STEP = {"entity": "task", "values": {"what": "Call the lawyer", "due": "2030-01-02"}}


def changes() -> list[tuple[str, str]]:
    """Return every operation on a case that changes it, as the application itself has them."""
    reads = {"openings", "readiness"}
    found = [(one.method, one.path) for one in operations() if one.path.startswith("/cases/{case_id}")]
    return [(method, path) for method, path in found if method != "GET" and path.split("/")[-1] not in reads]


@pytest.fixture(scope="module")
def case(office: Office) -> str:
    return office.make_case()


def filled(path: str, case: str) -> str:
    names = {"case_id": case, "entry_id": case, "grant_id": case}
    return path.format_map(names) + ("?title=x" if path.endswith("/files") else "")


def body_of(path: str) -> Mapping[str, object] | None:
    """Return a body that is taken for what it is, so that the version is all that can be wrong."""
    grant = {"member": "x", "words": "x", "compartments": ["facts"], "days": 3, "reason": "verify-fact"}
    consent = {"values": {"purpose": "count", "value": "no", "on": "2024-01-01"}}
    bodies = {"entries": STEP, "{entry_id}": STEP, "removal": {"entity": "task"}, "grants": grant, "consents": consent}
    bodies |= {"letters": {"mailbox": "7" * 26, "text": "x"}}
    bodies |= {
        "close": {"ending": "solved"},
        "hold": {"why": "court"},
        "disclosures": {"profile": "x", "recipient": "x"},
    }
    return bodies.get(path.split("/")[-1])


def test_there_are_changes_to_ask_about() -> None:
    assert len(changes()) >= 11


@pytest.mark.parametrize(("method", "path"), changes())
def test_a_change_that_does_not_say_what_it_saw_is_refused(office: Office, case: str, method: str, path: str) -> None:
    login = "leo" if path.endswith("disclosures") else "carl"
    for headers in ({}, {"If-Match": "*"}):
        answer = office.call(login, method, filled(path, case), body_of(path), headers)
        assert (answer.status_code, answer.json()["type"]) in ((428, "/problems/version-missing"), NOT_HIS)


# The lawyer holds no grant here: the door comes first, or the header, and neither opens anything.
NOT_HIS = (404, "/problems/not-found")


def test_what_was_read_can_be_changed_once_and_a_second_over_it_is_stale(office: Office, case: str) -> None:
    seen = office.seen("carl", case)
    first = office.call("carl", "POST", f"/cases/{case}/entries", STEP, seen)
    assert (first.status_code, first.headers["etag"]) == (201, f'"{first.json()["version"]}"')
    second = office.call("carl", "POST", f"/cases/{case}/entries", STEP, seen)
    assert (second.status_code, second.json()["type"]) == (412, "/problems/stale")
    assert office.seen("carl", case) == {"If-Match": first.headers["etag"]}


@pytest.mark.parametrize("tag", ["x", '"x"', 'W/"1"', '""', '"99999999999"', '"1", "2"', "1"])
def test_a_tag_that_was_never_given_matches_nothing(office: Office, case: str, tag: str) -> None:
    answer = office.call("carl", "POST", f"/cases/{case}/entries", STEP, {"If-Match": tag})
    assert answer.status_code == 412


def test_erasing_over_an_older_version_erases_nothing(office: Office) -> None:
    case = office.make_case("To be erased")
    seen = office.seen("carl", case)
    office.call("carl", "POST", f"/cases/{case}/entries", STEP, seen)
    assert office.call("carl", "DELETE", f"/cases/{case}", headers=seen).status_code == 412
    assert office.call("carl", "DELETE", f"/cases/{case}", headers=office.seen("carl", case)).status_code == 200
    assert office.call("carl", "GET", f"/cases/{case}").status_code == 404


def test_an_entry_is_changed_as_a_whole_and_removed_with_what_lies_behind_a_reason(office: Office) -> None:
    case = office.make_case("A person of two compartments")
    why = {"reason": "document-case", "words": "as told"}
    person = {"entity": "person", "values": {"role": "victim", "age_band": "30-34", "name": "Ostap Loboday"}}
    where = f"/cases/{case}/entries"
    assert office.call("carl", "POST", where, {**person, **why}, office.seen("carl", case)).status_code == 201
    entry = office.call("carl", "GET", f"/cases/{case}").json()["sections"]["facts"]["person"][-1]["id"]
    emptied = {"entity": "person", "values": {"role": "victim", "name": "Ostap Loboda"}, **why}
    assert office.call("carl", "PUT", f"{where}/{entry}", emptied, office.seen("carl", case)).status_code == 200
    wanted = {"compartments": ["facts", "identity"], **why}
    sections = office.call("carl", "POST", f"/cases/{case}/openings", wanted).json()["sections"]
    assert "age_band" not in next(one for one in sections["facts"]["person"] if one["id"] == entry)
    gone, seen = {"entity": "person"}, office.seen("carl", case)
    assert office.call("carl", "POST", f"{where}/{entry}/removal", gone, seen).status_code == 428
    assert office.call("carl", "POST", f"{where}/{entry}/removal", {**gone, **why}, seen).status_code == 200
    left = office.call("carl", "POST", f"/cases/{case}/openings", wanted).json()["sections"]
    assert entry not in str(left)


def test_the_case_itself_stays_one_entry(office: Office) -> None:
    case = office.make_case("Told once")
    again = {"entity": "case", "values": {"title": "Told better"}}
    assert office.call("carl", "POST", f"/cases/{case}/entries", again, office.seen("carl", case)).status_code == 201
    heads = office.call("carl", "GET", f"/cases/{case}").json()["sections"]["facts"]["case"]
    assert [one["title"] for one in heads] == ["Told better"]


def test_a_decision_is_filed_with_its_day_and_holds(office: Office) -> None:
    case = office.make_case("Decided")
    said = {"values": {"purpose": "publish-named", "value": "yes", "on": "2024-03-01", "how": "phone"}}
    answer = office.call("carl", "POST", f"/cases/{case}/consents", said, office.seen("carl", case))
    assert answer.status_code == 201, answer.text
    consents = office.call("carl", "GET", f"/cases/{case}").json()["sections"]["consent"]["consent"]
    assert [one["value"] for one in consents if one["purpose"] == "publish-named"][-1] == "yes"


def test_every_change_asks_for_the_version_and_one_that_forgot_it_is_caught() -> None:
    wanted = set(changes())
    routes = [one for one in operations() if (one.method, one.path) in wanted]
    assert [str(one) for one in routes if not asks_for_a_version(one.route.dependant)] == []
    reads = next(one for one in operations() if str(one) == "POST /cases/{case_id}/openings")
    assert not asks_for_a_version(reads.route.dependant)
