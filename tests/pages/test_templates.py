"""The pages: nothing from outside, nothing in line, nothing that tells a searched phone what was read."""

import re
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest

from api.pages.languages import LANGUAGES, Language, render
from api.pages.reporter.mailbox import Shown
from api.words.receipt import new_receipt, read_receipt

HOSTILE = '"><script>alert(1)</script>'
NEUTRAL = {
    "en": {"Notes", "Apple cake"},
    "ru": {"Заметки", "Яблочный пирог"},
    "uk": {"Нотатки", "Яблучний пиріг"},
}
PURPOSES = ["count", "lawyer", "un-confidential", "un-named", "publish-anonymous", "publish-named"]
ASKED = {
    *("about_name", "about_birth", "relation", "story", "last_heard", "held_where", "who_came", "files"),
    *("wishes", "contact_channel", "contact_address", "contact_safe_times", "reporter_name", "receipt"),
    *(f"consent_{purpose}" for purpose in PURPOSES),
}


class Page(HTMLParser):
    """What a page is made of: elements with their attributes, in order."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag in tags]


def report(language: Language, values: dict[str, object] | None = None, problems: dict[str, str] | None = None) -> str:
    receipt = new_receipt(language, bytes(range(16)))
    context = {"here": "report", "receipt": receipt, "values": values or {}, "problems": problems or {}}
    return render("reporter/report.html", language, **context)


def family_pages(language: Language) -> dict[str, str]:
    told = {"about_name": HOSTILE, "relation": "21/010103000000", "who_came": ["pmc", HOSTILE]}
    letters = [
        Shown(True, "24", "question", HOSTILE),
        Shown(False, "22", "report", "да", told, (HOSTILE,)),
        Shown(False, "23", "consent", purpose="count", value="yes"),
        Shown(True, "25", "notice", said="erased", until="26"),
    ]
    mailbox: dict[str, object] = {"receipt": HOSTILE, "letters": letters, "waiting": ["count"]}
    mailbox |= {"consents": {"count": "yes"}, "accepted": False, "answered": False, "erased": False}
    mailbox |= {"erasure_asked": False, "notice": "added", "values": {}, "problems": {}}
    return {
        "welcome": render("reporter/welcome.html", language, here=""),
        "report": report(language),
        "refused": report(language, {"story": HOSTILE, "who_came": ["pmc"]}, {"about_name": "missing"}),
        "sent": render("reporter/sent.html", language),
        "return": render("reporter/return.html", language, here="return", values={}, problems={"receipt": "malformed"}),
        "mailbox": render("reporter/mailbox.html", language, **mailbox),
        "erased": render("reporter/mailbox.html", language, **(mailbox | {"erasure_asked": True, "letters": []})),
        "gone for good": render("reporter/mailbox.html", language, **(mailbox | {"erased": True})),
        "accepted": render("reporter/mailbox.html", language, **(mailbox | {"accepted": True})),
        "not yet": render("reporter/not_yet.html", language),
        "gone": render("reporter/gone.html", language),
        "error": render("error.html", language, sentence="This has been erased."),
    }


ALL = [(language, name, page) for language in LANGUAGES for name, page in family_pages(language).items()]
every_page = pytest.mark.parametrize(("language", "name", "source"), ALL, ids=[f"{a}-{b}" for a, b, _ in ALL])


def reaches_out(source: str) -> list[str]:
    """Name what a page would run, load or send elsewhere."""
    page = Page(source)
    inline = [f"{tag} {key}" for tag, given in page.found for key in given if key == "style" or key.startswith("on")]
    tags = [tag for tag, _ in page.found if tag in ("script", "style", "iframe", "img", "object", "embed", "base")]
    places = [given.get(key) or "" for _, given in page.found for key in ("href", "src", "action") if key in given]
    return inline + tags + [place for place in places if not re.match(r"^(/(?!/)|#|$)", place)]


@every_page
def test_a_page_runs_nothing_and_asks_nobody_else(language: Language, name: str, source: str) -> None:
    assert reaches_out(source) == []


@pytest.mark.parametrize(
    "planted",
    [
        "<script>1</script>",
        '<p style="color:red">',
        '<a onclick="x">',
        '<a href="//elsewhere/">',
        '<img src="/a.png">',
    ],
)
def test_a_page_that_reaches_out_is_caught(planted: str) -> None:
    assert reaches_out(planted)


@every_page
def test_the_title_tells_nothing(language: Language, name: str, source: str) -> None:
    titles = re.findall(r"<title>(.*?)</title>", source)
    assert len(titles) == 1
    assert titles[0] in NEUTRAL[language]


@every_page
def test_every_page_but_the_neutral_one_can_be_left_at_once(language: Language, name: str, source: str) -> None:
    leaving = [link for link in Page(source).all("a") if link.get("class") == "leave"]
    assert leaving == ([] if name == "gone" else [{"class": "leave", "href": "/away", "rel": "noreferrer"}])


@every_page
def test_what_was_typed_is_text_and_never_markup(language: Language, name: str, source: str) -> None:
    assert HOSTILE not in source
    assert "alert(1)</" not in source


@every_page
def test_every_control_has_a_label_and_every_reference_a_target(language: Language, name: str, source: str) -> None:
    page = Page(source)
    ids = [given["id"] for _, given in page.found if "id" in given]
    assert len(ids) == len(set(ids))
    labels = {given["for"] for given in page.all("label") if "for" in given}
    boxes = ("hidden", "checkbox", "radio")
    controls = [given for given in page.all("input", "textarea", "select") if given.get("type") not in boxes]
    assert {given["id"] for given in controls} == labels
    described = " ".join(given.get("aria-describedby") or "" for _, given in page.found).split()
    targets = [(given.get("href") or "")[1:] for given in page.all("a") if (given.get("href") or "").startswith("#")]
    assert set(described) | set(targets) <= set(ids)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_asks_what_it_should_and_nothing_else(language: Language) -> None:
    names = [given["name"] for given in Page(report(language)).all("input", "textarea", "select") if "name" in given]
    assert set(names) == ASKED


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_are_the_last_step_and_travel_as_the_person_sees_them(language: Language) -> None:
    source = report(language)
    steps = [given["id"] for given in Page(source).all("section")]
    assert steps[-1] == "words"
    sent = [given["value"] for given in Page(source).all("input") if given.get("name") == "receipt"]
    shown = re.search(r'<ol class="words"[^>]*>(.*?)</ol>', source, re.S)
    assert shown
    assert len(sent) == 1
    listed = re.findall(r"<li>(.*?)</li>", shown[1])
    assert read_receipt(sent[0] or "") == read_receipt(" ".join(listed).replace("&#39;", "'"))
    assert read_receipt(sent[0] or "") is not None


def test_enter_in_a_field_cannot_send_the_report_before_the_words_were_seen() -> None:
    buttons = Page(report("ru")).all("button")
    assert "disabled" in buttons[0]
    assert buttons[0].get("type") == "submit"
    assert [button for button in buttons[1:] if "disabled" not in button] == buttons[1:]
    assert len(buttons) == 2


@pytest.mark.parametrize("purpose", PURPOSES)
def test_each_purpose_begins_at_no(purpose: str) -> None:
    picks = [given for given in Page(report("uk")).all("input") if given.get("name") == f"consent_{purpose}"]
    assert [(pick["value"], "checked" in pick) for pick in picks] == [
        ("no", True),
        ("yes", False),
        ("ask-again", False),
    ]


def test_a_refused_report_keeps_what_was_typed_and_says_what_is_wrong_beside_the_field() -> None:
    typed: dict[str, object] = {
        "story": "Он <подписал>",
        "who_came": ["pmc", "other"],
        "consent_count": "yes",
    }
    typed |= {"relation": "21/010103000000", "held_where": "ИК-29"}
    source = report("ru", typed, {"about_name": "missing"})
    page = Page(source)
    assert "Он &lt;подписал&gt;" in source
    assert 'value="ИК-29"' in source
    checked = {(given.get("name"), given["value"]) for given in page.all("input") if "checked" in given}
    assert {("who_came", "pmc"), ("who_came", "other"), ("consent_count", "yes")} <= checked
    assert [given["value"] for given in page.all("option") if "selected" in given] == ["21/010103000000"]
    name = next(given for given in page.all("input") if given.get("name") == "about_name")
    assert name["aria-invalid"] == "true"
    assert "about_name-wrong" in (name["aria-describedby"] or "")
    assert source.count("Заполните, пожалуйста") == 2


def test_the_mailbox_carries_the_words_in_every_form_and_in_no_address() -> None:
    page = Page(family_pages("ru")["mailbox"])
    forms = page.all("form")
    carried = [given for given in page.all("input") if given.get("name") == "receipt"]
    assert len(forms) == len(carried) == 4
    assert {(form["method"], form["action"]) for form in forms} == {("post", "/ru/mailbox")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_frame_of_the_group_stands_with_and_without_a_session(language: Language) -> None:
    item = SimpleNamespace(href="/cases", label="Cases", current=True, count=2, urgent=True)
    alone = render("staff_error.html", language, title="Lastheard", sentence="This has been erased.")
    inside = render(
        "staff_error.html",
        language,
        title="K7-M4QX",
        sentence="This has been erased.",
        nav=[item],
        who="North desk",
        ends_in=21,
        sign_out="/sign-out",
        form_token="t",
        back="/",
    )
    assert reaches_out(alone) == reaches_out(inside) == []
    assert 'aria-current="page"' in inside
    assert "<nav" not in alone
