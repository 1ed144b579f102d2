"""The bill of materials (CycloneDX 1.6), made of the lock alone: `make sbom` writes docs/sbom.json.

The same lock gives the same bytes: no time, no machine, no address of a registry. Licences are those that the installed
packages of just these versions declare.
"""

import json
import re
import uuid
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LOCK, BILL = ROOT / "requirements.lock", ROOT / "docs" / "sbom.json"
LINE = re.compile(r"^(?P<name>[\w.-]+)(?:\[[\w,-]+\])?==(?P<version>[\w.+!]+)(?P<rest>[^\n]*)$", re.M)
OURS = {"type": "application", "name": "lastheard", "licenses": [{"license": {"id": "AGPL-3.0-or-later"}}]}
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of the lock: name, version, and the SHA-256 (hex) of each file that may be installed."""

    name: str
    version: str
    hashes: tuple[str, ...]


def locked(lock: str) -> list[Locked]:
    """Return the packages of a lock, in its order."""
    whole = LINE.finditer(lock.replace("\\\n", " "))
    return [
        Locked(one["name"], one["version"], tuple(re.findall(r"sha256:([0-9a-f]{64})", one["rest"]))) for one in whole
    ]


def licence(name: str) -> str:
    """Return what a package declares; an expression before a name, a name before a classifier."""
    try:
        found = metadata(name)
    except PackageNotFoundError:
        return ""
    told = found.get("License-Expression") or found.get("License") or ""
    classes = [one.split(" :: ")[-1] for one in found.get_all("Classifier") or () if one.startswith("License ::")]
    return told if told and "\n" not in told and len(told) < LONGEST else ", ".join(classes)


def component(one: Locked) -> dict[str, Any]:
    """Return a package as CycloneDX has it."""
    address = f"pkg:pypi/{one.name.lower().replace('_', '-')}@{one.version}"
    hashes = [{"alg": "SHA-256", "content": value} for value in sorted(one.hashes)]
    said = {"type": "library", "bom-ref": address, "name": one.name, "version": one.version, "purl": address}
    return {**said, "licenses": [{"license": {"name": licence(one.name)}}], "hashes": hashes}


def bill(lock: str) -> str:
    """Return the bill of a lock, as text."""
    parts = [component(one) for one in locked(lock)]
    serial = uuid.uuid5(uuid.NAMESPACE_OID, lock)
    head = {"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": f"urn:uuid:{serial}", "version": 1}
    return (
        json.dumps({**head, "metadata": {"component": OURS}, "components": parts}, indent=1, ensure_ascii=False) + "\n"
    )


if __name__ == "__main__":
    BILL.write_text(bill(LOCK.read_text("utf-8")), "utf-8")
