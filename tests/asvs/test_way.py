"""The way to the database and out of the machine: encrypted to whom it should be, and otherwise none."""

import datetime
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import make_url, text

from api.errors import OpenWay, Refused
from api.sealed.store import leads_away, make_engine
from tests.postgres import Cluster
from tests.story.servers import Running, server

ROOT = Path(__file__).parents[2]
HERE = (
    "sqlite:///x.db",
    "postgresql+psycopg://a@/b",
    "postgresql+psycopg://a@/b?host=/var/run/postgresql",
    "postgresql+psycopg://a@127.0.0.1/b",
    "postgresql+psycopg://a@[::1]:5432/b",
)
AWAY = (
    "postgresql+psycopg://a@db.example/b",
    "postgresql+psycopg://a@/b?host=db.example",
    "postgresql+psycopg://a@127.0.0.1/b?hostaddr=10.0.0.1",
    "postgresql+psycopg://a@/b?host=/var/run/postgresql,db.example",
    "postgresql+psycopg://a@127.0.0.1.evil.example/b",
    "postgresql+psycopg://a@/b?service=elsewhere",
    "postgresql+psycopg://a@127.0.0.1/b?service=elsewhere",
    "postgresql+psycopg://a@127.0.0.1/b?conninfo=hostaddr%3D10.0.0.1",
)
# What libpq takes from the environment where the address does not say it.
VARIABLES = (
    ({"PGHOST": "db.example"}, "postgresql+psycopg://a@/b"),
    ({"PGHOST": "/var/run/postgresql,db.example"}, "postgresql+psycopg://a@/b"),
    ({"PGHOSTADDR": "10.0.0.1"}, "postgresql+psycopg://a@127.0.0.1/b"),
    ({"PGSERVICE": "elsewhere"}, "postgresql+psycopg://a@127.0.0.1/b"),
)
NO_MATTER = (
    ({"PGHOST": "db.example"}, "postgresql+psycopg://a@127.0.0.1/b"),
    ({"PGHOST": "db.example", "PGHOSTADDR": "10.0.0.1", "PGSERVICE": "elsewhere"}, "sqlite:///x.db"),
    ({"PGHOSTADDR": "10.0.0.1"}, "postgresql+psycopg://a@127.0.0.1/b?hostaddr=127.0.0.1"),
    ({"PGHOST": "/var/run/postgresql"}, "postgresql+psycopg://a@/b"),
)


@pytest.mark.parametrize("url", HERE)
def test_a_database_of_this_machine_needs_no_certificate(url: str) -> None:
    assert not leads_away(make_url(url))
    make_engine(url).dispose()


@pytest.mark.parametrize("url", AWAY)
@pytest.mark.parametrize("mode", ["", "disable", "prefer", "require", "verify-ca"])
def test_a_database_elsewhere_is_refused_unless_its_certificate_and_its_name_are_checked(url: str, mode: str) -> None:
    with pytest.raises(OpenWay):
        make_engine(make_url(url).update_query_dict({"sslmode": mode} if mode else {}).render_as_string(False))
    make_engine(make_url(url).update_query_dict({"sslmode": "verify-full"}).render_as_string(False)).dispose()


@pytest.mark.parametrize(("variables", "url"), VARIABLES)
def test_a_variable_leads_away_as_an_address_does(
    variables: Mapping[str, str], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not leads_away(make_url(url))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(OpenWay):
        make_engine(url)
    make_engine(make_url(url).update_query_dict({"sslmode": "verify-full"}).render_as_string(False)).dispose()


@pytest.mark.parametrize(("variables", "url"), NO_MATTER)
def test_a_variable_that_the_address_answers_leads_nowhere(
    variables: Mapping[str, str], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert not leads_away(make_url(url))


def authority(folder: Path, name: str) -> Path:
    """Make a certificate for 127.0.0.1 that signs itself, with its key beside it."""
    import ipaddress

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    told = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    where = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder(told, told, key.public_key(), x509.random_serial_number())
    made = (
        made.not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(where, critical=False)
    )
    signed = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(key, hashes.SHA256())
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / f"{name}.key").write_bytes(key.private_bytes(*form))
    (folder / f"{name}.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    return folder / f"{name}.pem"


@pytest.fixture
def encrypted(cluster: Cluster, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A PostgreSQL that shows a certificate of an authority of its own."""
    own = Cluster()
    pem, url = authority(tmp_path, "ours"), own.url("way")
    try:
        for source, name in ((pem, "server.crt"), (pem.with_suffix(".key"), "server.key")):
            target = own.folder / "data" / name
            shutil.copy(source, target)
            target.chmod(0o600)
            shutil.chown(target, own.folder.stat().st_uid)
        with make_engine(url).connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            db.execute(text("ALTER SYSTEM SET ssl = on"))
            db.execute(text("SELECT pg_reload_conf()"))
            db.execute(text("SELECT pg_sleep(0.5)"))
        yield url, pem
    finally:
        own.stop()


def test_a_database_that_shows_another_authoritys_certificate_is_refused(
    encrypted: tuple[str, Path], tmp_path: Path
) -> None:
    url, pem = encrypted
    for trusted, well in ((pem, True), (authority(tmp_path, "theirs"), False)):
        told = {"sslmode": "verify-full", "sslrootcert": str(trusted)}
        engine = make_engine(make_url(url).update_query_dict(told).render_as_string(False))
        if well:
            with engine.connect() as db:
                assert db.scalar(text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")) is True
        else:
            with pytest.raises(Exception, match="certificate verify failed") as refused:
                engine.connect()
            assert not isinstance(refused.value, Refused)


def test_the_server_listens_on_loopback_alone(tmp_path: Path) -> None:
    with server(f"sqlite:///{tmp_path / 'x.db'}", tmp_path) as running:
        assert listening(running) == {"0100007F"}


def listening(running: Running) -> set[str]:
    """Return the addresses, as the kernel writes them, on which this process takes connections."""
    links = (f"/proc/{running.pid}/fd/{one}" for one in os.listdir(f"/proc/{running.pid}/fd"))
    sockets = {os.readlink(one)[8:-1] for one in links if os.readlink(one).startswith("socket:")}
    lines = [
        line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
    ]
    return {one[1].split(":")[0] for one in lines if one[3] == "0A" and one[9] in sockets}


ALONE = """
import fcntl, os, socket, struct, sys
probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
fcntl.ioctl(probe, 0x8914, struct.pack("16sh14x", b"lo", 1))
words = ["-m", "api.cli", "demo", "--once", "--json", "--data", sys.argv[1], "--port", "8123"]
os.execv(sys.executable, [sys.executable, *words])
"""


def test_the_whole_story_is_played_on_a_machine_without_a_network(tmp_path: Path) -> None:
    command = ["unshare", "--map-root-user", "--net", sys.executable, "-c", ALONE, str(tmp_path / "demo")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert done.returncode == 0, done.stderr
    assert '"documents"' in done.stdout


def test_a_name_that_has_to_be_looked_up_is_refused_there() -> None:
    words = "import socket; socket.create_connection(('192.0.2.1', 80), 2)"
    done = subprocess.run(
        ["unshare", "--map-root-user", "--net", sys.executable, "-c", words], capture_output=True, text=True
    )
    assert "Network is unreachable" in done.stderr
