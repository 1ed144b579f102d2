"""The description is whole: examples that fit, refusals with a row, nothing of the framework's own."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from fastapi import APIRouter, FastAPI

from api import routes
from api.describing import PREFIX, describe
from api.describing.examples import EXAMPLES
from api.guards import Public
from tests.routes.operations import operations

Node = dict[str, Any]


@pytest.fixture(scope="module")
def document() -> Node:
    app = FastAPI()
    app.include_router(routes.router, prefix=PREFIX)
    return json.loads(json.dumps(describe(app)))


def described(document: Node) -> Iterator[tuple[str, Node]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path.removeprefix(PREFIX)}", operation


def misfits(document: Node) -> list[str]:
    """Name the examples that their schema refuses, and the places where one is missing."""
    wrong = []
    for name, operation in described(document):
        said = [("body", one) for one in operation.get("requestBody", {}).get("content", {}).values()]
        said += [(one["name"], one) for one in operation.get("parameters", ())]
        for status, answer in operation["responses"].items():
            said += [(status, one) for media, one in answer.get("content", {}).items() if media != "application/pdf"]
        wrong += [f"{name}: {where}" for where, one in said if not fits(document, one)]
    return wrong


def fits(document: Node, said: Node) -> bool:
    examples = [one["value"] for one in said.get("examples", {}).values()] or [said.get("example")]
    schema = {**said["schema"], "components": document["components"]}
    return all(jsonschema_rs.is_valid(schema, one) for one in examples)


def test_every_operation_is_described(document: Node) -> None:
    assert {name for name, _ in described(document)} == {str(one) for one in operations()}


def test_every_example_is_there_and_fits(document: Node) -> None:
    assert misfits(document) == [], "give the field a row in api/describing/examples.py"


def test_an_example_that_does_not_fit_is_caught(document: Node) -> None:
    broken = deepcopy(document)
    broken["paths"]["/api/v1/tokens"]["post"]["requestBody"]["content"]["application/json"]["example"] = {"days": "x"}
    del broken["paths"]["/api/v1/me"]["get"]["responses"]["200"]["content"]["application/json"]["example"]
    assert set(misfits(broken)) == {"GET /me: 200", "POST /tokens: body"}


def test_every_refusal_is_a_problem_with_its_sentence(document: Node) -> None:
    for name, operation in described(document):
        refused = {code: one for code, one in operation["responses"].items() if code[0] in "45"}
        assert {"500", "503"} <= set(refused), name
        assert all(list(one["content"]) == ["application/problem+json"] for one in refused.values()), name
        assert all(one["description"].strip() for one in refused.values()), name
    assert "ValidationError" not in str(document)


def test_a_change_names_its_version_and_a_creation_may_name_its_key(document: Node) -> None:
    found = dict(described(document))
    entries = found["POST /cases/{case_id}/entries"]
    assert [(one["name"], one["required"]) for one in entries["parameters"] if one["in"] == "header"] == [
        ("If-Match", True),
        ("Idempotency-Key", False),
    ]
    assert {"201", "401", "403", "404", "409", "412", "422", "428"} <= set(entries["responses"])
    assert "ETag" in entries["responses"]["201"]["headers"]
    assert found["POST /reports"]["security"] == []


def test_a_noun_without_a_row_is_caught() -> None:
    router = APIRouter(tags=["planted"])

    @router.get("/planted", dependencies=[Public("planted")])
    def planted() -> None:
        """Answer nothing."""

    app = FastAPI()
    app.include_router(router, prefix=PREFIX)
    with pytest.raises(KeyError, match="planted"):
        describe(app)


def test_no_example_names_anybody_real() -> None:
    published = (Path(__file__).parents[1] / "story" / "published.py").read_text("utf-8")
    assert "Бунятов" in published
    assert not [one for one in ("Бунятов", "Bunyatov", "Larisa", "Лариса") if one in str(EXAMPLES)]
