"""Participants of the demo: invented ones, and the centres of the city programme under their real names.

All registration numbers are synthetic (`identity_numbers`), also those of the real centres.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Final

from gateway.demo.fixtures import OrganisationFixture
from gateway.demo.identity_numbers import synthetic_inn, synthetic_ogrn

PRACTICE_OF_CENTRES: Final = "moscow"


@functools.cache
def organisations() -> tuple[OrganisationFixture, ...]:
    """The invented organisations, then the centres in the order of their table. Keys never change."""
    found: list[OrganisationFixture] = []
    for row in _rows("gateway.demo", "organisations.csv"):
        found.append(
            _fixture(len(found), row["key"], row, row["practice"], tuple(filter(None, row["registers"].split("|"))))
        )
    for number, row in enumerate(_rows("schemas", "organisations_moscow.csv"), start=1):
        found.append(_fixture(len(found), f"centre-{number:02d}", row, PRACTICE_OF_CENTRES, (), real_name=True))
    return tuple(found)


def by_key() -> Mapping[str, OrganisationFixture]:
    """The same by key."""
    return {organisation.key: organisation for organisation in organisations()}


def holders_of(practice: str, among: Sequence[OrganisationFixture]) -> tuple[OrganisationFixture, ...]:
    """Those of `among` that work by a practice and so hold cases."""
    return tuple(organisation for organisation in among if organisation.practice == practice)


def _fixture(
    serial: int, key: str, row: Mapping[str, str], practice: str, registers: tuple[str, ...], *, real_name: bool = False
) -> OrganisationFixture:
    return OrganisationFixture(
        key=key,
        kind=row["kind"],
        name=row["name"],
        district=row["district"] or None,
        practice=practice or None,
        registers=registers,
        ogrn=synthetic_ogrn(serial + 1),
        inn=synthetic_inn(serial + 1),
        real_name=real_name,
    )


def _rows(package: str, name: str) -> list[dict[str, str]]:
    text = resources.files(package).joinpath("data", name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
