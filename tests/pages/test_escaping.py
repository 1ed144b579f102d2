"""What people type is shown as text: no template can forget it, and none may switch it off."""

import re

import pytest
from jinja2 import TemplateAssertionError, UndefinedError

from api.pages.languages import HERE, make_environment


def test_a_name_that_was_not_given_is_an_error_and_escaping_cannot_be_forgotten() -> None:
    environment = make_environment()
    assert environment.from_string("{{ typed }}").render(typed="<b>") == "&lt;b&gt;"
    with pytest.raises(UndefinedError):
        environment.from_string("{{ forgotten }}").render()
    with pytest.raises(TemplateAssertionError):
        environment.from_string("{{ 'x' | nosuchfilter }}")


def switches_escaping_off(source: str) -> bool:
    return bool(re.search(r"\|\s*safe\b|autoescape|Markup|xmlattr", source))


def test_no_template_switches_escaping_off() -> None:
    templates = sorted((HERE / "templates").rglob("*.html"))
    assert len(templates) >= 11
    assert [path.name for path in templates if switches_escaping_off(path.read_text("utf-8"))] == []
    assert switches_escaping_off("{{ text | safe }}")
    assert switches_escaping_off("{% autoescape false %}")
