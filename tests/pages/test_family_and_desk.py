"""Between a family and the desk: a question is seen by the next officer, letters go from a case, erasure is seen."""

from pathlib import Path

import pytest

from api.catalogue.dates import parse
from api.clock import today
from api.pages.staff.timeline import timeline
from tests.pages.browsing import Group, Person, group
from tests.pages.test_staff import TITLE, accept, links, told


@pytest.fixture
def staff(database_url: str, tmp_path: Path) -> Group:
    return group(database_url, tmp_path)


def report_of(officer: Person) -> str:
    return links(officer.get("/inbox"), "/inbox/")[0]


def test_asking_back_loses_nothing_of_the_coding_and_is_seen_by_the_next_officer(staff: Group) -> None:
    told(staff)
    officer = staff.member("ines")
    report = report_of(officer)
    officer.get(report)
    page = officer.send(f"{report}/ask", {"text": "Кто приезжал?", "0.case.title": TITLE})
    assert officer.status == 200
    assert "Your question is with the family." in page.text
    assert page.form(f"{report}/accept").fields["0.case.title"] == [TITLE]
    assert page.form(f"{report}/accept").fields["text"] == [""]
    other = staff.member("isa")
    listed = other.get("/inbox")
    assert "asked back" in listed.text
    assert "Кто приезжал?" not in listed.text
    assert "“Кто приезжал?”" in other.get(report).text


def test_a_question_that_is_refused_loses_nothing_of_the_coding_either(staff: Group) -> None:
    told(staff)
    officer = staff.member("ines")
    report = report_of(officer)
    officer.get(report)
    page = officer.send(f"{report}/ask", {"text": " ", "0.case.title": TITLE})
    assert officer.status == 422
    assert "Your question is with the family." not in page.text
    assert page.form(f"{report}/accept").fields["0.case.title"] == [TITLE]


def test_the_same_question_sent_twice_is_asked_once(staff: Group) -> None:
    words, officer = told(staff), staff.member("ines")
    report = report_of(officer)
    for _ in range(2):
        officer.post(f"{report}/ask", {"text": "Кто приезжал?"})
    assert staff.stranger().post("/ru/mailbox", {"receipt": words}).text.count("Кто приезжал?") == 1


def test_an_answer_carries_every_question_that_waited_for_it_into_the_case(staff: Group) -> None:
    words, officer, relative = told(staff), staff.member("ines"), staff.stranger()
    report = report_of(officer)
    for text in ("Кто это сказал?", "Когда это было?"):
        officer.post(f"{report}/ask", {"text": text})
    relative.post("/ru/mailbox", {"receipt": words})
    relative.send("/ru/mailbox", {"action": "add", "message": "Двое, в апреле."})
    case = accept(officer, report)
    page = officer.get(case).text
    assert "Кто это сказал? Когда это было? Двое, в апреле." in page
    # And as letters of ours, each with its day.
    assert page.count("Кто это сказал?") == page.count("Когда это было?") == 2


def test_a_case_worker_writes_to_the_family_from_the_case_and_the_answer_comes_to_the_inbox(staff: Group) -> None:
    words = told(staff)
    officer, worker, relative = staff.member("ines"), staff.member("carl"), staff.stranger()
    case = accept(officer, report_of(officer))
    page = worker.get(case)
    assert "Nothing was written to them from this case." in page.text
    sent = worker.send(f"{case}/letters", {"letter": "Мы написали прокурору."})
    assert (worker.status, worker.path) == (200, case)
    assert "Мы написали прокурору." in sent.text
    assert "Мы написали прокурору." in relative.post("/ru/mailbox", {"receipt": words}).text
    relative.send("/ru/mailbox", {"action": "add", "message": "Спасибо, ждём."})
    letter = officer.get(report_of(officer))
    assert "we wrote: Мы написали прокурору." in letter.text
    assert "Спасибо, ждём." in letter.text


def test_a_letter_that_is_refused_comes_back_and_one_over_an_older_version_is_not_sent(staff: Group) -> None:
    words = told(staff)
    officer, worker = staff.member("ines"), staff.member("carl")
    case = accept(officer, report_of(officer))
    form = worker.get(case).form(f"{case}/letters")
    worker.send(f"{case}/letters", {"letter": " "})
    assert worker.status == 422
    typed = {**form.fields, "letter": "Первое."}
    worker.post(f"{case}/letters", typed)
    assert worker.status == 200
    again = worker.post(f"{case}/letters", typed)
    assert worker.status == 409
    assert again.form(f"{case}/letters").fields["letter"] == ["Первое."]
    assert staff.stranger().post("/ru/mailbox", {"receipt": words}).text.count("Первое.") == 1


def test_no_letter_goes_to_a_family_of_another_case(staff: Group) -> None:
    officer, worker = staff.member("ines"), staff.member("carl")
    told(staff)
    first = accept(officer, report_of(officer))
    stranger = told(staff)
    second = accept(officer, report_of(officer))
    theirs = worker.get(second).form(f"{second}/letters").fields["mailbox"]
    form = worker.get(first).form(f"{first}/letters")
    worker.post(f"{first}/letters", {**form.fields, "mailbox": theirs, "letter": "Чужое."})
    assert worker.status == 404
    assert "Чужое." not in staff.stranger().post("/ru/mailbox", {"receipt": stranger}).text


