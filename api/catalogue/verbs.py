"""What the log's codes say, in words.

Promises a word for each code that an entry is written under. Must never name a person or a case.
"""

from collections.abc import Mapping

from api.catalogue.compartments import LANGUAGES, Labels
from api.catalogue.tables import read_table

VERBS: Mapping[str, Labels] = {
    row["code"]: {language: row[language] for language in LANGUAGES} for row in read_table("verbs")
}
