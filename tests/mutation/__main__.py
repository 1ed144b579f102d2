"""`python -m tests.mutation`: how many small faults in the code that must hold are seen by its tests.

Promises a sample with a fixed seed, and fails where a survivor is not explained in `explained.csv`.
"""

import argparse
import csv
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.running import ROOT, reach, survivors

PACKAGES = ("policy", "access", "crypto", "sealed")
GOAL = {"policy": 1.0, "access": 0.95, "crypto": 0.95, "sealed": 0.95}
EXPLAINED = Path(__file__).with_name("explained.csv")


def every_mutant(package: str) -> list[Mutant]:
    """Return all mutants of a package."""
    found = list[Mutant]()
    for path in sorted((ROOT / "api" / package).rglob("*.py")):
        name = str(path.relative_to(ROOT))
        module = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        found += mutants_of(module, name, path.read_text("utf-8"))
    return found


def sample(most: int, seed: int, packages: list[str]) -> list[Mutant]:
    """Return up to `most` mutants of each package, the same for the same seed."""
    dice = random.Random(seed)  # a fixed seed, not a secret
    chosen = list[Mutant]()
    for package in packages:
        found = every_mutant(package)
        chosen += dice.sample(found, min(most, len(found)))
    return chosen


def explained() -> set[tuple[str, str]]:
    """Return the survivors that change nothing, by path and words, each with its reason in the table."""
    with EXPLAINED.open(encoding="utf-8") as file:
        return {(row["path"], row["what"]) for row in csv.DictReader(file)}


def main() -> int:
    """Run the campaign and say what it found."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--most", type=int, default=150)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--beside", type=int, default=2, help="how many at once")
    arguments.add_argument("--reached", type=Path, help="a folder that keeps what the tests reach")
    arguments.add_argument("packages", nargs="*", default=list(PACKAGES))
    given = arguments.parse_args()
    known, killed, met = explained(), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        reached = reach(given.reached or Path(folder))
        chosen = sample(given.most, given.seed, given.packages)
        for mutant, fate in survivors(chosen, reached, given.beside):
            package = mutant.module.split(".")[1]
            fine = fate == "killed" or (mutant.path, mutant.what) in known
            met[package] += 1
            killed[package] += fine
            print(f"{fate}: {mutant.name}", flush=True)
    for package in given.packages:
        print(f"{package}: {killed[package]} of {met[package]} seen, {killed[package] / met[package]:.1%}")
    return int(any(killed[one] < GOAL[one] * met[one] for one in given.packages))


if __name__ == "__main__":
    sys.exit(main())
