"""The table as a page that a lawyer can read: what is asked, what it does, what each role is answered."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.matrix.asking import Row, row
from tests.matrix.people import SUBJECTS, Scene
from tests.routes.operations import Operation, operations, page_routes

PAGE = Path(__file__).parents[2] / "docs" / "authorisation.md"
ROLES = tuple(dict.fromkeys(one.role for one in SUBJECTS))
INTRODUCTION = """\
# Who may do what

Every operation of the API and every page, asked by every role in every relation to one case of the desk "North", on the
application itself: `python -m tests.matrix` writes this page, and a test compares it with what is answered today.

- **yes**: done; or refused only for what the request says, after the right to it was found (a change was asked for over
  a version that nobody saw).
- **form**: the page's form was sent empty, and says itself what is missing or not possible.
- **no**: the role never may, or the caller sees the case and may not do this to it.
- **unseen**: absent and invisible are one answer.
- **sign in**: nobody is signed in.

"Own desk" and "other desk" are seats at a desk of the case and at another one. A *grantee* holds a grant for this case:
the lawyer facts, identity, narrative, evidence and legal, the case worker the source; *of other parts* is a lawyer who
was granted `legal` alone. An *ended* grant was revoked, a *run-out* one has passed its last day.
"""


def page(scene: Scene) -> str:
    """Return the whole page."""
    api, pages = rows(scene, operations(), False), rows(scene, page_routes(), True)
    parts = (
        INTRODUCTION,
        *_table("The API, about one case", operations(), api, True),
        *_table("The API, about the rest", operations(), api, False),
        *_table("Pages, about one case", page_routes(), pages, True),
        *_table("Pages, about the rest", page_routes(), pages, False),
    )
    return "\n".join(parts)


def rows(scene: Scene, asked: Iterable[Operation], pages: bool) -> Mapping[str, Row]:
    """Return the cells of operations by name."""
    return {str(one): row(scene, one, pages) for one in asked}


def _table(title: str, asked: Sequence[Operation], found: Mapping[str, Row], of_a_case: bool) -> Iterator[str]:
    heads = [str(one) for one in SUBJECTS] if of_a_case else list(ROLES)
    yield f"## {title}\n"
    yield f"| | what it does | {' | '.join(heads)} |"
    yield "|---" * (len(heads) + 2) + "|"
    for one in sorted(asked, key=lambda each: each.path):
        if ("{case_id}" in one.path) is of_a_case:
            cells = found[str(one)] if of_a_case else _by_role(found[str(one)])
            yield f"| `{one}` | {_said(one)} | {' | '.join(cells[head] for head in heads)} |"
    yield ""


def _said(one: Operation) -> str:
    text = str(one.route.endpoint.__doc__).splitlines()[0]
    return text.partition(";")[0].partition(":")[0].rstrip(".").replace("|", "/")


def _by_role(cells: Row) -> Row:
    """Return one word for each role, or the words by relation where they differ."""
    return {role: _together({one.relation: cells[str(one)] for one in SUBJECTS if one.role == role}) for role in ROLES}


def _together(words: Mapping[str, str]) -> str:
    if len({*words.values()}) == 1:
        return next(iter(words.values()))
    by_word: dict[str, list[str]] = {}
    for relation, word in words.items():
        by_word.setdefault(word, []).append(relation)
    return "; ".join(f"{word}: {', '.join(relations)}" for word, relations in by_word.items())
