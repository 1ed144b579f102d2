"""A block gives back the arrays it was made of, and nothing is read out of one that is no block."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.columns.blocks import ends, join, narrow, split, starts
from api.errors import Tampered


@given(st.binary(max_size=30), st.lists(st.integers(0, 2**64 - 1), max_size=9))
def test_arrays_come_back_as_views(content: bytes, numbers: list[int]) -> None:
    arrays = [np.frombuffer(content, np.uint8), np.array(numbers, np.uint64)]
    found = split(join(*arrays), 2)
    assert [one.tolist() for one in found] == [one.tolist() for one in arrays]
    assert [one.dtype for one in found] == [one.dtype for one in arrays]
    assert all(not one.flags.owndata and not one.flags.writeable for one in found)


BLOCK = join(np.arange(3, dtype=np.uint32))


@pytest.mark.parametrize(
    "block", [b"", b"\0" * 16, BLOCK[:4], BLOCK[:-8], BLOCK + b"\0" * 8, BLOCK.replace(b"\4", b"\5")]
)
def test_what_is_no_block_is_refused(block: bytes) -> None:
    with pytest.raises(Tampered):
        split(block, 1)


def test_a_block_of_more_arrays_is_refused() -> None:
    with pytest.raises(Tampered):
        split(BLOCK, 2)


@given(st.lists(st.integers(0, 2**32 - 1), max_size=9))
def test_numbers_stand_in_as_few_bytes_as_they_fit(numbers: list[int]) -> None:
    assert narrow(numbers).tolist() == numbers
    assert narrow(numbers).itemsize == (4 if any(one >= 2**16 for one in numbers) else 2)


@given(st.lists(st.integers(0, 50), max_size=9))
def test_pieces_stand_one_after_the_other(sizes: list[int]) -> None:
    ended = ends(sizes)
    assert (ended - starts(ended)).tolist() == sizes
