"""The family's pages over the whole application: one form, one sending, eleven words."""

import html
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.access.doors import enter_case
from api.clock import today
from api.main import create_app
from api.models.tables import Letter, Mailbox, ShredRow
from api.policy.actions import Action
from api.services import inbox
from api.services.erasing_letters import erase_case
from api.settings import Settings
from tests.receiving.browser import LIMIT, TYPED, Served, hidden, multipart, serve
from tests.world import empty_store


@pytest.fixture
def served(database_url: str, tmp_path: Path) -> Served:
    return serve(database_url, tmp_path)


def test_a_family_reports_comes_back_answers_decides_takes_a_copy_and_asks_for_erasure(served: Served) -> None:
    words = served.words()
    assert len(words.split()) == 11
    answer = served.send(words, files=[("files", ("фото.jpg", b"\xff\xd8 a photo", "image/jpeg"))])
    assert (answer.status_code, answer.headers["location"]) == (303, "/ru/sent")
    assert served.client.get("/ru/sent").status_code == 200
    mailbox = inbox.list_reports(served.world.store, served.world.caller("ines"))[0].mailbox_id
    report = inbox.open_report(served.world.store, served.world.caller("ines"), mailbox).report
    assert report["about"]["who_came"] == ["pmc", "other"]
    assert report["files"][0]["title"] == "фото.jpg"
    assert (report["consents"]["count"], report["consents"]["publish-named"]) == ("yes", "no")
    inbox.ask_back(served.world.store, served.world.caller("ines"), mailbox, "Кто приезжал?")
    assert "Кто приезжал?" in served.mailbox(words).text
    assert "Двое в форме." in served.mailbox(words, "add", message="Двое в форме.").text
    decided = served.mailbox(words, "consent", consent_count="no", consent_lawyer="yes")
    assert re.search(r'name="consent_lawyer" value="yes" checked', decided.text)
    assert re.search(r'name="consent_count" value="no" checked', decided.text)
    copy = served.mailbox(words, "copy")
    assert copy.text.count("<article") == 5
    assert all(said in copy.text for said in ("Я его мать или отец", "фото.jpg", "Кто приезжал?", "Двое в форме."))
    assert copy.headers["content-disposition"] == 'attachment; filename="notes.html"'
    assert served.mailbox(words, "erase").status_code == 422
    assert served.mailbox(words, "erase", sure="yes").status_code == 200
    assert 'name="sure"' not in served.mailbox(words).text


def test_a_yes_is_said_to_wait_until_a_member_has_noted_it(served: Served) -> None:
    words = served.words()
    served.send(words)
    caller = served.world.caller("ines")
    mailbox = inbox.list_reports(served.world.store, caller)[0].mailbox_id
    inbox.accept(served.world.store, caller, mailbox, served.world.desks["North"], [])
    waits = "Some of your"
    page = served.client.post("/en/mailbox", data={"receipt": words, "action": "consent", "consent_lawyer": "yes"})
    assert waits in page.text
    inbox.file_letters(served.world.store, caller, mailbox)
    assert waits not in served.client.post("/en/mailbox", data={"receipt": words}).text


def accept(served: Served) -> str:
    """An officer accepts what waits; return the case's id."""
    caller = served.world.caller("ines")
    mailbox = inbox.list_reports(served.world.store, caller)[0].mailbox_id
    return inbox.accept(served.world.store, caller, mailbox, served.world.desks["North"], [])


def test_a_mailbox_says_in_words_what_was_told_and_decided_and_no_code(served: Served) -> None:
    words = served.words()
    served.send(words, files=[("files", ("фото.jpg", b"\xff\xd8 a photo", "image/jpeg"))])
    served.mailbox(words, "consent", consent_count="no", consent_lawyer="yes")
    served.mailbox(words, "erase", sure="yes")
    for page in (served.mailbox(words), served.mailbox(words, "copy")):
        letters = " ".join(re.findall(r"<article.*?</article>", page.text, re.S))
        for said in (
            "Показать дело юристу</b> — Да",
            "Учесть его в общих числах, без имени</b> — Нет",
            "Вы попросили всё стереть.",
        ):
            assert said in letters, said
        for said in ("Бунятов Артём", "ИК-29", "фото.jpg", "Я его мать или отец", "Частная военная компания", "года"):
            assert said.replace("года", str(today().year)) in letters, said
        assert not re.search(r"\d\d/\d{6}|pmc|lawyer|count|\d{4}-\d\d-\d\d", letters)


def test_a_family_sees_that_its_report_waits_and_then_that_it_was_accepted(served: Served) -> None:
    words = served.words()
    served.send(words)
    waits, accepted = "Ответа пока нет.", "Принято: кто-то из нас прочитал это"
    before = served.mailbox(words).text
    assert (waits in before, accepted in before) == (True, False)
    case_id = accept(served)
    after = served.mailbox(words).text
    assert (waits in after, accepted in after) == (False, True)
    assert case_id not in after


def test_once_all_is_erased_nothing_is_offered_but_a_new_report(served: Served) -> None:
    words = served.words()
    served.send(words)
    case_id = accept(served)
    offers = ('value="copy"', 'value="consent"', 'value="erase"', 'value="add"')
    assert all(offer in served.mailbox(words).text for offer in offers)
    erase_case(enter_case(served.world.store, served.world.caller("ines"), case_id, Action.CASE_ERASE))
    page = served.mailbox(words).text
    assert not [offer for offer in offers if offer in page]
    assert "Всё стёрто." in page
    assert "Усе стерто" not in page
    assert "Everything" not in page


