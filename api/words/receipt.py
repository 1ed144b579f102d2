"""The receipt: eleven words that are the only way back to a report.

Promises 121 bits, in the reporter's language, read again under every spelling that a hand-written note leads
to. Must never keep, log or name a word that was typed, nor say in which way a receipt is malformed.
"""

from hashlib import sha256

from api.words.lists import BITS, LANGUAGES, PREFIX, SIZE, Language, fold, places, say, words_in

WORDS = 11
ENTROPY_BITS = WORDS * BITS
ENTROPY_BYTES = 16
LONGEST = 1000

# The language's mark in the key material: the same places in two languages are two mailboxes. Never renumber.
MARK: dict[Language, int] = {"en": 1, "ru": 2, "uk": 3}


def new_receipt(language: Language, entropy: bytes) -> tuple[str, ...]:
    """Return eleven words for 16 random bytes, of which the lowest 121 bits are used.

    Raises ValueError when `entropy` is not 16 bytes: a receipt from less could be guessed.
    """
    if len(entropy) != ENTROPY_BYTES:
        raise ValueError("a receipt takes 16 bytes of entropy")
    words = say(int.from_bytes(entropy), WORDS, language)
    # A third of the Russian and Ukrainian words begin alike, so that about three receipts in a million could
    # be read in both languages and lead to the wrong mailbox: such a one is drawn again, from its own hash.
    if len(_readings([fold(word) for word in words])) > 1:
        return new_receipt(language, sha256(entropy).digest()[:ENTROPY_BYTES])
    return words


def read_receipt(text: str) -> bytes | None:
    """Return the 16 bytes that a typed receipt stands for, or None when it is malformed.

    The bytes are the language's mark above 121 bits, big-endian; the caller derives keys from them. Every
    text costs eleven look-ups in each of the three lists, so that the time tells little of what was wrong
    with it.
    """
    typed = words_in(text[:LONGEST])
    whole = len(typed) == WORDS and len(text) <= LONGEST
    readings = _readings((typed + [""] * WORDS)[:WORDS])
    return readings[0] if whole and len(readings) == 1 else None


def write_receipt(material: bytes) -> tuple[str, ...]:
    """Return the eleven words of what `read_receipt` returned, as they were first shown."""
    mark = int.from_bytes(material) >> ENTROPY_BITS
    return say(int.from_bytes(material), WORDS, next(name for name in LANGUAGES if MARK[name] == mark))


def _readings(eleven: list[str]) -> list[bytes]:
    """Return the key material in each language to which all eleven folded words belong."""
    packed = [
        _packed([places(language).get(word[:PREFIX], SIZE) for word in eleven], language) for language in LANGUAGES
    ]
    return [material for material in packed if material is not None]


def _packed(indices: list[int], language: Language) -> bytes | None:
    """Pack eleven places of 11 bits below the language's mark; None when one is not in the list."""
    packed = MARK[language]
    for index in indices:
        packed = packed << BITS | index % SIZE
    return None if SIZE in indices else packed.to_bytes(ENTROPY_BYTES)
