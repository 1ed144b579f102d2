"""The group's pages over HTTP: the whole story by forms alone."""

import io
import re
from pathlib import Path

import pytest
from pypdf import PdfReader

from api.clock import today
from api.ids import short_code
from tests.pages.browsing import Group, Person, Seen, group
from tests.story.published import PUBLISHED

TODAY = today().isoformat()
TITLE = "Taken to the front from IK-29"


@pytest.fixture
def staff(database_url: str, tmp_path: Path) -> Group:
    return group(database_url, tmp_path)


def links(seen: Seen, start: str) -> list[str]:
    return [one["href"] for one in seen.all("a") if one.get("href", "").startswith(start)]


def entry_of(seen: Seen, entity: str) -> str:
    """Return where the first entry of a kind is changed."""
    return next(one.action for one in seen.forms if f"/entries/{entity}/" in one.action).removesuffix("/remove")


def told(staff: Group) -> str:
    """A relative reports, with a file, and keeps the eleven words."""
    relative = staff.stranger()
    words = relative.get("/ru/report").form("/ru/report").fields["receipt"][0]
    relative.send("/ru/report", PUBLISHED.form, {"files": ("письмо.txt", "Письмо".encode())})
    assert relative.path == "/ru/sent"
    return words


def accepted(staff: Group) -> str:
    """A report is told, opened and accepted; return the case's path."""
    told(staff)
    officer = staff.member("ines")
    report = links(officer.get("/inbox"), "/inbox/")[0]
    assert "Последний раз он вышел на связь 17 мая" in officer.get(report).text
    return accept(officer, report)


def accept(officer: Person, report: str) -> str:
    """Accept the report that is shown: the draft, a title, and one act more."""
    officer.get(report)
    coding = officer.send(f"{report}/accept", {"more": "act"})
    names = coding.form(f"{report}/accept").fields
    added = max(int(name.split(".")[0]) for name in names if name.endswith(".act.type"))
    mine = {"0.case.title": TITLE, "0.case.status": "X25-0103a", "0.case.status_basis": "family"}
    mine |= {f"{added}.act.type": "X03-0301-03", f"{added}.act.when": "early May 2023"}
    officer.send(f"{report}/accept", mine)
    assert re.fullmatch(r"/cases/\w{26}", officer.path)
    return officer.path


def test_the_story_is_told_through_the_pages_alone(staff: Group) -> None:
    case = accepted(staff)
    documented(staff, case)
    opened_with_a_reason(staff, case)
    granted_and_taken_out(staff, case)
    counted_and_proved(staff, case)
    erased(staff, case)


def documented(staff: Group, case: str) -> None:
    worker = staff.member("carl")
    assert TITLE in worker.get("/cases").text
    worker.get(f"{case}/add/custody")
    worker.send(f"{case}/entries/custody", {"facility": "ИК-29, Архангельская область", "end": "14 апреля 2023"})
    assert worker.path == case
    worker.get(f"{case}/add/intervention")
    step = {"type": "20/020100000000", "addressee": "Главная военная прокуратура", "date": "12 July 2023"}
    worker.send(f"{case}/entries/intervention", step)
    worker.get(f"{case}/add/task")
    worker.send(f"{case}/entries/task", {"what": "Ask the prosecutor’s office", "due": TODAY})
    page = worker.get(case)
    for words in ("IK-29, Arkhangelsk region", "1–10 May 2023", "“early May 2023”", "Ask the prosecutor’s office"):
        assert words in page.text
    assert "Бунятов" not in page.text
    added = worker.send(
        f"{case}/files", {"received_from": "his mother"}, {"file": ("note.txt", b"A note of the desk.")}
    )
    assert "note.txt" in added.text
    assert worker.client.get(links(added, f"{case}/files/")[-1]).content == b"A note of the desk."
    worker.get("/today")
    assert "Ask the prosecutor’s office" in worker.send("/today").text


def opened_with_a_reason(staff: Group, case: str) -> None:
    worker = staff.member("carl")
    page = worker.get(case)
    door = page.form(f"{case}/open")
    assert door.fields["compartment"] == ["identity"]
    opened = worker.send(f"{case}/open", {"reason": "verify-fact", "words": "the spelling of his name"})
    assert "Бунятов Артём" in opened.text
    assert "verify a fact: “the spelling of his name”" in opened.text
    where = entry_of(opened, "person")
    form = worker.send(where, {"reason": "document-case", "words": "Latin letters"})
    assert form.form(f"{case}/entries/person").fields["name"] == ["Бунятов Артём"]
    worker.send(f"{case}/entries/person", {"name_latin": "Artyom Bunyatov"})
    assert (worker.status, worker.path) == (200, case)
    again = worker.send(f"{case}/open", {"reason": "verify-fact"})
    assert "Artyom Bunyatov" in again.text


