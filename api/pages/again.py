"""What was typed when a session ended or the store could not be written: shown once more to whoever sent it.

Promises that an hour of writing is not lost to fifteen idle minutes, or to a full disk. Must never repeat a passphrase
or a code, nor keep anything: what was typed goes back in the answer and is nowhere else. Must never show what another
site's form brought: one press would send it as the member's own.
"""

from fastapi import Request
from fastapi.responses import HTMLResponse

from api.errors import Refused
from api.guards import refuse_foreign
from api.pages.forms import Form, read_plain
from api.pages.languages import page_language, render

# Where people write; forms with a passphrase or a code lie elsewhere.
WRITTEN = ("/cases/", "/inbox/", "/counts")


async def keep_typed(request: Request, sentence: str, status: int) -> HTMLResponse | None:
    """Return a page that holds what was typed, or None where nothing was or it cannot be read."""
    if request.method != "POST" or not request.url.path.startswith(WRITTEN):
        return None
    # No form of another site brings our cookie (SameSite=Strict); one that has ended is still sent from our own pages.
    if request.app.state.settings.cookie not in request.cookies:
        return None
    try:
        refuse_foreign(request)
        form = getattr(request.state, "form", None) or await read_plain(request)
    except (Refused, RuntimeError):
        return None
    return _page(request, form, sentence, status) if form.texts else None


def _page(request: Request, form: Form, sentence: str, status: int) -> HTMLResponse:
    language = page_language(request.url.path, request.headers.get("accept-language", ""))
    values = {name: [value] if isinstance(value, str) else value for name, value in form.values().items()}
    typed = [(name, one) for name, texts in values.items() for one in texts]
    context = {"title": "Lastheard", "sentence": sentence, "status": status, "path": request.url.path, "typed": typed}
    return HTMLResponse(render("staff/again.html", language, **context), status)
