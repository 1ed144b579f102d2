"""The published case from the founding to its erasing, on a real server, through the API alone."""

from pathlib import Path
from typing import Any

import httpx

from api.demo import story
from api.demo.story import Stage, Told
from api.demo.visitor import Visitor
from tests.story.published import PUBLISHED
from tests.story.servers import server
from tests.story.test_story import counted, granted_and_taken_out, proved, reported_and_accepted, revoked, status

CONSENT = "consent_"


class Client(Visitor):
    """Somebody who never sees a page: each request goes to the API, or fails the test."""

    def __post_init__(self) -> None:
        """Open the connection, and look at each address before it is asked for."""
        super().__post_init__()
        self.http.event_hooks = {"request": [only_the_api]}

    def enrol(self, path: str, fields: dict[str, str]) -> None:
        """Join, or found the group, with the passphrase and the seed that were offered."""
        offer = self.api("GET", "/offers?language=en")
        self.passphrase, self.totp_secret = offer["passphrase"], offer["secret"]
        own = {"login": self.login, "passphrase": self.passphrase, "seed": offer["seed"], "code": self.code()}
        more = {name: value for name, value in fields.items() if name != "code"}
        body = {**own, **more, "initial": self.login[0], "language": "en", "invitation": fields["code"]}
        joined = self.api("POST", {"/found": "/founding", "/join": "/members"}[path], body)
        self.member, self.words = joined["member"], joined["words"]

    def sign_in(self) -> None:
        """Begin a session."""
        who = {"login": self.login, "passphrase": self.passphrase, "code": self.code()}
        self.token = str(self.api("POST", "/sessions", who)["token"])


def only_the_api(request: httpx.Request) -> None:
    assert request.url.path.startswith("/api/v1/"), request.url.path


def test_the_whole_story_through_the_api_alone(database_url: str, tmp_path: Path) -> None:
    with server(database_url, tmp_path) as running:
        stage = story.found(running.url, running.code, "Test group", "contact@group.example", Client)
        told = report(running.url)
        reported_and_accepted(stage, told)
        story.document(stage, told)
        answered(stage, told)
        grant = granted_and_taken_out(stage, told)
        decide(stage, told, {"un-confidential": "no"})
        assert story.try_out(stage, told, "wgeid") == story.try_out(stage, told, "dossier") == 403
        counted(stage, told)
        proved(stage, told)
        revoked(stage, told, grant)
        story.erase(stage, told)
        assert status(stage.who("kirill.desk"), "GET", f"/cases/{told.case}") == 404
        kinds = [one["kind"] for one in mailbox(running.url, told)["letters"]]
        assert kinds == ["notice"]


def report(url: str) -> Told:
    """Tell what the family told in its form."""
    family = Client(url)
    words = family.api("GET", "/receipts/new?language=ru")["receipt"]
    about = {name: value for name, value in PUBLISHED.form.items() if not name.startswith(CONSENT)}
    body = {"receipt": words, "language": PUBLISHED.language, "about": about, "consents": {"count": "no"}}
    assert family.api("POST", "/reports", body) == {"receipt": words}
    return Told(PUBLISHED, words)


def answered(stage: Stage, told: Told) -> None:
    letters = mailbox(stage.url, told)["letters"]
    assert [one["text"] for one in letters if one["kind"] == "question"] == [PUBLISHED.question]
    body = {"receipt": told.receipt, "text": PUBLISHED.answer, "language": "ru"}
    Client(stage.url).api("POST", "/mailbox/letters", body)
    decide(stage, told, {"count": "yes", "un-confidential": "yes"})
    stage.who("inga.intake").api("POST", f"/inbox/{told.mailbox}/filing")
    case = stage.who("inga.intake").api("GET", f"/cases/{told.case}")
    assert any(PUBLISHED.answer in one["text"] for one in case["sections"]["narrative"]["statement"])


def decide(stage: Stage, told: Told, wanted: dict[str, str]) -> None:
    for purpose, value in wanted.items():
        body = {"receipt": told.receipt, "purpose": purpose, "value": value}
        Client(stage.url).api("POST", "/mailbox/consents", body)


def mailbox(url: str, told: Told) -> Any:
    return Client(url).api("POST", "/mailbox", {"receipt": told.receipt})
