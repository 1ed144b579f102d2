"""Statements prepared once: compiled on first use for each kind of database, then run on the driver's own cursor.

Promises the columns' own types on the way in and out, so that a sealed column still refuses what was not sealed, and
the errors that the session raises. Must never be built from text that somebody typed: values are bound, always.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Delete, Dialect, Insert, Select, Update, bindparam
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

Values = Mapping[str, Any]
Step = tuple[Any, Callable[[Any], Any]]
NONE: Values = {}
DRIVER = "driver"
MOST = 256


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement for one kind of database: text, order of the values, what turns them into the driver's and back."""

    text: str
    order: tuple[str, ...] | None
    fixed: Values
    binds: tuple[Step, ...]
    reads: tuple[Step, ...]

    def bound(self, values: Values) -> Any:
        given = {**self.fixed, **values}
        for name, convert in self.binds:
            given[name] = convert(given[name])
        return given if self.order is None else [given[name] for name in self.order]

    def read(self, row: Sequence[Any]) -> tuple[Any, ...]:
        columns = list(row)
        for place, convert in self.reads:
            columns[place] = convert(columns[place])
        return tuple(columns)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement of SQLAlchemy's core that is run often; `columns` are those that an insert or update is given."""

    statement: Select[*tuple[Any, ...]] | Insert | Update | Delete
    columns: tuple[str, ...] = ()
    _compiled: dict[str, _Compiled] = field(default_factory=dict, repr=False)

    def all(self, db: Session, values: Values = NONE) -> list[tuple[Any, ...]]:
        """Return the rows, as plain tuples in the order of the columns."""
        compiled = self._for(db)
        rows: list[tuple[Any, ...]] = _run(db, "execute", compiled.text, compiled.bound(values)).fetchall()
        return [compiled.read(row) for row in rows] if compiled.reads else rows

    def one(self, db: Session, values: Values = NONE) -> tuple[Any, ...] | None:
        """Return the first row, or None."""
        return next(iter(self.all(db, values)), None)

    def run(self, db: Session, values: Values = NONE) -> None:
        """Change what the statement says."""
        compiled = self._for(db)
        _run(db, "execute", compiled.text, compiled.bound(values))

    def run_each(self, db: Session, rows: Iterable[Values]) -> None:
        """Change it for each of `rows`, in one go."""
        compiled = self._for(db)
        _run(db, "executemany", compiled.text, [compiled.bound(values) for values in rows])

    def _for(self, db: Session) -> _Compiled:
        _, dialect = _driver(db)
        if dialect.name not in self._compiled:
            self._compiled[dialect.name] = _compile(self.statement, self.columns, dialect)
        return self._compiled[dialect.name]


@dataclass(frozen=True, slots=True)
class Listed:
    """A query by a list of values of `column`, prepared once for each power of two; longer lists go in pieces."""

    query: Select[*tuple[Any, ...]]
    column: ColumnElement[Any]
    _sizes: dict[int, Prepared] = field(default_factory=dict, repr=False)

    def all(self, db: Session, wanted: Collection[Any]) -> list[tuple[Any, ...]]:
        """Return the rows whose column is one of `wanted`."""
        given, rows = list(wanted), list[tuple[Any, ...]]()
        for start in range(0, len(given), MOST):
            some = given[start : start + MOST]
            size = 1 << (len(some) - 1).bit_length()
            # One value named again does not find its row again.
            filled = some + some[:1] * (size - len(some))
            rows += self._of(size).all(db, dict(zip(_names(size), filled, strict=True)))
        return rows

    def _of(self, size: int) -> Prepared:
        if size not in self._sizes:
            values = [bindparam(name, type_=self.column.type) for name in _names(size)]
            self._sizes[size] = Prepared(self.query.where(self.column.in_(values)))
        return self._sizes[size]


@cache
def _names(size: int) -> tuple[str, ...]:
    return tuple(f"one_{number}" for number in range(size))


def driver_error(dialect: Dialect, error: Exception, disconnected: bool = False) -> Any:
    """Return the driver's error as the session would raise it, without the statement and its values."""
    return DBAPIError.instance("", None, error, dialect.loaded_dbapi.Error, True, disconnected, dialect)


def _driver(db: Session) -> tuple[Any, Dialect]:
    """Return the driver's connection of this transaction, and the kind of database."""
    if DRIVER not in db.info:
        connection = db.connection()
        db.info[DRIVER] = connection.connection.driver_connection, connection.dialect
    found: tuple[Any, Dialect] = db.info[DRIVER]
    return found


def _run(db: Session, way: str, text: str, values: Any) -> Any:
    # What waits in the session comes first, as it does before the session's own statements.
    db.flush()
    driver, dialect = _driver(db)
    cursor = driver.cursor()
    try:
        getattr(cursor, way)(text, values)
    except dialect.loaded_dbapi.Error as error:
        lost = dialect.is_disconnect(error, driver, cursor)
        if lost:
            db.connection().invalidate(error)
        raise driver_error(dialect, error, lost) from None
    return cursor


def _compile(statement: Any, columns: tuple[str, ...], dialect: Dialect) -> _Compiled:
    compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=list(columns) or None)
    binds = [(name, _bind(bind.type, dialect)) for bind, name in compiled.bind_names.items()]
    given = statement.selected_columns if isinstance(statement, Select) else ()
    reads = [(place, _read(column.type, dialect)) for place, column in enumerate(given)]
    order = tuple(compiled.positiontup) if compiled.positiontup is not None else None
    return _Compiled(compiled.string, order, compiled.params, _steps(binds), _steps(reads))


def _bind(kind: TypeEngine[Any], dialect: Dialect) -> Any:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _read(kind: TypeEngine[Any], dialect: Dialect) -> Any:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def _steps(given: Iterable[tuple[Any, Any]]) -> tuple[Step, ...]:
    return tuple((name, convert) for name, convert in given if convert is not None)
