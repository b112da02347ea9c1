"""What a class of values refused, as rules of the import report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from adapters.egisso.messages import ATTRIBUTE, Part
from adapters.paths import Path

_MALFORMED: Final[Mapping[str, str]] = {
    "uuid": "egisso_uuid_malformed",
    "snils": "snils_malformed",
    "inn": "egisso_inn_malformed",
    "ogrn": "egisso_ogrn_malformed",
    "kpp": "egisso_digits_malformed",
    "date": "date_malformed",
    "stamp": "instant_malformed",
    "gender": "code_unknown",
    "event_type": "egisso_digits_malformed",
    "role_type": "egisso_digits_malformed",
    "document_type": "egisso_digits_malformed",
    "address_type": "egisso_digits_malformed",
    "country": "egisso_digits_malformed",
    "post_index": "egisso_digits_malformed",
    "name": "egisso_unprintable",
    "text": "egisso_unprintable",
}
_WRONG_DIGITS: Final[Mapping[str, str]] = {
    "snils": "snils_check_digits",
    "inn": "inn_check_digit",
    "ogrn": "ogrn_check_digit",
}


def rules_of(
    fault: str, context: Mapping[str, Any], part: Part | None, at: Path
) -> Iterator[tuple[str, Path, dict[str, str | int]]]:
    """The rule that a refusal of the class means, where it is told, and its parameters."""
    kind = part.of if part else ""
    if fault == "missing" and part is not None:
        what = "egisso_attribute_missing" if part.layer == ATTRIBUTE else "egisso_element_missing"
        yield what, at[:-1], {"expected": part.element}
    elif fault == "string_too_short":
        yield "value_empty", at, {}
    elif fault == "string_too_long":
        yield "egisso_text_too_long", at, {"limit": int(context.get("max_length", 0))}
    elif fault == "too_short" and part is not None:
        yield "egisso_element_missing", at[:-1], {"expected": part.element}
    elif fault == "value_error" and (part is None or part.is_shape):
        yield "egisso_one_of", at, {}
    elif fault == "value_error" and kind in _WRONG_DIGITS:
        yield _WRONG_DIGITS[kind], at, {}
    else:
        yield _MALFORMED.get(kind, "value_malformed"), at, {}
