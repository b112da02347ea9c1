"""What the steps of the story hand on to each other."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.demo.client import PartnerSystem
from gateway.demo.seed import Seeded
from gateway.demo.stage import Stage
from gateway.settings import Settings
from gateway.use_cases.house import House

SYSTEMS = {
    "centre": "centre-01",
    "ngo": "ngo-deti-nashi",
    "guardianship": "guardianship-vao",
    "school": "school-01",
    "stranger": "kdn-zao",
}
"""Whose systems take part: by their part in the story, the key of the organisation."""


@dataclass(slots=True)
class Play:
    """What the steps hand on to each other."""

    settings: Settings
    stage: Stage
    house: House
    seeded: Seeded
    systems: dict[str, PartnerSystem] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)

    def name(self, part: str) -> str:
        """The name of an organisation by its part in the story."""
        return self.seeded.organisations[SYSTEMS[part]].name

    def ogrn(self, part: str) -> str:
        """Its OGRN."""
        return self.seeded.organisations[SYSTEMS[part]].ogrn
