"""Keys stay inside: not printed, not pickled, not copied; places never collide; sealing forgets nothing."""

import copy
import pickle
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.crypto import Context, Key, Opener, Parcel, Sealed, Shred, open_parcel, people, seal_parcel, tree, unwrap, wrap
from api.crypto.padding import padded, padme, unpadded
from api.errors import Tampered

PARTS = st.lists(st.text(max_size=5), max_size=4).map(tuple)


@pytest.mark.parametrize("secret", [Key.fresh(), Shred.fresh(), Opener(Key.fresh())])
def test_a_key_does_not_print_itself(secret: object) -> None:
    assert repr(secret) == f"<{type(secret).__name__}>"


@pytest.mark.parametrize("attempt", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_key_cannot_be_pickled_or_copied(attempt: Callable[[object], object]) -> None:
    with pytest.raises(TypeError):
        attempt(Key.fresh())


def test_sealed_values_and_parcels_hide_what_they_hold() -> None:
    assert "secret" not in repr(Sealed(b"secret")) + repr(Parcel({"secret": 1}, {}))


def test_a_key_and_a_shred_of_the_same_bytes_differ() -> None:
    assert Key(bytes(32)) != Shred(bytes(32))
    assert Key(bytes(32)) == Key(bytes(32))


def test_thirty_one_bytes_are_no_key() -> None:
    with pytest.raises(Tampered):
        Key(bytes(31))


@given(st.text(max_size=4), PARTS, st.text(max_size=4), PARTS)
def test_two_places_never_share_an_encoding(
    table: str, parts: tuple[str, ...], other: str, more: tuple[str, ...]
) -> None:
    same = (table, parts) == (other, more)
    assert (bytes(Context(table, parts)) == bytes(Context(other, more))) is same


@given(st.binary(max_size=5000))
def test_what_is_wrapped_is_unwrapped(content: bytes) -> None:
    key, where = Key(bytes(32)), Context("t")
    assert unwrap(key, where, wrap(key, where, content)) == content


def test_two_wraps_of_one_value_share_nothing() -> None:
    first, second = (wrap(Key(bytes(32)), Context("t"), b"same").blob for _ in range(2))
    assert not {first[i : i + 8] for i in range(len(first) - 8)} & {second[i : i + 8] for i in range(len(second) - 8)}


@given(st.integers(0, 10**7))
def test_padding_wastes_at_most_an_eighth_beyond_the_smallest(length: int) -> None:
    assert length <= padme(length) <= max(64, length * 1.13)


@given(st.binary(max_size=300))
def test_padding_is_undone_exactly(content: bytes) -> None:
    assert unpadded(padded(content)) == content


@pytest.mark.parametrize("broken", [b"", b"\0\0\0\x05abc"])
def test_padding_that_lies_about_its_length_is_refused(broken: bytes) -> None:
    with pytest.raises(Tampered):
        unpadded(broken)


def test_a_seal_does_not_open_with_another_key() -> None:
    sealed = seal_parcel(Opener(Key(bytes(32))).public, Context("t"), Parcel({"a": 1}))
    with pytest.raises(Tampered):
        open_parcel(Opener(Key.fresh()), Context("t"), sealed)


@given(st.lists(st.binary(max_size=8), max_size=40))
def test_the_frontier_gives_the_root_of_rfc_6962(leaves: list[bytes]) -> None:
    def root(hashes: list[bytes]) -> bytes:
        if len(hashes) < 2:
            return hashes[0] if hashes else tree.Frontier().root
        split = 1 << (len(hashes) - 1).bit_length() - 1
        return tree.node_hash(root(hashes[:split]), root(hashes[split:]))

    hashes = [tree.leaf_hash(leaf) for leaf in leaves]
    assert tree.frontier_of(hashes).root == root(hashes)


@pytest.mark.parametrize("note", ["", "a\nb\nc", "lastheard/log\nx\n\n\n— y z\n"])
def test_what_is_no_checkpoint_is_refused(note: str) -> None:
    with pytest.raises(Tampered):
        tree.read_checkpoint(note, people_signer())


def people_signer() -> "object":
    from api.crypto import Signer

    return Signer(Key(bytes(32))).public


def test_any_two_of_three_shares_give_the_key_and_one_does_not() -> None:
    key = Key.fresh()
    shares = people.split(key, 2, 3)
    assert all(people.join([one, other]) == key for one, other in zip(shares, shares[1:] + shares[:1], strict=True))
    with pytest.raises(Tampered):
        people.join(shares[:1])


def test_shares_of_two_sets_do_not_mix() -> None:
    first, second = people.split(Key.fresh(), 2, 3), people.split(Key.fresh(), 2, 3)
    with pytest.raises(Tampered):
        people.join([first[0], second[1]])


@pytest.mark.parametrize("token", ["", "a", "ж", "A" * 42, "A" * 44, "\ud800"])
def test_what_is_no_token_is_no_key(token: str) -> None:
    assert people.key_of(token) is None
