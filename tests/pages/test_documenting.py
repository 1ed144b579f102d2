"""A case documented through the pages: accounts that differ, who was responsible, what runs, where files went."""

from pathlib import Path

import pytest

from api.catalogue.check import check
from api.catalogue.compartments import Compartment
from api.clock import today
from api.pages.staff.fields import typed_before
from tests.pages.browsing import Group, Person, Seen, group
from tests.pages.test_staff import TODAY, accepted, links

SIGNING = "X03-0301-01b"


@pytest.fixture
def staff(database_url: str, tmp_path: Path) -> Group:
    return group(database_url, tmp_path)


def add(member: Person, case: str, entity: str, **typed: str | list[str]) -> Seen:
    """Add an entry by its form; what is typed as `#n` is the n-th choice that the form offers."""
    form = member.get(f"{case}/add/{entity}")
    offered = {name: choices(form, name) for name in typed}
    given = {name: chosen(offered[name], value) for name, value in typed.items()}
    return member.send(f"{case}/entries/{entity}", given)


def choices(form: Seen, name: str) -> list[str]:
    """Return what a field offers: the boxes to tick, or the choices of its list but the empty one."""
    found, at = list[str](), ""
    for tag, given in form.elements:
        at = given.get("name", "") if tag in ("select", "input", "textarea") else at
        if at == name and (tag == "option" or given.get("type") == "checkbox"):
            found.append(given["value"])
    return [one for one in found if one]


def chosen(offered: list[str], value: str | list[str]) -> str | list[str]:
    return offered[int(value[1:])] if isinstance(value, str) and value.startswith("#") else value


def test_two_accounts_of_one_event_are_shown_side_by_side(staff: Group) -> None:
    case, worker = accepted(staff), staff.member("carl")
    add(worker, case, "event", title="The signing", region="RU-ARK")
    likely = {"verification": "41/040000000000"}
    for when in ("14 April 2023", "2 May 2023"):
        add(worker, case, "act", type=SIGNING, when=when, event="#0", **likely)
    form = worker.get(f"{case}/add/information")
    acts = choices(form, "supports")[-2:]
    for act, known in zip(acts, ("told-by-victim", "document"), strict=True):
        add(worker, case, "information", supports=[act], directness=known, material_type="16/200512051601")
    page = worker.get(case)
    for words in ("14 April 2023", "2 May 2023", "Told by the victim · Telephone conversation", "A document"):
        assert words in page.text
    assert page.text.count("Likely") >= 2
    assert "Arkhangelsk" in page.text


def test_a_body_is_responsible_for_an_act_that_is_chosen_by_name(staff: Group) -> None:
    case, worker = accepted(staff), staff.member("carl")
    form = worker.get(f"{case}/add/involvement")
    assert "Recruitment" in form.text
    page = add(worker, case, "involvement", act="#0", body="body/defence-ministry", degree="18/010200000000")
    assert worker.path == case
    assert "Gave the orders" in page.text


def test_a_link_that_nobody_offered_is_refused_and_what_was_typed_stays(staff: Group) -> None:
    case, worker = accepted(staff), staff.member("carl")
    worker.get(f"{case}/add/involvement")
    refused = worker.send(f"{case}/entries/involvement", {"act": "7" * 26, "degree": "18/010200000000"})
    assert worker.status == 422
    assert "This is not in the case." in refused.text
    assert refused.form(f"{case}/entries/involvement").fields["degree"] == ["18/010200000000"]


def test_an_account_names_its_source_where_the_source_is_open(staff: Group) -> None:
    case, officer = accepted(staff), staff.member("ines")
    form = officer.get(f"{case}/add/information")
    assert "From whom" not in form.text
    officer.send(f"{case}/entries/information", {"directness": "told-by-other", "reason": "document-case"})
    assert officer.path == case
    where = next(one.action for one in officer.get(case).forms if "/entries/information/" in one.action)
    opened = officer.send(where.removesuffix("/remove"), {"reason": "document-case", "words": "who told it"})
    assert "From whom" in opened.text
    teller = choices(opened, "source")[0]
    officer.send(f"{case}/entries/information", {"source": teller, "reason": "document-case"})
    assert officer.path == case
    assert "Лариса" not in officer.get(case).text
    worker = staff.member("carl").get(case)
    assert "Told by somebody else" in worker.text
    assert "From whom" not in worker.text


