"""Addresses on streets that exist nowhere, in districts that do."""

from __future__ import annotations

import functools
import random
from collections.abc import Mapping

from gateway.demo.names import read_data
from schemas.sections import Address


@functools.cache
def okrugs() -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """Okrugs of Moscow by short name: full name and some districts."""
    return {short: (full, tuple(districts)) for short, (full, districts) in read_data("places.yaml")["okrugs"].items()}


def address(okrug: str, rng: random.Random) -> Address:
    """A synthetic home."""
    district = rng.choice(okrugs()[okrug][1])
    street = rng.choice(read_streets())
    house, flat = rng.randint(1, 99), rng.randint(1, 180)
    return _address(okrug, district, f"{street}, д. {house}, кв. {flat}")


def shelter(okrug: str, rng: random.Random) -> Address:
    """A synthetic crisis unit whose address is protected."""
    place = rng.choice(read_data("places.yaml")["shelters"])
    return _address(okrug, rng.choice(okrugs()[okrug][1]), f"{place}, д. {rng.randint(1, 9)}")


@functools.cache
def read_streets() -> tuple[str, ...]:
    """Streets that no town has."""
    return tuple(read_data("places.yaml")["streets"])


def _address(okrug: str, district: str, place: str) -> Address:
    text = f"г. Москва, {okrug}, {district}, {place} (синтетический адрес)"
    return Address(text=text, municipality=f"{district}, {okrug}, г. Москва")
