"""A case worker in Debian's Chromium with scripts off: signs in and reads a case, in three languages."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, sync_playwright

from api.demo import story
from api.demo.story import Stage, Told
from api.demo.visitor import Visitor
from tests.browser.test_family import FLAGS
from tests.story.published import PUBLISHED
from tests.story.servers import Running, server

LANGUAGES = ("en", "ru", "uk")
WORDS = {
    "en": ("Today", "What happened, when", "sealed. Opening asks for a reason and is written down."),
    "ru": ("Сегодня", "Что и когда произошло", "запечатано. При открытии спросят причину и запишут."),
    "uk": ("Сьогодні", "Що і коли сталося", "запечатано. Під час відкриття спитають причину й запишуть."),
}
# Selectors of what a reader with a screen reader would stumble over, and of what must not be in line.
FAULTS = {
    "in line": "[style], script, style, iframe, [onclick]",
    "without an alternative": "img:not([alt]), svg:not([aria-label], [aria-hidden])",
    "an empty heading": "h1:empty, h2:empty, h3:empty",
    "a head without words": "th:empty",
    "a button without words": "button:empty:not([aria-label])",
    "a fieldset without a legend": "fieldset:not(:has(legend))",
    "two main parts": "main ~ main",
}


@dataclass(frozen=True)
class Scene:
    """The server, its people, the published case, and a case worker for each language."""

    running: Running
    stage: Stage
    told: Told
    workers: dict[str, Visitor]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("staff")
    with server(f"sqlite:///{folder / 'x.db'}", folder) as running:
        stage = running.found()
        told = story.report(running.url, PUBLISHED)
        story.take_in(stage, told)
        story.document(stage, told)
        workers = {language: seated(stage, language) for language in LANGUAGES}
        yield Scene(running, stage, told, workers)


def seated(stage: Stage, language: str) -> Visitor:
    """Enrol a case worker who reads this language, and seat them at the North desk; nobody has signed in yet."""
    founder, colleague = stage.who("vera.admin"), stage.who("kirill.desk")
    worker = Visitor(stage.url, f"reader.{language}", "case_worker")
    code = founder.api("POST", "/invitations", {"role": "case_worker"})["code"]
    worker.enrol("/join", {"code": code, "language": language})
    waiting = next(one for one in founder.api("GET", "/members")["lines"] if one["state"] == "waiting")
    heard = worker.words
    founder.api("POST", f"/members/{waiting['id']}/confirmation", {"words": heard})
    colleague.api("POST", f"/desks/{stage.desks['North']}/seats", {"member": waiting["id"], "words": heard})
    return worker


@pytest.fixture
def page(chromium: str) -> Iterator[Page]:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
        context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
        opened = context.new_page()
        opened.set_default_timeout(10_000)
        yield opened
        browser.close()


def faults(page: Page) -> list[str]:
    """Name what is wrong with the page that is shown."""
    found = [name for name, selector in FAULTS.items() if page.locator(selector).count()]
    found += [f"{count} first headings" for count in [page.locator("h1").count()] if count != 1]
    boxes = "input:not([type=hidden]):not([type=checkbox]):not([type=radio]), select, textarea"
    for control in page.locator(boxes).all():
        if page.locator(f'label[for="{control.get_attribute("id")}"]').count() != 1:
            found.append(f"no label: {control.get_attribute('name')}")
    loose = [one for one in page.locator("input[type=checkbox], input[type=radio]").all() if not inside_a_label(one)]
    return found + ["no label: a box" for _ in loose]


def inside_a_label(box: Locator) -> bool:
    """Say whether a box stands in its label."""
    return box.locator("xpath=ancestor::label").count() == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_case_worker_signs_in_and_reads_a_case_without_scripts(page: Page, scene: Scene, language: str) -> None:
    foreign: list[str] = []
    own = (scene.running.url, "data:")
    page.on("request", lambda one: None if one.url.startswith(own) else foreign.append(one.url))
    worker, (today, happened, shut) = scene.workers[language], WORDS[language]
    page.goto(f"{scene.running.url}/sign-in")
    assert faults(page) == []
    page.fill("#login", worker.login)
    page.fill("#passphrase", worker.passphrase)
    page.fill("#code", worker.code())
    page.click("main button[type=submit]")
    assert page.url == f"{scene.running.url}/today"
    assert page.inner_text("h1") == today
    page.click('nav a[href="/cases"]')
    page.click("td a")
    assert page.title() == scene.told.code
    assert page.locator(f'html[lang="{language}"]').count() == 1
    assert page.locator("svg.timeline text.heard").count() == 1
    for words in (happened, shut):
        assert words in page.inner_text("main")
    assert "Бунятов" not in page.inner_text("main")
    assert faults(page) == []
    page.click("[data-door=identity] summary")
    page.select_option("#identity-reason", "verify-fact")
    page.fill("#identity-words", "имя")
    page.click("[data-door=identity] button")
    assert "Бунятов Артём" in page.inner_text("main")
    assert foreign == []


@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_of_a_case_worker_is_whole_and_fits(page: Page, scene: Scene, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    case, worker = f"/cases/{scene.told.case}", scene.stage.who("kirill.desk")
    page.context.add_cookies([{"name": "lastheard", "value": worker.token, "url": scene.running.url}])
    pages = ("/today", "/cases", "/counts", "/members", "/desks", "/inventory", "/me", "/me/device", case)
    for path in (*pages, f"{case}/add/act", f"{case}/add/person", f"{case}/grants", f"{case}/erase"):
        answer = page.goto(f"{scene.running.url}{path}")
        assert answer is not None
        assert (answer.status, faults(page)) == (200, []), path
        assert answer.headers["cache-control"] == "no-store"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize(
    "planted",
    [
        "<p style='color:red'>x</p>",
        "<h1>again</h1>",
        "<input name=x>",
        "<img src=a.png>",
        "<input type=checkbox name=y>",
    ],
)
def test_a_page_with_a_fault_is_caught(page: Page, planted: str) -> None:
    page.set_content("<h1>x</h1>")
    assert faults(page) == []
    page.set_content(f"<h1>x</h1>{planted}")
    assert faults(page)
