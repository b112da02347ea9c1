"""Names of people in a text, whatever their case, gender and spelling.

Each word is weighed by its readings and by where it stands: a capital letter says something inside a sentence and nothing
at its start. A word that is hardly anything but a name is marked alone; one that may be a name is marked beside another.
Towns, regions, and organisations in quotes are let through.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Final

from schemas.nameless.beside import joined, mark_pairs, spread_marks
from schemas.nameless.initials import find_initials, find_latin
from schemas.nameless.marks import Mark
from schemas.nameless.places import let_through
from schemas.nameless.tokens import Token, tokens_of
from schemas.nameless.words import ENOUGH, SURNAME, look, morphology

_CALLED: Final = re.compile(r"(?:по\s+имени|зовут|звать|фамили[яюеи]|имя)\s*[:—–-]?\s*$")
_STATE_BODY: Final = re.compile(
    r"(?:рос|гос|мин|соц|мос|обл|рай|гор|лен|пром|тер|петро)[а-я]*(?:надзор|фонд|труд|защит|соц|здрав|обр|прос|гварди|мониторинг|реестр|стат|молодеж|имуществ|архив|финанс|юст|кадастр|комсвобод|услуг|опек|зан)[а-я]*"
)
_ENDS: Final = re.compile(r"\s{0,3}(?:[.!?;\n]|$)")
_FAITH: Final = {
    "вера": ("в", "во"),
    "надежда": ("на",),
    "любовь": ("к", "ко", "между", "матери", "родителей", "детей"),
}
_DATIVE_OR_ACCUSATIVE: Final = {"в": "accs", "во": "accs", "на": "accs", "к": "datv", "ко": "datv"}
_SHORT: Final = 4
_ABBREVIATION: Final = 5
_SURE: Final = 0.95
_LIKELY: Final = 0.25
_LEAST: Final = 2


def find_names(text: str) -> list[Mark]:
    """Marks over the folded text, not yet merged."""
    tokens = tokens_of(text)
    let_through(text, tokens)
    for at, token in enumerate(tokens):
        token.marked = token.patronymic or (not _is_let_through(tokens, at) and _is_name(text, tokens, at))
    mark_pairs(text, tokens)
    spread_marks(text, tokens)
    return [*find_initials(text, tokens), *find_latin(text), *joined(text, tokens)]


def _is_let_through(tokens: Sequence[Token], at: int) -> bool:
    token = tokens[at]
    if token.quoted or token.place or token.is_in("ordinary") or len(token.word) == 1:
        return True
    if token.upper and token.is_in("organisation"):
        return True
    return at > 0 and tokens[at - 1].is_in("eponym") and not token.name  # the syndrome of somebody


def _is_name(text: str, tokens: Sequence[Token], at: int) -> bool:
    token, found = tokens[at], tokens[at].found
    by_surname = token.surname and (found.surname > 0 or not found.known)
    if (token.name or by_surname) and _is_called(text, tokens, at):
        return True
    sure = any(k.is_only_a_name and len(part) > _LEAST for part, k in zip(token.parts, token.looks, strict=True))
    if token.upper and not token.name and _is_abbreviation(token, sure=sure):
        return False
    if sure:
        return True
    if token.capital:
        return _is_name_inside(text, tokens, at)
    return token.titled and _is_name_at_start(text, tokens, at)


def _is_abbreviation(token: Token, *, sure: bool) -> bool:
    """In capitals: it may read like a short name."""
    if sure:
        return len(token.word) <= _SHORT
    return token.is_in("organisation") or (len(token.word) <= _ABBREVIATION and not token.found.surname)


def _is_called(text: str, tokens: Sequence[Token], at: int) -> bool:
    """After «мальчик», «зовут»: the word names who that is, if it agrees."""
    token = tokens[at]
    if _CALLED.search(text[max(0, token.start - 12) : token.start].lower()):
        return True
    if not at or not tokens[at - 1].is_in("person"):
        return False
    if not text[tokens[at - 1].end : token.start].isspace():
        return False
    if token.titled:
        return True
    cases = look(tokens[at - 1].word).cases & token.found.name_cases
    return bool(cases - {"accs"}) and token.found.common < _SURE and not _continues(tokens, at)


def _continues(tokens: Sequence[Token], at: int) -> bool:
    """«мать, вера в себя», «ребенку любовь матери»: a common noun has its own words behind it."""
    after = _FAITH.get(tokens[at].word, ())
    return at + 1 < len(tokens) and tokens[at + 1].word in after


def _is_name_inside(text: str, tokens: Sequence[Token], at: int) -> bool:
    """A capital letter inside a sentence."""
    token, found = tokens[at], tokens[at].found
    if token.name or found.surname > 0:
        return True
    if _STATE_BODY.fullmatch(token.word):
        return False
    if not found.known:  # in doubt a name
        return not _is_made_of_words(token)
    if SURNAME.fullmatch(token.word) and not found.adjective:
        return True
    if found.adjective and token.adjectival:
        return not _has_its_noun(text, tokens, at)
    return found.animate and found.noun


def _is_made_of_words(token: Token) -> bool:
    """«Социально-реабилитационный»."""
    return len(token.parts) > 1 and all(k.known and not k.is_name and not k.surname for k in token.looks)


def _has_its_noun(text: str, tokens: Sequence[Token], at: int) -> bool:
    """«Кризисный центр», «Детской городской больнице»: an adjective before the noun it belongs to."""
    for place in range(at + 1, min(at + 4, len(tokens))):
        gap = text[tokens[place - 1].end : tokens[place].start]
        if gap.strip() or len(tokens[place].word) <= _LEAST:
            return False
        found = look(tokens[place].word)
        if found.noun and _one_phrase(tokens[at].word, tokens[place].word):
            return True
        if not found.adjective:
            return tokens[place].upper and len(tokens[place].word) > 1
    return False


def _is_name_at_start(text: str, tokens: Sequence[Token], at: int) -> bool:
    """The first word of a sentence: its capital letter says nothing, the words behind it may."""
    token, found = tokens[at], tokens[at].found
    if token.is_in("month"):
        return False
    if token.name and found.name >= _LIKELY:
        return not _is_common_phrase(tokens, at)
    shaped = SURNAME.fullmatch(token.word) is not None
    if found.surname > 0:
        return found.surname >= (ENOUGH if shaped else _LIKELY)
    if not found.known:
        return shaped and not all(known.known for known in token.looks)
    return not token.is_in("noun_like") and _acts(text, tokens, at, shaped=shaped)


def _acts(text: str, tokens: Sequence[Token], at: int, *, shaped: bool) -> bool:
    """An ordinary word that stands where only a name does: alone in its sentence, or before a verb that it does not fit."""
    token, found = tokens[at], tokens[at].found
    if token.opens and _ENDS.match(text, token.end):
        return shaped or token.adjectival or (found.animate and found.noun and not token.is_in("person"))
    behind = [t for t in tokens[at + 1 : at + 3] if t.word != "не"][:1]
    if not behind or not text[token.end : tokens[at + 1].start].isspace():
        return False
    verb = look(behind[0].word)
    if found.plural_genitive_only and shaped:  # «Барсуков пришёл»
        return verb.masculine_past
    return found.adjective and token.adjectival and verb.singular_verb  # «Лесная обратилась»


@functools.lru_cache(maxsize=10_000)
def _one_phrase(adjective: str, noun: str) -> bool:
    """Whether the two agree in number, gender and case."""
    parse = morphology().parse
    forms = {
        (p.tag.case, p.tag.number, p.tag.number == "plur" or p.tag.gender)
        for p in parse(adjective)
        if p.tag.POS in {"ADJF", "PRTF"}
    }
    return any(
        (p.tag.case, p.tag.number, p.tag.number == "plur" or p.tag.gender) in forms
        for p in parse(noun)
        if p.tag.POS == "NOUN"
    )


def _is_common_phrase(tokens: Sequence[Token], at: int) -> bool:
    """«Вера в себя», «Надежда на помощь», «Любовь к детям» at the start of a sentence."""
    token = tokens[at]
    if at + 1 >= len(tokens) or token.word not in _FAITH or tokens[at + 1].word not in _FAITH[token.word]:
        return False
    wanted = _DATIVE_OR_ACCUSATIVE.get(tokens[at + 1].word)
    return wanted is None or at + 2 >= len(tokens) or wanted in look(tokens[at + 2].word).cases
