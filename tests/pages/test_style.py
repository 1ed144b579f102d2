"""The stylesheet: readable in light and in dark, and fetched from nowhere (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re

import pytest

from api.pages.languages import HERE

STYLE = (HERE / "static" / "style.css").read_text("utf-8")
TEXT_ON = {
    "ink": "paper card side accent-soft",
    "muted": "paper card side shut shut-line",
    "accent": "paper card accent-soft",
    "on-accent": "accent",
    "on-leave": "leave",
    "on-stop": "stop",
    "stop": "paper card stop-soft",
    "warn": "warn-soft card",
    "tag-ink": "tag",
}


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    """Relative luminance of sRGB, 0 to 1 (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


LIGHT, DARK = (colours(block) for block in re.findall(r":root \{(.*?)\n *\}", STYLE, re.S)[:2])


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(palette: dict[str, str]) -> None:
    pairs = [(text, ground) for text, grounds in TEXT_ON.items() for ground in grounds.split()]
    assert [pair for pair in pairs if contrast(palette[pair[0]], palette[pair[1]]) < 4.5] == []
    assert min(contrast(palette["edge"], palette[ground]) for ground in ("paper", "card")) >= 3


def test_faint_text_is_caught() -> None:
    assert contrast("#999999", "#ffffff") < 4.5 < contrast("#56615e", "#fbfaf7")


def test_the_stylesheet_loads_nothing() -> None:
    assert not re.search(r"url\(|@import|@font-face|https?:", STYLE)
