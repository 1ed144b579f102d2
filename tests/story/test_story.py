"""The whole story over HTTP on a real server process, on SQLite and on PostgreSQL."""

import io
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from api.demo import story
from api.demo.story import Stage, Told
from api.demo.visitor import Visitor
from api.errors import SecretMissing
from api.models.tables import Section
from api.sealed import roots
from api.sealed.secrets import SecretFiles
from api.sealed.store import open_store
from tests.sealed.stores import copy_of
from tests.story.published import PUBLISHED, STEP
from tests.story.servers import Running, server


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def status(person: Visitor, method: str, path: str, body: object = None) -> int:
    return person.try_api(method, path, body).status_code


def test_the_whole_story(database_url: str, tmp_path: Path) -> None:
    with server(database_url, tmp_path) as running:
        stage = running.found()
        told = story.report(running.url, PUBLISHED)
        reported_and_accepted(stage, told)
        worker = stage.who("kirill.desk")
        story.document(stage, told)
        answered(stage, told)
        before = copy_of(running.store(), tmp_path / "before") if database_url.startswith("sqlite") else None
        grant = granted_and_taken_out(stage, told)
        withdrawn(stage, told)
        counted(stage, told)
        proved(stage, told)
        revoked(stage, told, grant)
        story.erase(stage, told)
        assert status(worker, "GET", f"/cases/{told.case}") == 404
        page = story.mailbox(running.url, told)
        assert page is not None
        if before is not None:
            gone_from_old_copies(running, told, tmp_path)


def reported_and_accepted(stage: Stage, told: Told) -> None:
    officer, other = stage.who("inga.intake"), stage.who("iosif.south")
    line = officer.api("GET", "/inbox")["lines"][0]
    assert "story" not in str(line)
    opened = officer.api("GET", f"/inbox/{line['mailbox_id']}")
    assert "Последний раз он вышел на связь 17 мая" in opened["letters"][0]["about"]["story"]
    seen = officer.api("GET", f"/inbox/{line['mailbox_id']}/seen-before?desk={stage.desks['North']}")
    assert seen == {"lines": [], "more": 0}
    story.take_in(stage, told)
    assert status(other, "GET", f"/inbox/{told.mailbox}") == 404
    assert status(other, "GET", f"/cases/{told.case}") == 404


def answered(stage: Stage, told: Told) -> None:
    officer = stage.who("inga.intake")
    letters = Visitor(stage.url).api("POST", "/mailbox", {"receipt": told.receipt})["letters"]
    assert any(one["kind"] == "question" and one["text"] == PUBLISHED.question for one in letters)
    story.come_back(stage, told)
    case = officer.api("GET", f"/cases/{told.case}")
    consents = {one["purpose"]: one["value"] for one in case["sections"]["consent"]["consent"]}
    assert (consents["count"], consents["un-confidential"], consents["publish-named"]) == ("yes", "yes", "no")
    assert any(PUBLISHED.answer in one["text"] for one in case["sections"]["narrative"]["statement"])
    acts = case["sections"]["facts"]["act"]
    assert [one["type"] for one in acts] == ["X03-0301-01a", "X03-0301-01b", "X03-0301-03", "X52-5201-08"]
    assert acts[1]["outcome"] == "not-decided"
    assert acts[2]["when"]["edtf"] == "2023-05-01/2023-05-10"
    assert any(one["words"] == "в начале мая 2023" for one in case["sections"]["narrative"]["told"])


def granted_and_taken_out(stage: Stage, told: Told) -> str:
    lawyer, worker = stage.who("leonid.law"), stage.who("kirill.desk")
    assert status(lawyer, "GET", f"/cases/{told.case}") == 404
    grant = story.grant(stage, told)
    view = lawyer.api("GET", f"/cases/{told.case}")
    assert set(view["shut"]) == {"source", "contact", "evidence"}
    assert set(view["closed"]) == {"identity"}
    assert status(lawyer, "POST", f"/cases/{told.case}/openings", {"compartments": ["identity"]}) == 428
    first = story.readiness(stage, told)
    assert (first["met"], first["of"], first["sentence"]) == (5, 6, "WGEID: 5 of 6, steps taken are missing")
    assert story.try_out(stage, told, "wgeid") == 409
    story.add_entry(worker, told, *STEP)
    assert story.readiness(stage, told)["met"] == 6
    for profile in ("wgeid", "dossier"):
        told_in = text_of(story.take_out(stage, told, profile))
        assert "Artyom Bunyatov" in told_in
        assert "17 May 2023" in told_in
        assert "Лариса" not in told_in
        assert "Larisa" not in told_in
    register = lawyer.api("GET", f"/cases/{told.case}")["sections"]["control"]["disclosure"]
    assert [one["profile"] for one in register] == ["wgeid", "dossier"]
    return grant


def withdrawn(stage: Stage, told: Told) -> None:
    story.decide(stage, told, {"count": "yes", "un-confidential": "no"})
    assert story.try_out(stage, told, "wgeid") == 403
    assert story.try_out(stage, told, "dossier") == 403


def counted(stage: Stage, told: Told) -> None:
    analyst = stage.who("anna.count")
    # What the lawyer wrote in the case waits for somebody of the desk to look: until then it is said to be missing.
    assert analyst.api("GET", "/counts?dimension=case.status")["missing"] == 1
    stage.who("kirill.desk").api("GET", "/cases")
    counts = analyst.api("GET", "/counts?dimension=case.status")
    assert counts["missing"] == 0
    assert counts["cells"] == [{"values": ["X25-0103a"], "cases": 1}]
    assert counts["for_publication"] is False
    assert status(analyst, "GET", f"/cases/{told.case}") in (403, 404)
    assert status(analyst, "GET", "/cases") == 403


def proved(stage: Stage, told: Told) -> None:
    auditor, lawyer = stage.who("osip.audit"), stage.who("leonid.law")
    assert auditor.api("GET", "/log/verification")["problems"] == []
    entries = auditor.api("GET", "/log")["lines"]
    assert any(
        one.get("actor") == lawyer.member and one.get("case") == told.case and one.get("reason") == "prepare-submission"
        for one in entries
    )
    assert "Бунятов" not in str(entries)
    assert status(auditor, "GET", f"/cases/{told.case}") == 404


def revoked(stage: Stage, told: Told, grant: str) -> None:
    lawyer, worker = stage.who("leonid.law"), stage.who("kirill.desk")
    address = f"/cases/{told.case}/files/{told.files[-1]}"
    assert worker.api("GET", address) == b"A note of the desk."
    story.revoke(stage, told, grant)
    assert status(lawyer, "GET", f"/cases/{told.case}") == 404
    assert status(lawyer, "GET", address) == 404


def gone_from_old_copies(running: Running, told: Told, folder: Path) -> None:
    """A copy of the database from before the erasure, with the secrets of now, opens nothing."""
    secrets = SecretFiles(running.settings.secrets)
    old = open_store(f"sqlite:///{folder / 'before' / 'lastheard.db'}", folder / "old", secrets)
    with old.reading() as db:
        assert db.scalars(select(Section.case_id).where(Section.case_id == told.case)).first()
        with pytest.raises(SecretMissing):
            roots.opened(db, old)
