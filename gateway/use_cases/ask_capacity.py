"""Who could help, and has places: an anonymous question before a referral, and what else could help after a refusal.

Both take codes: the kind of need, an age band, a territory, the urgency. Nothing of a family is asked, stored or logged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from gateway.use_cases.directory_port import DirectorySearch, ListedService
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.search_directory import require_codes
from schemas.directory import CapacityQuestion, age_bands
from schemas.errors import BadInput
from schemas.ids import OrganisationId

MAX_ANSWERS: Final = 20
_FREE, _UNKNOWN = "free", "unknown"


@dataclass(frozen=True, slots=True)
class CapacityAnswer:
    """`fitting` state free places, on a day recent enough to rely on; of `unknown` one must ask. Those that are full are
    left out. `more_…` says that there are others beside those named."""

    fitting: Sequence[ListedService]
    unknown: Sequence[ListedService]
    more_fitting: bool
    more_unknown: bool


def ask_capacity(house: House, question: CapacityQuestion, now: datetime) -> CapacityAnswer:
    """Services that cover the territory, take every one of the age bands and the urgency. Three statements at most.
    Raises BadInput (district_unknown)."""
    bands = [age_bands()[code] for code in question.age_bands]
    asked = DirectorySearch(
        territory=question.territory,
        district=question.district,
        covering=True,
        kinds=question.kinds,
        ages=[(band.first, band.last) for band in bands],
        urgency=question.urgency,
        today=now.date(),
    )
    with house.store.reading() as unit:
        return _answer(unit, asked)


def alternatives_for(
    house: House,
    *,
    territory: str,
    kinds: Sequence[str],
    age_band: str,
    now: datetime,
    district: str | None = None,
    refused_by: OrganisationId | None = None,
) -> CapacityAnswer:
    """For a refusal: what in the directory could help instead. `refused_by` is the participant that declined, left out of
    the answer. Raises BadInput (code_unknown, oktmo_malformed, district_unknown)."""
    band = age_bands().get(age_band)
    if band is None or not kinds:
        raise BadInput("code_unknown")
    asked = DirectorySearch(
        territory=territory,
        district=district,
        covering=True,
        kinds=kinds,
        ages=[(band.first, band.last)],
        today=now.date(),
    )
    require_codes(asked)
    with house.store.reading() as unit:
        if refused_by is not None and (own := unit.directory.of_participant(refused_by)):
            asked = replace(asked, without_organisation=own.organisation.id)
        return _answer(unit, asked)


def _answer(unit: Unit, asked: DirectorySearch) -> CapacityAnswer:
    # A district is no code: only one that the directory names is taken, so that nothing else can be written there.
    if asked.district is not None and asked.district not in unit.directory.districts():
        raise BadInput("district_unknown")
    fitting = unit.directory.search(replace(asked, places=_FREE), None, MAX_ANSWERS + 1)
    unknown = unit.directory.search(replace(asked, places=_UNKNOWN), None, MAX_ANSWERS + 1)
    return CapacityAnswer(
        fitting[:MAX_ANSWERS], unknown[:MAX_ANSWERS], len(fitting) > MAX_ANSWERS, len(unknown) > MAX_ANSWERS
    )
