"""Where the fields of a profile live in the canonical message: one table for reading, writing and complaints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from adapters.paths import Path

KINDS: Final[Mapping[str, str]] = {"child": "child", "adult": "parent"}
PERSONS: Final[Mapping[str, str]] = {kind: person for person, kind in KINDS.items()}

PERSON_PATHS: Final[Mapping[str, tuple[str, ...]]] = {
    "ref": ("ref",),
    "role": ("role",),
    "snils": ("identifiers", "snils"),
    "full_name": ("identity", "full_name"),
    "birth_date": ("identity", "birth_date"),
    "sex": ("identity", "sex"),
    "doc_system": ("identifiers", "document", "system"),
    "doc_type": ("identifiers", "document", "type"),
    "doc_series": ("identifiers", "document", "series"),
    "doc_number": ("identifiers", "document", "number"),
    "doc_issued_on": ("identifiers", "document", "issued_on"),
    "doc_issuer": ("identifiers", "document", "issuer"),
    "phone": ("contact", "phones", "number"),
    "phone_whose": ("contact", "phones", "whose"),
    "phone_when": ("contact", "phones", "when"),
    "safe_contact": ("contact", "safe_contact"),
    "address": ("whereabouts", "address", "text"),
    "address_municipality": ("whereabouts", "address", "municipality"),
    "address_gar": ("whereabouts", "address", "gar_id"),
    "address_oktmo": ("whereabouts", "address", "oktmo"),
    "registered": ("whereabouts", "registered", "text"),
    "registered_municipality": ("whereabouts", "registered", "municipality"),
    "registered_gar": ("whereabouts", "registered", "gar_id"),
    "registered_oktmo": ("whereabouts", "registered", "oktmo"),
    "school": ("education", "place"),
    "kinship_system": ("family", "kinship", "system"),
    "kinship": ("family", "kinship", "code"),
}
ABSENT: Final[Mapping[str, tuple[str, str]]] = {
    "snils": ("identifiers", "snils"),
    "doc_type": ("identifiers", "document"),
    "doc_number": ("identifiers", "document"),
    "phone": ("contact", "phones"),
    "address": ("whereabouts", "address"),
    "registered": ("whereabouts", "registered"),
}
"""In which columns «нет» is kept, and what it says that a person has not: section and code of `mezhved_absent`."""
PHONE_PARTS: Final = ("phone", "phone_whose", "phone_when")
NAME_PARTS: Final = ("family_name", "first_name", "patronymic")

_FIELDS: Final = {path: field for field, path in PERSON_PATHS.items()}


def field_of(path: Path, kinds: tuple[str, ...]) -> str:
    """The profile's field for a path into the message; `kinds` are the kinds of its persons in order."""
    names = tuple(step for step in path if isinstance(step, str))
    if names[:1] != ("persons",):
        return names[0] if names else ""
    index = path[1] if len(path) > 1 and isinstance(path[1], int) else 0
    person = PERSONS[kinds[index]] if index < len(kinds) else "child"
    inner = names[1:]
    for length in range(len(inner), 0, -1):
        if found := _FIELDS.get(inner[:length]):
            return f"{person}.{found}"
    first = next((field for path_, field in _FIELDS.items() if path_[: len(inner)] == inner), "full_name")
    return f"{person}.{first}"
