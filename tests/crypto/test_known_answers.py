"""Answers known from elsewhere, put through our own seal and open (vectors of PyPI `cryptography_vectors`)."""

import hashlib
import json
from pathlib import Path
from typing import Any

import cryptography_vectors
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.bindings._rust import openssl as rust_openssl
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, Suite
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from api.crypto import Key, keys, people, seal
from api.crypto.padding import unpadded
from api.crypto.seal import SUITE

FOLDER = Path(cryptography_vectors.__file__).parent


def blocks(path: str) -> list[dict[str, str]]:
    """Read a NIST-style file: blocks of `name = value` that each begin with COUNT."""
    found = list[dict[str, str]]()
    for part in (FOLDER / path).read_text().split("COUNT"):
        pairs = (line.split("=", 1) for line in part.splitlines() if "=" in line and not line.startswith("#"))
        block = {name.strip().lower(): value.strip() for name, value in pairs}
        found += [block] if block else []
    return found


def test_hkdf_answers_as_in_rfc_5869() -> None:
    cases = [case for case in blocks("KDF/rfc-5869-HKDF-SHA256.txt") if "okm" in case]
    assert len(cases) >= 3
    for case in cases:
        ikm, salt, info = (bytes.fromhex(case[name]) for name in ("ikm", "salt", "info"))
        assert keys.derive(ikm, salt or None, info, int(case["l"])).hex() == case["okm"]


def test_argon2id_answers_as_in_rfc_9106() -> None:
    cases = [case for case in blocks("KDF/argon2id.txt") if "output" in case]
    assert len(cases) >= 5
    for case in cases:
        argon = Argon2id(
            salt=bytes.fromhex(case["salt"]),
            length=int(case["length"]),
            iterations=int(case["iter"]),
            lanes=int(case["lanes"]),
            memory_cost=int(case["memcost"]),
            ad=bytes.fromhex(case.get("ad", "")) or None,
            secret=bytes.fromhex(case.get("secret", "")) or None,
        )
        assert argon.derive(bytes.fromhex(case["pass"])).hex() == case["output"]


def test_our_stretching_is_argon2id_with_the_written_parameters() -> None:
    server = Key(bytes(32))
    argon = Argon2id(
        salt=server.mac(keys.Context("salt"), b"ada"),
        length=32,
        iterations=3,
        lanes=1,
        memory_cost=65536,
        secret=server.mac(keys.Context("pepper")),
    )
    assert people.stretch("words", "ada", server) == Key(argon.derive(b"words"))


def test_totp_answers_as_in_rfc_6238() -> None:
    seed = Key(b"12345678901234567890" + bytes(12))
    cases = [case for case in blocks("twofactor/rfc-6238.txt") if case.get("mode") == "SHA1"]
    assert len(cases) >= 6
    for case in cases:
        moment = int(case["time"])
        assert people.totp_matches(seed, case["totp"][-6:], moment) == moment // 30
        assert people.totp_matches(seed, case["totp"][-6:], moment + 90) is None


def hybrid_vectors() -> list[dict[str, Any]]:
    vectors = json.loads((FOLDER / "HPKE/hpke-pq-test-vectors.json").read_text())
    return [vector for vector in vectors if vector["kem_id"] == 25722]


def test_the_hybrid_kem_answers_as_the_hpke_vectors() -> None:
    vectors = [vector for vector in hybrid_vectors() if vector["kdf_id"] == 1]
    assert vectors
    suite = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
    for vector in vectors:
        private, first = hybrid_private(bytes.fromhex(vector["skRm"])), vector["encryptions"][0]
        sealed, info = bytes.fromhex(vector["enc"] + first["ct"]), bytes.fromhex(vector["info"])
        aad = bytes.fromhex(first["aad"])
        assert rust_openssl.hpke._decrypt_with_aad(suite, sealed, private, info, aad).hex() == first["pt"]


def test_our_opener_reads_what_the_vectors_recipient_reads() -> None:
    vector = next(vector for vector in hybrid_vectors() if vector["kdf_id"] == 1)
    private = hybrid_private(bytes.fromhex(vector["skRm"]))
    public = keys.PublicHalf(bytes.fromhex(vector["pkRm"]))
    context = keys.Context("vector")
    sealed = seal(public, context, b"content").blob
    assert unpadded(SUITE.decrypt(sealed, private, bytes(context))) == b"content"


def hybrid_private(seed: bytes) -> MLKEM768X25519PrivateKey:
    expanded = hashlib.shake_256(seed).digest(96)
    return MLKEM768X25519PrivateKey(
        MLKEM768PrivateKey.from_seed_bytes(expanded[:64]), X25519PrivateKey.from_private_bytes(expanded[64:])
    )


def test_aes_gcm_answers_as_nist() -> None:
    text = (FOLDER / "ciphers/AES/GCM/gcmDecrypt256.rsp").read_text()
    cases = [case for case in nist(text) if len(case.get("iv", "")) == 24 and len(case.get("tag", "")) == 32]
    assert len(cases) > 100
    for case in cases[:400]:
        cipher = AESGCM(bytes.fromhex(case["key"]))
        body, aad = bytes.fromhex(case["ct"] + case["tag"]), bytes.fromhex(case["aad"])
        if "fail" in case:
            with pytest.raises(InvalidTag):
                cipher.decrypt(bytes.fromhex(case["iv"]), body, aad)
        else:
            assert cipher.decrypt(bytes.fromhex(case["iv"]), body, aad).hex() == case["pt"]


def nist(text: str) -> list[dict[str, str]]:
    found = list[dict[str, str]]()
    for part in text.replace("\r", "").split("\n\n"):
        block = dict[str, str]()
        for line in part.splitlines():
            name, _, value = line.partition("=")
            block[name.strip().lower()] = value.strip()
        found += [block] if "key" in block and "ct" in block else []
    return found
