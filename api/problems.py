"""One table: which refusal becomes which answer (RFC 9457), in words a person can use.

Promises one clear sentence and the names of fields. Must never echo what was typed, nor tell of others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from logging import ERROR
from typing import cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from api import errors, journal
from api.edge import route_of
from api.pages.again import keep_typed
from api.pages.languages import LANGUAGES, Language, page_language, render

MEDIA = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Problem:
    """Status, a stable code, and the sentence (English; translated for pages)."""

    status: int
    code: str
    sentence: str


PROBLEMS: Mapping[type[errors.Refused], Problem] = {
    errors.NotFound: Problem(404, "not-found", "There is nothing here that you can see."),
    errors.Forbidden: Problem(403, "forbidden", "Your role does not allow this."),
    errors.SignInFailed: Problem(401, "sign-in-failed", "Login, passphrase or code is not right."),
    errors.SessionEnded: Problem(401, "session-ended", "Your session has ended. Please sign in again."),
    errors.ReasonMissing: Problem(428, "reason-missing", "This part opens only with a reason."),
    errors.Stale: Problem(409, "stale", "Somebody saved a newer version. Compare, then save again."),
    errors.VersionMissing: Problem(428, "version-missing", "Say in If-Match which version you have seen."),
    errors.KeyReused: Problem(422, "key-reused", "Something else was sent under this key. Take another one."),
    errors.Unfinished: Problem(409, "unfinished", "The first attempt has no answer yet. Look whether it is there."),
    errors.Tampered: Problem(409, "tampered", "A sealed record was altered. It is not shown, and is reported."),
    errors.BackupAltered: Problem(
        409, "backup-altered", "A file of this backup is not whole or was altered. Take another copy."
    ),
    errors.BackupForeign: Problem(
        409, "backup-foreign", "These files belong to different groups. Nothing was restored."
    ),
    errors.BackupOlder: Problem(
        409, "backup-older", "The erasure secrets are older than the data. Take those of the same day or newer ones."
    ),
    errors.BackupSealed: Problem(
        409, "backup-sealed", "The erasure secrets do not open: the shares are of another set, or the file was altered."
    ),
    errors.RegisterMissing: Problem(
        409,
        "register-missing",
        "Without the newest register what was erased may come back. k trustees must agree: --confirm FILE.",
    ),
    errors.OtherShare: Problem(
        409, "other-share", "These shares do not fit together: one is of another set, missing, or mistyped."
    ),
    errors.NotYet: Problem(409, "not-yet", "The 72 hours are not over, or too few trustees have brought their shares."),
    errors.Erased: Problem(410, "erased", "This has been erased."),
    errors.ConsentMissing: Problem(403, "consent-missing", "The family has not allowed this use."),
    errors.Held: Problem(409, "held", "A legal hold keeps this case. Lift it first."),
    errors.NotReady: Problem(409, "not-ready", "A required element is still missing."),
    errors.OutOfOrder: Problem(409, "out-of-order", "An earlier step has to come first."),
    errors.Busy: Problem(503, "busy", "Too many people at once. Please try again in a few seconds."),
    errors.TooLarge: Problem(413, "too-large", "This is larger than we can take."),
    errors.Unreadable: Problem(400, "unreadable", "We could not read what was sent."),
    errors.Unavailable: Problem(503, "unavailable", "Nothing can be saved right now. Nothing was lost."),
    errors.SecretMissing: Problem(503, "secret-missing", "The store is locked: a secret is missing."),
    errors.OpenWay: Problem(503, "open-way", "The database is elsewhere: its address needs sslmode=verify-full."),
    errors.StoreVersion: Problem(503, "store-version", "The store is of another version of this program."),
    errors.Invalid: Problem(422, "invalid", "Some fields need another look."),
}
# What HTTP calls a stale version where the request named the one that it was made over.
PRECONDITION = Problem(412, "stale", PROBLEMS[errors.Stale].sentence)
FAILURE = Problem(500, "failure", "Something went wrong on our side. Nothing was lost.")
HTTP: Mapping[int, Problem] = {
    404: PROBLEMS[errors.NotFound],
    405: Problem(405, "method", "This cannot be done here."),
    400: PROBLEMS[errors.Unreadable],
    413: PROBLEMS[errors.TooLarge],
}


def install(app: FastAPI) -> None:
    """Answer every refusal, and every failure, from the table."""
    app.add_exception_handler(errors.Refused, _refused_or_kept)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _failed)


def problem_of(error: errors.Refused) -> Problem:
    """Return the row for a refusal; a subclass answers as the nearest class that has a row."""
    return next(PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS)


def answer(request: Request, problem: Problem, fields: Mapping[str, str] | None = None) -> Response:
    """Return the problem as JSON to the API, as a page to a person."""
    headers = {"Retry-After": str(errors.Busy.retry_after)} if problem.status == 503 else {}
    if not request.url.path.startswith("/api/"):
        return _page(request, problem, headers)
    body: dict[str, object] = {"type": f"/problems/{problem.code}", "title": problem.sentence}
    body |= {"status": problem.status} | ({"fields": dict(fields)} if fields else {})
    return JSONResponse(body, problem.status, headers, media_type=MEDIA)


def _page(request: Request, problem: Problem, headers: Mapping[str, str]) -> Response:
    if problem.code == "session-ended" and request.method == "GET":
        return RedirectResponse("/sign-in", 303)
    family = request.url.path.strip("/").split("/")[0] in ("", "away", *LANGUAGES)
    language: Language = page_language(request.url.path, request.headers.get("accept-language", ""))
    said = {"sentence": problem.sentence, "status": problem.status}
    staff = {**said, "title": "Lastheard", "back": "/sign-in" if problem.status == 401 else "/today"}
    body = render("error.html", language, **said) if family else render("staff_error.html", language, **staff)
    return Response(body, problem.status, dict(headers), media_type="text/html")


async def _refused_or_kept(request: Request, error: Exception) -> Response:
    """A session that ended, or a full disk, takes nothing with it that somebody was about to send."""
    row, keeps = problem_of(cast(errors.Refused, error)), (errors.SessionEnded, errors.Unavailable)
    kept = await keep_typed(request, row.sentence, row.status) if isinstance(error, keeps) else None
    return kept or _refused(request, error)


def _refused(request: Request, error: Exception) -> Response:
    refused = cast(errors.Refused, error)
    fields = refused.problems if isinstance(refused, errors.Invalid) else None
    over_a_version = isinstance(refused, errors.Stale) and "if-match" in request.headers
    return answer(request, PRECONDITION if over_a_version else problem_of(refused), fields)


def _unreadable(request: Request, error: Exception) -> Response:
    """Name the field and the kind of problem only: the framework's own answer repeats what was typed."""
    found = cast(RequestValidationError, error).errors()
    fields = {".".join(str(part) for part in one["loc"][1:]) or "body": str(one["type"]) for one in found}
    # The name of a field that nobody declared is something that was typed.
    known = {name: kind for name, kind in fields.items() if name.isascii() and kind != "extra_forbidden"}
    return answer(request, PROBLEMS[errors.Invalid], known or {"body": "unreadable"})


def _http(request: Request, error: Exception) -> Response:
    # The framework turns a refusal raised while it reads a body into a 400 of its own.
    if isinstance(error.__cause__, errors.Refused):
        return _refused(request, error.__cause__)
    status = cast(HTTPException, error).status_code
    return answer(request, HTTP.get(status, PROBLEMS[errors.Unreadable]))


def _failed(request: Request, error: Exception) -> Response:
    # Class and route only: the text of an exception may carry what a person typed.
    journal.note("failure", ERROR, error=type(error).__name__, route=route_of(request.scope))
    return answer(request, FAILURE)
