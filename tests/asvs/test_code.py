"""What the source of the product may not contain, each rule seen to fail on a planted line."""

import ast
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
API = ROOT / "api"
# Who may import what reaches out of the process: the demonstration plays over HTTP, and the server's workers share the
# socket on which they are asked.
OUTWARD = {"httpx": {"demo"}, "subprocess": {"demo/stage.py"}, "socket": {"serving.py"}}
OUTWARD |= {name: set[str]() for name in ("urllib.request", "http.client", "requests", "aiohttp", "ftplib")}
OUTWARD |= {name: set[str]() for name in ("smtplib", "telnetlib", "webbrowser", "multiprocessing", "os.system")}
RAW = ("pickle", "marshal", "shelve", "yaml", "dill", "jsonpickle")
MARKUP = ("xml", "lxml", "html5lib")
ARCHIVES = {"zipfile": {"importing/"}, "tarfile": {"services/backup.py", "services/restore.py"}}
ARCHIVES |= {"gzip": set[str](), "bz2": set[str](), "lzma": set[str](), "shutil": {"demo/", "services/health/"}}
# Each primitive of `cryptography` that api/crypto takes, and its strength in bits against the computers of today.
PRIMITIVES = {
    "AESGCM": 256,
    "Argon2id": 256,
    "HKDF": 256,
    "HKDFExpand": 256,
    "HMAC": 256,
    "SHA256": 128,
    "SHA1": 0,
    "Ed25519PrivateKey": 128,
    "Ed25519PublicKey": 128,
    "MLKEM768PrivateKey": 192,
    "MLKEM768PublicKey": 192,
    "X25519PrivateKey": 128,
    "X25519PublicKey": 128,
    "TOTP": 0,
    "Suite": 256,
    "MLKEM768X25519PrivateKey": 192,
    "MLKEM768X25519PublicKey": 192,
    "Cobblestone256Encryptor": 256,
    "Cobblestone256Decryptor": 256,
}


def sources(folder: Path = API) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        yield str(path.relative_to(folder)), ast.parse(path.read_text("utf-8"))


def imported(tree: ast.Module) -> set[str]:
    """Return every module that is imported, and every name taken from one, with dots."""
    found = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
    return found


def calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def outward(tree: ast.Module) -> list[str]:
    return sorted(imported(tree) & set(OUTWARD))


def dynamic(tree: ast.Module) -> list[str]:
    """Return what would run text as a program, or a program as a command."""
    names = ("eval", "exec", "compile", "__import__", "os.system", "os.popen", "setattr", "importlib.import_module")
    shells = [name for name, call in calls(tree) if any(one.arg == "shell" for one in call.keywords)]
    return [name for name, _ in calls(tree) if name in names] + shells


def raw(tree: ast.Module) -> list[str]:
    return sorted(one for one in imported(tree) if one.split(".")[0] in RAW)


def markup(tree: ast.Module) -> list[str]:
    return sorted(one for one in imported(tree) if one.split(".")[0] in MARKUP)


def made_of_text(tree: ast.Module) -> list[str]:
    """Return statements, templates and markup that are put together at run time instead of written down."""
    found = []
    for name, call in calls(tree):
        last = name.split(".")[-1]
        if last in ("Markup", "from_string", "Template", "format_map", "literal_column"):
            found.append(name)
        statement = name in ("text", "sqlalchemy.text") or last == "exec_driver_sql"
        if statement and call.args and not isinstance(call.args[0], ast.Constant | ast.Name):
            found.append(f"{name}({ast.unparse(call.args[0])})")
    return found


def guessable(tree: ast.Module) -> list[str]:
    """Return sources of chance that are none: a capability is made of the system's own randomness."""
    return sorted(one for one in imported(tree) if one.split(".")[0] in ("random", "uuid"))


def typed_patterns(tree: ast.Module) -> list[str]:
    """Return patterns that are not written down in the source."""
    found = []
    for name, call in calls(tree):
        if name in ("re.compile", "re.match", "re.search", "re.sub", "re.findall", "re.fullmatch", "re.split"):
            first = call.args[0]
            known = isinstance(first, ast.Constant | ast.Name | ast.Attribute | ast.BinOp | ast.JoinedStr)
            found += [] if known else [ast.unparse(first)]
    return found


def compared(tree: ast.Module) -> list[str]:
    """Return comparisons of a secret with ==, which tell by their time how much of it was right."""
    told = ("mac", "digest", "token", "signature", "secret", "passphrase")
    sides = [
        (node, [ast.unparse(one) for one in (node.left, *node.comparators)])
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq)
    ]
    return [ast.unparse(node) for node, words in sides if any(one.rstrip("()").split(".")[-1] in told for one in words)]


