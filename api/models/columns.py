"""Column types: a sealed column accepts nothing but sealed values.

Promises that a forgotten seal stops at the column. Must never open anything: readers are separated by keys, which a
column that decrypts by itself would not do.
"""

from typing import Any, ClassVar

from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from api.crypto import Sealed


class SealedBytes(TypeDecorator[Sealed]):
    """Stores the ciphertext of a `Sealed`; refuses bytes and text, which might be in the clear."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        """Return the ciphertext; raises TypeError for anything that was not sealed."""
        if value is None or isinstance(value, Sealed):
            return value.blob if value else None
        raise TypeError("a sealed column accepts only sealed values")

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Sealed | None:
        """Return the ciphertext as a `Sealed`."""
        return None if value is None else Sealed(value)


class ById:
    """Rows that lie, on SQLite, in the order of their random identifiers.

    In that of their making whoever copies the file sets a grant beside the entry of the log that it was made with, and
    that entry names a case.
    """

    __table_args__: ClassVar[dict[str, bool]] = {"sqlite_with_rowid": False}
