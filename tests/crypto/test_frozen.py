"""Frozen vectors: what was sealed once must open for ever, byte for byte.

A round trip alone passes when sealing and opening are wrong in the same way; these do not.
"""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from api.crypto import (
    Context,
    Key,
    Opener,
    Parcel,
    PublicHalf,
    Sealed,
    Shred,
    Signer,
    VerifyKey,
    fingerprint,
    open_sealed,
    people,
    tree,
    unwrap,
    unwrap_key,
    unwrap_parcel,
)
from api.crypto.padding import padme
from api.crypto.stream import open_stream
from api.errors import Tampered

V: dict[str, Any] = json.loads((Path(__file__).parent / "vectors.json").read_text("utf-8"))
A, B, C = (Key(bytes.fromhex(V["keys"][name])) for name in "abc")
PLACE = Context(V["context"][0], tuple(V["context"][1:]))
CONTENT = bytes.fromhex(V["content"])


def blob(name: str) -> Sealed:
    return Sealed(bytes.fromhex(V[name]))


def test_the_context_is_encoded_with_lengths() -> None:
    assert bytes(PLACE).hex() == V["context_bytes"]


def test_derived_keys_are_what_they_were() -> None:
    shred = Shred(bytes.fromhex(V["keys"]["b"]))
    assert A.derive(PLACE) == Key(bytes.fromhex(V["derive"]))
    assert A.with_shred(shred, PLACE) == Key(bytes.fromhex(V["with_shred"]))
    assert shred.as_key(PLACE) == Key(bytes.fromhex(V["shred_as_key"]))
    assert A.mac(PLACE, b"data").hex() == V["mac"]


def test_a_wrap_of_the_past_opens() -> None:
    assert unwrap(A, PLACE, blob("wrap")) == CONTENT
    assert unwrap_key(A, PLACE, blob("wrap_key")) == B
    assert unwrap_parcel(A, PLACE, blob("parcel")) == Parcel({"note": "да"}, {"file": B})


def test_a_seal_of_the_past_opens() -> None:
    opener = Opener(C)
    assert opener.public == PublicHalf(bytes.fromhex(V["public"]))
    assert open_sealed(opener, PLACE, blob("seal")) == CONTENT


def test_signatures_and_fingerprints_are_what_they_were() -> None:
    signer = Signer(B)
    assert signer.public == VerifyKey(bytes.fromhex(V["verify"]))
    assert signer.sign(PLACE, b"data").hex() == V["signature"]
    assert fingerprint(Opener(C).public, signer.public).hex() == V["fingerprint"]


def test_a_stream_of_the_past_opens() -> None:
    read = io.BytesIO(bytes.fromhex(V["stream"])).read
    assert b"".join(open_stream(A, PLACE, read)) == bytes(40000)


def test_what_people_bring_derives_the_same() -> None:
    locator, opener = people.receipt_keys(bytes(16))
    assert (locator, opener.public.blob.hex()) == (V["receipt_locator"], V["receipt_public"])
    assert people.stretch("слово за словом", "ada", A) == Key(bytes.fromhex(V["stretched"]))
    assert people.code_locator("code", A) == V["code_locator"]
    assert people.totp_secret(A) == V["totp_secret"]
    assert people.key_of(V["token"]) == A


def test_the_tree_and_its_note_are_what_they_were() -> None:
    root = tree.frontier_of(tree.leaf_hash(bytes([number])) for number in range(7)).root
    assert root.hex() == V["tree_root"]
    assert tree.read_checkpoint(V["checkpoint"], Signer(B).public) == tree.Checkpoint("lastheard/log", 7, root)


def test_padding_follows_padme() -> None:
    assert [[length, padme(length)] for length, _ in V["padme"]] == V["padme"]


@pytest.mark.parametrize("name", ["wrap", "wrap_key", "parcel"])
def test_any_flipped_bit_of_a_wrap_is_refused(name: str) -> None:
    sealed = blob(name).blob
    for position in range(len(sealed)):
        broken = bytes([*sealed[:position], sealed[position] ^ 1, *sealed[position + 1 :]])
        with pytest.raises(Tampered):
            unwrap(A, PLACE, Sealed(broken))


def test_any_other_place_is_refused() -> None:
    for other in (Context("section", (*PLACE.parts[:-1], "8")), Context("manifest", PLACE.parts)):
        with pytest.raises(Tampered):
            unwrap(A, other, blob("wrap"))
        with pytest.raises(Tampered):
            open_sealed(Opener(C), other, blob("seal"))


def test_a_stream_without_its_end_or_with_moved_chunks_is_refused() -> None:
    whole = bytes.fromhex(V["stream"])
    chunk = 16 * 1024 + 16
    head, first, second, last = (
        whole[:56],
        whole[56 : 56 + chunk],
        whole[56 + chunk : 56 + 2 * chunk],
        whole[56 + 2 * chunk :],
    )
    for wrong in (
        head + first + second,
        head + second + first + last,
        head + first + last,
        head + first + first + last,
    ):
        with pytest.raises(Tampered):
            b"".join(open_stream(A, PLACE, io.BytesIO(wrong).read))
