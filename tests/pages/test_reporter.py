"""The family's pages over the whole application: one form, one sending, eleven words."""

import html
import json
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.models.tables import Letter, Mailbox, ShredRow
from api.services import inbox
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
    kinds = [one["kind"] for one in json.loads(copy.content)]
    assert kinds == ["report", "question", "answer", "consent", "consent"]
    assert copy.headers["content-disposition"].startswith("attachment")
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
