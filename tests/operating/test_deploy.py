"""The units, the onion service and PostgreSQL of docs/deploy.md, read by the programs they are written for."""

import configparser
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from api.sealed.store import Store, open_store
from api.services import health, receiving, retaining
from api.services.health.site import Site
from tests.operating.deployment import PAGE, ROOT, block, blocks, program
from tests.operating.test_doctor_postgresql import PLANTED
from tests.postgres import Cluster
from tests.world import World, found_everyone

UNITS = [path for path in blocks() if path.endswith((".service", ".timer"))]
# systemd's own score of how much a service is exposed: 10 is not at all hardened, below 2 it says "OK" and no more.
MOST_EXPOSED = 1.7


def test_the_page_has_every_file_that_it_speaks_of() -> None:
    named = {path.rsplit("/", 1)[-1] for path in blocks()}
    wanted = {
        "lastheard.service",
        "environment",
        "lastheard",
        "torrc",
        "lastheard.conf",
        "pg_hba.conf",
        "pg_ident.conf",
    }
    wanted |= {"roles.sql", "serving.sql", "lastheard-backup.service", "lastheard-backup.timer"}
    assert named == wanted | {"lastheard-witness.service"}
    assert PAGE.read_text("utf-8").count("**`/") + 2 == len(blocks())


def unit_file(folder: Path, path: str, words: str) -> Path:
    """Write a unit whose programs and user are those of this machine: systemd asks whether they exist."""
    words = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", words, flags=re.M)
    words = re.sub(r"^(User|Group)=.*$", r"\1=root", words, flags=re.M)
    file = folder / path.rsplit("/", 1)[-1]
    file.write_text(words, "utf-8")
    return file


def verified(request: pytest.FixtureRequest, folder: Path, path: str, words: str) -> str:
    """Return what systemd says against a unit."""
    analyze = program(request, "systemd-analyze")
    if path.endswith(".timer"):
        unit_file(folder, path.replace(".timer", ".service"), block(path.replace(".timer", ".service")))
    file = unit_file(folder, path, words)
    done = subprocess.run([analyze, "verify", "--man=no", str(file)], capture_output=True, text=True)
    return "\n".join(line for line in done.stderr.splitlines() if file.name in line)


@pytest.mark.parametrize("path", UNITS)
def test_systemd_understands_every_unit(request: pytest.FixtureRequest, tmp_path: Path, path: str) -> None:
    assert verified(request, tmp_path, path, block(path)) == ""


