"""What we are made of: the bill equals the lock, and a scanner that was not answered is not taken for content."""

import json
import re
from typing import Any

import pytest

from tests.operating import scan
from tests.operating.sbom import BILL, LOCK, bill, licence, locked


def test_the_bill_of_materials_is_that_of_the_lock() -> None:
    assert BILL.read_text("utf-8") == bill(LOCK.read_text("utf-8"))


def test_every_package_of_the_lock_has_its_version_its_hashes_and_its_licence() -> None:
    lock = LOCK.read_text("utf-8")
    parts = json.loads(BILL.read_text("utf-8"))["components"]
    assert len(parts) == lock.count("==") > 40
    assert sum(len(one["hashes"]) for one in parts) == lock.count("sha256:")
    for one in parts:
        assert one["purl"] == f"pkg:pypi/{one['name']}@{one['version']}"
        assert one["licenses"][0]["license"]["name"], one["name"]


def test_a_lock_that_moved_on_is_seen() -> None:
    lock = LOCK.read_text("utf-8")
    newer = re.sub(r"^typer==.*?( \\)$", r"typer==9.9\1", lock, flags=re.M)
    assert newer != lock
    assert bill(newer) != bill(lock)
    assert bill(lock.replace("sha256:", "sha256:f", 1)) != bill(lock)


def test_a_package_that_is_not_installed_declares_no_licence() -> None:
    assert licence("a-package-that-nobody-wrote") == ""
    assert [one.name for one in locked("a==1 \\\n    --hash=sha256:" + "0" * 64)] == ["a"]


LOCKED = "fastapi==1.0 \\\n    --hash=x\ntyping_extensions==2 \\\n"
ANSWERED: list[dict[str, Any]] = [{"name": "fastapi", "vulns": []}, {"name": "typing-extensions", "vulns": []}]


def test_a_package_that_was_skipped_or_is_not_in_the_report_was_not_asked_about() -> None:
    assert scan.skipped({"dependencies": ANSWERED}, LOCKED) == []
    assert scan.skipped({"dependencies": ANSWERED[:1]}, LOCKED) == ["typing-extensions"]
    unanswered = {"name": "fastapi", "skip_reason": "Dependency not found"}
    assert scan.skipped({"dependencies": [unanswered, ANSWERED[1]]}, LOCKED) == ["fastapi"]
    assert scan.skipped({"dependencies": []}, LOCKED) == ["fastapi", "typing-extensions"]


def test_a_vulnerable_package_is_named_with_its_advisory() -> None:
    report = {"dependencies": [{"name": "fastapi", "vulns": [{"id": "PYSEC-1"}, {"id": "PYSEC-2"}]}, ANSWERED[1]]}
    assert scan.vulnerable(report) == ["fastapi: PYSEC-1, PYSEC-2"]


def test_what_nobody_has_explained_is_a_finding() -> None:
    row = {"filename": "api/crypto/people.py", "test_id": "B303", "line_number": 1, "issue_text": "SHA-1"}
    assert scan.bandit({"results": [row], "errors": []}) == []
    assert scan.bandit({"results": [{**row, "test_id": "B102"}], "errors": [{"filename": "x.py"}]}) == [
        "api/crypto/people.py:1 B102 SHA-1",
        "bandit could not read x.py",
    ]
    assert scan.secrets({"results": {"api/main.py": [{"type": "AWS Key", "line_number": 3}]}}) == [
        "api/main.py:3 AWS Key"
    ]


@pytest.mark.parametrize(
    ("found", "silent", "status"), [([], [], 0), (["x"], [], 1), ([], ["fastapi"], 2), (["x"], ["fastapi"], 1)]
)
def test_the_exit_status_tells_a_finding_from_a_silence(
    found: list[str],
    silent: list[str],
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(scan, "ask", lambda *_: {"dependencies": [], "results": {}, "errors": []})
    monkeypatch.setattr(scan, "bandit", lambda _: found)
    monkeypatch.setattr(scan, "skipped", lambda *_: silent)
    assert scan.main() == status
    assert ("NOT ASKED" in capsys.readouterr().out) == bool(silent)
