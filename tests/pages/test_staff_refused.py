"""Forms that are refused: the sentence beside the field, what was typed kept, secrets not."""

import html
import re
from collections.abc import Sequence
from typing import Any

import pytest

from api.clock import today
from api.services import filing
from tests.pages.browsing import LIMIT, Person, Seen
from tests.pages.refusals import PEOPLE, Refusal
from tests.pages.refusals_of_cases import CASES, HOSTILE
from tests.pages.scene import Scene
from tests.pages.test_staff import links, told

REFUSED = PEOPLE | CASES


def send(scene: Scene, one: Refusal) -> tuple[Person, str]:
    """Send the form as its page offers it; return the person and where the form went."""
    person = scene.staff.member(one.login) if one.login else scene.staff.stranger()
    person.get(scene.fill(one.page))
    assert person.status == 200
    filled = {scene.fill(name): _filled(scene, value) for name, value in one.typed.items()}
    person.send(scene.fill(one.action), filled)
    return person, scene.fill(one.action)


def _filled(scene: Scene, value: str | Sequence[str]) -> str | list[str]:
    return scene.fill(value) if isinstance(value, str) else [scene.fill(part) for part in value]


@pytest.mark.parametrize("one", REFUSED.values(), ids=REFUSED.keys())
def test_a_refused_form_says_what_is_wrong_and_keeps_what_was_typed(scene: Scene, one: Refusal) -> None:
    person, action = send(scene, one)
    assert person.status == one.status
    assert one.sentence in html.unescape(person.answer.text)
    again = Seen(person.answer.text).form(action)
    for name in one.kept:
        typed = one.typed.get(name)
        shown = again.fields[scene.fill(name)]
        assert shown == ([_filled(scene, typed)] if isinstance(typed, str) else _filled(scene, typed or shown))
    for secret in (*one.never, HOSTILE, "Traceback"):
        assert secret not in person.answer.text


@pytest.fixture
def worker(scene: Scene) -> Person:
    return scene.staff.member("carl")


def test_an_entry_over_an_older_version_is_refused_and_kept(scene: Scene, worker: Person) -> None:
    case, other = scene.names["case"], scene.staff.member("ines")
    worker.get(f"{case}/add/act")
    other.get(f"{case}/add/task")
    other.send(f"{case}/entries/task", {"what": "meanwhile"})
    typed = {"type": "X03-0301-03", "when": "May 2023", "count": "3"}
    refused = worker.send(f"{case}/entries/act", typed)
    assert worker.status == 409
    assert "Somebody saved a newer version meanwhile." in refused.text
    again = refused.form(f"{case}/entries/act").fields
    assert {name: again[name] for name in typed} == {name: [value] for name, value in typed.items()}
    worker.send(f"{case}/entries/act")
    assert (worker.status, worker.path) == (200, case)


def test_a_change_over_an_older_version_is_refused_and_kept(scene: Scene, worker: Person) -> None:
    case, other = scene.names["case"], scene.staff.member("ines")
    page = worker.get(case)
    where = next(one for one in links(page, f"{case}/add/act?entry="))
    assert worker.get(where).form(f"{case}/entries/act").fields["entry"] == [where.split("=")[1]]
    other.get(f"{case}/add/task")
    other.send(f"{case}/entries/task", {"what": "meanwhile"})
    refused = worker.send(f"{case}/entries/act", {"count": "7"})
    assert worker.status == 409
    assert refused.form(f"{case}/entries/act").fields["count"] == ["7"]
    assert "×7" in worker.send(f"{case}/entries/act").text


def test_removing_over_an_older_version_is_refused_beside_the_entry(scene: Scene, worker: Person) -> None:
    case, other = scene.names["case"], scene.staff.member("ines")
    worker.get(f"{case}/add/custody")
    page = worker.send(f"{case}/entries/custody", {"facility": "ИК-7, Карелия"})
    where = [one.action for one in page.forms if re.search("/custody/.*/remove$", one.action)][-1]
    other.get(f"{case}/add/task")
    other.send(f"{case}/entries/task", {"what": "meanwhile"})
    refused = worker.send(where)
    assert worker.status == 409
    assert "Look at it again, then repeat this." in refused.text
    assert "IK-7" in refused.text
    assert "IK-7" not in worker.send(where).text


def test_removing_a_person_asks_for_a_reason_and_keeps_its_words(scene: Scene, worker: Person) -> None:
    page = worker.get(scene.names["case"])
    where = next(one.action for one in page.forms if one.action.endswith("/remove") and "/person/" in one.action)
    refused = worker.send(where, {"words": "he asked for it"})
    assert worker.status == 422
    assert "Please choose a reason." in refused.text
    assert refused.form(where).fields["words"] == ["he asked for it"]


