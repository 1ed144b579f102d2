"""The tables of rights and keys, compared with tables written beside them: whoever changes a right says it twice."""

import csv
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from api.catalogue.compartments import Compartment
from api.policy import actions, roles
from api.policy.actions import Action, Standing, decide
from api.policy.roles import Role, readers

C = Compartment
HERE = Path(__file__).parent


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def written() -> set[tuple[Role, Action, Standing]]:
    """Return every right of the written table; who or what it names must be there."""
    return {
        (Role(role), Action(row["action"]), Standing(row["standing"]))
        for row in rows("rights.csv")
        for role in row["roles"].split()
    }


def given() -> set[tuple[Role, Action, Standing]]:
    """Return every right that the program gives."""
    return {one for one in product(Role, Action, Standing) if decide(*one)}


def holders(column: str) -> Iterator[tuple[Role, Compartment]]:
    """Yield which role holds which compartment by the written table."""
    for row in rows("keys.csv"):
        yield from ((Role(role), C(row["compartment"])) for role in row[column].split())


def test_every_right_is_as_it_is_written_and_no_other_is_given() -> None:
    assert given() == written()
    assert {row["action"] for row in rows("rights.csv")} == set(Action)


def test_from_elsewhere_nobody_may_do_anything() -> None:
    assert not any(decide(role, action, Standing.ELSEWHERE) for role, action in product(Role, Action))
    assert {str(one) for one in Standing} == {"elsewhere", "group", "desk", "grantee"}


def test_a_standing_that_nobody_thought_of_is_refused_loudly() -> None:
    unheard: Any = "beside"
    with pytest.raises(AssertionError):
        decide(Role.INTAKE, Action.CASE_READ, unheard)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR, Role.TRUSTEE])
def test_an_account_for_running_the_system_is_no_key(role: Role) -> None:
    """Whatever stands in either table: these three never come to a case, a report or a grant."""
    theirs = {action for one, action, _ in given() if one is role}
    assert not {one for one in theirs if one.split(":")[0] in ("case", "file", "report")}
    assert role not in roles.DESK_HOLDS
    assert role not in roles.CASE_GRANTABLE


def test_who_enrols_members_grants_nothing_and_who_grants_enrols_nobody() -> None:
    may = {role: {action for one, action, _ in given() if one is role} for role in Role}
    enrol, grant = {Action.MEMBER_INVITE, Action.MEMBER_CONFIRM}, {Action.CASE_GRANT, Action.DESK_SEAT}
    assert not [role for role, actions_ in may.items() if actions_ & enrol and actions_ & grant]


def test_every_key_is_as_it_is_written() -> None:
    for table, column in ((roles.DESK_HOLDS, "at_a_desk"), (roles.CASE_GRANTABLE, "by_grant")):
        assert {(role, one) for role, held in table.items() for one in held} == set(holders(column))
    assert {C.CONTROL, C.CONSENT} == roles.ALWAYS_WITH_A_CASE


@pytest.mark.parametrize("compartment", list(C))
def test_who_can_come_to_read_a_compartment_is_who_either_table_names(compartment: Compartment) -> None:
    both = {*holders("at_a_desk"), *holders("by_grant")}
    assert readers(compartment) == tuple(role for role in Role if (role, compartment) in both)


def test_the_eight_roles_and_which_are_members() -> None:
    names = ["reporter", "intake", "case_worker", "lawyer", "analyst", "auditor", "administrator", "trustee"]
    assert [str(one) for one in Role] == names
    assert [str(one) for one in roles.MEMBER_ROLES] == names[1:]


def test_what_opens_only_with_a_reason_and_which_reasons_there_are() -> None:
    assert {C.IDENTITY, C.SOURCE, C.CONTACT} == actions.NEEDS_REASON
    said = "document-case check-duplicate contact-reporter prepare-submission verify-fact answer-request"
    assert tuple(said.split()) == actions.REASONS
    assert actions.RENEW_KEYS == "renew-keys"


def test_planted_a_right_more_and_a_right_less_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    for loosened in (frozenset(Role), frozenset[Role]()):
        with monkeypatch.context() as patch:
            patch.setitem(actions.RULES, Action.LOG_READ, {Standing.GROUP: loosened})
            assert given() != written()
    assert given() == written()