def test_a_wish_for_erasure_is_in_sight_from_the_list_to_the_case(staff: Group) -> None:
    words, relative = told(staff), staff.stranger()
    officer, worker = staff.member("ines"), staff.member("carl")
    case = accept(officer, report_of(officer))
    marks = ("asks for erasure", "Erase this case…", "The family asks for erasure.")
    assert not [one for path in ("/inbox", "/today", case) for one in marks if one in officer.get(path).text]
    relative.post("/ru/mailbox", {"receipt": words})
    relative.send("/ru/mailbox", {"action": "erase", "sure": "yes"})
    assert "asks for erasure" in officer.get("/inbox").text
    assert "asks for erasure" in officer.get("/today").text
    report = report_of(officer)
    letter = officer.get(report)
    assert f"{case}/erase" in links(letter, case)
    officer.send(f"{report}/file")
    page = worker.get(case)
    assert "The family asks for erasure. Erase this case…" in page.text
    task = next(one for one in links(page, f"{case}/add/task?entry="))
    worker.get(task)
    worker.send(f"{case}/entries/task", {"done_on": "2026-01-02"})
    assert "Erase this case…" not in worker.get(case).text


def test_a_wish_for_erasure_before_acceptance_puts_declining_first(staff: Group) -> None:
    words, relative, officer = told(staff), staff.stranger(), staff.member("ines")
    relative.post("/ru/mailbox", {"receipt": words})
    relative.send("/ru/mailbox", {"action": "erase", "sure": "yes"})
    assert "asks for erasure" in officer.get("/inbox").text
    stops = [one for one in officer.get(report_of(officer)).all("a") if one.get("class") == "btn stop"]
    assert [one["href"] for one in stops] == ["#decline"]


def test_triage_shows_what_is_allowed_now_and_who_came(staff: Group) -> None:
    words, relative, officer = told(staff), staff.stranger(), staff.member("ines")
    report = report_of(officer)
    assert "publish by name" not in officer.get(report).text.partition("They allow:")[2].partition("Draft coding")[0]
    relative.post("/ru/mailbox", {"receipt": words})
    decided = {"action": "consent", "consent_lawyer": "yes", "consent_publish-named": "ask-again"}
    relative.send("/ru/mailbox", {"consent_count": "no", **decided})
    page = officer.get(report).text
    assert "They allow: keep · share with a named lawyer · publish by name (ask again)" in page
    assert "the Ministry of Defence" in page


def test_a_day_that_went_by_is_overdue_where_somebody_set_it_and_passed_where_it_was_computed(staff: Group) -> None:
    told(staff)
    officer, worker = staff.member("ines"), staff.member("carl")
    case = accept(officer, report_of(officer))
    page = worker.get(case).text
    # Three months after he was last heard from, in 2023: nobody wrote it down, and nobody can meet it any more.
    assert (page.count("passed"), page.count("overdue")) == (1, 0)
    for what, due in (("Call the lawyer", "2026-01-02"), ("Call the prosecutor", "2099-01-02")):
        worker.get(f"{case}/add/task")
        worker.send(f"{case}/entries/task", {"what": what, "due": due})
    assert worker.get(case).text.count("overdue") == 1
    worker.get("/today")
    assert worker.send("/today").text.count("overdue") == 1


def test_a_submission_warns_of_a_name_that_its_body_cannot_read(staff: Group) -> None:
    told(staff)
    officer, worker = staff.member("ines"), staff.member("carl")
    case = accept(officer, report_of(officer))
    warning = "The name in Latin letters."
    worker.get(f"{case}/reports/wgeid")
    assert warning in worker.send(f"{case}/reports/wgeid/look", {"words": "is it ready"}).text
    worker.get(case)
    opened = worker.send(f"{case}/open", {"reason": "verify-fact", "words": "his name"})
    where = next(one.action for one in opened.forms if "/entries/person/" in one.action).removesuffix("/remove")
    worker.send(where, {"reason": "document-case", "words": "Latin letters"})
    worker.send(f"{case}/entries/person", {"name_latin": "Artyom Bunyatov"})
    worker.get(f"{case}/reports/wgeid")
    assert warning not in worker.send(f"{case}/reports/wgeid/look", {"words": "is it ready"}).text


@pytest.mark.parametrize("heard", ["15 April 2024", "between 1 and 2 May 2023", "2021"])
def test_a_timeline_names_each_month_once(heard: str) -> None:
    drawn = timeline({"case": [{"last_heard": parse(heard, "en", today()).as_json()}]}, "en")
    assert drawn is not None
    months = [text for _, text in drawn.ticks]
    assert len(months) == len(set(months)) > 1


def test_a_coding_that_is_refused_leads_to_each_field_that_is_wrong(staff: Group) -> None:
    told(staff)
    officer = staff.member("ines")
    report = report_of(officer)
    assert not links(officer.get(report), "#0.")
    page = officer.send(f"{report}/accept", {"0.case.last_heard": "когда цвела черёмуха"})
    assert officer.status == 422
    (there,) = links(page, "#0.")
    assert there.removeprefix("#") in [one.get("id") for one in page.all("input")]
