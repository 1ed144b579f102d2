"""The family's path in Debian's Chromium with scripts off, as Tor Browser's "Safest" has it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.story.published import PUBLISHED
from tests.story.servers import Running, server

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("browser")
    with server(f"sqlite:///{folder / 'x.db'}", folder) as found:
        found.found()
        yield found


@pytest.fixture
def page(chromium: str, running: Running) -> Iterator[Page]:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
        context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740}, locale="ru")
        opened = context.new_page()
        opened.set_default_timeout(10_000)
        yield opened
        assert context.cookies() == []
        browser.close()


def test_the_family_reports_and_comes_back_without_scripts(page: Page, running: Running, tmp_path: Path) -> None:
    foreign: list[str] = []
    page.on("request", lambda request: foreign.append(request.url) if running.url not in request.url else None)
    answer = page.goto(f"{running.url}/")
    assert answer is not None
    assert page.url == f"{running.url}/ru/"
    assert page.title() == "Заметки"
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("no-store", "no-referrer")
    page.click('a[href="/ru/report"]')
    page.fill("#about_name", str(PUBLISHED.form["about_name"]))
    page.click('#about a[href="#what"]')
    page.fill("#story", str(PUBLISHED.form["story"]))
    page.fill("#last_heard", "17 мая 2023")
    page.click('#what a[href="#allow"]')
    page.click('#allow a[href="#reach"]')
    page.click('#reach a[href="#words"]')
    words = page.locator("ol.words li").all_inner_texts()
    assert len(words) == 11
    box = page.locator('#words input[type="checkbox"]')
    if box.count():
        box.first.check()
    page.click('#words button[type="submit"]')
    assert page.url == f"{running.url}/ru/sent"
    page.goto(f"{running.url}/ru/return")
    page.fill("#receipt", " ".join(word.upper() for word in words))
    page.click('main button[type="submit"]')
    assert "Последний раз он вышел на связь 17 мая" in page.inner_text("main")
    page.click("a.leave")
    assert page.url == f"{running.url}/away"
    assert foreign == []


def test_a_refused_report_keeps_what_was_typed(page: Page, running: Running) -> None:
    page.goto(f"{running.url}/uk/report")
    page.fill("#about_name", "Лободай Остап")
    page.goto(f"{running.url}/uk/report#words")
    box = page.locator('#words input[type="checkbox"]')
    if box.count():
        box.first.check()
    page.click('#words button[type="submit"]')
    assert page.locator(".wrong").count() >= 1
    assert page.locator("ol.words li").count() == 11


@pytest.mark.parametrize("language", ["en", "ru", "uk"])
@pytest.mark.parametrize("path", ["", "report", "return", "sent"])
def test_no_page_holds_a_script_a_style_or_a_foreign_address(
    page: Page, running: Running, language: str, path: str
) -> None:
    page.goto(f"{running.url}/{language}/{path}")
    html = page.content()
    assert "<script" not in html
    assert " style=" not in html
    assert "<style" not in html
    assert page.locator(f'html[lang="{language}"]').count() == 1
