"""What a mailbox shows its family: each letter in words, what stands, what can be done, and a copy to take along.

Promises a sentence for whatever was sent or decided. Must never show a code, nor offer anything once all is erased.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from fastapi.responses import Response

from api.catalogue.dates import ApproxDate, Basis, say
from api.pages.forms import Form
from api.pages.languages import Language, render
from api.services.mailboxes import ERASED, LetterView, MailboxView
from api.words.lists import words_in
from api.words.receipt import LONGEST, write_receipt


@dataclass(frozen=True, slots=True)
class Shown:
    """A letter as it is read: `said` and `until` of a notice, `purpose` and `value` of a decision, else empty.

    `day` and `until` are words of the reader's language, `files` are titles.
    """

    ours: bool
    day: str
    kind: str
    text: str = field(default="", repr=False)
    about: Mapping[str, Any] = field(default_factory=dict, repr=False)
    files: tuple[str, ...] = field(default=(), repr=False)
    said: str = ""
    until: str = ""
    purpose: str = ""
    value: str = ""


def page(
    language: Language, material: bytes, form: Form, view: MailboxView, problems: Mapping[str, str], notice: str
) -> str:
    """Return the page of a mailbox; `notice` says what was just done."""
    context = {
        "receipt": " ".join(write_receipt(material)),
        "letters": _letters(view, language),
        "answered": any(one.ours for one in view.letters),
        "accepted": view.accepted,
        "erased": view.erased,
        "consents": {purpose.value: value.value for purpose, value in view.consents.items()},
        "waiting": [purpose.value for purpose in view.waiting],
        "erasure_asked": view.erasure_asked,
        "notice": notice,
        "values": form.values() if problems else {},
        "problems": problems,
    }
    return render("reporter/mailbox.html", language, **context)


def copy(view: MailboxView, language: Language) -> Response:
    """Return what the mailbox holds as a page to keep; its name says nothing."""
    body = render("reporter/copy.html", language, letters=_letters(view, language)).encode("utf-8", "replace")
    headers = {"Content-Disposition": 'attachment; filename="notes.html"'}
    return Response(body, headers=headers, media_type="text/html")


def shut(language: Language, typed: str) -> str:
    """Return the page for words that open nothing, whatever is wrong with them: numbered, to be held to the paper.

    Which word is wrong nobody says, since a malformed receipt must look like an unknown one.
    """
    words = words_in(typed[:LONGEST])
    numbered = "\n".join(f"{place} {word}" for place, word in enumerate(words, 1))
    context = {"values": {"receipt": numbered}, "problems": {"receipt": "malformed"}}
    return render("reporter/return.html", language, here="return", **context)


def _letters(view: MailboxView, language: Language) -> list[Shown]:
    return [_shown(one, language) for one in view.letters]


def _shown(one: LetterView, language: Language) -> Shown:
    note = one.note
    about = {name: value for name, value in note.get("about", {}).items() if name != "story"}
    text = str(note.get("text") or note.get("about", {}).get("story", ""))
    files = tuple(str(file["title"]) for file in note.get("files", ()))
    until = _day(note["until"], language) if note.get("until") else ""
    said = ERASED if note.get("said") == ERASED else ""
    decided = (str(note.get("purpose", "")), str(note.get("value", "")))
    return Shown(one.ours, _day(one.day, language), one.kind, text, about, files, said, until, *decided)


def _day(day: str, language: Language) -> str:
    read = date.fromisoformat(day)
    return say(ApproxDate(read, read, Basis.EXACT), language)
