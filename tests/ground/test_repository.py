"""The repository keeps its own rules: sizes, docstrings, locks, what lies at the top, nothing of a machine."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOP = {"api", "migrations", "tests", "docs", "benchmarks", "Makefile", "README.md", "pyproject.toml", "LICENSE"}
TOP |= {"CHANGELOG.md", "SECURITY.md", "requirements.lock", "requirements-dev.lock"}
LONGEST_FILE, LONGEST_FUNCTION = 250, 40
OF_A_MACHINE = re.compile(r"(?:^|[\s\"'=])/(?:work|root|tmp/bash)/|(?<!no-emit-)index-url|files\.pythonhosted|/simple/")
SUPPRESSED = re.compile(r"NotImplementedError|TODO|FIXME|# noqa|# type: ignore|pragma: no cover")
THIS = "tests/ground/test_repository.py"


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def sources() -> list[Path]:
    return sorted((ROOT / "api").rglob("*.py"))


def too_long(text: str) -> list[str]:
    """Return what is longer than the house likes."""
    found = ["file"] if text.count("\n") > LONGEST_FILE else []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            found += [node.name] if node.end_lineno - node.lineno >= LONGEST_FUNCTION else []
    return found


def undocumented(text: str) -> bool:
    return not (ast.get_docstring(ast.parse(text)) or "").strip()


def unpinned(lock: str) -> list[str]:
    """Return the requirements of a lock that lack a version or a hash."""
    whole = lock.replace("\\\n", " ").splitlines()
    lines = [line for line in whole if line.strip() and not line.startswith(("#", " "))]
    return [line.split()[0] for line in lines if "==" not in line or "--hash=sha256:" not in line]


def test_no_source_is_longer_than_the_house_likes() -> None:
    assert {
        str(path): too_long(path.read_text("utf-8")) for path in sources() if too_long(path.read_text("utf-8"))
    } == {}


def test_every_module_says_what_it_is() -> None:
    assert [str(path) for path in sources() if undocumented(path.read_text("utf-8"))] == []


def test_the_locks_pin_every_version_with_its_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        lock = (ROOT / name).read_text("utf-8")
        assert lock.count("==") > 20
        assert unpinned(lock) == []
        assert "telemetry-exporter" not in lock


def test_only_the_agreed_lies_at_the_top() -> None:
    tops = {name.split("/")[0] for name in tracked()}
    assert {name for name in tops if not name.startswith(".")} - TOP == set()


def test_nothing_tracked_names_a_machine_or_a_registry_and_nothing_is_suppressed() -> None:
    found = []
    for name in tracked():
        path = ROOT / name
        if name == THIS or path.suffix in {".png"}:
            continue
        text = path.read_text("utf-8", "replace")
        found += [name] if OF_A_MACHINE.search(text) else []
        found += [name] if path.suffix == ".py" and SUPPRESSED.search(text) else []
    assert found == []


@pytest.mark.parametrize(
    ("guard", "planted"),
    [
        (too_long, "x = 1\n" * 300),
        (too_long, "def f():\n" + "    x = 1\n" * 60),
        (undocumented, "x = 1\n"),
        (unpinned, "fastapi==1.0\n"),
        (unpinned, "fastapi --hash=sha256:00\n"),
        (OF_A_MACHINE.search, "see " + "/".join(("", "work", "main"))),
        (SUPPRESSED.search, "x = 1  # noqa"),
    ],
)
def test_each_guard_sees_a_planted_fault(guard: object, planted: str) -> None:
    assert guard(planted)
