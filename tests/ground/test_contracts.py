"""The import contracts hold, and each is seen to break when somebody plants the import it forbids."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINTER = Path(sys.executable).with_name("lint-imports")


def broken(folder: Path) -> list[str]:
    """Return the names of the broken contracts of the package in `folder`."""
    done = subprocess.run([LINTER, "--no-cache"], cwd=folder, capture_output=True, text=True)
    return [line.rsplit(" ", 1)[0] for line in done.stdout.splitlines() if line.endswith(" BROKEN")]


@pytest.mark.parametrize(
    ("module", "planted", "contract"),
    [
        ("api/sealed/store.py", "import api.services.cases", "Higher layers import lower ones"),
        ("api/access/doors.py", "import cryptography", "Only crypto imports cryptographic libraries"),
        ("api/services/cases.py", "import fastapi", "Only the edge of the program knows the web framework"),
        ("api/policy/actions.py", "import sqlalchemy", "Tables a lawyer reads know no database"),
        ("api/routes/cases.py", "import api.models.tables", "Routes and pages never touch a table"),
        ("api/services/cases.py", "import api.settings", "Only the program's start reads settings"),
    ],
)
def test_a_planted_import_breaks_its_contract(module: str, planted: str, contract: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "api", tmp_path / "api", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / module
    path.write_text(path.read_text("utf-8") + f"\n{planted}\n", "utf-8")
    assert contract in broken(tmp_path)
