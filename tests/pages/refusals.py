"""What is refused at the door, in one's own account, among members and desks: who sends what, what is said and kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.pages.browsing import Typed
from tests.world import passphrase


@dataclass(frozen=True)
class Refusal:
    """Who sends which form of which page, what is typed, and what is said; `kept` are the fields shown again."""

    login: str
    page: str
    action: str
    typed: Typed
    sentence: str
    kept: Sequence[str] = ()
    status: int = 422
    never: Sequence[str] = field(default=())


PEOPLE = {
    "sign in": Refusal(
        "",
        "/sign-in",
        "/sign-in",
        {"login": "carl", "passphrase": "p-wrong", "code": "1"},
        "Login, passphrase or code is not right.",
        ["login"],
        401,
        ["p-wrong"],
    ),
    "join": Refusal(
        "",
        "/join",
        "/join",
        {"code": "spent", "login": "newone", "initial": "N", "totp_code": "123456"},
        "This code",
        ["code", "login", "initial"],
    ),
    "join without a login": Refusal(
        "", "/join", "/join", {"code": "spent", "initial": "N"}, "Please fill this in.", ["code"]
    ),
    "lost, unknown code": Refusal(
        "",
        "/lost",
        "/lost",
        {"login": "carl", "printed": "one two three"},
        "Login or recovery code is not right",
        ["login", "printed"],
        401,
    ),
    "lost, weak": Refusal(
        "",
        "/lost",
        "/lost",
        {"login": "carl", "printed": "one two", "passphrase": "secret1"},
        "too easy to guess",
        ["login", "printed"],
    ),
    "passphrase": Refusal(
        "carl",
        "/me",
        "/me/passphrase",
        {"login": "carl", "passphrase": "p-wrong", "new": "weak"},
        "too easy to guess",
        ["login"],
        never=["p-wrong"],
    ),
    "passphrase, wrong": Refusal(
        "carl",
        "/me",
        "/me/passphrase",
        {"login": "carl", "passphrase": "p-wrong", "new": passphrase("new"), "code": "1"},
        "Login, passphrase or code is not right.",
        ["login"],
        never=["p-wrong", passphrase("new")],
    ),
    "another's login": Refusal(
        "carl",
        "/me",
        "/me/code",
        {"login": "cora", "passphrase": passphrase("cora")},
        "Login, passphrase or code is not right.",
        ["login"],
        never=[passphrase("cora")],
    ),
    "device": Refusal(
        "carl",
        "/me/device",
        "/me/device",
        {"login": "carl", "passphrase": passphrase("carl"), "code": "000000", "shown": "000000"},
        "Login, passphrase or code is not right.",
        ["login", "totp"],
        never=[passphrase("carl")],
    ),
    "device without digits": Refusal(
        "carl", "/me/device", "/me/device", {"login": "carl"}, "Please fill this in.", ["totp"]
    ),
    "token": Refusal("carl", "/me", "/me/tokens", {"days": "91", "signs": "yes"}, "from 1 to 90", ["days", "signs"]),
    "token without a code": Refusal(
        "carl",
        "/me",
        "/me/tokens",
        {"login": "carl", "passphrase": passphrase("carl"), "code": "000000", "days": "9", "signs": "yes"},
        "Login, passphrase or code is not right.",
        ["login", "days", "signs"],
        never=[passphrase("carl")],
    ),
    "invite": Refusal("ada", "/members", "/members/invite", {"role": "reporter"}, "Please choose from the list."),
    "confirm": Refusal(
        "ada",
        "/members",
        "/members/{newcomer}/confirm",
        {"words": "not the six words"},
        "These are not the words of these keys.",
        ["words"],
    ),
    "suspend the last": Refusal(
        "ada",
        "/members",
        "/members/{otto}/suspend",
        {"number": "{otto_number}"},
        "They are the last to hold a key",
        ["number"],
    ),
    "suspend another": Refusal(
        "ada", "/members", "/members/{otto}/suspend", {"number": "K7-AAAA"}, "Nobody was shut out.", ["number"]
    ),
    "intake": Refusal(
        "ines",
        "/members",
        "/intake/seat",
        {"words": "not the six words"},
        "These are not the words of these keys.",
        ["words", "member"],
    ),
    "log": Refusal(
        "otto",
        "/members",
        "/log/seat",
        {"words": "not the six words"},
        "These are not the words of these keys.",
        ["words", "member"],
    ),
    "desk without a name": Refusal(
        "carl",
        "/desks",
        "/desks",
        {"name": "", "words_{isa}": "some words"},
        "Please fill this in.",
        ["words_{isa}"],
    ),
    "desk without intake": Refusal(
        "carl", "/desks", "/desks", {"name": "East"}, "Choose at least one intake officer", ["name"]
    ),
    "desk, other words": Refusal(
        "carl",
        "/desks",
        "/desks",
        {"name": "East", "seat": ["{isa}"], "words_{isa}": "other words"},
        "These are not the words of these keys.",
        ["name", "seat", "words_{isa}"],
    ),
    "seat": Refusal(
        "carl",
        "/desks",
        "/desks/{north}/seats",
        {"member": "{cora}", "words": "other words"},
        "These are not the words of these keys.",
        ["member", "words"],
    ),
    "recovery key": Refusal(
        "tina",
        "/steps/recovery",
        "/steps/recovery",
        {"threshold": "1", "words_{tina}": "my words"},
        "Nothing was saved yet.",
        ["threshold", "trustee", "words_{tina}"],
    ),
}