def test_a_misspelt_line_of_a_unit_is_seen(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    words = block("/lastheard.service").replace("MemoryDenyWriteExecute=yes", "MemoryDenyWriteExecution=yes")
    assert "Unknown key" in verified(request, tmp_path, "lastheard.service", words)


def exposure(request: pytest.FixtureRequest, folder: Path, words: str) -> float:
    """Return systemd's score of how much the service is exposed."""
    file = unit_file(folder, "lastheard.service", words.replace("User=lastheard", "User=root"))
    command = [program(request, "systemd-analyze"), "security", "--offline=yes", "--no-pager", str(file)]
    done = subprocess.run(command, capture_output=True, text=True)
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert found, done.stderr
    return float(found[1])


def test_systemd_finds_the_server_hardly_exposed(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    words = block("/lastheard.service")
    assert exposure(request, tmp_path, words) <= MOST_EXPOSED
    assert (
        exposure(request, tmp_path, words.replace("CapabilityBoundingSet=\n", "").replace("IPAddressDeny=any\n", ""))
        > 1.5
    )


def service() -> dict[str, str]:
    reading = configparser.RawConfigParser(strict=False)
    reading.optionxform = str  # keys as they stand
    reading.read_string(block("/lastheard.service"))
    return dict(reading["Service"])


def test_the_server_reaches_nothing_outside_of_this_machine_and_leaves_no_memory() -> None:
    words = service()
    assert (words["IPAddressDeny"], words["IPAddressAllow"]) == ("any", "localhost")
    assert (words["LimitCORE"], words["MemorySwapMax"], words["UMask"]) == ("0", "0", "0077")
    assert int(words["TimeoutStopSec"]) > 30
    assert "--migrate" not in words["ExecStart"]


def test_every_command_that_the_page_names_exists() -> None:
    named = set(re.findall(r"lastheard ((?:audit )?[a-z-]+)", PAGE.read_text("utf-8")))
    named &= {"serve", "migrate", "backup", "destroy-backups", "restore", "doctor", "retain", "audit verify"}
    assert len(named) >= 6
    for words in named:
        command = [sys.executable, "-m", "api.cli", *words.split(), "--help"]
        assert subprocess.run(command, capture_output=True).returncode == 0, words


EVERYTHING = """
import ctypes, pathlib, sys
assert ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) == 0, "this kernel cannot"
import mmap
try:
    mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)
except PermissionError:
    print("refused")
from tests.world import make_world
from api.main import create_app
from api.reports import document
from tests.reports.example import *
folder = pathlib.Path(sys.argv[1])
make_world(f"sqlite:///{folder / 'x.db'}", folder)
import typst, tempfile
print(typst.compile(b"= x")[:4])
"""


def test_the_product_needs_no_memory_that_is_both_written_and_executed(tmp_path: Path) -> None:
    """As MemoryDenyWriteExecute has it, by the kernel's own switch."""
    command = [sys.executable, "-c", EVERYTHING, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stdout.split("\n")[:2]) == (0, ["refused", "b'%PDF'"]), done.stderr


def onion(folder: Path, words: str) -> Path:
    """Write the onion service's settings with folders of this test."""
    words = words.replace("/var/lib/tor", str(folder / "tor"))
    (folder / "tor").mkdir(mode=0o700)
    (folder / "torrc").write_text(f"DataDirectory {folder / 'tor' / 'data'}\n{words}", "utf-8")
    return folder / "torrc"


def test_tor_understands_the_onion_services(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    tor = program(request, "tor")
    good = onion(tmp_path, block("/torrc"))
    command = [tor, "--verify-config", "--defaults-torrc", "/dev/null", "-f", str(good)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    good.write_text(
        good.read_text("utf-8").replace("HiddenServicePort 80 127.0.0.1:8081", "HiddenServicePort 80 x:y:z")
    )
    assert subprocess.run(command, capture_output=True).returncode != 0


class Served:
    """A cluster set up as the page says, with a whole group that the owner made and the serving role opens."""

    def __init__(self, folder: Path) -> None:
        self.cluster = Cluster(durable=True)
        self.root = self.cluster.url("first")
        data = self.cluster.folder / "data"
        settings = block("/lastheard.conf").replace("listen_addresses = ''\n", "")
        (data / "postgresql.auto.conf").write_text(settings, "utf-8")
        self.run(self.root, "SELECT pg_reload_conf()")
        for statement in block("roles.sql").strip().split("\n"):
            self.run(self.root, statement)
        self.owner = self._as("lastheard_owner")
        self.world: World = found_everyone(self.owner, folder)
        self.run(self.owner, *block("serving.sql").strip().split("\n"))
        self.store: Store = open_store(self._as("lastheard"), folder / "data", self.world.store.secrets)

    def _as(self, role: str) -> str:
        return make_url(self.root).set(username=role, database="lastheard").render_as_string(hide_password=False)

    def run(self, url: str, *statements: str) -> None:
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


@pytest.fixture(scope="module")
def served(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    found = Served(tmp_path_factory.mktemp("served"))
    yield found
    found.world.store.close()
    found.store.close()
    found.cluster.stop()


def test_the_doctor_finds_the_database_of_the_page_well(served: Served) -> None:
    seen = {one.check for one in health.findings(Site(served.store, "https://desk.lantern.example"))}
    # The cluster of a test listens on loopback and trusts it; the page's has no network at all.
    assert seen & PLANTED == {"PostgreSQL's password"}


def test_the_serving_role_does_all_the_work_and_alters_nothing(served: Served) -> None:
    served.world.store, kept = served.store, served.world.store
    served.world.enrol("lena", "lawyer")
    receiving.send_report(served.store, b"r" * 16, {"language": "uk", "about": {"story": "x"}, "consents": {}})
    retaining.retain(served.store)
    served.world.store = kept
    for statement in (
        "UPDATE log_leaf SET tag = NULL",
        "DELETE FROM log_leaf",
        "CREATE TABLE planted (x int)",
        "ALTER TABLE member ADD COLUMN planted int",
        "UPDATE alembic_version SET version_num = 'x'",
    ):
        with (
            served.store.engine.connect() as connection,
            pytest.raises(DBAPIError, match=r"permission denied|must be owner"),
        ):
            connection.execute(text(statement))


def test_the_rules_of_who_may_come_are_understood(served: Served) -> None:
    data = served.cluster.folder / "data"
    kept = (data / "pg_hba.conf").read_text("utf-8")
    (data / "pg_hba.conf").write_text(block("/pg_hba.conf"), "utf-8")
    shutil.copy(data / "pg_ident.conf", data / "pg_ident.kept")
    (data / "pg_ident.conf").write_text(block("/pg_ident.conf"), "utf-8")
    try:
        with psycopg.connect(served.root.replace("+psycopg", ""), autocommit=True) as connection:
            wrong = connection.execute("SELECT error FROM pg_hba_file_rules WHERE error IS NOT NULL").fetchall()
            wrong += connection.execute("SELECT error FROM pg_ident_file_mappings WHERE error IS NOT NULL").fetchall()
            rules = connection.execute("SELECT type, auth_method FROM pg_hba_file_rules").fetchall()
    finally:
        (data / "pg_hba.conf").write_text(kept, "utf-8")
    assert wrong == []
    assert set(rules) == {("local", "peer")}
