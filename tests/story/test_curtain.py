"""What the demonstration says at its end can be used by who reads it."""

from api.demo import stage


def said() -> dict[str, object]:
    member = {"login": "kim", "passphrase": "seven words", "totp_secret": "SECRET", "token": "t", "role": "case_worker"}
    receipts = ["eleven words of one", "eleven words of two", "eleven words of the last"]
    told: dict[str, object] = {"url": "http://127.0.0.1:8000", "members": [member], "receipts": receipts}
    return told | {"cases": ["AA-0001", "BB-0002"], "documents": [{"kind": "wgeid", "path": "wgeid.pdf"}]}


def test_each_receipt_stands_beside_the_case_that_it_became() -> None:
    lines = stage._in_words(said()).splitlines()
    assert "  eleven words of two   (BB-0002)" in lines
    (last,) = [line for line in lines if "the last" in line]
    assert "erased" in last


def test_the_end_is_told_and_roles_are_words() -> None:
    text = stage._in_words(said())
    assert "Ctrl-C ends it." in text
    assert "case worker" in text
    assert "case_worker" not in text
