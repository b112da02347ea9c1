"""Masks, named by what they do. Pure functions over the JSON form of one section; which field has which mask is the pack's
(`field_masks`).

Two values that differ only in what is masked look the same afterwards. A masked section fits the class of its section,
except where that class asks for a full identifier (a SNILS of eleven digits): there the value is visibly cut.
A field without a row, and an empty field, is left out: nothing is invented and nothing unfiled passes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

WITHHELD: Final = "withheld"
"""Stands where a section must have a text and the mask leaves none."""

RECORDED: Final = "recorded"
"""The flag: something is recorded, and no more is told."""

PRESENT: Final = "present"
"""The code of a record of which only its presence and relevance are told."""

CUT: Final = "…"
"""Stands before what is left of a number."""

MOST_FACTORS: Final = 5  # rules 2.3, masks: level and up to five coded factors
MOST_DIGITS: Final = 4  # rules 2.3, masks: last four digits
OKTMO_MUNICIPALITY: Final = 8  # digits of ОКТМО that name a municipality; three more name a settlement

Json = Any
Mask = Callable[[str, Json], Json]
"""Field name and value in, what may be seen out; None leaves the field out."""


def mask_section(value: Mapping[str, Json], masks: Mapping[str, str], *, words_travel: bool = False) -> dict[str, Json]:
    """The masked form of one section, as JSON. `masks` names the mask of each field.

    `words_travel` comes from the purpose in the pack: only then do the words of a message stay (rules 2.3).
    """
    masked: dict[str, Json] = {}
    for field, name in masks.items():
        content = value.get(field)
        if _empty(content) or (name == _STATEMENT and not words_travel):
            continue
        seen = MASKS[name](field, content)
        if not _empty(seen):
            masked[field] = seen
    return masked


def _empty(value: Json) -> bool:
    return value is None or value == "" or (isinstance(value, (list, tuple, dict)) and not value)


def _full(_: str, value: Json) -> Json:
    return value


def _nothing(_: str, __: Json) -> Json:
    return None


def _last_digits(text: str) -> str:
    digits = [character for character in text if character.isdecimal()]
    shown = min(MOST_DIGITS, len(digits) // 2)
    return CUT + "".join(digits[len(digits) - shown :])


def _last4(_: str, value: Json) -> Json:
    if isinstance(value, Mapping):
        kept = {name: value[name] for name in ("system", "type") if name in value}
        return {**kept, "number": _last_digits(str(value.get("number") or ""))}
    return _last_digits(str(value))


def _one_channel(_: str, value: Json) -> Json:
    return list(value[:1]) if isinstance(value, (list, tuple)) else value


def _municipality_only(_: str, value: Json) -> Json:
    municipality = value.get("municipality")
    oktmo = str(value.get("oktmo") or "")[:OKTMO_MUNICIPALITY]
    kept = {"text": municipality or WITHHELD, "municipality": municipality, "oktmo": oktmo or None}
    return {name: part for name, part in kept.items() if part is not None}


def _role_words(_: str, value: Json) -> Json:
    return [{"role": person["role"]} for person in value]


def _status_word(_: str, value: Json) -> Json:
    return {"code": value["code"]} if isinstance(value, Mapping) else value


def _level_and_factors(_: str, value: Json) -> Json:
    return list(value[:MOST_FACTORS]) if isinstance(value, (list, tuple)) else value


def _only(name: str) -> Mask:
    """Keeps the field that the mask is named after; its neighbours under the same mask are left out."""

    def keep(field: str, value: Json) -> Json:
        return value if field == name else None

    return keep


def _open_referrals(_: str, value: Json) -> Json:
    if not isinstance(value, (list, tuple)):
        return value
    return [
        {name: item[name] for name in ("service", "provider_kind") if name in item}
        if isinstance(item, Mapping)
        else item
        for item in value
        if not (isinstance(item, Mapping) and item.get("to_on"))
    ]


def _last_only(_: str, value: Json) -> Json:
    return [max(value, key=lambda item: str(item.get("on") or ""))]


def _presence_and_relevance(_: str, value: Json) -> Json:
    return {"code": PRESENT, **({"relevance": value["relevance"]} if value.get("relevance") else {})}


def _flag(_: str, value: Json) -> Json:
    if isinstance(value, Mapping):
        return {"code": RECORDED}
    if isinstance(value, (list, tuple)):
        item = value[0]
        return [dict.fromkeys(item, RECORDED) if isinstance(item, Mapping) else RECORDED]
    return RECORDED


_STATEMENT: Final = "statement_of_signal"

MASKS: Final[Mapping[str, Mask]] = MappingProxyType(
    {
        "full": _full,
        "last4": _last4,
        "one_channel": _one_channel,
        "municipality_only": _municipality_only,
        "role_words": _role_words,
        "status_word": _status_word,
        "level_and_factors": _level_and_factors,
        "withhold_words": _nothing,  # a fact is its words; a date and a source alone would still tell a visit
        "goals_only": _only("goals"),
        "open_referrals": _open_referrals,
        "last_only": _last_only,
        "recommendations_only": _only("recommendations"),
        "withhold": _nothing,
        "immediate_risk": _only("immediate_risk"),
        "flag": _flag,
        "presence_and_relevance": _presence_and_relevance,
        "never": _nothing,
        _STATEMENT: _full,  # asked for only where the words travel
    }
)
"""Every mask by its name in a pack."""
