"""Every page of the application in Debian's Chromium, in three languages: nothing in line, nothing from elsewhere,
nothing kept, and nothing that a screen reader or a keyboard cannot use (axe)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi.routing import iter_route_contexts
from playwright.sync_api import BrowserContext, Page, Request, Response, sync_playwright

from api.access import sessions
from api.models.tables import Member
from tests.browser.serving import on_loopback
from tests.browser.test_family import FLAGS
from tests.ground.test_edge import application
from tests.pages.scene import Scene, make_scene
from tests.pages.test_staff import told

LANGUAGES = ("en", "ru", "uk")
# What is no page: a word for a watcher, the API, and a file that is handed over.
NO_PAGES = {"/health", "/api/openapi.json", "/cases/{case_id}/files/{file_id}"}
# The template of each page, and who visits it where; "" is a stranger, {names} are those of the scene.
VISITS: dict[str, tuple[tuple[str, str], ...]] = {
    "/": (("", "/"),),
    "/away": (("", "/away"),),
    "/en": (("", "/en"),),
    "/ru": (("", "/ru"),),
    "/uk": (("", "/uk"),),
    "/{language}/": (("", "/{language}/"),),
    "/{language}/report": (("", "/{language}/report"),),
    "/{language}/sent": (("", "/{language}/sent"),),
    "/{language}/return": (("", "/{language}/return"),),
    "/found": (("", "/found"),),
    "/join": (("", "/join"),),
    "/sign-in": (("", "/sign-in"),),
    "/lost": (("", "/lost"),),
    "/me": (("carl", "/me"),),
    "/me/device": (("carl", "/me/device"),),
    "/today": tuple((login, "/today") for login in ("ada", "otto", "tina", "ines", "carl", "ann", "leo")),
    "/steps/recovery": (("tina", "/steps/recovery"),),
    "/members": (("ada", "/members"), ("otto", "/members")),
    "/members/{member_id}/held": (("otto", "/members/{leo}/held"),),
    "/desks": (("carl", "/desks"), ("ada", "/desks")),
    "/recovery": (("tina", "/recovery"),),
    "/inbox": (("ines", "/inbox"),),
    "/inbox/{mailbox_id}": (("ines", "/inbox/{report}"),),
    "/cases": (("carl", "/cases"), ("ines", "/cases")),
    "/cases/{case_id}": (("carl", "{case}"), ("ines", "{case}")),
    "/cases/{case_id}/add/{entity}": tuple(
        ("carl", f"{{case}}/add/{entity}")
        for entity in (
            "act",
            "person",
            "custody",
            "statement",
            "consent",
            "event",
            "information",
            "handling",
            "deadline",
        )
    ),
    "/cases/{case_id}/grants": (("carl", "{case}/grants"),),
    "/cases/{case_id}/erase": (("carl", "{case}/erase"),),
    "/cases/{case_id}/subject": (("carl", "{case}/subject"),),
    "/cases/{case_id}/end": (("carl", "{case}/end"),),
    "/cases/{case_id}/together": (("carl", "{case}/together"),),
    "/desks/{desk_id}/alike": (("carl", "/desks/{north}/alike"),),
    "/cases/{case_id}/reports/{profile}": tuple(
        ("carl", f"{{case}}/reports/{profile}") for profile in ("wgeid", "dossier")
    ),
    "/counts": (("ann", "/counts"),),
    "/log": (("otto", "/log"),),
    "/inventory": (("carl", "/inventory"),),
    "/retention": (("carl", "/retention"), ("leo", "/retention")),
    "/erasures": (("otto", "/erasures"),),
    "/recover": (("", "/recover"),),
    "/recovery/split": (("tina", "/recovery/split"),),
    "/imports": (("ines", "/imports"),),
    "/imports/{import_id}": (("ines", "{table}"),),
}
# What a group that is founded has no more: the next test but two visits it before.
GONE = {"/found"}
IN_LINE = "[style], style, script, iframe, object, embed, [onclick], [onload], [onsubmit], [onerror]"


@dataclass
class Watched:
    """A browser's tab, with all that it asked for and all that it complained of."""

    page: Page
    own: str
    referred: list[str]
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(10_000)
        self.page.on("request", self._asked)
        self.page.on("console", lambda line: self.complaints.append(line.text))

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.own}/", "data:")):
            self.foreign.append(request.url)

    def faults(self, answer: Response) -> list[str]:
        """Name what is wrong with the page that is shown, and with how it came."""
        headers = answer.headers
        found = [] if headers.get("cache-control") == "no-store" else ["may be kept"]
        found += [] if headers.get("referrer-policy") == "no-referrer" else ["says where it came from"]
        found += [] if "default-src 'none'" in headers.get("content-security-policy", "") else ["no policy"]
        found += ["kept"] if self.page.evaluate("localStorage.length + sessionStorage.length") else []
        found += [f"in line: {count}" for count in [self.page.locator(IN_LINE).count()] if count]
        found += [f"from elsewhere: {one}" for one in self.foreign] + [f"refers: {one}" for one in self.referred]
        found += [f"complains: {one}" for one in self.complaints if "Content Security Policy" in one]
        return found + unusable(self.page)


