"""The log's codes as the reader's language says them.

Promises that a code without words is shown as it stands: an entry is never left out. Must never look into a case.
"""

from api.catalogue.compartments import Language
from api.catalogue.fields import ENTITY_LABELS, FIELDS
from api.catalogue.purposes import PURPOSE_LABELS, Purpose
from api.catalogue.verbs import VERBS

# `about` names an entity, a field that was counted by, what was decided on, or what a case was opened for.
WORDS = {
    **VERBS,
    **ENTITY_LABELS,
    **{f"{one.entity}.{one.name}": one.labels for one in FIELDS},
    **{f"consent:{one}": PURPOSE_LABELS[one] for one in Purpose},
}


def in_words(code: str, language: Language) -> str:
    """Return the words of a verb, or of each part of what an entry is about."""
    return ", ".join(WORDS[one][language] if one in WORDS else one for one in code.split(","))
