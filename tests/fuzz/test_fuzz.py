"""Whatever is sent to the API: no failure, no answer that its description lacks; and each operation is reached.

`LASTHEARD_TORTURE=1` sends many more.
"""

import os
from collections.abc import Iterable
from copy import deepcopy

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode

from tests.fuzz.recovering import recover
from tests.fuzz.walking import CHECKS, LEAVING, LIVING, Walker, begin

TORTURE = "LASTHEARD_TORTURE" in os.environ
EXAMPLES = 200 if TORTURE else 4
# It takes nothing, and would end the session that everything else is asked in.
SIGNS_OUT = {"DELETE /sessions/current"}
ENOUGH = 0.95
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walker:
    """A walker in the middle of a case's life: there is something of everything."""
    folder = tmp_path_factory.mktemp("walk")
    walker = begin(f"sqlite:///{folder / 'x.db'}", folder)
    for stage in (*LIVING, recover):
        stage(walker)
    return walker


def asked_with(walk: Walker, name: str, case: object, real: bool) -> int:
    """Send a generated request as whoever may do such a thing, and hold the answer against its description."""
    who = walk.people.get(walk.reached.get(name, "carl"))
    headers = {"authorization": f"Bearer {who['token']}"} if who else {}
    known = {**walk.names, "member_id": walk.people["ada"]["member"], "session_id": "0" * 64}
    if real and case.path_parameters:
        case.path_parameters |= {one: known[one] for one in case.path_parameters if one in known}
    answer = case.call(headers=headers)
    case.validate_response(answer, checks=CHECKS)
    return answer.status_code


def fuzzed(walk: Walker, name: str) -> set[int]:
    """Send what Hypothesis makes of an operation's description, good and bad; return the statuses of the answers."""
    seen: set[int] = set()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=not TORTURE,
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data(), mode=st.sampled_from(MODES), real=st.booleans())
    def ask(data: st.DataObject, mode: GenerationMode, real: bool) -> None:
        case = data.draw(walk.operations[name].as_strategy(generation_mode=mode))
        seen.add(asked_with(walk, name, case, real))

    ask()
    return seen


def test_whatever_is_sent_the_answer_is_described_and_no_failure(walk: Walker) -> None:
    seen = {status for name in sorted(walk.operations.keys() - SIGNS_OUT) for status in fuzzed(walk, name)}
    assert {200, 201, 401, 404, 422} <= seen, "what was sent reaches no further than the door"


def lacking(operations: Iterable[str], reached: Iterable[str]) -> list[str]:
    """Name the operations that never answered well, where they are too many."""
    wanted, there = set(operations), set(reached)
    missing = sorted(wanted - there)
    return missing if len(missing) > (1 - ENOUGH) * len(wanted) else []


def test_each_operation_answers_well_and_as_it_is_described(walk: Walker) -> None:
    for stage in LEAVING:
        stage(walk)
    assert lacking(walk.operations, walk.reached) == [], "let a step of tests/fuzz/walking.py ask for these"


def test_operations_that_nobody_reaches_are_caught(walk: Walker) -> None:
    planted = [f"GET /planted/{number}" for number in range(10)]
    assert lacking([*walk.operations, *planted], walk.operations) == planted


def test_an_answer_that_the_description_lacks_is_caught(walk: Walker) -> None:
    operation = walk.operations["GET /log"]
    case = operation.Case()
    answer = case.call(headers={"authorization": f"Bearer {walk.people['ada']['token']}"})
    assert answer.status_code == 403
    case.validate_response(answer, checks=CHECKS)
    lagging = deepcopy(walk.schema.raw_schema)
    del lagging["paths"]["/api/v1/log"]["get"]["responses"]["403"]
    schema = schemathesis.openapi.from_dict(lagging)
    with pytest.raises(FailureGroup):
        schema["/api/v1/log"]["GET"].Case().validate_response(answer, checks=CHECKS)
