"""Latin letters typed inside Cyrillic text, as "ИK" or "мaя", put back.

Promises to touch only letters that look alike. Must never change a text that holds no Cyrillic letter.
"""

import re

_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LATIN_TO_CYRILLIC = str.maketrans("ABEHIKMOPCTXYaeikopcxy", "АВЕНІКМОРСТХУаеікорсху")


def repair(text: str) -> str:
    """Return the text with mixed words, and single letters beside Cyrillic words, all in Cyrillic."""
    if not _CYRILLIC.search(text):
        return text
    return _WORD.sub(lambda word: _repaired(word[0]), text)


def _repaired(word: str) -> str:
    is_mixed = len(word) == 1 or _CYRILLIC.search(word)
    return word.translate(_LATIN_TO_CYRILLIC) if is_mixed else word
