"""Names of people: how alike two of them are, in whatever alphabet, order, case and haste they were written.

Promises pure functions. Must never read anything but its own tables, nor keep a name.
"""

from api.names.names import Name, Vocabulary, prepare
from api.names.packed import pack, unpack
from api.names.score import POSSIBLY_SAME, PROBABLY_SAME, Query, score, similarity

__all__ = [
    "POSSIBLY_SAME",
    "PROBABLY_SAME",
    "Name",
    "Query",
    "Vocabulary",
    "pack",
    "prepare",
    "score",
    "similarity",
    "unpack",
]
