"""Passphrases made of words, the rule for a member's own one, and fingerprints to be said by voice.

Promises 77 bits in a generated passphrase: on a seized server the weakest passphrase decides what is read.
Must never judge a passphrase by looking it up anywhere, nor keep or log it.
"""

from api.words.lists import BITS, Language, say, words_in

PASSPHRASE_WORDS = 7
PASSPHRASE_BYTES = 10
FINGERPRINT_WORDS = 6
SHORTEST_OWN = 20
FEWEST_DISTINCT = 6
# What anybody would try first here: it adds nothing.
EXPECTED = frozenset({"lastheard", "passphrase", "password", "пароль", "prisoner", "administrator"})


def new_passphrase(entropy: bytes, language: Language = "en") -> str:
    """Return seven words with blanks between, for 10 random bytes, of which the lowest 77 bits are used.

    Raises ValueError when `entropy` is not 10 bytes.
    """
    if len(entropy) != PASSPHRASE_BYTES:
        raise ValueError("a passphrase takes 10 bytes of entropy")
    return " ".join(say(int.from_bytes(entropy), PASSPHRASE_WORDS, language))


def strong_enough(own: str) -> bool:
    """Say whether a member's own passphrase is accepted: 20 letters in six different words at least.

    The rule is coarse on purpose. People's own phrases cannot be measured, so it asks for about the length of
    a generated one and refuses repeats, a word grown by a letter (`aaaa aaaaa`) and one-letter words. It lets
    a known line of verse through, which is why the page offers a generated passphrase first.
    """
    distinct = {word for word in words_in(own) if len(set(word)) > 1} - EXPECTED
    stems = {word[:3] for word in distinct}
    return len(stems) >= FEWEST_DISTINCT and sum(map(len, distinct)) >= SHORTEST_OWN


def six_words(fingerprint: bytes, language: Language) -> tuple[str, ...]:
    """Return the first 66 bits of a fingerprint as six words, for two people to compare by voice.

    Raises ValueError when the fingerprint is shorter than 9 bytes.
    """
    bits = FINGERPRINT_WORDS * BITS
    if len(fingerprint) * 8 < bits:
        raise ValueError("a fingerprint has at least 9 bytes")
    first = int.from_bytes(fingerprint) >> (len(fingerprint) * 8 - bits)
    return say(first, FINGERPRINT_WORDS, language)
