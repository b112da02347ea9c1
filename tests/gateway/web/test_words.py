"""Words of the pages: both languages complete, every key that a page names is there."""

from __future__ import annotations

import re
from importlib import resources
from itertools import chain

import pytest

from gateway.web.words import Words
from policies.pack import shipped_pack
from policies.ruling import Effect
from schemas.catalogue import Language, words
from schemas.lifecycle import State

WEB = resources.files("gateway.web")
SOURCES = {
    entry.name: entry.read_text("utf-8")
    for entry in chain(WEB.iterdir(), WEB.joinpath("templates").iterdir())
    if entry.name.endswith((".py", ".html"))
}
KEY = re.compile(r"""["']((?:web_[a-z_]+|errors|remedies)\.[A-Za-z0-9_]+)["'](?!\s*~)""")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_key_that_a_page_names_is_in_the_catalogue(language: Language) -> None:
    named = {key for source in SOURCES.values() for key in KEY.findall(source)}
    named |= {
        f"web_referral.{key}"
        for name in ("form_fields.py", "referral_form.py", "consent_fields.py")
        for key in re.findall(
            r'(?:required=|complain\(\w+, |complain\("\w+", |else |\w, )"([a-z_]+_[a-z]+)"', SOURCES[name]
        )
        if key.endswith(("_missing", "_wrong", "_ahead", "_impossible"))
    }
    assert len(named) > 150
    assert named - set(words(language)) == set()


def test_both_languages_have_the_same_keys_and_the_same_places() -> None:
    ru, en = words("ru"), words("en")
    web = {key for key in ru if key.startswith("web_")}
    assert web == {key for key in en if key.startswith("web_")}
    for key in web:
        places = [
            set(re.findall(r"\{(\w+)\}", " ".join(text.values()) if isinstance(text, dict) else text))
            for text in (ru[key], en[key])
        ]
        assert places[0] == places[1], key


def test_a_complete_set_of_russian_plural_forms() -> None:
    for key, text in words("ru").items():
        if key.startswith("web_") and isinstance(text, dict):
            assert set(text) == {"one", "few", "many", "other"}, key


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_code_has_a_name(language: Language) -> None:
    pack = shipped_pack("ru")
    names = Words(pack, language)
    for row in pack.tables.organisation_kinds:
        assert names.organisation_kind(row.organisation_kind)
    for state in State:
        assert names.state(state.value)
        assert names.tag(state.value)
    for effect in Effect:
        assert names.effect(effect.value)
        assert names.tag(effect.value)
    for category in pack.tables.categories:
        assert names.category(category)
    for purpose in pack.tables.purposes:
        assert names.purpose(purpose)
    for rule in pack.rules.values():
        assert names.rule(rule.rule, rule.effect.value).title_ru == rule.text.title_ru