def found(rule: Callable[[ast.Module], list[str]], allowed: dict[str, set[str]] | None = None) -> list[str]:
    """Return what a rule finds in the product, but for those places that have a reason."""
    seen = [(name, one) for name, tree in sources() for one in rule(tree)]
    return [f"{name}: {one}" for name, one in seen if not any(name.startswith(p) for p in (allowed or {}).get(one, ()))]


def test_nothing_but_the_demonstration_reaches_out_or_starts_a_program() -> None:
    assert found(outward, OUTWARD) == []


def test_no_text_is_run_as_a_program() -> None:
    assert found(dynamic) == []


def test_nothing_is_read_that_could_build_objects_or_follow_entities() -> None:
    assert found(raw) == []
    assert found(markup) == []


def test_no_statement_template_or_markup_is_put_together_from_text() -> None:
    reasons = {
        "exec_driver_sql(f\"BEGIN {connection.get_execution_options().get('lastheard_begin', '')}\")": {
            "sealed/store.py"
        },
        "text(f'PRAGMA {name}')": {"services/health/database.py"},
    }
    assert found(made_of_text, reasons) == []


def test_no_capability_is_made_of_a_guessable_number() -> None:
    assert found(guessable) == []


def test_every_pattern_stands_in_the_source() -> None:
    # The forms of facilities and the readings of names are tables of the source, joined when they are loaded.
    joined = ("catalogue/facilities.py: '|'.join(", "names/readings.py: '|'.join(")
    assert [one for one in found(typed_patterns) if not one.startswith(joined)] == []


def test_archives_are_opened_only_where_their_maker_is_known() -> None:
    def unpacking(tree: ast.Module) -> list[str]:
        return sorted(imported(tree) & {"zipfile", "tarfile", "gzip", "bz2", "lzma"})

    assert found(unpacking, ARCHIVES) == []


def test_no_address_of_a_visitor_is_read() -> None:
    def visitor(tree: ast.Module) -> list[str]:
        names = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute | ast.Subscript)]
        return [one for one in names if one.endswith(("request.client", ".client.host")) or "forwarded" in one.lower()]

    assert found(visitor) == []
    assert visitor(ast.parse("x = request.client.host"))


def test_every_primitive_is_in_the_inventory_and_strong() -> None:
    taken = set[str]()
    for _, tree in sources(API / "crypto"):
        taken |= {one.split(".")[-1] for one in imported(tree) if one.startswith("cryptography.")}
        taken |= {
            name.split(".")[-1] for name, _ in calls(tree) if name.startswith(("hashes.", "hpke.", "algorithms."))
        }
    classes = {one for one in taken if (one[0].isupper() and not one.isupper()) or one in PRIMITIVES} - NEUTRAL
    assert classes - set(PRIMITIVES) == set()
    # SHA-1 stands in TOTP alone, which every authenticator speaks; it adds nothing to the strength of a key.
    weak = {name for name in classes if PRIMITIVES[name] < 128}
    assert weak <= {"SHA1", "TOTP"}
    assert {"ECB", "CBC", "PKCS1v15", "MD5", "RSAPublicKey", "TripleDES"} & taken == set()


NEUTRAL = {
    "Encoding",
    "PrivateFormat",
    "PublicFormat",
    "NoEncryption",
    "InvalidSignature",
    "InvalidTag",
    "InvalidToken",
    "InvalidKey",
}
PLANTED = [
    (outward, "import httpx"),
    (outward, "from urllib.request import urlopen"),
    (outward, "import smtplib"),
    (dynamic, "eval(name)"),
    (dynamic, "subprocess.run(words, shell=True)"),
    (raw, "import pickle"),
    (raw, "from yaml import load"),
    (markup, "from xml.etree import ElementTree"),
    (made_of_text, "text(f'SELECT {name}')"),
    (made_of_text, "environment.from_string(name)"),
    (made_of_text, "Markup(name)"),
    (guessable, "import random"),
    (guessable, "from uuid import uuid4"),
    (typed_patterns, "re.compile(request.query())"),
    (compared, "if mac == given: pass"),
    (compared, "if row.mac != store.mac(): pass"),
]


@pytest.mark.parametrize(("rule", "line"), PLANTED)
def test_each_rule_sees_a_planted_line(rule: Callable[[ast.Module], list[str]], line: str) -> None:
    assert rule(ast.parse(line))


def test_what_is_served_is_what_was_written_for_it() -> None:
    shipped = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert shipped["packages"] == ["api"]
    assert {path.suffix for path in (API / "pages" / "static").iterdir()} <= {".css", ".svg"}
