"""An example for whatever a schema describes, from one table of invented values by the name of the field.

Promises an example that the schema accepts, and nobody real in it. Must never be taken for a default.
"""

from collections.abc import Mapping
from typing import Any

Node = Mapping[str, Any]
ID = "q5mvb0t9y2xkzj7rc4hdw8fgns"
DEEPEST = 8

# `operation field`, or the field's name alone; the first that is there is taken.
EXAMPLES: Mapping[str, Any] = {
    "POST /cases/{case_id}/consents values": {"purpose": "count", "value": "yes", "on": "2026-03-14", "how": "phone"},
    "values": {"what": "Write to the prosecutor", "due": "2026-05-01"},
    "entity": "task",
    "about": {"story": "They took him to the front in April.", "about_name": "Ostap Loboday", "held_where": "IK-29"},
    "consents": {"count": "yes", "publish-named": "no"},
    "coding": [{"entity": "case", "values": {"title": "Taken from IK-29", "last_heard": "17 May 2023"}}],
    "seats": {ID: "able baker candle drift ember fable"},
    "trustees": {ID: "able baker candle drift ember fable"},
    "claim": "seven words of the code that was handed over",
    "share": "twenty or thirty-three words of one share",
    "over": "2026-03-17 09:30",
    "passphrase": "able baker candle drift ember fable garden",
    "new": "harbour island jacket kettle lantern meadow north",
    "printed": "twenty-two words of the printed code",
    "words": "able baker candle drift ember fable",
    "POST /cases/{case_id}/openings words": "the family asked",
    "receipt": "eleven words that were written down by hand",
    "invitation": "seven words of the invitation",
    "seed": "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA",
    "secret": "VPG66ERUKZ4JBK6N54JDIVTYSCV434JCGRLHREFLZXXREFCWPCQA",
    "login": "kirill.desk",
    "code": "314159",
    "role": "lawyer",
    "initial": "K",
    "group": "The Lantern",
    "contact": "desk@lantern.example",
    "dimension": "case.status",
    "line": "Ostap Loboday IK-29",
    "month": "2026-05",
    "profile": "wgeid",
    "recipient": "UN Working Group on Enforced or Involuntary Disappearances",
    "title": "Letter from IK-29",
    "received_from": "the family",
    "reason": "document-case",
    "compartments": ["facts", "narrative"],
    "days": 30,
    "why": "prepare the submission",
    "ending": "fate-known",
    "other": "K7-M4QX",
    "one_code": "K7-M4QX",
    "other_code": "Q5-MVB0",
    "joined": ["K7-M4QX"],
    "stays": "",
    "others": [ID],
    "apart": [],
    "codes": {ID: "Q5-MVB0"},
    "score": 0.97,
    "more": 0,
    "here": "1992",
    "there": "4 March 1992",
    "stands": "agrees",
    "name": "North",
    "text": "How do you know that he had no training?",
    "threshold": 2,
    "token": "Rm9yIG9uZSBzZXNzaW9uLCBhbmQgbm8gbG9uZ2VyISE",
    "version": 8,
    "mapping": '[columns]\n"ФИО" = "person.name"\n[constants]\n"person.role" = "victim"\n"consent.on" = 2023-05-01\n',
    "titles": ["ФИО", "Год рождения"],
    "unused": ["Год рождения"],
    "also": [12],
    "state": "checked",
    "place": "act.when",
    "after": "",
    "next": "",
    "language": "en",
    "day": "2026-03-14",
    "until": "2026-06-01",
}


def example(document: Node, schema: Node, operation: str, name: str, depth: int = 0) -> Any:
    """Return an example of what `schema` describes, under the field's name."""
    known = next((EXAMPLES[key] for key in (f"{operation} {name}", name) if key in EXAMPLES), None)
    if known is not None and _fits(schema, known):
        return known
    schema = _resolved(document, schema)
    if "enum" in schema or "const" in schema:
        return schema["const"] if "const" in schema else schema["enum"][0]
    if "anyOf" in schema:
        return example(document, schema["anyOf"][0], operation, name, depth)
    return _made(document, schema, operation, name, depth)


def _made(document: Node, schema: Node, operation: str, name: str, depth: int) -> Any:
    match schema.get("type"):
        case "object":
            return _object(document, schema, operation, depth)
        case "array" if depth < DEEPEST:
            return [example(document, schema["items"], operation, name, depth + 1)] if schema.get("items") else []
        case "array":
            return []
        case "integer":
            return max(schema.get("minimum", 0), 1)
        case "boolean":
            return False
        case "string" if schema.get("format") == "date":
            return "2026-06-01"
        case "string":
            return ID
        case _:
            return None


def _object(document: Node, schema: Node, operation: str, depth: int) -> Any:
    if "properties" in schema:
        return {key: example(document, one, operation, key, depth + 1) for key, one in schema["properties"].items()}
    inner, names = schema.get("additionalProperties"), schema.get("propertyNames", {})
    if not isinstance(inner, Mapping) or depth > DEEPEST:
        return {}
    key = example(document, names, operation, "", depth + 1) if names else "note"
    return {key: example(document, inner, operation, "", depth + 1)} if key else {}


def _resolved(document: Node, schema: Node) -> Node:
    if "$ref" not in schema:
        return schema
    found = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return _resolved(document, found)


def _fits(schema: Node, known: Any) -> bool:
    """Say whether a value is of the kind that a schema wants; references are to things that stand in no table."""
    kinds = {"string": str, "array": list, "object": dict, "integer": int, "number": float}
    wanted = {schema.get("type"), *(one.get("type") for one in schema.get("anyOf", ()))}
    shaped = any(isinstance(known, kinds[one]) for one in wanted if one in kinds)
    return shaped and ("enum" not in schema or known in schema["enum"])
