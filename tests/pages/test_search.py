"""The one box on the page of cases: what is typed finds the case, says why, and is in no address."""

import pytest

from api.services import searching
from tests.pages.browsing import Group, Seen, group
from tests.pages.test_staff import accepted


@pytest.fixture(scope="module")
def staff(tmp_path_factory: pytest.TempPathFactory) -> Group:
    folder = tmp_path_factory.mktemp("search")
    return group(f"sqlite:///{folder / 'lastheard.db'}", folder)


@pytest.fixture(scope="module")
def case(staff: Group) -> str:
    return accepted(staff)


def lines(seen: Seen) -> list[str]:
    return ["/cases/" + one["data-case"] for one in seen.all("tr") if "data-case" in one]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("Artyom Bunyatov", "name probably the same"),
        ("бунятову артему", "name probably the same"),
        ("ИК-29", "held in this facility"),
        ("вербовщики наёмники", "words of the story"),
    ],
)
def test_what_is_typed_finds_the_case_and_says_why(staff: Group, case: str, line: str, why: str) -> None:
    worker = staff.member("carl")
    worker.get("/cases")
    seen = worker.send("/cases/search", {"line": line})
    assert (worker.status, lines(seen)) == (200, [case])
    assert why in seen.text
    assert "1 case found" in seen.text
    assert worker.answer.url.query == b""
    assert "Бунятов Артём" not in seen.text
    assert seen.form("/cases/search").fields == {"line": [line], "reason": ["check-duplicate"]}


def test_who_sits_elsewhere_is_told_that_nothing_fits(staff: Group, case: str) -> None:
    for login, there in (("carl", [case]), ("cora", [])):
        person = staff.member(login)
        person.get("/cases")
        seen = person.send("/cases/search", {"line": "Бунятов"})
        assert lines(seen) == there
        assert ("Nothing that you can see fits." in seen.text) == (not there)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"line": "я"}, "two letters at least"),
        ({"line": "я" * 10_000}, "too long"),
        ({"line": "Бунятов", "reason": ""}, "Please choose a reason."),
        ({"line": "Бунятов", "reason": "because"}, "Please choose a reason."),
    ],
)
def test_a_refused_line_comes_back_as_it_was_typed(staff: Group, case: str, typed: dict[str, str], said: str) -> None:
    worker = staff.member("carl")
    worker.get("/cases")
    seen = worker.send("/cases/search", typed)
    assert (worker.status, lines(seen)) == (422, [])
    assert said in seen.text
    assert seen.form("/cases/search").fields["line"] == [typed["line"]]


def test_a_narrowed_list_is_searched_as_it_is_narrowed(staff: Group, case: str) -> None:
    worker = staff.member("carl")
    for region, there in (("RU-ARK", [case]), ("RU-MOW", [])):
        worker.get(f"/cases?region={region}")
        seen = worker.send("/cases/search", {"line": "Бунятов"})
        assert lines(seen) == there
        assert seen.form("/cases/search").fields["region"] == [region]


def test_the_next_page_is_asked_for_with_the_same_line(
    staff: Group, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted(staff)
    monkeypatch.setattr(searching, "PAGE", 1)
    worker = staff.member("carl")
    worker.get("/cases")
    seen = worker.send("/cases/search", {"line": "Бунятов", "reason": "verify-fact"})
    following = [form.fields for form in seen.forms if "skip" in form.fields]
    assert following == [{"line": ["Бунятов"], "reason": ["verify-fact"], "skip": ["1"]}]
    assert {*lines(seen), *lines(worker.post("/cases/search", following[0]))} > {case}