@pytest.mark.parametrize(
    ("name", "content", "version", "status", "sentence"),
    [
        ("", b"", "", 422, "Please fill this in."),
        ("a.bin", b"x" * (LIMIT + 1), "", 422, "This file is larger than we can take."),
        ("a.bin", b"x", "1", 409, "the file was not kept"),
    ],
    ids=["none", "too large", "over an older version"],
)
def test_a_file_that_is_refused_leaves_its_form_and_nothing_on_the_disk(
    scene: Scene, worker: Person, name: str, content: bytes, version: str, status: int, sentence: str
) -> None:
    case, before = scene.names["case"], sorted(scene.staff.world.store.blobs.iterdir())
    worker.get(case)
    typed = {"received_from": "Лариса", **({"version": version} if version else {})}
    refused = worker.send(f"{case}/files", typed, {"file": (name, content)} if name else None)
    assert worker.status == status
    assert sentence in refused.text
    assert refused.form(f"{case}/files").fields["received_from"] == ["Лариса"]
    assert sorted(scene.staff.world.store.blobs.iterdir()) == before


def test_a_letter_that_came_meanwhile_stops_an_acceptance_and_the_coding_is_kept(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The family writes while the case is being made: what nobody read must not be closed."""
    staff, officer = scene.staff, scene.staff.member("ines")
    before = set(links(officer.get("/inbox"), "/inbox/"))
    words, relative = told(staff), staff.stranger()
    report = next(one for one in links(officer.get("/inbox"), "/inbox/") if one not in before)
    sections_of = filing.sections_of

    def meanwhile(*given: Any) -> Any:
        relative.post("/ru/mailbox", {"receipt": words})
        relative.send("/ru/mailbox", {"action": "add", "message": "Прошу никому не говорить."})
        return sections_of(*given)

    officer.get(report)
    with monkeypatch.context() as patched:
        patched.setattr(filing, "sections_of", meanwhile)
        refused = officer.send(f"{report}/accept", {"0.case.title": "kept"})
    assert officer.status == 409
    assert "Another letter arrived while you were reading." in refused.text
    assert "Прошу никому не говорить." in refused.text
    assert refused.form(f"{report}/accept").fields["0.case.title"] == ["kept"]


def test_who_acts_on_a_case_from_an_older_page_is_told_and_nothing_leaves(scene: Scene) -> None:
    """Grants, their end and documents go by what was shown: what came in between may be the family's "no"."""
    case, carl = scene.names["case"], scene.staff.member("carl")
    person, wish = {"recipient": "himself", "form": "json"}, {"member": scene.names["leo"], "compartments": ["facts"]}
    wish |= {"words": scene.staff.world.words("leo"), "reason": "verify-fact", "why": "kept"}
    carl.get(f"{case}/grants")
    carl.send(f"{case}/grants", wish)
    forms = {
        f"{case}/grants": (f"{case}/grants", wish, "why"),
        f"{case}/grants/\\w+/revoke": (f"{case}/grants", {}, ""),
        f"{case}/subject": (f"{case}/subject", person, "recipient"),
        f"{case}/reports/dossier": (f"{case}/reports/dossier", {"recipient": "a court"}, "recipient"),
    }
    for action, (where, typed, kept) in forms.items():
        who = scene.staff.member("leo") if "dossier" in action else carl
        who.get(where)
        meanwhile(scene)
        refused = who.send(action, typed)
        assert who.status == 409, action
        assert "Somebody saved" in refused.text or "The case was changed" in refused.text
        assert not kept or refused.form(action).fields[kept] == [typed[kept]]
        assert carl.get(f"{case}/reports/dossier").text.count("himself") == 0
    page = carl.get(f"{case}/grants")
    assert len([one for one in page.all("tr") if "data-grant" in one]) == 1
    carl.send(f"{case}/grants/\\w+/revoke")
    assert carl.status == 200
    assert not [one for one in carl.get(f"{case}/grants").all("tr") if "data-grant" in one]


def meanwhile(scene: Scene) -> None:
    """Somebody writes a step down."""
    officer, case = scene.staff.member("ines"), scene.names["case"]
    officer.get(f"{case}/add/task")
    officer.send(f"{case}/entries/task", {"what": "Call", "due": "2030-01-02"})
    assert officer.path == case


def test_a_document_without_consent_or_with_a_gap_is_refused_in_words(scene: Scene) -> None:
    """The lawyer holds a grant, but the family allowed nothing."""
    case, worker, lawyer = scene.names["case"], scene.staff.member("carl"), scene.staff.member("leo")
    worker.get(f"{case}/grants")
    wish = {
        "member": scene.names["leo"],
        "words": scene.staff.world.words("leo"),
        "compartments": ["facts", "identity"],
    }
    worker.send(f"{case}/grants", wish)
    assert worker.status == 200
    lawyer.get(f"{case}/reports/wgeid")
    refused = lawyer.send(f"{case}/reports/wgeid", {"recipient": "Geneva office", "words": "my words"})
    assert lawyer.status == 403
    assert "The family has not allowed this use." in refused.text
    assert refused.form(f"{case}/reports/wgeid").fields["recipient"] == ["Geneva office"]
    worker.get(f"{case}/add/consent")
    worker.send(f"{case}/entries/consent", {"purpose": "un-confidential", "value": "yes", "on": today().isoformat()})
    changed = lawyer.send(f"{case}/reports/wgeid")
    assert lawyer.status == 409
    assert "The case was changed" in changed.text
    again = lawyer.send(f"{case}/reports/wgeid")
    assert lawyer.status == 409
    assert "A required element is still missing." in again.text
    assert again.form(f"{case}/reports/wgeid").fields["words"] == ["my words"]