def test_words_that_open_nothing_come_back_numbered_and_nobody_says_which_is_wrong(served: Served) -> None:
    words = served.words()
    served.send(words)
    wrong = ["яблокко", *words.split()[1:]]
    page = served.mailbox(" ".join(wrong))
    assert page.status_code == 404
    shown = html.unescape(re.findall(r"<textarea.*?>(.*?)</textarea>", page.text, re.S)[0]).split("\n")[1:]
    assert [line.split()[0] for line in shown] == [str(number) for number in range(1, 12)]
    assert shown[0] == "1 яблокко"
    mended = "\n".join([f"1 {words.split()[0]}", *shown[1:]])
    assert served.mailbox(mended).status_code == 200


def test_who_asks_for_a_call_and_gives_no_number_is_told_before_anything_is_sent(served: Served) -> None:
    words = served.words()
    for channel in ("phone", "messenger", "email"):
        page = served.send(words, {**TYPED, "contact_channel": channel})
        assert page.status_code == 422
        assert 'id="contact_address-wrong"' in page.text
    assert served.send(words, {**TYPED, "contact_channel": "phone", "contact_address": "+7 900"}).status_code == 303


def test_what_is_wrong_is_listed_in_the_order_of_the_page(served: Served) -> None:
    page = served.send(served.words(), {"contact_channel": "phone"}).text
    listed = re.findall(r'<li><a href="#(\w+)">', page[page.index('class="refused"') :])
    assert listed[:3] == ["about", "what", "reach"]


def test_no_page_sets_a_cookie_or_puts_a_word_into_an_address(served: Served) -> None:
    words = served.words()
    pages = [served.client.get(path) for path in ("/", "/away", "/ru/", "/uk/report", "/en/return", "/ru/sent")]
    pages += [served.send(words), served.mailbox(words), served.mailbox(words, "copy"), served.mailbox("no")]
    for page in pages:
        assert "set-cookie" not in page.headers
        assert not any(word in page.headers.get("location", "") for word in words.split())
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page.text)
        assert "<script" not in page.text
        assert page.headers["cache-control"] == "no-store"


def test_a_refused_form_comes_back_with_everything_typed_and_the_same_words(served: Served) -> None:
    words = served.words()
    answer = served.send(words, {**TYPED, "about_name": " "})
    assert answer.status_code == 422
    page = html.unescape(answer.text)
    assert hidden(answer.text, "receipt") == words
    assert "Его увезли в начале мая." in page
    assert re.search(r'name="who_came" value="pmc" checked', page)
    assert re.search(r'name="who_came" value="other" checked', page)
    assert re.search(r'value="21/010103000000" selected', page)
    assert re.search(r'name="consent_count" value="yes" checked', page)
    assert 'id="about_name-wrong"' in page
    assert 'id="story-wrong"' not in page
    assert served.rows(Mailbox) == 0


def test_the_words_and_one_way_to_identify_him_are_enough(served: Served) -> None:
    words = served.words()
    assert served.send(words, {"about_name": "Артём", "story": "Увезли."}).status_code == 303
    assert served.send(words, {"about_name": "Артём", "story": "Увезли."}).status_code == 303
    assert served.rows(Mailbox) == served.rows(Letter) == 1


@pytest.mark.parametrize(
    ("content", "count", "code"),
    [(b"x" * (LIMIT + 1), 1, "слишком большой"), (b"x", 11, "слишком много")],
    ids=["too large", "too many"],
)
def test_a_file_that_is_refused_costs_nothing_of_what_was_written(
    served: Served, content: bytes, count: int, code: str
) -> None:
    words, shreds = served.words(), served.rows(ShredRow)
    files = [("files", (f"{number}.jpg", content, "image/jpeg")) for number in range(count)]
    answer = served.send(words, files=files)
    assert answer.status_code == 422
    page = html.unescape(answer.text)
    assert all(said in page for said in (TYPED["story"], TYPED["about_name"], code))
    assert 'id="files-wrong"' in page
    assert hidden(answer.text, "receipt") == words
    assert served.blobs() == []
    assert served.rows(ShredRow) == shreds


def test_a_file_of_a_form_that_is_refused_is_not_left_behind(served: Served) -> None:
    words, shreds = served.words(), served.rows(ShredRow)
    file = [("files", ("a.txt", b"planted", "text/plain"))]
    assert served.send(words, {"story": "Без имени."}, file).status_code == 422
    for action in ("add", "consent", ""):
        typed = {"receipt": "не те слова", "action": action, "message": "текст"}
        assert multipart(served.client, "/ru/mailbox", typed, file).status_code == 404
    assert served.blobs() == []
    assert served.rows(ShredRow) == shreds


def test_a_name_that_is_no_language_is_no_page(served: Served) -> None:
    for path in ("/xx/", "/xx/report", "/xx/return", "/%00/", "/..%2f/report"):
        assert served.client.get(path).status_code == 404
    assert served.client.post("/xx/mailbox", data={"receipt": "a"}).status_code == 404


def test_before_there_is_a_key_to_seal_to_nothing_is_taken(database_url: str, tmp_path: Path) -> None:
    store = empty_store(database_url, tmp_path)
    settings = Settings(tmp_path / "data", tmp_path / "secrets", database_url, "http://testserver")
    client = TestClient(create_app(settings, store), raise_server_exceptions=False)
    for language, sentence in (
        ("en", "We cannot take reports yet"),
        ("ru", "Мы ещё не принимаем сообщения"),
        ("uk", "Ми ще не приймаємо повідомлень"),
    ):
        answer = client.get(f"/{language}/report")
        assert (answer.status_code, sentence in answer.text) == (503, True)
    assert multipart(client, "/ru/report", {**TYPED, "receipt": "слова"}).status_code == 503
    assert client.get("/ru/").status_code == 200
    assert client.post("/ru/mailbox", data={"receipt": "слова"}).status_code == 404
