"""What a Russian word may be: the morphological dictionary (pymorphy3 over OpenCorpora), a list of names, and endings.

The dictionary knows ordinary words and common names with their cases; the list adds names of the peoples of Russia and its
neighbours; endings recognise surnames and patronymics that no list has.
"""

from __future__ import annotations

import csv
import functools
import re
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

import pymorphy3

ENOUGH: Final = 0.1
"""A reading below this share of a word's uses does not count."""
_VOWEL: Final = "аеиоуыэюя"

PATRONYMIC: Final = re.compile(
    r"[а-я]{2,}(?:(?:ов|ев|ьев|иев)ич(?:а|у|ем|е|и|ей)?|(?:ов|ев|ьев|иев)н(?:а|ы|е|у|ой|ою)|(?:ин)?ичн(?:а|ы|е|у|ой|ою))"
)
_EASTERN: Final = frozenset(["оглы", "оглу", "кызы", "кизи", "гызы", "угли", "уулу", "улы", "кыз", "заде"])
SURNAME: Final = re.compile(
    r"[а-я]{2,}(?:"
    r"(?:ов|ев|ин|ын)(?:а|у|ым|е|ой|ою|ы|ых|ыми)?"
    r"|[сц]к(?:ий|ого|ому|им|ом|ая|ой|ую|ою|ие|их|ими)"
    r"|(?:енк|ейк)о|(?:ч|щ|нь|л|м|п|р|т|с)ук(?:а|у|ом|е)?|юк(?:а|у|ом|е)?"
    r"|(?:ян|янц|унц|енц)(?:а|у|ем|ом|е)?|дзе|швили|(?:ани|ели|уа|ия|ава)"
    r"|(?:ов|ев)ич(?:а|у|ем|е)?|(?:аго|ово)|заде|(?:ат|ут)дин(?:ов)?"
    r")"
)
_ADJECTIVE_SURNAME: Final = re.compile(r"[а-я]{2,}(?:ой|ый|ий|ого|его|ому|ему|ым|им|ом|ем|ая|яя|ую|юю|ых|их)")


@dataclass(frozen=True, slots=True)
class Look:
    """The readings of one word. Shares are of 1; a word that is in no dictionary and no list is not `known`."""

    known: bool
    name: float = 0.0
    surname: float = 0.0
    patronymic: bool = False
    place: bool = False
    common: float = 0.0
    animate: bool = False
    adjective: bool = False
    noun: bool = False
    masculine_past: bool = False
    singular_verb: bool = False
    plural_genitive_only: bool = False
    cases: frozenset[str] = frozenset()
    name_cases: frozenset[str] = frozenset()

    @property
    def is_name(self) -> bool:
        """Whether it may be a given name at all."""
        return self.name > 0

    @property
    def is_only_a_name(self) -> bool:
        """Whether it is hardly anything else."""
        return self.name + self.surname > 0 and self.common < ENOUGH


_UNKNOWN: Final = Look(known=False)


@functools.cache
def morphology() -> Any:  # noqa: ANN401  the library has no types
    """The dictionary, loaded once: some 40 MB and a tenth of a second."""
    return pymorphy3.MorphAnalyzer()


@functools.cache
def listed_names() -> frozenset[str]:
    """All cases of the names of `data/given_names.csv`, folded and in lower case."""
    table = resources.files("schemas").joinpath("data", "given_names.csv").read_text("utf-8")
    return frozenset(
        form
        for row in csv.DictReader(table.splitlines())
        for name in row["names"].lower().replace("ё", "е").split()
        for form in _cases(name, masculine=row["sex"] == "M")
    )


