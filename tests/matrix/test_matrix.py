"""Every route, every role, every relation: each cell is written down, and what must never be is nowhere."""

from collections.abc import Mapping

import pytest

from api.guards import PublicGuard
from api.policy.actions import Action
from tests.matrix.asking import ASKED, SIGN_IN, YES, Row, row
from tests.matrix.page import PAGE, page, rows
from tests.matrix.people import SUBJECTS, Scene, make_scene
from tests.routes.operations import Operation, operations, page_routes

SAY = "a right changed, or a route is new: read the difference, then run `python -m tests.matrix`; a request that the "
SAY += "table cannot make by itself gets a row in tests/matrix/requests.py"
LET_IN = {YES, ASKED}
# Who has no case to do with, whatever they are asked.
WITHOUT_CASES = ("auditor", "administrator", "trustee", "analyst, own desk", "analyst, other desk")
EQUAL = {
    "lawyer, ended grant": "lawyer, none",
    "lawyer, run-out grant": "lawyer, none",
    "case worker, ended grant": "case worker, other desk",
}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return make_scene(tmp_path_factory.mktemp("matrix"))


def surprises(asked: tuple[Operation, ...], found: Mapping[str, Row]) -> list[str]:
    """Name the cells that no table of rights may ever have."""
    wrong = []
    for one in asked:
        cells, public = found[str(one)], isinstance(one.guard, PublicGuard)
        wrong += [f"{one}: nobody"] if not public and cells["nobody"] != SIGN_IN else []
        if "{case_id}" in one.path:
            wrong += [f"{one}: {who}" for who in (*WITHOUT_CASES, *OUTSIDE) if cells[who] in LET_IN]
            wrong += [f"{one}: {who}" for who in EQUAL if cells[who] != cells[EQUAL[who]]]
    return wrong


OUTSIDE = ("intake, other desk", "case worker, other desk", "lawyer, none", *EQUAL)


def test_every_cell_is_as_it_is_written(scene: Scene) -> None:
    assert page(scene).splitlines() == PAGE.read_text("utf-8").splitlines(), SAY


def test_nothing_is_there_that_must_never_be(scene: Scene) -> None:
    of_a_case = tuple(one for one in operations() if "{case_id}" in one.path)
    assert len(of_a_case) > 20
    assert surprises(of_a_case, rows(scene, of_a_case, False)) == []


def test_a_cell_that_must_never_be_is_caught() -> None:
    one = next(one for one in operations() if str(one) == "GET /cases/{case_id}")
    cells = {str(who): "unseen" for who in SUBJECTS} | {"nobody": SIGN_IN}
    assert surprises((one,), {str(one): cells}) == []
    for who in ("administrator", "lawyer, run-out grant", "intake, other desk", "nobody"):
        assert surprises((one,), {str(one): {**cells, who: YES}}), who


@pytest.mark.parametrize(
    ("name", "pages", "who"),
    [("POST /invitations", False, "lawyer, none"), ("GET /recovery", True, "auditor")],
)
def test_a_guard_that_was_loosened_changes_the_table(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, name: str, pages: bool, who: str
) -> None:
    one = next(one for one in (page_routes() if pages else operations()) if str(one) == name)
    before = row(scene, one, pages)
    assert before[who] == "no"
    object.__setattr__(one.guard, "action", Action.SELF_READ)
    try:
        loosened = row(scene, one, pages)
    finally:
        object.__setattr__(one.guard, "action", {False: Action.MEMBER_INVITE, True: Action.RECOVERY_READ}[pages])
    assert (loosened[who], row(scene, one, pages)) == (YES, before)