def granted_and_taken_out(staff: Group, case: str) -> None:
    worker, lawyer = staff.member("carl"), staff.member("leo")
    lawyer.get(case)
    assert lawyer.status == 404
    worker.get(f"{case}/add/consent")
    yes = {"purpose": "un-confidential", "value": "yes", "on": TODAY, "given_by": "21/010103000000"}
    worker.send(f"{case}/entries/consent", yes)
    assert worker.path == case
    worker.get(f"{case}/grants")
    wish = {"member": staff.world.ids["leo"], "words": staff.world.words("leo"), "days": "30"}
    wish |= {"reason": "prepare-submission", "why": "UN working group"}
    worker.send(f"{case}/grants", {**wish, "compartments": ["facts", "identity", "narrative", "legal"]})
    assert (worker.status, worker.path) == (200, f"{case}/grants")
    assert "Source" in lawyer.get(case).text
    lawyer.get(f"{case}/reports/wgeid")
    looked = lawyer.send(f"{case}/reports/wgeid/look", {"words": "is it ready"})
    assert "WGEID: 6 of 6" in looked.text
    lawyer.send(f"{case}/reports/wgeid", {"words": "to Geneva"})
    assert lawyer.answer.headers["content-type"] == "application/pdf"
    paper = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(lawyer.answer.content)).pages)
    assert "Artyom Bunyatov" in paper
    assert "Лариса" not in paper
    assert "UN Working Group" in lawyer.get(f"{case}/reports/wgeid").text
    worker.get(f"{case}/grants")
    worker.send(f"{case}/grants/\\w+/revoke")
    lawyer.get(case)
    assert lawyer.status == 404


def counted_and_proved(staff: Group, case: str) -> None:
    worker, analyst, auditor = staff.member("carl"), staff.member("ann"), staff.member("otto")
    assert "0 cases counted" in analyst.get("/counts").text
    worker.get(f"{case}/add/consent")
    worker.send(f"{case}/entries/consent", {"purpose": "count", "value": "yes", "on": TODAY})
    assert "1 case counted" in analyst.get("/counts?dimension=case.status").text
    assert "The log is whole." not in auditor.get("/log").text
    log = auditor.get("/log?proof=yes")
    assert "The log is whole." in log.text
    assert "Бунятов" not in log.text
    assert staff.world.ids["carl"] not in auditor.answer.text
    auditor.get(case)
    assert auditor.status in (403, 404)


def erased(staff: Group, case: str) -> None:
    worker = staff.member("carl")
    assert "It cannot be undone" in worker.get(f"{case}/erase").text
    assert "Nothing was erased" in worker.send(f"{case}/erase", {"code": "K7-AAAA"}).text
    assert worker.status == 422
    worker.get(f"{case}/erase")
    code = short_code(case.rsplit("/", 1)[-1])
    assert "Nobody can open this case any more" in worker.send(f"{case}/erase", {"code": code.lower()}).text
    worker.get(case)
    assert worker.status == 404


def test_a_second_report_of_the_same_man_is_put_into_his_case(staff: Group) -> None:
    case, officer = accepted(staff), staff.member("ines")
    told(staff)
    report = links(officer.get("/inbox"), "/inbox/")[0]
    page = officer.get(report)
    assert links(page, "/cases/").count(case) == 1
    refused = officer.send(f"{report}/extend", {"why": "two\x07lines"})
    assert officer.status == 422
    assert "One line of plain text" in refused.text
    officer.get(report)
    officer.send(f"{report}/extend", {"why": "the same mother"})
    assert officer.path == case


def test_a_question_is_asked_and_its_answer_filed(staff: Group) -> None:
    words, relative = told(staff), staff.stranger()
    officer = staff.member("ines")
    report = links(officer.get("/inbox"), "/inbox/")[0]
    officer.get(report)
    officer.send(f"{report}/ask", {"text": "Откуда вам известно?"})
    assert (officer.status, officer.path) == (200, f"{report}/ask")
    assert "Откуда вам известно?" in relative.post("/ru/mailbox", {"receipt": words}).text
    case = accept(officer, report)
    relative.send("/ru/mailbox", {"action": "add", "message": "Он сам сказал по телефону."})
    assert report in links(officer.get("/inbox"), "/inbox/")
    letter = officer.get(report)
    assert "we wrote: Откуда вам известно?" in letter.text
    assert officer.send(f"{report}/file").text.count("Он сам сказал по телефону.") == 1
    assert officer.path == case


def test_a_report_that_is_declined_is_gone_and_its_sender_is_told(staff: Group) -> None:
    words, officer = told(staff), staff.member("ines")
    report = links(officer.get("/inbox"), "/inbox/")[0]
    officer.get(report)
    officer.send(f"{report}/decline", {"text": "Мы не можем помочь."})
    assert officer.path == "/inbox"
    assert "Nothing has arrived." in officer.get("/inbox").text
    assert "Мы не можем помочь." in staff.stranger().post("/ru/mailbox", {"receipt": words}).text
