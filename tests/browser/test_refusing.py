"""What the browser itself is told to refuse: a page of ours in a frame, and what it saw before signing out."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, sync_playwright
from starlette.responses import HTMLResponse
from starlette.types import Message, Receive, Scope, Send

from tests.browser.serving import on_loopback
from tests.browser.test_family import FLAGS
from tests.pages.scene import Scene, make_scene


@dataclass(frozen=True)
class House:
    """The group, its site, and a browser."""

    scene: Scene
    url: str
    browser: Browser

    def page(self, url: str = "", login: str = "carl") -> Page:
        """Return a member's tab, with scripts on, signed in at this address."""
        context = self.browser.new_context(locale="en")
        token = self.scene.staff.world.tokens[login]
        context.add_cookies([{"name": "lastheard", "value": token, "url": url or self.url}])
        opened = context.new_page()
        opened.set_default_timeout(10_000)
        return opened


@pytest.fixture(scope="module")
def house(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    scene = make_scene(tmp_path_factory.mktemp("refusing"))
    with on_loopback(scene.staff.app) as url, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
        yield House(scene, url, browser)
        browser.close()


def without(app: FastAPI, *dropped: str) -> FastAPI:
    """Return the application with headers taken from its answers."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            kept = [one for one in message.get("headers", ()) if one[0].decode() not in dropped]
            await send({**message, "headers": kept} if "headers" in message else message)

        await app(scope, receive, sent)

    return answer  # only called, never looked into


def framed(page: Page, url: str) -> str:
    """Return what stands in a frame that shows this address, on a page of somebody else's."""

    async def evil(scope: Scope, receive: Receive, send: Send) -> None:
        await HTMLResponse(f"<iframe src='{url}'></iframe>")(scope, receive, send)

    with on_loopback(evil) as elsewhere:
        page.goto(elsewhere, wait_until="networkidle")
        inner = page.frames[1]
        return inner.evaluate("document.body ? document.body.innerText : ''") if inner.url == url else ""


@pytest.mark.parametrize("path", ["/en/", "/en/report", "/today", "{case}"])
def test_no_page_stands_in_a_frame_of_anybody_elses(house: House, path: str) -> None:
    page = house.page()
    assert framed(page, house.url + house.scene.fill(path)) == ""
    page.context.close()


def test_planted_a_page_that_may_be_framed_is_seen_in_the_frame(house: House) -> None:
    app = without(house.scene.staff.app, "content-security-policy", "x-frame-options", "cross-origin-resource-policy")
    with on_loopback(app) as url:
        page = house.page(url)
        assert "Begin" in framed(page, f"{url}/en/")
        page.context.close()


def gone_back(page: Page, case: str) -> str:
    """Read a case, sign out, and return what the way back shows."""
    page.goto(case)
    assert page.locator("main section").count() > 3
    page.click('form[action="/sign-out"] button')
    page.wait_for_url("**/sign-in")
    page.go_back()
    return page.url.removeprefix(case)


def test_after_signing_out_the_way_back_leads_to_the_door(house: House) -> None:
    page, case = house.page(), house.url + house.scene.names["case"]
    assert gone_back(page, case).endswith("/sign-in")
    assert page.context.cookies() == []
    page.context.close()


def test_planted_a_page_that_may_be_kept_is_there_on_the_way_back(house: House) -> None:
    with on_loopback(without(house.scene.staff.app, "cache-control", "clear-site-data")) as url:
        page = house.page(url, "ines")
        assert gone_back(page, url + house.scene.names["case"]) == ""
        assert page.locator("main section").count() > 3
        page.context.close()
