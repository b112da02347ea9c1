"""The organisation that a draft names by its OGRN."""

from __future__ import annotations

from gateway.use_cases.ports import Unit
from gateway.use_cases.values import Organisation
from schemas.errors import BadInput


def organisation_named(unit: Unit, ogrn: str) -> Organisation:
    """Raises BadInput (recipient_unknown)."""
    found = unit.participants.organisation_by_ogrn(ogrn)
    if found is None:
        raise BadInput("recipient_unknown", ogrn=ogrn)
    return found
