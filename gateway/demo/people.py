"""Staff of the demo organisations: who signs in, under which login, in which roles."""

from __future__ import annotations

import functools
import random
from collections.abc import Mapping
from typing import Final

from gateway.demo.fixtures import OrganisationFixture, PersonFixture
from gateway.demo.identity_numbers import phone
from gateway.demo.names import FEMALE, MALE, FullName, name_groups
from gateway.demo.organisations import organisations

STAFF: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "ngo": (("curator",), ("curator",), ("senior_curator",), ("psychologist",), ("dpo",), ("head",)),
    "family_centre": (("curator",), ("dpo",)),
    "social_service_centre": (("curator",), ("dpo",)),
    "guardianship": (("guardianship_specialist",), ("dpo",), ("head",)),
    "kdn": (("kdn_member",), ("dpo",)),
    "maternity_hospital": (("registrar",), ("dpo",)),
    "school": (("registrar",), ("dpo",)),
    "police_juvenile": (("registrar",), ("dpo",)),
    "gateway": (("administrator",), ("dpo",)),
}
"""Roles of each member of staff, by kind of organisation."""

LOGIN_WORDS: Final = {
    "guardianship_specialist": "specialist",
    "kdn_member": "member",
    "administrator": "admin",
    "senior_curator": "senior",
}

_PHONES_FROM = 9_000_000  # above those of the families
_SEED = 1


@functools.cache
def people() -> tuple[PersonFixture, ...]:
    """Everybody, organisation by organisation. Logins read `<role>.<organisation>`, a second one `<role>2.<…>`."""
    rng = random.Random(_SEED)  # noqa: S311  names of invented people, nothing secret
    found: list[PersonFixture] = []
    for organisation in organisations():
        taken: dict[str, int] = {}
        for roles in STAFF[organisation.kind]:
            word = LOGIN_WORDS.get(roles[0], roles[0])
            taken[word] = taken.get(word, 0) + 1
            login = f"{word}{'' if taken[word] == 1 else taken[word]}.{organisation.key}"
            found.append(_person(organisation, login, roles, len(found), rng))
    return tuple(found)


def curators_of(organisation_key: str) -> tuple[PersonFixture, ...]:
    """Those who may be assigned to cases of an organisation."""
    return tuple(p for p in people() if p.organisation == organisation_key and "curator" in p.roles)


def _person(
    organisation: OrganisationFixture, login: str, roles: tuple[str, ...], serial: int, rng: random.Random
) -> PersonFixture:
    group = name_groups()[rng.choices(("slavic", "volga", "siberia"), (8, 1, 1))[0]]
    sex = rng.choices((FEMALE, MALE), (4, 1))[0]
    name: FullName = group.full(rng.choice(group.surnames), sex, rng.choice(tuple(group.male)), rng)
    return PersonFixture(
        key=login,
        organisation=organisation.key,
        login=login,
        display_name=f"{name.service_text} (демо)",
        roles=roles,
        service_phone=phone(_PHONES_FROM + serial),
    )
