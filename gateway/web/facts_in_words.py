"""The canonical facts of a ruling as lines that people read: what the rule looked at, without identities."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.web.words import Words
from schemas.catalogue import text, words

FACTS: Final = (
    *("subject", "age", "emancipated", "source", "org", "purpose", "sub", "trigger", "location_protected"),
    *("direct_threat", "authority_by", "authority_formal", "ooip_is_rep", "ipr_open", "in_plan", "named_in_plan"),
    *("adopters_written_consent", "onward", "accepted"),
)
"""Facts in the order in which people read them; those that are not so are left out."""
CONSENT: Final = (
    *("status", "given_on", "valid_to", "form", "separate", "fields_complete", "evidence", "categories"),
    *("other_parent_objection", "objector_suspected"),
)
FLAGS: Final = ("verified", "suspected", "sk64", "minor_parent_under16")
"""Of a representative who signed; the first is told either way, the others where they hold."""
SELF: Final = "self"


@dataclass(frozen=True, slots=True)
class FactLine:
    """One fact in words."""

    label: str
    value: str


def fact_lines(facts: Mapping[str, Any], names: Words) -> tuple[FactLine, ...]:
    """All facts that a person needs in order to decide."""
    return tuple(_lines(facts, names))


def _lines(facts: Mapping[str, Any], names: Words) -> Iterator[FactLine]:
    for name in FACTS:
        value = facts.get(name)
        if name == "age":
            yield _line(names, name, value if value is not None else "unknown")
        elif value not in (None, "", False):
            yield _line(names, name, value)
    consent = facts.get("consent")
    if not consent:
        yield _line(names, "consent", "none")
        return
    for name in CONSENT:
        if consent.get(name) not in (None, ""):
            yield _line(names, name, consent[name])
    for signer in consent.get("by", ()):
        yield FactLine(_label(names, "by"), ", ".join(_signer(signer, names)))


def _signer(signer: Mapping[str, Any], names: Words) -> Iterator[str]:
    yield _word(names, signer["who"])
    if signer["who"] == SELF:
        return
    yield f"{_label(names, 'rights')} {_word(names, signer['rights'])}"
    for flag in FLAGS:
        if flag == FLAGS[0] or signer[flag]:
            yield f"{_label(names, flag)}: {_flag(names, signer[flag])}"


def _line(names: Words, name: str, value: object) -> FactLine:
    if isinstance(value, bool):
        return FactLine(_label(names, name), _flag(names, value))
    spell = _SPELL.get(name, _word)
    return FactLine(_label(names, name), spell(names, value))


def _label(names: Words, name: str) -> str:
    return text(f"web_fact.{name}", names.language)


def _flag(names: Words, value: object) -> str:
    return text("web_fact.yes" if value else "web_fact.no", names.language)


def _word(names: Words, value: object) -> str:
    key = f"web_fact.{value}"
    return text(key, names.language) if key in words(names.language) else names.code(str(value))


def _categories(names: Words, value: Any) -> str:  # noqa: ANN401  JSON
    return ", ".join(names.category(str(code)) for code in value)


_SPELL: Final[Mapping[str, Callable[[Words, Any], str]]] = {
    "given_on": lambda names, value: names.day(str(value)),
    "valid_to": lambda names, value: names.day(str(value)),
    "org": lambda names, value: names.pack_kind(str(value)),
    "source": lambda names, value: names.pack_kind(str(value)),
    "purpose": lambda names, value: names.purpose(str(value)),
    "trigger": lambda names, value: names.trigger(str(value)),
    "categories": _categories,
}
"""How a fact is spelled that is neither a flag nor a word of the catalogue."""
