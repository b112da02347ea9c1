"""Facts as the rules read them: plain values under the names of the pack, with what tables and age add.

An age that is not known lies somewhere between `age_least` and `age_most`, so that it never makes a ruling milder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any, Final

from policies.facts import ConsentFacts, Facts, SignerFacts
from policies.tables import Tables

AGE_UNKNOWN: Final = (0, 200)
"""Least and most full years of a person whose age is not known."""

_SELF: Final = "self"


def facts_view(facts: Facts, tables: Tables) -> dict[str, Any]:
    """The facts of a request as nested plain values. What is not known is left out."""
    least, most = AGE_UNKNOWN if facts.age is None else (facts.age, facts.age)
    view: dict[str, Any] = {
        "age_least": least,
        "age_most": most,
        "on_route": tables.on_route(facts.trigger, facts.org, facts.source),
        "envelope_row": tables.envelopes.row(facts.purpose, facts.org) is not None,
    }
    for name in _FACTS:
        value = getattr(facts, name)
        if value is not None:
            view[name] = _plain(value)
    if facts.consent is not None:
        view["consent"] = _consent(facts.consent)
    return view


def typed(view: Mapping[str, Any], entities: Mapping[str, str], path: str = "") -> dict[str, Any]:
    """The view with its codes as Cedar entities, where the pack says so (`consent.purposes: Purpose`)."""
    result: dict[str, Any] = {}
    for name, value in view.items():
        here = f"{path}.{name}" if path else name
        kind = entities.get(here)
        if kind is None:
            result[name] = typed(value, entities, here) if isinstance(value, dict) else value
        elif isinstance(value, list):
            result[name] = [{"type": kind, "id": code} for code in value]
        else:
            result[name] = {"type": kind, "id": value}
    return result


def value_at(view: Mapping[str, Any], path: str) -> Any:  # noqa: ANN401 - a plain value of any shape
    """The value at a dotted path; None where nothing is known."""
    value: Any = view
    for step in path.split("."):
        if not isinstance(value, Mapping) or step not in value:
            return None
        value = value[step]
    return value


def _consent(consent: ConsentFacts) -> dict[str, Any]:
    view = {name: _plain(value) for name in _CONSENT if (value := getattr(consent, name)) is not None}
    others = [signer for signer in consent.by if signer.who != _SELF]
    view["signed_by_subject"] = len(others) < len(consent.by)
    view["representatives"] = {name: sorted({getattr(signer, name) for signer in others}) for name in _SIGNER}
    return view


def _plain(value: object) -> Any:  # noqa: ANN401 - a plain value of any shape
    if isinstance(value, date):
        return value.year * 10_000 + value.month * 100 + value.day
    return sorted(value) if isinstance(value, frozenset) else value


_FACTS: Final = tuple(field.name for field in fields(Facts) if field.name not in {"age", "requested", "consent"})
_CONSENT: Final = tuple(field.name for field in fields(ConsentFacts) if field.name != "by")
_SIGNER: Final = tuple(field.name for field in fields(SignerFacts))
