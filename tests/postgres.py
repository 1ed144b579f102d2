"""PostgreSQL 15 for the tests: a cluster of their own on a free loopback port, as a non-root user, ended by id."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

BINARIES = Path("/usr/lib/postgresql/15/bin")
ATTEMPTS = 400
OPTIONS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c unix_socket_directories="


class Cluster:
    """A running server; `url(name)` makes a fresh, empty database."""

    def __init__(self, durable: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="lastheard-pg-"))
        self._demote = _demotion(self.folder)
        self._run("initdb", "-D", str(self.folder / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.port = _free_port()
        self._options = f"-p {self.port} -h 127.0.0.1 " + ("-c unix_socket_directories=" if durable else OPTIONS)
        self.process = self._begun()
        self._wait()

    def url(self, name: str) -> str:
        """Return the address of a new empty database."""
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def restart(self) -> None:
        """End the server at once, as a crash of it would, and start it anew on what stands on its disk."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(20)
        self.process = self._begun()
        self._wait()

    def stop(self) -> None:
        """End the server by its process id and remove what it wrote."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _begun(self) -> "subprocess.Popen[bytes]":
        command = [str(BINARIES / "postgres"), "-D", str(self.folder / "data"), *self._options.split()]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=self._demote)

    def _address(self, name: str) -> str:
        return f"host=127.0.0.1 port={self.port} user=postgres dbname={name}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(BINARIES / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, preexec_fn=self._demote, cwd=self.folder)

    def _wait(self) -> None:
        for _ in range(ATTEMPTS):
            if self.process.poll() is None and self._answers():
                return
            time.sleep(0.05)
        self.stop()
        raise RuntimeError("PostgreSQL did not start")

    def _answers(self) -> bool:
        """Say whether this very server answers: one that lost the race for its port leaves a neighbour on it."""
        try:
            with psycopg.connect(self._address("postgres")) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError:
            return False
        return row == (str(self.folder / "data"),)


def available() -> bool:
    """Say whether the server's programs are installed."""
    return (BINARIES / "initdb").exists()


def _demotion(folder: Path) -> Callable[[], None] | None:
    if os.geteuid() != 0:
        return None
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)

    def demote() -> None:
        os.initgroups(user.pw_name, user.pw_gid)
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)

    return demote


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
