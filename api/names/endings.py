"""Case endings undone by rule: Иванову Сергею is Иванов Сергей.

Promises nominatives that may be meant, by grammatical case, for Russian and Ukrainian words. Must never replace what
was written: it adds a reading of the whole name, in which every word stands in one case.
"""

from collections.abc import Mapping
from types import MappingProxyType

# Which ending, and what may stand in its place; the longest that fits is undone.
_TABLE = """
dative      ому:ий,ый,ой,ій ему:ий ову:ов еву:ев єву:єв ину:ин іну:ін ичу:ич енку:енко енкові:енко вне:вна вні:вна
dative      ичне:ична ичні:ична вой:ва ній:на ній:ня вій:ва иной:ина ской:ская цкой:цкая ской:ська ській:ська
dative      цькій:цька ию:ий ії:ія ію:ій ею:ей,ій ею:ея аю:ай ою:ой ьеву:ьев ьє:ья ье:ья ии:ия,ь ю:й,ь ові:,а
dative      еві:й,ь, єві:й у:,о,а,ок е:а,я і:а,я,ь и:ь ці:ка ьву:ев аву:ав ьзі:ьга зі:га сі:ха ку:ек,ок,к лу:ел,ло
dative      лові:ло тру:тр,тро,тер влу:вел
genitive    ого:ий,ый,ой,ій его:ий ова:ов ева:ев єва:єв ина:ин іна:ін ича:ич енка:енко вны:вна вни:вна ичны:ична
genitive    ични:ична вой:ва вої:ва иной:ина иної:ина ской:ская цкой:цкая ської:ська цької:цька ия:ий ія:ій
genitive    ея:ей,ій ая:ай ии:ия ії:ія я:й,ь а:,о ы:а и:а,я,ь і:я, ьва:ев ька:ек тра:тр,тро вла:вел,вло іна:ін
instrument  ым:,ый,ой им:,ий,ій овым:ов евым:ев иным:ин ичем:ич енком:енко вной:вна вною:вна ичной:ична вой:ва
instrument  вою:ва иной:ина ской:ская цкой:цкая скою:ская ською:ська цькою:цька ием:ий єм:й ієм:ій еем:ей аем:ай
instrument  ией:ия ією:ія ьей:ья ом:,о ем:й,ь ой:а ою:а ей:я ею:я,а ьвом:ев тром:тр влом:вел ью:ь
locative    ове:ов еве:ев ине:ин иче:ич ом:ий,ый,ой ову:ов ии:ий,ия ее:ей ае:ай е:,й,ь,а,я і:,а вне:вна вой:ва
locative    ской:ская
accusative  ову:ова еву:ева ину:ина скую:ская цкую:цкая ську:ська цьку:цька вну:вна ию:ия ію:ія ью:ья у:а ю:я
"""
SHORTEST = 3
Endings = Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]


def _read(table: str) -> Endings:
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for line in table.strip().splitlines():
        case, *pairs = line.split()
        for ending, nominatives in (pair.split(":") for pair in pairs):
            into = found.setdefault(case, {})
            into[ending] = (*into.get(ending, ()), *nominatives.split(","))
    return MappingProxyType({case: tuple(sorted(one.items(), key=lambda e: -len(e[0]))) for case, one in found.items()})


_ENDINGS = _read(_TABLE)
CASES = tuple(_ENDINGS)


def nominatives(word: str, case: str) -> tuple[str, ...]:
    """Return the nominatives that a small Cyrillic word may have, if it stands in this case; none when it cannot."""
    found = list[str]()
    for ending, instead in _ENDINGS[case]:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) + len(ending) // 3 > 1:
            found += [stem + one for one in instead if len(stem + one) >= SHORTEST]
    return tuple(dict.fromkeys(found))
