"""The search of the API: the same answer as the page's, for who may ask."""

from tests.routes.calling import Office

ASKED = {"line": "Ostap Loboday", "reason": "check-duplicate"}


def named_case(office: Office) -> str:
    case = office.make_case()
    person = {"entity": "person", "values": {"role": "victim", "name": "Ostap Loboday"}}
    person |= {"reason": "document-case", "words": "his name"}
    added = office.call("carl", "POST", f"/cases/{case}/entries", person, office.seen("carl", case))
    assert added.status_code == 201
    return case


def test_a_line_finds_a_case_with_why_and_pages_follow(office: Office) -> None:
    cases = {named_case(office), named_case(office)}
    answer = office.call("carl", "POST", "/cases/search", ASKED)
    assert answer.status_code == 200
    said = answer.json()
    assert cases <= {one["line"]["id"] for one in said["lines"]}
    assert {(tuple(one["why"]), one["probably"]) for one in said["lines"]} == {(("name",), True)}
    assert (said["next"], said["missing"], said["unopened"]) == (0, 0, 0)
    after = office.call("carl", "POST", "/cases/search", {**ASKED, "skip": said["found"]}).json()
    assert (after["lines"], after["found"]) == ([], said["found"])


def test_facets_narrow_what_a_line_finds_and_an_unknown_one_is_refused(office: Office) -> None:
    case = named_case(office)
    narrowings: tuple[tuple[dict[str, str], bool], ...] = (({}, True), ({"region": "RU-MOW"}, False))
    for narrowed, there in narrowings:
        said = office.call("carl", "POST", "/cases/search", {**ASKED, "narrowed": narrowed}).json()
        assert (case in {one["line"]["id"] for one in said["lines"]}) == there
    for wrong in ({"name": "Loboday"}, {"region": "Loboday"}):
        answer = office.call("carl", "POST", "/cases/search", {**ASKED, "narrowed": wrong})
        assert (answer.status_code, "Loboday" in answer.text) == (422, False)


def test_who_sits_elsewhere_finds_nothing_and_who_has_no_list_is_refused(office: Office) -> None:
    named_case(office)
    assert office.call("cora", "POST", "/cases/search", ASKED).json()["lines"] == []
    assert office.call("ann", "POST", "/cases/search", ASKED).status_code == 403
    assert office.call("", "POST", "/cases/search", ASKED).status_code == 401


def test_a_line_that_cannot_be_searched_is_refused_without_an_echo(office: Office) -> None:
    for line, reason, status in (("", "", 422), ("😀", "", 422), ("x" * 10_000, "", 422), ("Zarechny", "", 428)):
        answer = office.call("carl", "POST", "/cases/search", {"line": line, "reason": reason})
        assert answer.status_code == status
        assert "Zarechny" not in answer.text
        assert "xx" not in answer.text
