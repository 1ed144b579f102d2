"""What is no key, no half of one and no code is refused; what may be printed prints nothing."""

import pytest

from api.crypto import Context, Key, Opener, Parcel, PublicHalf, Sealed, Signer, open_parcel, open_sealed, seal_parcel
from api.crypto.people import totp_code, totp_matches, totp_secret
from api.errors import Tampered

WHERE = Context("test")


@pytest.mark.parametrize("blob", [b"", bytes(1216)[:-1], bytes(1217), b"\xff" * 1216])
def test_nothing_is_sealed_to_what_is_no_pair_of_keys(blob: bytes) -> None:
    with pytest.raises(Tampered):
        seal_parcel(PublicHalf(blob), WHERE, Parcel({"a": 1}))


def test_to_a_pair_of_keys_it_is() -> None:
    opener = Opener(Key.fresh())
    assert open_parcel(opener, WHERE, seal_parcel(opener.public, WHERE, Parcel({"a": 1}))).note == {"a": 1}


def test_who_signs_does_not_print_the_key() -> None:
    assert repr(Signer(Key.fresh())) == "<Signer>"


def test_a_device_shows_the_code_that_fits_its_seed() -> None:
    seed = Key.fresh()
    assert totp_matches(seed, totp_code(totp_secret(seed), 1_700_000_000), 1_700_000_000) == 1_700_000_000 // 30
    assert totp_matches(seed, totp_code(totp_secret(seed), 1_700_000_000), 1_700_000_000 + 90) is None


@pytest.mark.parametrize("blob", [b"", b"\0", bytes(32), bytes(1120), bytes(1153)])
def test_what_is_too_short_to_be_sealed_is_refused_like_what_was_altered(blob: bytes) -> None:
    with pytest.raises(Tampered):
        open_sealed(Opener(Key.fresh()), WHERE, Sealed(blob))
