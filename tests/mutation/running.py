"""Runs the tests that reach a mutant's line against it, in a process of its own; two side by side.

Promises that the files stay as they are: a mutant lives in memory. Must never call a mutant killed for want of tests.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import io
import json
import os
import signal
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from types import CodeType, ModuleType

import pytest
from coverage import CoverageData

from tests.mutation.mutants import Mutant

ROOT = Path(__file__).parents[2]
TESTS = (
    "access",
    "cases",
    "crypto",
    "matrix",
    "people",
    "policy",
    "receiving",
    "routes",
    "sealed",
    "searching",
    "segments",
    "trust",
)
# In process and on one database: what starts a server of its own would run the files, not the mutant.
ALONE = "not postgresql and not wheel and not demonstration and not kill and not story"
LONGEST, MOST_SECONDS, FEW = 120, 45.0, 20
# Imported once before the processes part: what the product stands on is not what is tried.
BENEATH = (
    "sqlalchemy.orm",
    "fastapi.testclient",
    "cryptography.hazmat.primitives.hpke",
    "hypothesis",
    "numpy",
    "typst",
)


@dataclass(frozen=True, slots=True)
class Reached:
    """Which tests reach which line, and how long (seconds) each takes."""

    lines: Mapping[str, Mapping[int, Collection[str]]]
    seconds: Mapping[str, float]

    def tests_for(self, mutant: Mutant) -> list[list[str]]:
        """Return the tests to try: the package's own, then others; those that reach the line, quick ones first.

        A line that runs while its module is read is reached by no test, or by the one that happened to read it: then it
        is all of the module's, and all of the package's own, since a table is read without running any line of it.
        """
        of_file, package = self.lines.get(mutant.path, {}), f"tests/{mutant.module.split('.')[1]}/"
        found = {test for line in range(mutant.line, mutant.last + 1) for test in of_file.get(line, ())}
        if len(found) < 2:
            found |= {test for tests in of_file.values() for test in tests}
            found |= {test for test in self.seconds if test.startswith(package)}
        ordered = sorted(found, key=lambda test: self.seconds.get(test, 9.0))
        own = [test for test in ordered if test.startswith(package)]
        others = [test for test in ordered if not test.startswith(package)]
        few, more = others[:FEW], others[FEW:]
        return [part for part in (list(_within(one, self.seconds)) for one in (own, few, more)) if part]


def _within(ordered: Sequence[str], seconds: Mapping[str, float]) -> Iterator[str]:
    spent = 0.0
    for test in ordered:
        spent += seconds.get(test, 1.0) + 0.05
        if spent > MOST_SECONDS:
            return
        yield test


def reach(folder: Path) -> Reached:
    """Return what reaches what: as `folder` has it from before, else by running the tests once, unchanged."""
    data, timed = folder / "coverage", folder / "seconds.json"
    if not timed.exists():
        _run_once(data, timed)
    return Reached(_lines(data), json.loads(timed.read_text("utf-8")))


def _run_once(data: Path, timed: Path) -> None:
    arguments = [
        f"--cov={ROOT / 'api'}",
        "--cov-context=test",
        "--cov-branch",
        "--cov-report=",
        "-k",
        ALONE,
        "-p",
        "no:cacheprovider",
    ]
    places = [str(ROOT / "tests" / name) for name in TESTS if (ROOT / "tests" / name).exists()]
    os.environ["COVERAGE_FILE"] = str(data)
    child = os.fork()
    if child == 0:
        watch = Watch()
        code = pytest.main(["-q", *arguments, *places], plugins=[watch])
        timed.write_text(json.dumps(watch.seconds), "utf-8")
        os._exit(int(code))
    if os.waitpid(child, 0)[1]:
        timed.unlink(missing_ok=True)
        raise RuntimeError("the tests fail without any fault")


def _lines(data: Path) -> Mapping[str, Mapping[int, Collection[str]]]:
    measured = CoverageData(str(data))
    measured.read()
    found = {}
    for path in measured.measured_files():
        by_line = measured.contexts_by_lineno(path)
        tests = {line: {one.split("|")[0] for one in contexts if one} for line, contexts in by_line.items()}
        found[str(Path(path).relative_to(ROOT))] = tests
    return found


class Watch:
    """Notes how long each test takes, with its set-up."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add a part of a test."""
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration


class Planted(importlib.abc.MetaPathFinder, importlib.machinery.SourceFileLoader):
    """Gives a mutant where its module is asked for."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__(mutant.module, str(ROOT / mutant.path))
        self.mutant = mutant

    def find_spec(self, fullname: str, path: object, target: ModuleType | None = None) -> object:
        """Answer for this one module."""
        if fullname != self.mutant.module:
            return None
        package = self.mutant.path.endswith("__init__.py")
        inner = [str(Path(self.path).parent)] if package else None
        return importlib.util.spec_from_file_location(
            fullname, self.path, loader=self, submodule_search_locations=inner
        )

    def get_code(self, fullname: str) -> CodeType:
        """Return the mutant's code, never a kept one of the module."""
        return compile(self.mutant.source, self.path, "exec")


def begin(mutant: Mutant, parts: Sequence[Sequence[str]]) -> int:
    """Start a process that tries the tests on the mutant, part by part, until one fails; return its id."""
    child = os.fork()
    if child:
        return child
    os.setsid()
    signal.alarm(LONGEST)
    sys.meta_path.insert(0, Planted(mutant))
    # Most slips end in the first part, and the modules of the other tests need not be read.
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        passed = all(_pass(part) for part in parts)
    os._exit(0 if passed else 1)


def _pass(tests: Sequence[str]) -> bool:
    return pytest.main(["-q", "-x", "-p", "no:cacheprovider", "-p", "no:cov", *tests]) == pytest.ExitCode.OK


def survivors(mutants: Sequence[Mutant], reached: Reached, side_by_side: int = 2) -> Iterator[tuple[Mutant, str]]:
    """Yield each mutant with what became of it: `killed`, `survived`, or `not reached`."""
    for name in BENEATH:
        importlib.import_module(name)
    for plugin in entry_points(group="pytest11"):
        plugin.load()
    waiting, running = list(mutants), dict[int, Mutant]()
    while waiting or running:
        while waiting and len(running) < side_by_side:
            mutant = waiting.pop(0)
            tests = reached.tests_for(mutant)
            if not tests:
                yield mutant, "not reached"
                continue
            running[begin(mutant, tests)] = mutant
            time.sleep(0.05)
        if running:
            ended, status = os.wait()
            if ended in running:
                yield running.pop(ended), "survived" if status == 0 else "killed"
