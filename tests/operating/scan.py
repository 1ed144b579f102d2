"""`make scan`: what scanners in an environment of their own have to say, and what they could not be asked.

A scanner that had no source for a package says "no known vulnerabilities": here that counts as not asked, and fails.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
BIN = ROOT / ".venv-scan" / "bin"
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-scan.lock")
# What a scanner may say, and why it is no fault.
EXPECTED: Mapping[tuple[str, str], str] = {
    (
        "api/crypto/people.py",
        "B303",
    ): "HMAC-SHA1 of RFC 6238: what every authenticator speaks; it adds no strength to a key",
    ("api/describing/examples.py", "Base64 High Entropy String"): "invented, for the description of the API",
    ("api/describing/examples.py", "Secret Keyword"): "invented, for the description of the API",
    ("api/ids.py", "Base64 High Entropy String"): "the alphabet of identifiers",
    ("docs/sbom.json", "Hex High Entropy String"): "the digests of the lock",
    ("api/names/groups.toml", "Hex High Entropy String"): "the digest of a table",
}
FOUND, NOT_ASKED = 1, 2


def bandit(report: Mapping[str, Any]) -> list[str]:
    """Return what bandit found in the product that nobody has explained."""
    rows = [(one["filename"], one["test_id"], one["line_number"], one["issue_text"]) for one in report["results"]]
    found = [f"{name}:{line} {rule} {words}" for name, rule, line, words in rows if (name, rule) not in EXPECTED]
    return found + [f"bandit could not read {one['filename']}" for one in report["errors"]]


def secrets(report: Mapping[str, Any]) -> list[str]:
    """Return what looks like a secret and is none of those explained."""
    rows = [(name, one["type"], one["line_number"]) for name, found in report["results"].items() for one in found]
    return [f"{name}:{line} {kind}" for name, kind, line in rows if (name, kind) not in EXPECTED]


def vulnerable(report: Mapping[str, Any]) -> list[str]:
    """Return the packages with a known vulnerability, and the ids of these."""
    packages = report["dependencies"]
    return [f"{one['name']}: {', '.join(bug['id'] for bug in one['vulns'])}" for one in packages if one.get("vulns")]


def skipped(report: Mapping[str, Any], lock: str) -> list[str]:
    """Return the packages of a lock about which no source could be asked, or of which the report is silent."""
    asked = {one["name"].lower().replace("_", "-") for one in report["dependencies"] if "skip_reason" not in one}
    wanted = {line.split("==")[0].split("[")[0].lower().replace("_", "-") for line in lock.splitlines() if "==" in line}
    return sorted(wanted - asked)


def ask(*words: str) -> dict[str, Any]:
    """Run a scanner and return its report; an empty one where it gave none."""
    done = subprocess.run([BIN / words[0], *words[1:]], cwd=ROOT, capture_output=True, text=True)
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return {"dependencies": [], "results": {}, "errors": [{"filename": words[0]}]}
    return report


def main() -> int:
    """Print what was found and what could not be asked; return the exit status: 0, 1 (found) or 2 (not asked)."""
    found = bandit(ask("bandit", "-q", "-ll", "-r", "api", "-f", "json"))
    found += secrets(ask("detect-secrets", "scan", "--no-verify", "api", "migrations", "docs", "Makefile", ".ci"))
    silent = dict[str, list[str]]()
    for name in LOCKS:
        report = ask("pip-audit", "-r", name, "--no-deps", "--disable-pip", "--progress-spinner", "off", "-f", "json")
        found += vulnerable(report)
        silent[name] = skipped(report, (ROOT / name).read_text("utf-8"))
    for line in found:
        print(f"FOUND: {line}")
    for name, packages in silent.items():
        if packages:
            print(f"NOT ASKED: no source of advisories answered for {len(packages)} packages of {name}.")
    return FOUND if found else NOT_ASKED if any(silent.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
