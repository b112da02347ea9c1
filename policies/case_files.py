"""Reading a case file. It is written by people, so it is read strictly: a key that is not known is a typo, and a typo
would silently be a default.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from policies.facts import ConsentFacts, Facts, SignerFacts
from policies.ruling import Effect
from schemas.errors import BadInput
from schemas.ids import Category

TODAY: Final = date(2026, 3, 1)  # rules 4: "today" of every worked case
OLDEST: Final = 130  # full years; nobody is older
YOUNGEST_EMANCIPATED: Final = 14  # nobody is emancipated before; an emancipated younger child is a contradiction
YOUNGEST_PARENT: Final = 9  # nobody is a parent before; also the age of a case that says none, so it stays readable

_NESTED: Final = {"authority_by", "authority_formal"}  # a case writes them inside `authority_request`


def _names(facts: type, kind: str) -> tuple[str, ...]:
    return tuple(field.name for field in fields(facts) if field.type == kind and field.name not in _NESTED)


_CASE_KEYS: Final = ("n", "title", "facts", "expected", "obligations")
_TEXTS: Final = _names(Facts, "str")
_FLAGS: Final = _names(Facts, "bool")
_FACT_KEYS: Final = (*_TEXTS, *_FLAGS, "age", "min_cell", "requested", "consent", "emergency", "authority_request")
_CONSENT_FLAGS: Final = _names(ConsentFacts, "bool")
_CONSENT_KEYS: Final = tuple(field.name for field in fields(ConsentFacts))
_SIGNER_FLAGS: Final = _names(SignerFacts, "bool")
_SIGNER_KEYS: Final = tuple(field.name for field in fields(SignerFacts))

# rules 4: the whole choice of these facts. Purposes, kinds, triggers and categories are the pack's: what it does not
# know it refuses by its own rules.
_RIGHTS: Final = ("full", "limited", "terminated")
_FACT_WORDS: Final = {"subject": ("child", "parent", "other"), "who": ("self", "rep"), "rep_rights": _RIGHTS}
_AUTHORITY_WORDS: Final = {"by": ("court", "investigation", "inquiry", "prosecutor", "control")}
_CONSENT_WORDS: Final = {
    "status": ("active", "withdrawn", "invalidated"),
    "form": ("paper", "qes", "nes", "checkbox"),
}
_SIGNER_WORDS: Final = {"who": ("self", "mother", "father", "guardian"), "rights": _RIGHTS}


@dataclass(frozen=True, slots=True)
class Expected:
    """What a case says about one category."""

    effect: Effect
    rule: str


@dataclass(frozen=True, slots=True)
class Case:
    """One worked case. `obligations` is prose for people and is not compared."""

    n: int | str
    title: str
    facts: Facts
    expected: Mapping[Category, Expected]
    obligations: str = ""


def parse_cases(text: str | bytes, file: str) -> tuple[Case, ...]:
    """The cases of a file. Raises BadInput with the file, the place (`cases[3].facts.age`) and what was expected."""
    try:
        parsed = json.loads(text, object_pairs_hook=_Object)
    except json.JSONDecodeError as error:
        raise BadInput("case_file_unreadable", file=file, line=error.lineno) from None
    except UnicodeDecodeError as error:
        raise BadInput("case_file_unreadable", file=file, line=error.object[: error.start].count(b"\n") + 1) from None
    reader = _Reader(file)
    return tuple(reader.case(item, f"cases[{number}]") for number, item in enumerate(reader.items(parsed, "cases")))


class _Object(dict[str, Any]):
    """An object of a case file that knows which of its keys was written twice: the first value would be lost."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        keys = [key for key, _ in pairs]
        self.twice = next((key for number, key in enumerate(keys) if key in keys[:number]), None)


