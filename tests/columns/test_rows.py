"""A block gives back the arrays and identifiers it was made of, and nothing is read out of one that is no block."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.columns.rows import id_of, ids_block, join, split
from api.errors import Tampered
from api.ids import ALPHABET, LENGTH

IDS = st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH)


@given(st.lists(IDS, max_size=5))
def test_identifiers_come_back(ids: list[str]) -> None:
    block = ids_block(ids)
    assert [id_of(block, at) for at in range(len(ids))] == ids


@given(st.binary(max_size=30), st.lists(st.integers(0, 2**32 - 1), max_size=9))
def test_arrays_come_back_as_views(content: bytes, numbers: list[int]) -> None:
    arrays = [np.frombuffer(content, np.uint8), np.array(numbers, np.uint32)]
    block = join(arrays)
    found = split(block, (np.uint8, np.uint32))
    assert [one.tolist() for one in found] == [one.tolist() for one in arrays]
    assert all(not one.flags.owndata and not one.flags.writeable for one in found)


@pytest.mark.parametrize("block", [b"", b"\0" * 8, join([])[:4], join([np.arange(3, dtype=np.uint32)])[:-8]])
def test_what_is_no_block_is_refused(block: bytes) -> None:
    with pytest.raises(Tampered):
        split(block, (np.uint32,))


def test_a_block_of_other_arrays_is_refused() -> None:
    with pytest.raises(Tampered):
        split(join([np.arange(3, dtype=np.uint8)]), (np.uint32,))
