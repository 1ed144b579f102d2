"""A first mapping for a table, from its titles: what a label of the catalogue says is proposed, the rest is left open.

Promises a mapping that a person completes. Must never propose a consent.
"""

import json
from collections.abc import Iterator, Sequence
from functools import cache

from api.catalogue.compartments import LANGUAGES, Language
from api.importing.plans import ENTITIES, MOST_COLUMNS, folded, writable

LONGEST_TITLE = 80


def draft(titles: Sequence[str], language: Language) -> str:
    """Return the mapping as TOML, with a line for each title."""
    lines = dict.fromkeys(_line(one) for one in titles[:MOST_COLUMNS] if folded(one))
    people = any('= "person.' in line for line in lines)
    constants = ['"person.role" = "victim"'] if people else []
    return "\n".join(
        [f'language = "{language}"', "", "[columns]", *lines, "", "[constants]", *constants, '# "consent.on" = ""', ""]
    )


def _line(title: str) -> str:
    plain = "".join(letter if letter.isprintable() else " " for letter in title[:LONGEST_TITLE])
    quoted = json.dumps(" ".join(plain.split()), ensure_ascii=False)
    target = _known().get(folded(title))
    return f'{quoted} = "{target}"' if target else f'# {quoted} = ""'


@cache
def _known() -> dict[str, str]:
    """Return fields by their label in any language, where one field alone has it."""
    found: dict[str, set[str]] = {}
    for label, target in _labels():
        found.setdefault(folded(label), set()).add(target)
    return {label: next(iter(targets)) for label, targets in found.items() if len(targets) == 1}


def _labels() -> Iterator[tuple[str, str]]:
    fields = ((entity, one) for entity in ENTITIES if entity != "consent" for one in writable(entity))
    yield from ((one.labels[said], f"{entity}.{one.name}") for entity, one in fields for said in LANGUAGES)