def unusable(page: Page) -> list[str]:
    """Return what axe says against the page that is shown."""
    violations = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in violations]


@dataclass
class House:
    """The group with its case and its report, served, and a browser."""

    scene: Scene
    url: str
    contexts: dict[tuple[str, str], BrowserContext]
    receipt: str
    referred: list[str]
    table: str
    tabs: dict[tuple[str, str], Watched] = field(default_factory=dict)

    def tab(self, login: str, language: str) -> Watched:
        """Return a fresh tab of this person's browser, in this language."""
        return Watched(self.contexts[login, language].new_page(), self.url, self.referred)

    def visit(self, login: str, path: str, language: str) -> list[str]:
        """Visit a page in this person's own tab, which stays open, and return what is wrong with it."""
        if (login, language) not in self.tabs:
            self.tabs[login, language] = self.tab(login, language)
        tab = self.tabs[login, language]
        for heard in (tab.foreign, tab.referred, tab.complaints):
            heard.clear()
        answer = tab.page.goto(self.url + path.format(language=language, table=self.table, **self.scene.names))
        assert answer is not None
        shown = tab.page.get_attribute("html", "lang")
        found = [] if answer.status == (404 if path in GONE else 200) else [f"answers {answer.status}"]
        found += [] if shown == (path[1:] if path[1:] in LANGUAGES else language) else [f"in {shown}"]
        return found + tab.faults(answer)


def imported(scene: Scene) -> str:
    """Bring a table of cases along, and return the path of its page."""
    officer = scene.staff.member("ines")
    officer.get("/imports")
    officer.send("/imports", {}, {"file": ("cases.csv", "name;arrested\nОстап;2023\n".encode(), "text/csv")})
    return officer.path


