"""Russian names with agreement in gender: of Slavic, Volga, Caucasian, Siberian and foreign origin."""

from __future__ import annotations

import functools
import random
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

import yaml

MALE: Final = "M"
FEMALE: Final = "F"


@dataclass(frozen=True, slots=True)
class Surname:
    """Both forms of one surname; the same where it does not decline by gender."""

    male: str
    female: str

    def of(self, sex: str) -> str:
        """The form for a person of this sex."""
        return self.male if sex == MALE else self.female


@dataclass(frozen=True, slots=True)
class FullName:
    """A name as people write it: surname, given name, patronymic where there is one."""

    surname: Surname
    sex: str
    given: str
    patronymic: str | None

    @property
    def text(self) -> str:
        """«Лесная Дарья Ильинична»."""
        return " ".join(filter(None, (self.surname.of(self.sex), self.given, self.patronymic)))

    @property
    def service_text(self) -> str:
        """«Лесная Д. И.»: how staff sign."""
        initials = " ".join(f"{part[0]}." for part in (self.given, self.patronymic) if part)
        return f"{self.surname.of(self.sex)} {initials}"


@dataclass(frozen=True, slots=True)
class NameGroup:
    """Names that go together in one family."""

    male: Mapping[str, tuple[str, str]]
    female: tuple[str, ...]
    surnames: tuple[Surname, ...]
    share: int

    def given(self, sex: str, rng: random.Random) -> str:
        """A given name."""
        return rng.choice(tuple(self.male) if sex == MALE else self.female)

    def patronymic(self, father: str, sex: str) -> str:
        """The patronymic that a father of this given name gives."""
        return self.male[father][0 if sex == MALE else 1]

    def full(self, surname: Surname, sex: str, father: str | None, rng: random.Random) -> FullName:
        """A name with a patronymic from `father`, or without one."""
        return FullName(surname, sex, self.given(sex, rng), self.patronymic(father, sex) if father else None)


@functools.cache
def name_groups() -> Mapping[str, NameGroup]:
    """All groups of `data/names.yaml`."""
    return {
        name: NameGroup(
            male={given: (pair[0], pair[1]) for given, pair in group["male"].items()},
            female=tuple(group["female"]),
            surnames=tuple(Surname(*pair) for pair in group["surnames"]),
            share=group["share"],
        )
        for name, group in read_data("names.yaml").items()
    }


@functools.cache
def read_data(name: str) -> dict[str, Any]:
    """A YAML file of the demo's data."""
    text = resources.files("gateway.demo").joinpath("data", name).read_text("utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    return data
