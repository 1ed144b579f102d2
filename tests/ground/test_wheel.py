"""The wheel, in an empty environment outside of the checkout, plays the whole story."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.story.servers import free_port

ROOT = Path(__file__).parents[2]


def run(command: list[str | Path], where: Path) -> str:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHONPATH", "LASTHEARD"))
    }
    done = subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_the_wheel_plays_the_story_outside_of_the_checkout(tmp_path: Path) -> None:
    run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT], tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    run([sys.executable, "-m", "venv", tmp_path / "env"], tmp_path)
    pip: list[str | Path] = [tmp_path / "env" / "bin" / "python", "-m", "pip", "install", "--quiet"]
    run([*pip, "--require-hashes", "--no-deps", "-r", ROOT / "requirements.lock"], tmp_path)
    run([*pip, "--no-deps", wheel], tmp_path)
    command: list[str | Path] = [tmp_path / "env" / "bin" / "lastheard", "demo", "--data", "store"]
    said = json.loads(run([*command, "--port", str(free_port()), "--once", "--json"], tmp_path))
    assert len(said["cases"]) == 3
    assert len(said["planted"]) >= 20
    assert all(Path(one["path"]).exists() for one in said["documents"])