def test_who_is_whose_mother_is_written_down_by_who_may_open_the_source(staff: Group) -> None:
    case, officer = accepted(staff), staff.member("ines")
    officer.get(f"{case}/add/person")
    officer.send(f"{case}/entries/person", {"role": "relative", "reason": "document-case"})
    people = choices(officer.get(f"{case}/add/relationship"), "from_person")
    kin = {"from_person": people[1], "to_person": people[0], "type": "21/010103000000"}
    officer.send(f"{case}/entries/relationship", {**kin, "reason": "document-case"})
    assert officer.path == case
    opened = officer.send(f"{case}/open", {"compartment": "source", "reason": "verify-fact"})
    assert "How they are related" in opened.text
    assert staff.member("carl").get(f"{case}/add/relationship").text.count("From") == 0


def test_what_runs_is_shown_with_the_un_s_three_months(staff: Group) -> None:
    case, worker = accepted(staff), staff.member("carl")
    worker.get(f"{case}/add/deadline")
    worker.send(f"{case}/entries/deadline", {"what": "deadline/hearing", "on": "2027-01-10"})
    page = worker.get(case)
    assert "A hearing" in page.text
    assert "2023-08-17" in page.text
    worker.get("/today")
    looked = worker.send("/today")
    assert "A hearing" in looked.text
    assert "2023-08-17" not in looked.text


def test_the_handling_of_a_file_stands_under_its_writer_s_initial_and_is_not_changed(staff: Group) -> None:
    case, worker = accepted(staff), staff.member("carl")
    assert links(worker.get(case), f"{case}/add/handling")
    page = add(worker, case, "handling", document="#0", action="handling/copied", on="2026-11-20")
    assert "Chain of custody" in page.text
    assert "C. (case worker)" in page.text.replace("c. (", "C. (")
    assert not [one for one in page.forms if "/entries/handling/" in one.action]


def test_a_consent_shows_its_limit_and_a_withdrawal_ends_it(staff: Group) -> None:
    case, worker = accepted(staff), staff.member("carl")
    yes = {"purpose": "lawyer", "value": "yes", "on": TODAY, "script_version": "2026-1"}
    worker.get(f"{case}/add/consent")
    page = worker.send(f"{case}/entries/consent", {**yes, "withhold_from": "the colony's doctor"})
    assert "the colony's doctor" in page.text.replace("&#39;", "'")
    assert "allowed" in worker.get(f"{case}/reports/dossier").text
    worker.get(f"{case}/add/consent")
    worker.send(f"{case}/entries/consent", {**yes, "withdrawn_on": TODAY})
    assert "not allowed" in worker.get(f"{case}/reports/dossier").text


def test_whoever_it_is_about_is_answered_by_the_case_worker(staff: Group) -> None:
    case, worker = accepted(staff), staff.member("carl")
    where = f"{case}/subject"
    assert links(worker.get(case), where)
    worker.get(where)
    refused = worker.send(where, {"recipient": " ", "words": "he wrote to us"})
    assert (worker.status, "Nothing was saved yet" in refused.text) == (422, True)
    assert refused.form(where).fields["words"] == ["he wrote to us"]
    worker.send(where, {"recipient": "himself, by passport", "form": "json", "language": "ru"})
    assert worker.answer.headers["content-type"] == "application/json"
    assert "Бунятов Артём" in worker.answer.text
    assert "Лариса" not in worker.answer.text
    worker.get(where)
    worker.send(where, {"recipient": "himself, by passport"})
    assert worker.answer.content.startswith(b"%PDF")
    assert worker.get(f"{case}/reports/dossier").text.count("himself, by passport") == 2
    officer = staff.member("ines")
    assert not links(officer.get(case), where)
    officer.get(where)
    assert officer.status == 403


@pytest.mark.parametrize(("words", "shown"), [("ВК-7", "ИК-7"), ("колония №7 у реки", "колония №7 у реки")])
def test_a_place_that_nobody_touches_stays_what_it_was_whoever_saves_it(words: str, shown: str) -> None:
    """A Ukrainian officer wrote it; to a Russian one "ВК" is a juvenile colony."""
    written = check("custody", {"facility": words}, "uk", today())
    again = typed_before("custody", written.by_compartment[Compartment.FACTS], written.told, "ru")
    assert again == {"facility": shown}
    assert check("custody", again, "ru", today()).by_compartment == written.by_compartment
