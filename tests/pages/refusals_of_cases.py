"""What is refused in the inbox and in a case: who sends what, what is said, what is kept."""

from tests.pages.browsing import Typed
from tests.pages.refusals import Refusal

HOSTILE = '"><script>alert(1)</script>'
TOO_LONG = "ы" * 401
ACCEPT = "/inbox/{report}/accept"
ENTRY = "{case}/entries/act"
GRANT: Typed = {
    "compartments": ["facts"],
    "days": "30",
    "reason": "prepare-submission",
    "why": "UN",
    "words": "no words",
}
CASES = {
    "ask": Refusal("ines", "/inbox/{report}", "/inbox/{report}/ask", {"text": "a\x00b"}, "Nothing was saved yet."),
    "ask nothing": Refusal("ines", "/inbox/{report}", "/inbox/{report}/ask", {"text": " "}, "Please fill this in."),
    "decline": Refusal(
        "ines", "/inbox/{report}", "/inbox/{report}/decline", {"text": "ы" * 70_000}, "Nothing was saved yet."
    ),
    "accept": Refusal(
        "ines",
        "/inbox/{report}",
        ACCEPT,
        {"0.case.title": "kept", "0.case.last_heard": "Quatsch"},
        "We cannot read this date.",
        ["0.case.title", "0.case.last_heard"],
    ),
    "accept elsewhere": Refusal(
        "ines",
        "/inbox/{report}",
        ACCEPT,
        {"0.case.title": "kept", "desk": "x"},
        "Please choose from the list.",
        ["0.case.title"],
    ),
    "extend": Refusal(
        "ines", "/inbox/{report}", "/inbox/{report}/extend", {"why": "y" * 301}, "One line of plain text", ["why"]
    ),
    "entry": Refusal(
        "carl",
        "{case}/add/act",
        ENTRY,
        {"when": "Quatsch", "count": "2", "inducements": ["inducement/job"]},
        "We cannot read this date.",
        ["when", "count", "inducements", "version"],
    ),
    "entry, too long": Refusal(
        "carl",
        "{case}/add/custody",
        "{case}/entries/custody",
        {"facility": TOO_LONG},
        "Nothing was saved yet.",
        ["facility"],
    ),
    "entry, hostile": Refusal(
        "carl", "{case}/add/act", ENTRY, {"when": HOSTILE}, "We cannot read this date.", ["when"]
    ),
    "entry without a reason": Refusal(
        "carl",
        "{case}/add/person",
        "{case}/entries/person",
        {"role": "victim", "name": "Лободай Остап"},
        "Please choose a reason.",
        ["role", "name"],
    ),
    "consent to come": Refusal(
        "carl",
        "{case}/add/consent",
        "{case}/entries/consent",
        {"purpose": "count", "value": "yes", "on": "2999-01-01"},
        "Nothing was saved yet.",
        ["purpose", "value", "on"],
    ),
    "open without a reason": Refusal(
        "carl", "{case}", "{case}/open", {"reason": "", "words": "why not"}, "Please choose a reason.", ["words"]
    ),
    "open with lines": Refusal(
        "carl",
        "{case}",
        "{case}/open",
        {"reason": "verify-fact", "words": "y" * 301},
        "One line of plain text",
        ["reason", "words"],
    ),
    "grant nothing": Refusal(
        "carl",
        "{case}/grants",
        "{case}/grants",
        {**GRANT, "compartments": [], "member": "{leo}"},
        "Please choose at least one part.",
        ["member", "words", "why", "days"],
    ),
    "grant for ever": Refusal(
        "carl",
        "{case}/grants",
        "{case}/grants",
        {**GRANT, "days": "366", "member": "{leo}"},
        "from 1 to 365",
        ["member", "words", "why", "days", "compartments"],
    ),
    "grant, other words": Refusal(
        "carl",
        "{case}/grants",
        "{case}/grants",
        {**GRANT, "member": "{leo}"},
        "These are not the words of these keys.",
        ["member", "words", "why", "days", "compartments"],
    ),
    "grant without a reason": Refusal(
        "carl",
        "{case}/grants",
        "{case}/grants",
        {**GRANT, "reason": "", "member": "{leo}"},
        "Please choose a reason.",
        ["member", "words", "why", "compartments"],
    ),
    "look": Refusal(
        "carl",
        "{case}/reports/wgeid",
        "{case}/reports/wgeid/look",
        {"words": "y" * 301},
        "One line of plain text",
        ["words"],
    ),
}
