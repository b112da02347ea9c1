"""Look for help in the directory: where, what kind, for what age, how urgent, open now. A page is two statements at most.

The directory is open to every participant and holds nothing of families, so a search leaves no entry.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from gateway.use_cases.directory_port import DirectorySearch, ListedOrganisation, ListedService
from gateway.use_cases.house import House
from schemas.codes import URGENCIES, find_code
from schemas.directory import ORGANISATION_KINDS, SERVICE_KINDS, Service
from schemas.errors import BadInput, Unavailable
from schemas.ids import is_id
from schemas.territories import normalise_oktmo

MAX_PAGE: Final = 50
MAX_SERVICES: Final = 200
"""Services of one organisation on its page."""

FREE, FULL, STALE, UNSTATED = "free", "full", "stale", "unstated"


@dataclass(frozen=True, slots=True)
class DirectoryPage:
    """Services by name; `next` begins the next page."""

    services: Sequence[ListedService]
    next: str | None


@dataclass(frozen=True, slots=True)
class ShownOrganisation:
    """An organisation with the services that it lists."""

    organisation: ListedOrganisation
    services: Sequence[ListedService]


@dataclass(frozen=True, slots=True)
class DirectoryChoices:
    """What a form may offer: districts and kinds that somebody serves."""

    districts: Sequence[str]
    kinds: Sequence[str]


def search_directory(
    house: House, asked: DirectorySearch, after: str | None = None, limit: int = MAX_PAGE
) -> DirectoryPage:
    """The page after one service. Raises BadInput (page_size, code_unknown, oktmo_malformed, age_impossible)."""
    if not 1 <= limit <= MAX_PAGE:
        raise BadInput("page_size", max=MAX_PAGE)
    require_codes(asked)
    if after is not None and not is_id(after):
        return DirectoryPage((), None)
    with house.store.reading() as unit:
        # One more than is shown tells whether there is a next page.
        found = unit.directory.search(asked, after, limit + 1)
    return DirectoryPage(found[:limit], found[limit - 1].service.id if len(found) > limit else None)


def require_codes(asked: DirectorySearch) -> None:
    """Raises BadInput for a code that is in no list."""
    _listed(SERVICE_KINDS, asked.kinds)
    _listed(ORGANISATION_KINDS, asked.organisation_kinds)
    _listed(URGENCIES, [asked.urgency] if asked.urgency else [])
    if asked.territory is not None:
        try:
            normalise_oktmo(asked.territory)
        except ValueError:
            raise BadInput("oktmo_malformed") from None
    if any(first > last or first < 0 for first, last in asked.ages):
        raise BadInput("age_impossible")


def _listed(system: str, codes: Collection[str]) -> None:
    if any(find_code(system, code) is None for code in codes):
        raise BadInput("code_unknown")


def read_directory_organisation(house: House, organisation_id: str) -> ShownOrganisation:
    """One organisation with what it lists, whatever its state. Raises Unavailable (organisation_unavailable)."""
    if not is_id(organisation_id):
        raise Unavailable("organisation_unavailable")
    with house.store.reading() as unit:
        found = unit.directory.organisation(organisation_id)
        if found is None:
            raise Unavailable("organisation_unavailable")
        return ShownOrganisation(found, unit.directory.services_of(organisation_id, MAX_SERVICES))


def directory_choices(house: House) -> DirectoryChoices:
    """Districts and kinds for a form."""
    with house.store.reading() as unit:
        return DirectoryChoices(unit.directory.districts(), unit.directory.kinds())


def places_state(service: Service, today: date) -> str:
    """What the figure of free places says today: free, full, stale (too old to rely on), unstated."""
    if service.free_places is None:
        return UNSTATED
    if not service.is_fresh(today):
        return STALE
    return FREE if service.free_places else FULL