def _cases(name: str, *, masculine: bool) -> list[str]:
    """The forms of a regular name. What rules do not decline (Айгуль, Зорикто) stays, and is declined besides."""
    stem, last = name[:-1], name[-1]
    if last == "а":
        genitive = "и" if stem[-1:] in "гкхжчшщ" else "ы"
        return [name, stem + genitive, stem + "е", stem + "у", stem + "ой", stem + "ей"]
    if last == "я":
        return [name, stem + "и", stem + "е", stem + "ю", stem + "ей", stem + "ёй".replace("ё", "е")]
    if last == "й":
        return [name, stem + "я", stem + "ю", stem + "ем", stem + "е", stem + "и"]
    if last == "ь":
        return [name, stem + "я", stem + "ю", stem + "ем", stem + "е", stem + "и", stem + "ью"]
    if masculine and last not in _VOWEL:
        return [name, name + "а", name + "у", name + "ом", name + "ем", name + "е"]
    return [name]


def look(word: str) -> Look:
    """The readings of a folded word in lower case."""
    found = _in_dictionary(word)
    if word in listed_names() and not found.is_name:
        # The list may name what the dictionary knows as a word only: then both may be meant.
        return Look(
            known=True, name=0.05 if found.common else 0.9, surname=found.surname, place=found.place, common=found.common, noun=found.noun,
            animate=found.animate, adjective=found.adjective, cases=found.cases, name_cases=found.cases,
        )  # fmt: skip
    return found


_seen: dict[str, Look] = {}
_MOST_SEEN: Final = 50_000


def _in_dictionary(word: str) -> Look:
    """Kept are words of the public dictionary only: what is not in it, as rare surnames are not, is looked up anew."""
    found = _seen.get(word)
    if found is None:
        if not morphology().word_is_known(word):
            return _UNKNOWN
        if len(_seen) >= _MOST_SEEN:
            _seen.clear()
        found = _seen[word] = _read(word)
    return found


def _read(word: str) -> Look:
    name = surname = common = 0.0
    patronymic = place = animate = adjective = noun = past = verb = False
    cases: set[str] = set()
    name_cases: set[str] = set()
    plural = single = False
    for parse in morphology().parse(word):
        tag, share = parse.tag, parse.score
        grammemes = tag.grammemes
        if "Patr" in grammemes:
            patronymic = True
        elif "Name" in grammemes:
            name += share
            name_cases.add(tag.case)
        elif "Surn" in grammemes:
            surname += share
            name_cases.add(tag.case)
        elif "Geox" in grammemes:
            place = True
        elif "Poss" in grammemes and "ADJF" in grammemes:  # «Иванова» as «of Ivan»: hardly in use
            continue
        else:
            common += share
            cases.add(tag.case or "")
            animate = animate or "anim" in grammemes
            adjective = adjective or tag.POS in {"ADJF", "PRTF"}
            noun = noun or tag.POS == "NOUN"
            past = past or {"VERB", "masc", "past"} <= grammemes
            verb = verb or {"VERB", "sing", "indc"} <= grammemes
            if {"gent", "plur"} <= grammemes or {"accs", "plur"} <= grammemes or tag.POS == "ADJS":
                plural = True
            else:
                single = True
    return Look(
        known=True,
        name=name,
        surname=surname,
        patronymic=patronymic,
        place=place,
        common=common,
        animate=animate,
        adjective=adjective,
        noun=noun,
        masculine_past=past,
        singular_verb=verb,
        plural_genitive_only=plural and not single,
        cases=frozenset(cases),
        name_cases=frozenset(name_cases),
    )


def is_patronymic(word: str, found: Look) -> bool:
    """«Ивановне», «Бэлигтоевич», «оглы»."""
    if found.patronymic or word in _EASTERN:
        return True
    return not found.known and PATRONYMIC.fullmatch(word) is not None


def looks_like_surname(word: str, found: Look) -> bool:
    """By the dictionary or by its ending. Double surnames are looked at by their parts."""
    return found.surname > 0 or SURNAME.fullmatch(word) is not None


def may_be_adjective_surname(word: str, found: Look) -> bool:
    """«Лесная», «Седых»: an adjective by form."""
    return (found.adjective or not found.known) and _ADJECTIVE_SURNAME.fullmatch(word) is not None
