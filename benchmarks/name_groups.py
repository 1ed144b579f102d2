"""`python -m benchmarks.name_groups WHEEL`: compiles the known-name groups of rigour into `api/names/groups.txt`.

Promises the same table for the same wheel and the same reading rules; to be run again whenever those change. Must never
be needed where the program runs.
"""

import hashlib
import re
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import api.names
from api.names.groups import probe
from api.names.normalise import is_cyrillic, written
from api.names.readings import plain

FOLDER = Path(api.names.__file__).parent
PERSONS = "rigour/data/names/persons.txt"
READABLE = re.compile("[a-z\u00c0-\u024f\u1e00-\u1eff\u0400-\u052f'’ʼʻ-]+")
KEY = re.compile("[a-z]+")
Group = frozenset[str]
ABOUT = """# What groups.txt is made from, and by which rules; written with it by benchmarks/name_groups.py.
source = "Wikidata, through persons.txt of rigour 1.8.2 (Python package, MIT)"
licence = "CC0-1.0"
wheel_sha256 = "{wheel}"
groups = {groups}
keys = {keys}
probe = "{probe}"
"""


def groups(persons: str) -> set[Group]:
    """Return the groups with a Cyrillic spelling, each as the plain readings of its one-word spellings."""
    return {group for line in persons.splitlines() if (group := _group(line.split("=>")[0].split(",")))}


def table(found: Iterable[Group]) -> list[str]:
    """Return sorted lines: a reading, then the numbers of its groups; none where it is known and stands alone."""
    numbers = defaultdict[str, list[str]](list)
    several = sorted((sorted(group) for group in found if len(group) > 1), key=lambda one: (len(one), one))
    for group in found:
        for key in group:
            numbers[key] += []
    for number, keys in enumerate(several):
        for key in keys:
            numbers[key].append(str(number))
    return sorted(" ".join((key, *ids)) for key, ids in numbers.items())


def _group(spellings: Iterable[str]) -> Group:
    names = [name for one in spellings if READABLE.fullmatch(name := one.strip())]
    if not any(map(is_cyrillic, names)):
        return frozenset()
    words = [written(name) for name in names]
    keys = (plain(one[0].letters) for one in words if len(one) == 1 and not one[0].initial)
    return frozenset(key for key in keys if KEY.fullmatch(key))


def main(wheel: Path) -> None:
    """Write the table and what it was made from."""
    with zipfile.ZipFile(wheel) as archive:
        found = groups(archive.read(PERSONS).decode("utf-8"))
    lines = table(found)
    (FOLDER / "groups.txt").write_text("\n".join(lines) + "\n", "utf-8")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    about = ABOUT.format(wheel=digest, groups=len(found), keys=len(lines), probe=probe())
    (FOLDER / "groups.toml").write_text(about, "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
