"""What stands in the clear is on a list with its reason, and nothing repeats that need not."""

from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import Column as NewColumn
from sqlalchemy import MetaData, String, Table, select

from api.crypto import Sealed
from api.models.columns import SealedBytes
from api.models.tables import Table as Tables
from tests.trust.clear_columns import CLEAR, REPEATS
from tests.trust.workflow import fill

THREATS = Path(__file__).parents[2] / "docs" / "threat-model.md"


def unsealed(metadata: MetaData) -> set[str]:
    tables = metadata.tables.values()
    columns = [column for table in tables for column in table.columns]
    return {f"{one.table.name}.{one.name}" for one in columns if not isinstance(one.type, SealedBytes)}


def test_every_clear_column_has_a_reason_and_nothing_else_is_listed() -> None:
    assert unsealed(Tables.metadata) == set(CLEAR)
    assert all(len(reason) > 5 for reason in CLEAR.values())


def test_a_new_clear_column_is_caught() -> None:
    planted = MetaData()
    Table("case", planted, NewColumn("prisoner_name", String(80)))
    assert unsealed(planted) - set(CLEAR) == {"case.prisoner_name"}


def test_the_threat_model_says_the_same() -> None:
    text = THREATS.read_text("utf-8")
    missing = [name for name, reason in CLEAR.items() if f"| `{name}` | {reason} |" not in text]
    assert missing == []


def values(filled: Any) -> list[tuple[str, bytes]]:
    found = []
    with filled.world.store.reading() as db:
        for table in Tables.metadata.tables.values():
            for row in db.execute(select(table)):
                for column, value in zip(table.columns, row, strict=True):
                    found.append((f"{table.name}.{column.name}", raw(value)))
    return [(name, value) for name, value in found if value]


def raw(value: Any) -> bytes:
    if isinstance(value, Sealed):
        return value.blob
    return value if isinstance(value, bytes) else b"" if value is None else str(value).encode()


def repeated(pairs: list[tuple[str, bytes]]) -> set[str]:
    """Return the columns that hold a value which occurs twice anywhere in the dump."""
    counts = Counter(value for _, value in pairs)
    return {name for name, value in pairs if counts[value] > 1}


def test_no_value_occurs_twice_but_those_on_the_list(database_url: str, tmp_path: Path) -> None:
    pairs = values(fill(database_url, tmp_path))
    assert len(pairs) > 500
    assert repeated(pairs) - REPEATS == set()


def test_no_two_sealed_values_share_sixteen_bytes(sqlite_url: str, tmp_path: Path) -> None:
    """A key, a nonce or a padding that repeated would show here."""
    sealed = {value for name, value in values(fill(sqlite_url, tmp_path)) if name not in CLEAR}
    pieces = Counter(value[start : start + 16] for value in sealed for start in range(0, len(value) - 15, 8))
    assert [piece for piece, count in pieces.items() if count > 1] == []


def test_a_deterministic_seal_is_caught() -> None:
    """Planted: the same name sealed twice to the same bytes."""
    dump = [("section.body", b"same"), ("section.body", b"same"), ("grant.sealed", b"other")]
    assert repeated(dump) == {"section.body"}
