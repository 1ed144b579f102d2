"""What people, programs and attackers send: texts by what is wrong with them, and JSON that is no text at all."""

from collections.abc import Iterator, Mapping, Sequence

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", '=HYPERLINK("x")', "\t=1", "\r=1", "|x", "%1")
HIDDEN = ("\u200b", "\u2060", "\ufeff", "\u00ad", "\u034f", "\u3164", "\u115f", "\u180e", "\ufe0f", "\u2800", "\u00a0")
TURNING = ("\u202e", "\u202d", "\u202a", "\u202b", "\u202c", "\u2066", "\u2067", "\u2068", "\u2069", "\u200e", "\u200f")
MARKUP = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea><script>alert(1)</script>",
    "</title><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "{{ 7*7 }}",
    "{% include 'x' %}",
    "${7*7}",
    "#{7*7}",
    "<!--",
    "]]>",
    "&lt;script&gt;",
    "&#x202e;",
    "<b>bold</b>",
    "' onfocus=alert(1) autofocus='",
)
QUERIES = (
    "' OR 1=1; DROP TABLE mailbox; --",
    "'; SELECT pg_sleep(10); --",
    '" OR ""="',
    "1); DELETE FROM member; --",
    "%27%20OR%201=1",
    "\\'; --",
    "/*",
    "x' UNION SELECT sealed FROM section --",
    "LIKE '%'",
    "$1",
    "?",
    ":case",
)
PATHS = (
    "../../etc/passwd",
    "..%2f..%2f",
    "%2e%2e%2f",
    "/etc/passwd",
    "file:///etc/passwd",
    "C:\\x",
    "\\\\host\\x",
    "~",
    ".",
)
ENCODED = (
    "%00",
    "%2500",
    "%25%30%30",
    "%u202e",
    "\\u0000",
    "\\x00",
    "&#0;",
    "%c0%ae",
    "%ff",
    "=?utf-8?q?x?=",
    "%0d%0aX: y",
)
LINES = (
    "\r\nX-Injected: yes",
    "\n",
    "\r",
    "\u2028",
    "\u2029",
    "\x85",
    "\x0b\x0c",
    "a\r\n\r\nb",
    "\t",
    "\x1b[31m",
    "\x08",
)
NUMBERS = (
    "NaN",
    "Infinity",
    "-Infinity",
    "1e400",
    "-0",
    "0x10",
    "1_000",
    "٣",
    "²",
    "9" * 400,
    "-1",
    "2147483648",
    "9223372036854775808",
    "0.1",
    "1e-9",
    "०१२",
)
DATES = (
    "0000-00-00",
    "9999-99-99",
    "31.02.2023",
    "2023-02-30",
    "-2023",
    "292278994-08-17",
    "1.1.1",
    "2023-13",
    "T",
    "17 мая 0",
)
WORDS = (
    "null",
    "undefined",
    "true",
    "None",
    "[object Object]",
    "__proto__",
    "constructor",
    "__class__",
    "self",
    "admin",
)
SHAPES = ("", " ", "  \t ", "a", "ы" * 10_000, "x" * 60_001, "a " * 5_000, "\u0301", "а" + "\u0301" * 5_000, "ﷺ" * 400)
SCRIPTS = (
    "ІІІ",
    "аdmin",
    "раураl",
    "ﬁ",
    "İ",
    "ß",
    "ς",
    "ǅ",
    "Ⅷ",
    "𝖆𝖉𝖒𝖎𝖓",
    "①",
    "가\u1100",
    "ไ",
    "नि",
    "שלום",
    "سلام",
    "🏴‍☠️",
    "\U0001f9ff",
)
BROKEN = ("\ud800", "\udfff", "имя\ud800", "\udc00\ud800", "\x00", "имя\x00", "\ufffe", "\uffff", "\U0010ffff", "\x7f")


def _texts() -> Iterator[tuple[str, str]]:
    kinds: Mapping[str, Sequence[str]] = {
        "formula": FORMULAS,
        "hidden": [f"x{one}y" for one in HIDDEN],
        "turned": [f"имя{one}gnp.exe" for one in TURNING],
        "formula behind a blank": [f"{one}=1+1" for one in HIDDEN],
        "turned formula": [f"{one}=1+1" for one in TURNING[:4]],
        "markup": MARKUP,
        "query": QUERIES,
        "path": PATHS,
        "encoded twice": ENCODED,
        "line": LINES,
        "number": NUMBERS,
        "date": DATES,
        "word": WORDS,
        "shape": SHAPES,
        "script": SCRIPTS,
        "broken": BROKEN,
        "control": [chr(number) for number in range(1, 32)],
    }
    for kind, texts in kinds.items():
        yield from ((f"{kind} {number}", text) for number, text in enumerate(texts))


TEXTS: Mapping[str, str] = dict(_texts())

# In place of a field's value, as it stands in the body.
RAW: Mapping[str, str] = {
    "nan": "NaN",
    "infinity": "-Infinity",
    "huge": "1e400",
    "long": "9" * 5_000,
    "deep list": "[" * 3_000 + "]" * 3_000,
    "deep object": '{"a":' * 2_000 + "1" + "}" * 2_000,
    "unclosed": "[" * 3_000,
    "null": "null",
    "true": "true",
    "zero": "-0",
    "negative": "-9223372036854775809",
    "float": "1.5",
    "list": "[]",
    "nested": '[["x"]]',
    "object": "{}",
    "key twice": '{"a": 1, "a": 2}',
    "empty key": '{"": ""}',
    "turned key": '{"\\u202e": "x"}',
    "surrogate": '"\\ud800"',
    "lone": '"\\udc00x"',
    "zero byte": '"\\u0000"',
    "bare": "x",
    "single quoted": "'x'",
    "comment": "/* x */ 1",
    "trailing": "[1,]",
    "many": "[" + "1," * 5_000 + "1]",
}
