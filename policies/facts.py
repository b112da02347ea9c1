"""Facts: everything a ruling may rest on, as one plain value. Who knows which fact is the gateway's business.

The names are those of the worked cases (`packs/*/cases.json`), so that a case file reads as facts without translation.
A value is hashable: the pure decision may be memoised on it, the facts themselves never are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from datetime import date
from typing import Any, Final

from schemas.categories import SECTION_CATEGORIES
from schemas.errors import BadInput
from schemas.ids import Category


@dataclass(frozen=True, slots=True)
class SignerFacts:
    """One signature: `who` is self, mother, father or guardian; `rights` full, limited or terminated."""

    who: str
    rights: str = "full"
    verified: bool = True
    suspected: bool = False
    sk64: bool = False
    minor_parent_under16: bool = False


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """The governing consent as it stands at the moment of decision. `form` None means: not in written form."""

    status: str = "active"
    form: str | None = None
    separate: bool = True
    given_on: date | None = None
    valid_to: date | None = None
    recipients: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()
    categories: frozenset[Category] = frozenset()
    by: tuple[SignerFacts, ...] = ()
    other_parent_objection: bool = False
    objector_suspected: bool = False
    fields_complete: bool = True
    evidence: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """One question to the pack: may these categories of this subject go to this organisation for this purpose?

    `today` is the decision date in the recipient's zone. `age` is in full years on that date; None is unknown and
    never makes a ruling milder.
    """

    org: str
    purpose: str
    today: date
    org_id: str = ""
    source: str = ""
    sub: str = ""
    trigger: str = ""
    subject: str = "child"
    age: int | None = 9
    requested: tuple[Category, ...] = field(default=SECTION_CATEGORIES)
    consent: ConsentFacts | None = None
    direct_threat: bool | None = None  # None: no emergency is claimed
    authority_by: str = ""
    authority_formal: bool = False
    who: str = ""
    suspected: bool = False
    rep_rights: str = "full"
    sk64_act: bool = False
    ipr_open: bool = False
    named_in_plan: bool = False
    in_plan: bool = True
    location_protected: bool = False
    ooip_is_rep: bool = False
    onward: bool = False
    adopters_written_consent: bool = False
    role: str = "caseworker"
    assigned: bool = True
    agreement: bool = True
    org_country: str = "RU"
    storage_country: str = "RU"
    channel: str = ""
    categories_unspecified: bool = False
    min_cell: int = 0
    deidentified: bool = False
    accepted: bool = False
    emancipated: bool = False

    def canonical(self) -> dict[str, Any]:
        """The facts as JSON, without identities: a replay needs to know that the recipient is named, not who it is."""
        named = replace(
            self,
            org_id=_RECIPIENT if self.org_id else "",
            consent=replace(
                self.consent,
                recipients=frozenset(
                    _RECIPIENT if known == self.org_id else _OTHER for known in self.consent.recipients
                ),
            )
            if self.consent
            else None,
        )
        plain: dict[str, Any] = _plain(asdict(named))
        return plain

    @classmethod
    def from_canonical(cls, value: object) -> Facts:
        """The facts of a record, with the identities still hidden: the same ruling, and the same `canonical`.

        Records are readable for ever: a fact that is younger than the record keeps its default. Raises BadInput
        `facts_key_unknown`, `facts_key_missing` or `facts_value_invalid` with the key (`consent.by[0].who`).
        """
        facts: Facts = _read(cls, value, "")
        return facts


_RECIPIENT = "recipient"
_OTHER = "other"


def _plain(value: Any) -> Any:  # noqa: ANN401  anything that a fact may be
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


# --- reading a record ------------------------------------------------------------------------------------------------


def _read(kind: type[Any], value: object, place: str) -> Any:  # noqa: ANN401  Facts or what they are made of
    if not isinstance(value, Mapping):
        raise _invalid(place, "an object")
    known = {item.name: item for item in fields(kind)}
    for key in value:
        if key not in known:
            raise BadInput("facts_key_unknown", key=_below(place, key))
    for name, item in known.items():
        if name not in value and item.default is MISSING and item.default_factory is MISSING:
            raise BadInput("facts_key_missing", key=_below(place, name))
    return kind(**{name: _value(str(known[name].type), value[name], _below(place, name)) for name in value})


def _value(kind: str, value: object, place: str) -> Any:  # noqa: ANN401  anything that a fact may be
    bare = kind.removesuffix(" | None")
    return None if value is None and bare != kind else _READERS[bare](value, place)


def _exactly(kind: type, expected: str) -> Callable[[object, str], Any]:
    def read(value: object, place: str) -> Any:  # noqa: ANN401  of `kind`
        if type(value) is not kind:  # a flag is no number here
            raise _invalid(place, expected)
        return value

    return read


def _day(value: object, place: str) -> date:
    try:
        day = date.fromisoformat(_text(value, place))
    except ValueError:
        raise _invalid(place, _DAY_EXPECTED) from None
    if day.isoformat() != value:  # other spellings of a day would not come back as they were written
        raise _invalid(place, _DAY_EXPECTED)
    return day


def _each(together: Callable[[list[Any]], Any], read: Callable[[object, str], Any]) -> Callable[[object, str], Any]:
    def read_all(value: object, place: str) -> Any:  # noqa: ANN401  what `together` makes of a list
        if not isinstance(value, list):
            raise _invalid(place, "a list")
        return together([read(item, f"{place}[{number}]") for number, item in enumerate(value)])

    return read_all


def _below(place: str, key: object) -> str:
    return f"{place}.{key}" if place else str(key)


def _invalid(place: str, expected: str) -> BadInput:
    return BadInput("facts_value_invalid", key=place or "document", expected=expected)


_DAY_EXPECTED: Final = "a date such as 2026-03-01"
_text: Final = _exactly(str, "a text")
_READERS: Final[Mapping[str, Callable[[object, str], Any]]] = {
    "str": _text,
    "bool": _exactly(bool, "true or false"),
    "int": _exactly(int, "a whole number"),
    "date": _day,
    "frozenset[str]": _each(frozenset, _text),
    "frozenset[Category]": _each(frozenset, _text),
    "tuple[Category, ...]": _each(tuple, _text),
    "tuple[SignerFacts, ...]": _each(tuple, lambda value, place: _read(SignerFacts, value, place)),
    "ConsentFacts": lambda value, place: _read(ConsentFacts, value, place),
}
"""By the type of a field, as it is written above."""
