"""The slips are slips, each in one place, and a test that looks away is told from one that looks."""

import ast
import subprocess
import sys
import textwrap
from pathlib import Path

from tests.mutation.mutants import mutants_of

ROOT = Path(__file__).parents[2]
SOURCE = '''
"""A module."""
RULES = {"read": frozenset({"desk", "lawyer"})}


def may(role: str, action: str) -> bool:
    """Say whether."""
    if not role:
        raise ValueError("no role")
    return role in RULES[action] and len(role) > 2
'''


def slips(source: str) -> dict[str, str]:
    return {one.what: one.source for one in mutants_of("m", "m.py", source)}


def test_every_kind_of_slip_is_made_and_differs_from_the_module() -> None:
    found = slips(SOURCE)
    wanted = {"In is NotIn", "And is the other", "Gt is GtE", "2 is 3", "without element 0", "without entry 0"}
    wanted |= {"the condition turned round", "returns nothing", "'lawyer' is another text"}
    assert wanted <= found.keys()
    whole = ast.unparse(ast.parse(SOURCE))
    assert all(ast.unparse(ast.parse(text)) != whole for text in found.values())


def test_a_refusal_is_left_out() -> None:
    assert any(what.startswith("without raise") for what in slips(SOURCE))


def test_what_no_program_sees_is_left_alone() -> None:
    assert not any("A module" in what or "Say whether" in what or "'str'" in what for what in slips(SOURCE))


TRIAL = """
    import os, sys
    from pathlib import Path
    from tests.mutation.mutants import mutants_of
    from tests.mutation.running import begin
    path = Path("api/ids.py")
    (mutant,) = [one for one in mutants_of("api.ids", str(path), path.read_text()) if one.what == "26 is 27"]
    _, status = os.waitpid(begin(mutant, [[sys.argv[1]]]), 0)
    print("survived" if status == 0 else "killed")
"""
LOOKS = "from api.ids import new_id\ndef test_it():\n    assert len(new_id()) == 26\n"
LOOKS_AWAY = "from api.ids import new_id\ndef test_it():\n    assert new_id()\n"


def fate(folder: Path, test: str) -> str:
    written = folder / "test_trial.py"
    written.write_text(test, "utf-8")
    command = [sys.executable, "-c", textwrap.dedent(TRIAL), str(written)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def test_a_test_that_looks_kills_the_slip_and_one_that_looks_away_does_not(tmp_path: Path) -> None:
    assert fate(tmp_path, LOOKS) == "killed"
    assert fate(tmp_path, LOOKS_AWAY) == "survived"
