"""Which sound a letter writes: the table of alphabets, each to one small Latin letter of ours.

Promises one letter for one sound: j is ж and дж, q is ч, x is ш and щ, h is х, c is ц; a soft vowel is its hard one.
Must never be read as a transliteration for people: it only serves to compare.
"""

_RUSSIAN = dict(zip("абвгдеёжзийклмнопрстуфхцчшщыэюя", "abvgdeejziiklmnoprstufhcqxxieua", strict=True))
_NEIGHBOURS = {
    **dict(zip("ґєіїў", "geiiu", strict=True)),  # Ukrainian, Belarusian, Uzbek
    **dict(zip("әғқңөұүһ", "agknouuh", strict=True)),  # Kazakh, Kyrgyz, Tatar
    **dict(zip("ҳҷӣӯҝҹј", "hjiugji", strict=True)),  # Tajik, Uzbek, Azeri, Serbian
    **dict(zip("ђћљњџѓќѕ", "jqlnjgkz", strict=True)),  # Serbian, Macedonian
    **dict(zip("ҡҙҫӑӗӧӱӝӟӥӵ", "kdsaeoujjiq", strict=True)),  # Bashkir, Chuvash, Udmurt, Mari
    **{"ӏ": "", "ь": "", "ъ": "", "ѣ": "e", "ѳ": "f", "ѵ": "i"},
}
_GREEK = dict(zip("αβγδεζηθικλμνξοπρσςτυφχψω", "avgdezitiklmnkoprsstifhpo", strict=True)) | {"ξ": "ks", "ψ": "ps"}
_GEORGIAN = dict(zip("აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ", "abgdevztiklmnopjrstupkgkxqczcqhjh", strict=True))
_ARMENIAN = dict(zip("աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ", "abgdezeetjilhckhzgqminxoqpjrsvtrcvpkof", strict=True))

SOUNDS = str.maketrans({**_RUSSIAN, **_NEIGHBOURS, **_GREEK, **_GEORGIAN, **_ARMENIAN, "և": "ev"})

# Latin letters whose mark says which sound they are; a capital is a sound already decided. Other marks fall.
MARKED = str.maketrans(
    {
        **dict.fromkeys("čćĉç", "Q"),
        **dict.fromkeys("šşșŝ", "X"),
        **dict.fromkeys("žżđ", "J"),
        **dict.fromkeys("țţ", "C"),
        **{"ł": "l", "ı": "i", "ə": "a", "ŭ": "v", "ß": "ss", "æ": "e", "œ": "e", "ø": "o", "ð": "d"},
    }
)
