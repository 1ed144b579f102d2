"""The import contracts hold, and each is seen to break when somebody plants the import it forbids."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINTER = Path(sys.executable).with_name("lint-imports")

LAYERS = "Higher layers import lower ones"
CRYPTO = "Only crypto imports cryptographic libraries"
FRAMEWORK = "Only the edge of the program knows the web framework"
SERVER = "Only the command starts a web server"
PURE = "Tables a lawyer reads know no database"
TABLES = "Routes and pages never touch a table"
SETTINGS = "Only the program's start reads settings"

# Who may do what the contract forbids to everyone else.
EXCEPTED = {
    CRYPTO: {"crypto"},
    FRAMEWORK: {"main", "describing", "routes", "pages", "guards", "problems", "edge"},
    SERVER: {"cli", "serving"},
    SETTINGS: {"main", "cli", "demo", "settings"},
}


def copied(folder: Path) -> Path:
    """Copy the package and its contracts into `folder`."""
    shutil.copytree(ROOT / "api", folder / "api", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def verdicts(folder: Path) -> dict[str, str]:
    """Return each contract's verdict, KEPT or BROKEN, on the package in `folder`."""
    done = subprocess.run([LINTER, "--no-cache"], cwd=folder, capture_output=True, text=True)
    lines = (line.rpartition(" ") for line in done.stdout.splitlines())
    return {name: verdict for name, _, verdict in lines if verdict in {"KEPT", "BROKEN"}}


def contracts() -> dict[str, set[str]]:
    """Return the modules of `api` that each contract binds."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    return {one["name"]: named(one.get("source_modules") or one["layers"]) for one in declared}


def named(lines: list[str]) -> set[str]:
    return {part.strip(" ()").removeprefix("api.") for line in lines for part in line.split("|")}


def modules() -> set[str]:
    found = {path.stem for path in (ROOT / "api").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    return found - {"__init__"}


def test_every_contract_holds_while_nothing_is_planted(tmp_path: Path) -> None:
    expected = dict.fromkeys((LAYERS, CRYPTO, FRAMEWORK, SERVER, PURE, TABLES, SETTINGS), "KEPT")
    assert verdicts(copied(tmp_path)) == expected


@pytest.mark.parametrize(
    ("module", "planted", "contract"),
    [
        ("api/sealed/store.py", "import api.services.cases", LAYERS),
        ("api/models/tables.py", "import api.sealed.store", LAYERS),
        ("api/services/cases.py", "import api.guards", LAYERS),
        ("api/policy/actions.py", "import api.reports", LAYERS),
        ("api/ids.py", "import api.crypto", LAYERS),
        ("api/access/doors.py", "import cryptography", CRYPTO),
        ("api/services/recovery_planted.py", "import shamir_mnemonic", CRYPTO),
        ("api/ids.py", "import cryptography", CRYPTO),
        ("api/services/cases.py", "import fastapi", FRAMEWORK),
        ("api/access/doors.py", "from starlette import requests", FRAMEWORK),
        ("api/routes/cases.py", "import uvicorn", SERVER),
        ("api/policy/actions.py", "import sqlalchemy", PURE),
        ("api/catalogue/terms.py", "import sqlalchemy", PURE),
        ("api/reports/planted.py", "import sqlalchemy", PURE),
        ("api/names/planted.py", "import sqlalchemy", PURE),
        ("api/columns/planted.py", "import sqlalchemy", PURE),
        ("api/routes/cases.py", "import api.models.tables", TABLES),
        ("api/pages/planted.py", "import api.models.tables", TABLES),
        ("api/services/cases.py", "import api.settings", SETTINGS),
        ("api/crypto/planted.py", "import api.settings", SETTINGS),
    ],
)
def test_a_planted_import_breaks_its_contract(module: str, planted: str, contract: str, tmp_path: Path) -> None:
    path = copied(tmp_path) / module
    before = path.read_text("utf-8") if path.exists() else ""
    path.write_text(f"{before}\n{planted}\n", "utf-8")
    assert verdicts(tmp_path)[contract] == "BROKEN"


def unbound(present: set[str]) -> dict[str, set[str]]:
    """Return, for each contract with exceptions, the modules that it neither binds nor excepts."""
    bound = contracts()
    missing = {name: present - bound[name] - excepted for name, excepted in EXCEPTED.items()}
    missing[LAYERS] = present - bound[LAYERS]
    return {name: left for name, left in missing.items() if left}


def test_no_module_escapes_the_contracts() -> None:
    assert unbound(modules()) == {}
    assert {name: contracts()[name] & excepted for name, excepted in EXCEPTED.items()} == {
        name: set() for name in EXCEPTED
    }


def test_a_new_module_that_no_contract_names_is_seen() -> None:
    assert unbound(modules() | {"planted"}) == {name: {"planted"} for name in (*EXCEPTED, LAYERS)}
