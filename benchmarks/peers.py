"""The peers: plain SQLite, plain PostgreSQL and SQLCipher through SQLAlchemy, with the indexes that each would want.

Promises the same content, durable as ours is, and one table with a column for each thing that is asked for. Must never
be given a worse schema than one would choose: what each is quicker with is in `INDEXES`.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Engine,
    Index,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    Text,
    bindparam,
    create_engine,
    event,
    func,
    insert,
    select,
    text,
)

from benchmarks.invented import Invented
from benchmarks.names.spelling import romanised

METADATA = MetaData()
CODED = ("status", "status_basis", "verification", "theme", "counting", "sex", "age_band", "role")
CODED += ("place_kind", "place_number", "region", "act", "act_count", "outcome", "directness", "perpetrator", "body")
CASE = Table(
    "case_",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("id", String(26), unique=True, nullable=False),
    Column("received_on", String(10)),
    Column("last_heard", String(10)),
    Column("acted_on", String(10)),
    Column("left_on", String(10)),
    Column("month", String(7)),
    *(Column(name, String(40)) for name in CODED),
    Column("title", Text),
    Column("name", Text),
    Column("name_latin", Text),
    # A plain database would compare names in one alphabet.
    Column("romanised", Text),
    Column("narrative", Text),
    Column("rest", JSON),
    Index("newest", "received_on", "id"),
    Index("newest_of_status", "status", "received_on", "id"),
    Index("newest_of_act", "act", "region", "age_band", "received_on", "id"),
    Index("counted", "counting", "region", "place_kind", "place_number", "outcome", "month"),
)
LOG = Table("log", METADATA, Column("id", Integer, primary_key=True), Column("entry", Text))
PLACE = (CASE.c.region, CASE.c.place_kind, CASE.c.place_number)
SHOWN = (CASE.c.id, CASE.c.received_on, CASE.c.title, CASE.c.status)
# What a full-text or trigram index is called by each: kept with the row, in the same transaction.
ONE_BY_ONE = {
    "postgresql": (
        "CREATE EXTENSION IF NOT EXISTS pg_trgm",
        "CREATE INDEX by_name ON case_ USING gin (romanised gin_trgm_ops)",
        "CREATE INDEX by_latin ON case_ USING gin (name_latin gin_trgm_ops)",
        "CREATE INDEX by_word ON case_ USING gin (to_tsvector('simple', narrative))",
    ),
    "sqlite": (
        "CREATE VIRTUAL TABLE names USING fts5(romanised, name_latin, content='', tokenize='trigram')",
        "CREATE VIRTUAL TABLE words USING fts5(narrative, content='')",
    ),
}
FILL = {
    "names": text("INSERT INTO names(rowid, romanised, name_latin) VALUES (:number, :romanised, :name_latin)"),
    "words": text("INSERT INTO words(rowid, narrative) VALUES (:number, :narrative)"),
}
MOST_FOUND = 400
Row = Mapping[str, Any]
Rows = Sequence[tuple[Any, ...]]


class Peer:
    """One plain database."""

    def __init__(self, name: str, url: str, folder: Path | None = None) -> None:
        self.name, self.folder, self.engine = name, folder, _engine(url)
        self.dialect = self.engine.dialect.name
        METADATA.create_all(self.engine)
        with self.engine.begin() as connection:
            for statement in ONE_BY_ONE[self.dialect]:
                connection.execute(text(statement))

    def load(self, cases: Iterable[tuple[str, Invented]]) -> None:
        """Insert cases in one transaction, durably."""
        rows = [row_of(case_id, one) for case_id, one in cases]
        with self.engine.begin() as connection:
            connection.execute(insert(CASE), rows)
            for statement in FILL.values() if self.dialect == "sqlite" else ():
                connection.execute(statement, rows)

    def settle(self) -> None:
        """Do what an operator does after a load, so that the planner knows what there is."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE" if self.dialect == "postgresql" else "ANALYZE"))
            if self.dialect == "sqlite":
                connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))

    def open(self, case_id: str) -> Row:
        """Return one case whole."""
        return self._rows(select(CASE).where(CASE.c.id == bindparam("case")), {"case": case_id})[0]._mapping

    def newest(self, wanted: Mapping[str, str]) -> Rows:
        """Return the newest fifty with these values."""
        query = select(*SHOWN).where(*(CASE.c[name] == value for name, value in wanted.items()))
        return self._rows(query.order_by(CASE.c.received_on.desc(), CASE.c.id.desc()).limit(50))

    def statistics(self) -> Rows:
        """Count by facility, outcome and month whoever may be counted."""
        return self._rows(_counted())

    def statistics_inside(self) -> float:
        """Return the milliseconds that PostgreSQL itself takes for the same, without handing it out."""
        with self.engine.connect() as connection:
            query = _counted().compile(self.engine, compile_kwargs={"literal_binds": True})
            told = connection.execute(text(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {query}")).scalar_one()
        return float(told[0]["Execution Time"])

    def names(self, asked: str) -> set[str]:
        """Return whose name is like this one, by the trigrams that they share."""
        if self.dialect == "postgresql":
            wanted = "SELECT id FROM case_ WHERE :asked <% romanised OR :asked <% name_latin"
            return {row[0] for row in self._rows(text(wanted), {"asked": asked})}
        grams = {word[at : at + 3] for word in asked.lower().split() for at in range(len(word) - 2)}
        wanted = f"""SELECT id FROM names JOIN case_ ON number = names.rowid WHERE names MATCH :grams
                     ORDER BY rank LIMIT {MOST_FOUND}"""
        return {row[0] for row in self._rows(text(wanted), {"grams": " OR ".join(f'"{one}"' for one in sorted(grams))})}

    def scanned(self, asked: Sequence[str]) -> set[str]:
        """Return the cases in whose narrative these words stand, read one after the other."""
        return {
            row[0] for row in self._rows(select(CASE.c.id).where(*(CASE.c.narrative.contains(one) for one in asked)))
        }

    def indexed(self, asked: Sequence[str]) -> set[str]:
        """Return the same by a full-text index."""
        if self.dialect == "postgresql":
            found = func.to_tsvector(text("'simple'"), CASE.c.narrative).op("@@")
            return {
                row[0]
                for row in self._rows(select(CASE.c.id).where(found(func.plainto_tsquery("simple", " ".join(asked)))))
            }
        wanted = "SELECT id FROM words JOIN case_ ON number = words.rowid WHERE words MATCH :words"
        return {row[0] for row in self._rows(text(wanted), {"words": " AND ".join(asked)})}

    def log(self, entry: str) -> None:
        """Insert one row, durably."""
        with self.engine.begin() as connection:
            connection.execute(insert(LOG), {"entry": entry})

    def size(self) -> int:
        """Return the bytes that it takes on the disk."""
        if self.folder is not None:
            return sum(one.stat().st_size for one in self.folder.rglob("*") if one.is_file())
        return int(self._rows(text("SELECT pg_database_size(current_database())"))[0][0])

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()

    def _rows(self, query: Select[Any] | Any, values: Mapping[str, object] | None = None) -> Any:
        with self.engine.connect() as connection:
            return connection.execute(query, values or {}).all()


def row_of(case_id: str, one: Invented) -> dict[str, Any]:
    """Return a case as a row: each coded fact in a column, what nobody asks for as JSON."""
    facts, person = one.sections["facts"], one.sections["identity"]["person"][0]
    case, act, custody, about = (facts[name][0] for name in ("case", "act", "custody", "person"))
    control, statement = one.sections["control"]["case"][0], one.sections["narrative"]["statement"][0]
    day = case["last_heard"]["edtf"]
    coded = {name: case[name] for name in ("status", "status_basis", "verification", "counting", "title")}
    coded |= {name: about[name] for name in ("sex", "age_band", "role")} | {"theme": case["themes"][0]}
    coded |= {"act": act["type"], "act_count": str(act["count"]), "perpetrator": act["perpetrator_type"]}
    coded |= {name: act[name] for name in ("outcome", "directness", "body")}
    place = custody["facility"]
    coded |= {"place_kind": place["kind"], "place_number": place["number"], "region": place["region"]}
    days = {"received_on": control["received_on"], "last_heard": day, "acted_on": day, "left_on": day, "month": day[:7]}
    rest = {"control": one.sections["control"], "consent": one.sections["consent"], "language": statement["language"]}
    names = {"name": person["name"], "name_latin": person["name_latin"], "narrative": statement["text"]}
    known = {"number": one.number, "id": case_id, "romanised": romanised(person["name"], "press"), "rest": rest}
    return {**known, **days, **coded, **names}


def peers(folder: Path, postgresql: str) -> list[Peer]:
    """Return the three, empty."""
    for name in ("plain", "cipher"):
        (folder / name).mkdir()
    key = os.urandom(32).hex()
    return [
        Peer("SQLite", f"sqlite:///{folder / 'plain' / 'plain.db'}", folder / "plain"),
        Peer("PostgreSQL", postgresql),
        Peer("SQLCipher", f"sqlite+pysqlcipher://:{key}@/{folder / 'cipher' / 'cipher.db'}", folder / "cipher"),
    ]


def _counted() -> Select[Any]:
    asked = (*PLACE, CASE.c.outcome, CASE.c.month)
    return select(*asked, func.count()).where(CASE.c.counting == "yes").group_by(*asked)


def _engine(url: str) -> Engine:
    engine = create_engine(url, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _durable)
    return engine


def _durable(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
