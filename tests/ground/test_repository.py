"""The repository keeps its own rules: sizes, docstrings, locks, what lies at the top, nothing of a machine."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from typer.models import CommandInfo

from api.cli import app

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-scan.lock")
TOP = {"api", "migrations", "tests", "docs", "benchmarks", "Makefile", "README.md", "pyproject.toml", "LICENSE"}
TOP |= {"CHANGELOG.md", "SECURITY.md", *LOCKS}
LONGEST_FILE, LONGEST_FUNCTION = 250, 40

# Put together from pieces, so that this file passes its own rules.
FOLDERS = "|".join(("work", "root", "home", "Users", "opt", "tmp"))
ADDRESSES = "|".join(("pypi" + r"\.org", "python" + "hosted", "npm" + "js", "/simple" + "/", "find" + "-links"))
OF_A_MACHINE = re.compile(
    rf"(?:^|[\s\"'=(`])(?:file://)?/(?:{FOLDERS})/\w|(?<!no-emit-)index" + rf"-url|{ADDRESSES}", re.M
)
WORDS = (
    "NotImplemented" + "Error",
    "TO" + "DO",
    "FIX" + "ME",
    "# no" + "qa",
    "# type" + ": ignore",
    "pragma" + ": no cover",
)
SUPPRESSED = re.compile("|".join(WORDS))


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def sources() -> list[Path]:
    return sorted((ROOT / "api").rglob("*.py"))


def strangers(names: Iterable[str]) -> set[str]:
    """Return what lies at the top without having been agreed; dotfiles may."""
    tops = {name.split("/")[0] for name in names}
    return {name for name in tops if not name.startswith(".")} - TOP


def too_long(text: str) -> list[str]:
    """Return what is longer than the house likes."""
    found = ["file"] if len(text.splitlines()) > LONGEST_FILE else []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            found += [node.name] if node.end_lineno - node.lineno >= LONGEST_FUNCTION else []
    return found


def undocumented(text: str) -> bool:
    return not (ast.get_docstring(ast.parse(text)) or "").strip()


def unpinned(lock: str) -> list[str]:
    """Return the lines of a lock that are anything but a requirement with one version and its hashes."""
    lines = [line.strip() for line in lock.replace("\\\n", " ").splitlines()]
    pinned = re.compile(r"[\w.-]+(\[[\w,-]+\])?==[\w.+!]+( ; [^@]+?)?(\s+--hash=sha256:[0-9a-f]{64})+")
    return [line[:40] for line in lines if line and not pinned.fullmatch(line)]


def test_no_source_is_longer_than_the_house_likes() -> None:
    found = {str(path.relative_to(ROOT)): too_long(path.read_text("utf-8")) for path in sources()}
    assert len(found) > 100
    assert {name: parts for name, parts in found.items() if parts} == {}


def test_every_module_says_what_it_is() -> None:
    assert [str(path) for path in sources() if undocumented(path.read_text("utf-8"))] == []


@pytest.mark.parametrize("name", LOCKS)
def test_the_locks_pin_every_version_with_its_hash(name: str) -> None:
    lock = (ROOT / name).read_text("utf-8")
    assert lock.count("==") > 20
    assert unpinned(lock) == []
    assert "telemetry-exporter" not in lock


def test_only_the_agreed_lies_at_the_top() -> None:
    assert strangers(tracked()) == set()


def test_nothing_tracked_names_a_machine_or_a_registry_and_nothing_is_suppressed() -> None:
    found = []
    for name in tracked():
        path = ROOT / name
        if path.suffix == ".png":
            continue
        text = path.read_text("utf-8", "replace")
        found += [f"{name}: {match[0]!r}" for match in OF_A_MACHINE.finditer(text)]
        found += [f"{name}: {match[0]!r}" for match in SUPPRESSED.finditer(text) if path.suffix == ".py"]
    assert found == []


def line(*parts: str) -> str:
    """Put a planted fault together, so that this file does not hold it."""
    return "".join(parts)


HASH = "--hash=sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("guard", "planted"),
    [
        (too_long, "x = 1\n" * (LONGEST_FILE + 1)),
        (too_long, "def f():\n" + "    x = 1\n" * LONGEST_FUNCTION),
        (too_long, "class C:\n    async def f(self):\n" + "        x = 1\n" * LONGEST_FUNCTION),
        (undocumented, "x = 1\n"),
        (undocumented, '"""  """\n'),
        (unpinned, "fastapi==1.0\n"),
        (unpinned, "fastapi --hash=sha256:00\n"),
        (unpinned, f"fastapi>=1.0 \\\n    {HASH}\n"),
        (unpinned, "fastapi==1.0 \\\n    --hash=sha256:00\n"),
        (unpinned, f"fastapi @ file:somewhere \\\n    {HASH}\n"),
        (unpinned, "# this file was made by a command\n"),
        (strangers, ["api/main.py", "notes/plan.md"]),
        (strangers, ["setup.py"]),
        (OF_A_MACHINE.search, line("see ", "/", "work/", "main")),
        (OF_A_MACHINE.search, line("x = '", "/", "home/", "anna/x'")),
        (OF_A_MACHINE.search, line("first\n", "/", "root/", "x")),
        (OF_A_MACHINE.search, line("-f file:/", "//", "opt/", "wheels")),
        (OF_A_MACHINE.search, line("--index", "-url x")),
        (OF_A_MACHINE.search, line("--find", "-links x")),
        (OF_A_MACHINE.search, line("https://", "files.python", "hosted", ".org/packages/x")),
        *((SUPPRESSED.search, f"x = 1  {word}") for word in WORDS),
    ],
)
def test_each_guard_sees_a_planted_fault(guard: object, planted: object) -> None:
    assert guard(planted)


@pytest.mark.parametrize(
    ("guard", "allowed"),
    [
        (too_long, "x = 1\n" * LONGEST_FILE),
        (too_long, "def f():\n" + "    x = 1\n" * (LONGEST_FUNCTION - 1)),
        (undocumented, '"""What it promises."""\n'),
        (unpinned, f"fastapi==1.0 \\\n    {HASH} \\\n    {HASH}\n"),
        (unpinned, f"greenlet==3.5 ; platform_machine == 'x86_64' \\\n    {HASH}\n"),
        (strangers, ["api/main.py", ".ci/run", "LICENSE"]),
        (OF_A_MACHINE.search, "uv pip compile --no-emit-index-url"),
    ],
)
def test_no_guard_sees_a_fault_where_there_is_none(guard: object, allowed: object) -> None:
    assert not guard(allowed)


def unexplained(record: str, requirements: Iterable[str]) -> set[str]:
    """Return the packages we ask for that the record of dependencies gives no row."""
    rows = " ".join(row.split("|")[1] for row in record.splitlines() if row.startswith("| "))
    explained = set(re.findall(r"[\w-]+", rows))
    return {re.split(r"[\[<>=]", one)[0] for one in requirements} - explained


def test_every_dependency_has_its_reason_and_its_licence() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    record = (ROOT / "docs" / "decisions" / "0001-dependencies.md").read_text("utf-8")
    assert len(asked) > 20
    assert unexplained(record, asked) == set()
    assert unexplained(record, [*asked, "planted>=1"]) == {"planted"}


def called(command: CommandInfo) -> str:
    return command.name or getattr(command.callback, "__name__", "")


def commands() -> set[str]:
    """Return what the command line takes."""
    found = {called(one) for one in app.registered_commands}
    for group in app.registered_groups:
        assert group.typer_instance
        found |= {f"{group.name} {called(one)}" for one in group.typer_instance.registered_commands}
    return found


def told_commands(page: str) -> set[str]:
    """Return the commands in the first column of the page's table."""
    rows = [row.split("|")[1] for row in page.splitlines() if row.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def untold(page: str, names: Iterable[str]) -> set[str]:
    """Return what a page nowhere names in code quotes."""
    return {name for name in names if f"`{name}`" not in page}


def test_the_first_page_names_every_command_and_no_other() -> None:
    page = (ROOT / "README.md").read_text("utf-8")
    assert {"backup", "audit verify"} <= commands()
    assert told_commands(page) == commands()
    assert told_commands(f"{page}| `planted` | does nothing |\n") - commands() == {"planted"}


def test_the_first_page_names_every_document() -> None:
    page = (ROOT / "README.md").read_text("utf-8")
    documents = {f"docs/{one.name}" for one in (ROOT / "docs").iterdir() if one.suffix in {".md", ".json"}}
    asked = {*documents, "CHANGELOG.md", "SECURITY.md", "docs/decisions/"}
    assert len(documents) > 8
    assert untold(page, asked) == set()
    assert untold(page, {*asked, "docs/planted.md"}) == {"docs/planted.md"}
