"""The doctor asks a running PostgreSQL: one that is set up as it should be, and one that is not."""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from sqlalchemy.engine import make_url

from api.sealed.store import open_store
from api.services import health
from api.services.health.site import Site
from tests.postgres import Cluster
from tests.world import found_world

DATABASE, ROLE, WORD = "lantern", "serving", "a word for tests"
# What somebody set, and which check has to speak.
SETTINGS = {
    "fsync = off": "PostgreSQL writes through",
    "full_page_writes = off": "PostgreSQL writes through",
    "synchronous_commit = off": "PostgreSQL writes through",
    "log_statement = 'all'": "PostgreSQL's log",
    "log_min_duration_statement = 0": "PostgreSQL's log",
}
OTHERS = ("PostgreSQL's statistics", "way to PostgreSQL", "PostgreSQL's password", "PostgreSQL's role")
PLANTED = {*SETTINGS.values(), *OTHERS, "PostgreSQL's schema"}


@dataclass(frozen=True)
class Kept:
    """A durable cluster, and the store in it as its serving role sees it."""

    cluster: Cluster
    owner: str
    site: Site

    def run(self, *statements: str) -> None:
        """Do this as the cluster's superuser."""
        with psycopg.connect(self.owner.replace("+psycopg", ""), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def seen(self) -> set[str]:
        """Return which checks about PostgreSQL speak, each in a connection of its own."""
        self.site.store.engine.dispose()
        return {one.check for one in health.findings(self.site)} & PLANTED


@pytest.fixture(scope="module")
def kept(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A cluster that asks for a password, and a role that may use the tables and nothing more."""
    own, folder = Cluster(durable=True), tmp_path_factory.mktemp("kept")
    try:
        url = own.url(DATABASE)
        world = found_world(url, folder)
        serving = make_url(url).set(username=ROLE, password=WORD).render_as_string(hide_password=False)
        store = open_store(serving, folder / "data", world.store.secrets)
        found = Kept(own, url, Site(store, "https://lantern.example"))
        found.run(
            f"CREATE ROLE {ROLE} LOGIN PASSWORD '{WORD}'",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLE}",
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}",
        )
        asking(found, "scram-sha-256")
        yield found
    finally:
        own.stop()


def asking(kept: Kept, method: str) -> None:
    """Let the cluster ask everybody but its superuser in this way."""
    rules = f"host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 {method}\n"
    (kept.cluster.folder / "data" / "pg_hba.conf").write_text(rules, "utf-8")
    kept.run("SELECT pg_reload_conf()")


def test_a_database_that_is_kept_well_is_found_well(kept: Kept) -> None:
    assert kept.seen() == set()


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_setting_that_loses_or_tells_is_found(kept: Kept, setting: str) -> None:
    name = setting.split(" = ")[0]
    kept.run(f"ALTER SYSTEM SET {setting}", "SELECT pg_reload_conf()", "SELECT pg_sleep(0.2)")
    try:
        assert kept.seen() == {SETTINGS[setting]}
    finally:
        kept.run(f"ALTER SYSTEM RESET {name}", "SELECT pg_reload_conf()", "SELECT pg_sleep(0.2)")
    assert kept.seen() == set()


def test_a_library_that_keeps_statements_is_found(kept: Kept) -> None:
    kept.run(f"ALTER DATABASE {DATABASE} SET session_preload_libraries = 'auto_explain'")
    try:
        assert kept.seen() == {"PostgreSQL's statistics"}
    finally:
        kept.run(f"ALTER DATABASE {DATABASE} RESET session_preload_libraries")


def test_a_database_that_asks_nobody_for_a_password_is_found(kept: Kept) -> None:
    asking(kept, "trust")
    try:
        assert kept.seen() == {"PostgreSQL's password"}
    finally:
        asking(kept, "scram-sha-256")


def test_a_role_that_may_more_than_it_needs_is_found(kept: Kept) -> None:
    kept.run(f"ALTER ROLE {ROLE} CREATEDB", f"GRANT CREATE ON SCHEMA public TO {ROLE}")
    try:
        assert kept.seen() == {"PostgreSQL's role", "PostgreSQL's schema"}
    finally:
        kept.run(f"ALTER ROLE {ROLE} NOCREATEDB", f"REVOKE CREATE ON SCHEMA public FROM {ROLE}")


def test_a_way_in_the_clear_to_a_database_elsewhere_is_found(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.database, "ON_THIS_MACHINE", "SELECT inet_client_addr() = '10.0.0.1'")
    assert kept.seen() == {"way to PostgreSQL"}