class _Reader:
    """Reads parsed JSON into typed values and knows where it is."""

    def __init__(self, file: str) -> None:
        self.file = file

    def case(self, value: object, place: str) -> Case:
        raw = self.keys(value, place, _CASE_KEYS)
        n = self.required(raw, "n", place)
        if isinstance(n, bool) or not isinstance(n, (int, str)):
            raise self.invalid(f"{place}.n", "a number or a text")
        facts = self.facts(self.required(raw, "facts", place), f"{place}.facts")
        where = f"{place}.expected"
        expected = {
            Category(code): self.expected(item, f"{where}.{code}")
            for code, item in self.mapping(raw.get("expected", {}), where).items()
        }
        # A case that says what it expects of a category asks about that category too.
        facts = replace(facts, requested=tuple(dict.fromkeys((*facts.requested, *expected))))
        return Case(
            n,
            self.text(raw.get("title", ""), f"{place}.title"),
            facts,
            MappingProxyType(expected),
            self.text(raw.get("obligations", ""), f"{place}.obligations"),
        )

    def expected(self, value: object, place: str) -> Expected:
        raw = self.keys(value, place, ("effect", "rule"))
        effect = self.required(raw, "effect", place)
        if effect not in set(Effect):
            raise self.invalid(f"{place}.effect", ", ".join(Effect))
        return Expected(Effect(effect), self.text(self.required(raw, "rule", place), f"{place}.rule"))

    def facts(self, value: object, place: str) -> Facts:
        raw = self.keys(value, place, _FACT_KEYS)
        known: dict[str, Any] = {"org": "", **self.typed(raw, place, _TEXTS, self.text)}
        self.worded(known, place, _FACT_WORDS)
        known |= self.typed(raw, place, _FLAGS, self.flag)
        known |= self.typed(raw, place, ("min_cell",), self.count)
        known |= self.typed(raw, place, ("age",), self.age)
        if "requested" in raw:
            known["requested"] = tuple(Category(code) for code in self.texts(raw["requested"], f"{place}.requested"))
        if raw.get("consent") is not None:
            known["consent"] = self.consent(raw["consent"], f"{place}.consent")
        if raw.get("emergency") is not None:
            emergency = self.keys(raw["emergency"], f"{place}.emergency", ("direct_threat",))
            known["direct_threat"] = self.flag(
                emergency.get("direct_threat", False), f"{place}.emergency.direct_threat"
            )
        if raw.get("authority_request") is not None:
            where = f"{place}.authority_request"
            request = self.keys(raw["authority_request"], where, ("by", "formal"))
            by = self.typed(request, where, ("by",), self.text)
            self.worded(by, where, _AUTHORITY_WORDS)
            known["authority_by"] = by.get("by", "")
            known["authority_formal"] = self.flag(request.get("formal", False), f"{where}.formal")
        self.required(raw, "purpose", place)
        age = known.get("age")
        if known.get("emancipated") and age is not None and age < YOUNGEST_EMANCIPATED:
            raise self.invalid(f"{place}.age", f"an emancipated minor of {YOUNGEST_EMANCIPATED} or more")
        if known.get("subject") == "parent" and age is not None and age < YOUNGEST_PARENT:
            raise self.invalid(f"{place}.age", f"a parent of {YOUNGEST_PARENT} or more")
        return Facts(today=TODAY, **known)

    def consent(self, value: object, place: str) -> ConsentFacts:
        raw = self.keys(value, place, _CONSENT_KEYS)
        known: dict[str, Any] = self.typed(raw, place, _CONSENT_FLAGS, self.flag)
        known |= self.typed(raw, place, ("status",), self.text)
        if raw.get("form") is not None:
            known["form"] = self.text(raw["form"], f"{place}.form")
        self.worded(known, place, _CONSENT_WORDS)
        for name in ("given_on", "valid_to"):
            if raw.get(name) is not None:
                known[name] = self.day(raw[name], f"{place}.{name}")
        for name in ("recipients", "purposes", "categories"):
            if name in raw:
                known[name] = frozenset(self.texts(raw[name], f"{place}.{name}"))
        if "by" in raw:
            signers = enumerate(self.items(raw["by"], f"{place}.by"))
            known["by"] = tuple(self.signer(item, f"{place}.by[{number}]") for number, item in signers)
        return ConsentFacts(**known)

    def signer(self, value: object, place: str) -> SignerFacts:
        raw = self.keys(value, place, _SIGNER_KEYS)
        self.required(raw, "who", place)
        words = self.typed(raw, place, tuple(_SIGNER_WORDS), self.text)
        self.worded(words, place, _SIGNER_WORDS)
        return SignerFacts(**words, **self.typed(raw, place, _SIGNER_FLAGS, self.flag))

    # --- plain values -----------------------------------------------------------------------------------------------

    def invalid(self, place: str, expected: str) -> BadInput:
        return BadInput("case_value_invalid", file=self.file, place=place, expected=expected)

    def mapping(self, value: object, place: str) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise self.invalid(place, "an object")
        if isinstance(value, _Object) and value.twice is not None:
            raise self.invalid(f"{place}.{value.twice}", "this key once")
        return value

    def worded(self, known: Mapping[str, Any], place: str, words: Mapping[str, tuple[str, ...]]) -> None:
        for name, allowed in words.items():
            if name in known and known[name] not in allowed:
                raise self.invalid(f"{place}.{name}", ", ".join(allowed))

    def keys(self, value: object, place: str, allowed: tuple[str, ...]) -> Mapping[str, Any]:
        raw = self.mapping(value, place)
        for key in raw:
            if key not in allowed:
                expected = ", ".join(sorted(allowed))
                raise BadInput("case_key_unknown", file=self.file, place=place, key=key, expected=expected)
        return raw

    def required(self, raw: Mapping[str, Any], key: str, place: str) -> Any:  # noqa: ANN401 - checked by the caller
        if key not in raw:
            raise BadInput("case_key_missing", file=self.file, place=place, key=key)
        return raw[key]

    def typed(
        self, raw: Mapping[str, Any], place: str, names: tuple[str, ...], read: Callable[[object, str], Any]
    ) -> dict[str, Any]:
        return {name: read(raw[name], f"{place}.{name}") for name in names if name in raw}

    def items(self, value: object, place: str) -> list[Any]:
        if not isinstance(value, list):
            raise self.invalid(place, "a list")
        return value

    def texts(self, value: object, place: str) -> list[str]:
        return [self.text(item, f"{place}[{number}]") for number, item in enumerate(self.items(value, place))]

    def text(self, value: object, place: str) -> str:
        if not isinstance(value, str):
            raise self.invalid(place, "a text")
        return value

    def flag(self, value: object, place: str) -> bool:
        if not isinstance(value, bool):
            raise self.invalid(place, "true or false")
        return value

    def count(self, value: object, place: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self.invalid(place, "a whole number, 0 or more")
        return value

    def age(self, value: object, place: str) -> int | None:
        if value is None:
            return None
        years = self.count(value, place)
        if years > OLDEST:
            raise self.invalid(place, f"full years from 0 to {OLDEST}")
        return years

    def day(self, value: object, place: str) -> date:
        try:
            return date.fromisoformat(self.text(value, place))
        except ValueError:
            raise self.invalid(place, "a date such as 2026-03-01") from None
