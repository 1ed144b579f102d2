"""Column types: a sealed column accepts nothing but sealed values.

Promises that a forgotten seal stops at the column. Must never open anything: readers are separated by keys, which a
column that decrypts by itself would not do.
"""

from typing import Any

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