@pytest.fixture(scope="module")
def house(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    scene = make_scene(tmp_path_factory.mktemp("house"))
    referred = list[str]()
    with on_loopback(scene.staff.app, referred) as url, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
        logins = {login for visits in VISITS.values() for login, _ in visits}
        contexts = {}
        for login in sorted(logins):
            for language in LANGUAGES:
                # Scripts on, here alone: axe is one, and the policy is what has to keep all others out.
                context = browser.new_context(locale=language)
                if login:
                    token = scene.staff.world.tokens[login]
                    context.add_cookies([{"name": "lastheard", "value": token, "url": url}])
                contexts[login, language] = context
        yield House(scene, url, contexts, told(scene.staff), referred, imported(scene))
        browser.close()


def speak(scene: Scene, language: str) -> None:
    """Let every member read this language."""
    store = scene.staff.world.store
    for member_id in scene.staff.world.ids.values():
        with store.writing() as db:
            member = db.get_one(Member, member_id)
            sessions.set_label(store, member, {**sessions.label(store, member).note, "language": language})


def unvisited(templates: Sequence[str]) -> set[str]:
    """Return the pages that nobody visits."""
    return {one for one in templates if not one.startswith("/api/")} - NO_PAGES - set(VISITS)


def templates(scene: Scene) -> list[str]:
    contexts = list(iter_route_contexts(scene.staff.app.routes))
    return [one.path or "" for one in contexts if "GET" in (one.methods or ())]


def test_every_page_of_the_application_has_a_visit(house: House) -> None:
    found = templates(house.scene)
    assert len(found) > 30
    assert unvisited(found) == set()
    assert set(VISITS) <= set(found)
    assert unvisited([*found, "/planted"]) == {"/planted"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_has_anything_against_it(house: House, language: str) -> None:
    speak(house.scene, language)
    found = {}
    for visits in VISITS.values():
        for login, path in visits:
            if faults := house.visit(login, path, language):
                found[f"{login} {path}"] = faults
    assert found == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_answers_a_form_has_nothing_against_it(house: House, language: str) -> None:
    """The mailbox that a family opens, and forms that are refused, with their problems beside the fields."""
    tab = house.tab("", language)
    for path, typed in ((f"/{language}/return", house.receipt), (f"/{language}/return", "wrong words")):
        tab.page.goto(house.url + path)
        tab.page.fill("#receipt", typed)
        with tab.page.expect_navigation() as sent:
            tab.page.click('main button[type="submit"]')
        assert tab.faults(sent.value) == []
    tab.page.goto(f"{house.url}/sign-in")
    tab.page.fill("#login", "nobody")
    tab.page.fill("#passphrase", "nothing")
    tab.page.fill("#code", "000000")
    with tab.page.expect_navigation() as sent:
        tab.page.click("main button[type=submit]")
    assert (sent.value.status, tab.faults(sent.value)) == (401, [])
    for path in ("/nowhere", f"/{language}/nowhere"):
        answer = tab.page.goto(house.url + path)
        assert answer is not None
        assert (answer.status, tab.faults(answer)) == (404, [])
    assert house.contexts["", language].cookies() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_the_group_is_founded_no_page_has_anything_against_it(
    house: House, language: str, tmp_path: Path
) -> None:
    with on_loopback(application(tmp_path)) as url:
        tab = Watched(house.contexts["", language].new_page(), url, [])
        for path, status in (("/found", 200), (f"/{language}/report", 503), ("/sign-in", 200)):
            answer = tab.page.goto(url + path)
            assert answer is not None
            assert (answer.status, tab.faults(answer)) == (status, [])
        tab.page.close()


PLANTED = {
    "in line": "<main><h1>x</h1><p style='color:red'>x</p></main>",
    "complains": "<main><h1>x</h1><script>document.title = 'ran'</script></main>",
    "from elsewhere": "<main><h1>x</h1><img alt='x' src='http://127.0.0.2:9/x.png'></main>",
    "image-alt": "<main><h1>x</h1><img src='/static/x.png'></main>",
    "label": "<main><h1>x</h1><input name=x></main>",
    "color-contrast": "<main><h1>x</h1><p class=faint>Words that nobody can read.</p></main>",
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_seen(house: House, fault: str, tmp_path: Path) -> None:
    tab = Watched(
        house.contexts["", "en"].browser.new_page(), house.url, house.referred
    )  # scripts on: the policy has to stop them
    policy = application(tmp_path).middleware_stack._headers  # the edge's own table
    headers = {name.decode(): value.decode() for name, value in policy} | {"content-type": "text/html"}
    sheet = "<style>.faint{color:#ddd;background:#fff}</style>" if fault == "color-contrast" else ""
    headers |= {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"} if sheet else {}
    body = f"<!doctype html><html lang=en><title>x</title>{sheet}{PLANTED[fault]}</html>"
    tab.page.route("**/planted", lambda route: route.fulfill(status=200, headers=headers, body=body))
    answer = tab.page.goto(f"{house.url}/planted")
    assert answer is not None
    assert [one for one in tab.faults(answer) if fault in one], tab.complaints
    assert tab.page.title() == "x"
    tab.page.close()


def test_a_page_that_may_be_kept_or_tells_where_it_came_from_is_seen(house: House) -> None:
    tab = house.tab("", "en")
    tab.page.route("**/planted", lambda route: route.fulfill(status=200, content_type="text/html", body="<h1>x</h1>"))
    answer = tab.page.goto(f"{house.url}/planted", referer=f"{house.url}/en/report")
    assert answer is not None
    tab.page.set_extra_http_headers({"referer": f"{house.url}/en/report"})
    tab.page.goto(f"{house.url}/away")
    tab.page.goto(f"{house.url}/planted")
    assert {"may be kept", "says where it came from", "no policy", f"refers: /away from {house.url}/en/report"} <= set(
        tab.faults(answer)
    )
