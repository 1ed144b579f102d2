"""The frame of the group's pages: what a role sees in its navigation, and one way to show a page.

Promises that a page offers only what its reader's role may do. Must never be the check: guards and doors are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from fastapi.responses import HTMLResponse

from api.access.caller import Caller
from api.access.doors import CaseAccess
from api.clock import today
from api.errors import Stale
from api.pages.forms import Form
from api.pages.languages import Language, render, rendering, translator
from api.policy.roles import Role

R = Role
EVERYONE = frozenset(role for role in Role if role is not R.REPORTER)
DESK = frozenset({R.INTAKE, R.CASE_WORKER})

# Path, label, who sees it.
PAGES: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("/today", "Today", EVERYONE),
    ("/inbox", "Inbox", frozenset({R.INTAKE})),
    ("/cases", "Cases", DESK | {R.LAWYER}),
    ("/imports", "Import", frozenset({R.INTAKE})),
    ("/counts", "Counts", DESK | {R.ANALYST}),
    ("/retention", "What goes soon", DESK),
    ("/members", "Members", EVERYONE),
    ("/desks", "Desks", EVERYONE),
    ("/log", "Log", frozenset({R.AUDITOR})),
    ("/erasures", "What is gone", frozenset({R.AUDITOR, R.ADMINISTRATOR})),
    ("/recovery", "Recovery", frozenset({R.TRUSTEE})),
    ("/inventory", "What we keep", EVERYONE),
    ("/me", "My account", EVERYONE),
)
ROLE_NAMES: Mapping[Role, str] = {
    R.INTAKE: "intake officer",
    R.CASE_WORKER: "case worker",
    R.LAWYER: "lawyer",
    R.ANALYST: "analyst",
    R.AUDITOR: "auditor",
    R.ADMINISTRATOR: "administrator",
    R.TRUSTEE: "trustee",
    R.REPORTER: "reporter",
}


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the navigation."""

    href: str
    label: str
    current: bool
    count: int = 0
    urgent: bool = False


def language_of(caller: Caller) -> Language:
    """Return the language of a member's pages."""
    return cast(Language, caller.language if caller.language in ("en", "ru", "uk") else "en")


def number(text: str, otherwise: int = 0) -> int:
    """Return a whole number that was typed; `otherwise` for anything else, or for more digits than any has."""
    return int(text) if text.isdecimal() and len(text) < 8 else otherwise


def require_shown(access: CaseAccess, form: Form) -> None:
    """Raise Stale unless the case is the version that the page showed: nobody acts on what they have not seen."""
    if access.version != number(form.get("version")):
        raise Stale


def show(caller: Caller, template: str, title: str, here: str, status: int = 200, **context: object) -> HTMLResponse:
    """Return a page of the group in its reader's language."""
    return HTMLResponse(
        render(f"staff/{template}", language_of(caller), **_frame(caller, title, here, context)), status
    )


def flow(caller: Caller, template: str, title: str, here: str, **context: object) -> Iterator[str]:
    """Return the same page piece by piece, as what it is made of arrives."""
    return rendering(f"staff/{template}", language_of(caller), **_frame(caller, title, here, context))


def _frame(caller: Caller, title: str, here: str, context: Mapping[str, object]) -> dict[str, object]:
    say = translator(language_of(caller))
    frame = {
        "title": say(title),
        "nav": [Item(path, say(label), path == here) for path, label, roles in PAGES if caller.role in roles],
        "who": say(ROLE_NAMES[caller.role]),
        "sign_out": "/sign-out",
        "this_day": today().isoformat(),
        "values": {},
        "problems": {},
    }
    return frame | dict(context)
