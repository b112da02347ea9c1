"""Numbers and addresses of the net in a text: phones, documents, cards, mail, links. On the folded text, by shape.

Allowed are what a nameless text needs: ages, counts, sums of money, dates of events, times, numbers of laws and of
schools. Everything long enough to lead to somebody is marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from stdnum import luhn

from schemas.identifiers import is_snils
from schemas.nameless.marks import Kind, Mark

_FLAGS: Final = re.IGNORECASE
_TLD: Final = (
    r"(?:ru|su|com|org|net|info|me|io|online|site|pro|biz|dev|app|рф|рус|дети|moscow|москва|kz|by|ua|uz|tj|am|ge)"
)

# In this order: what is found first is not looked at again.
_SHAPES: Final[tuple[tuple[Kind, re.Pattern[str]], ...]] = tuple(
    (kind, re.compile(pattern, _FLAGS))
    for kind, pattern in (
        (Kind.EMAIL, r"(?<![\w.+\-])[\w.+\-]{1,64}\s?@\s?[\w\-]{1,63}(?:\s?\.\s?[\w\-]{1,63}){1,5}"),
        (Kind.EMAIL, r"(?<![\w.+\-])[\w.+\-]{1,64}\s{0,3}[(\[{]?\s{0,3}\b(?:собака|собачка|эт|at)\b\s{0,3}[)\]}]?\s{0,3}[\w\-]{1,63}\s{0,3}(?:\.|\bточка\b|\bdot\b)\s{0,3}" + _TLD + r"\b"),
        (Kind.EMAIL, r"(?<![\w.+\-])[a-z0-9][\w.+\-]{0,63}\s{1,3}(?:собака|собачка)\s{1,3}[a-z][\w\-]{0,63}"),
        (Kind.LINK, r"\b(?:https?|ftp|tg|viber|whatsapp)\s?:\s?/\s?/?[^\s,;)]*"),
        (Kind.LINK, r"\bwww\.[^\s,;)]+"),
        (Kind.LINK, r"\b(?:t|vk|wa|ok)\s?\.\s?(?:me|com|ru|cc)\s?/\s?[^\s,;)]+"),
        (Kind.LINK, r"(?<![\w@.\-])(?:[a-z0-9а-я][a-z0-9а-я\-]{0,62}\.){1,4}" + _TLD + r"\b(?:/[^\s,;)]*)?"),
        (Kind.HANDLE, r"(?<!\w)@[a-zа-я_][\w.]{2,}"),
        (Kind.HANDLE, r"\b(?:ник|никнейм|логин|id|айди|аккаунт\w*|профил\w+|телеграм\w*|telegram|тг|вк|вконтакте|vk|whatsapp|ватсап\w*|вотсап\w*|viber|вайбер\w*|instagram|инстаграм\w*|skype|скайп\w*|max)\s*[:\-—–]?\s*@?(?=[\w.]*[a-z_\d])[a-z\d][\w.]{3,}"),
        (Kind.IP_ADDRESS, r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.]*\d)"),
        (Kind.IP_ADDRESS, r"(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}:?[0-9a-f]{0,4}(?![\w:])"),
        (Kind.COORDINATES, r"-?\d{1,3}[.,]\d{4,}°?\s*[NСШ]?[.,;]?\s*[;, ]\s*-?\d{1,3}[.,]\d{4,}"),
        (Kind.COORDINATES, r"\d{1,3}\s?°\s?\d{1,2}\s?['′’](?:\s?\d{1,2}(?:[.,]\d+)?\s?[\"″”])?"),
        (Kind.CADASTRAL, r"\b\d{2}:\d{2}:\d{6,7}:\d{1,6}\b"),
        (Kind.BIRTH_CERTIFICATE, r"\b[IVXLCDMІХУПШ1]{1,6}\s?[\-–—‑ ]\s?[А-ЯA-Z]{2}\s*(?:№|N|No\.?|номер)?\s*\d[\d ]{4,7}\d\b"),
        (Kind.BIRTH_CERTIFICATE, r"\b(?:свидетельств\w*|св-в\w*|серия)\s+(?:о\s+рождении\s+)?(?:серии?\s+)?[IVXLCDMІХУПШ]{1,6}\s?[\-–—‑]\s?[А-ЯA-Z]{2}\b"),
        (Kind.SNILS, r"(?<!\d)\d{3}[\- ]\d{3}[\- ]\d{3}[\- ]?\d{2}(?!\d)"),
        (Kind.SNILS, r"\bснилс\w*\s{0,3}[:№]?\s{0,3}\d[\d \-]{6,20}"),
        (Kind.PASSPORT, r"\b(?:паспорт\w*|серия)\b[^.\n]{0,25}?(?<!\d)\d{2}\s?\d{2}(?:\s*(?:№|N|номер)?\s*\d{6})?(?!\d)"),
        (Kind.PASSPORT, r"(?<!\d)\d{2}\s?\d{2}\s*(?:№|N|номер)\s*\d{6}(?!\d)"),
        (Kind.PASSPORT, r"(?<![\d.,])\d{2} ?\d{2} \d{6}(?![\d])"),
        (Kind.PLATE, r"(?<!\w)[АВЕКМНОРСТУХABEKMHOPCTYX]\s?\d{3}\s?[АВЕКМНОРСТУХABEKMHOPCTYX]{2}\s?(?:\d{2,3}(?!\d)(?:\s?rus)?|(?!\w))"),
        (Kind.CASE_NUMBER, r"\b(?:\d{2}[А-ЯA-Z]{2}\d{4}-\d{2}-\d{4}-\d{6}-\d{2})\b"),
        (Kind.CASE_NUMBER, r"(?<![\w/])[А-ЯA-Z]?\d{1,3}[а-яa-z]?-\d{1,6}/(?:\d{4}|\d{2})(?![\d/])"),
        (Kind.CASE_NUMBER, r"\b(?:дел[оауе]|материал\w*|производств\w*|иск\w*|лицев\w+ сч[её]т\w*|счет\w*|договор\w*|полис\w*|омс|карт\w+|справк\w+|постановлени\w+|решени\w+|приказ\w*|распоряжени\w+|удостоверени\w+|протокол\w*|заявлени\w+|обращени\w+|акт\w*|рег\w*|вх\w*|исх\w*|инн|огрн|кпп)\.?\s*(?:от\s+[\d.]+\s*)?(?:№|N|No|номер\w*|:|серии?)\s*[а-яa-z]{0,3}[\-/]?\d[\w/\-]*"),
    )
)  # fmt: skip
_BORN: Final = re.compile(
    r"\b(?:род(?:ил(?:ся|ась|ось|ись)|ивш\w+|\.)|рожд(?:ен\w*|\.)|дата\s+рождения|день\s+рождения|д\.\s?р\.?)",
    _FLAGS,
)
_BORN_AFTER: Final = re.compile(r"\s*(?:г\.?\s?р\b|г(?:\.|ода?)?\s*рожд)", _FLAGS)
_MONTH: Final = r"(?:январ|феврал|март|апрел|ма[яй]|июн|июл|август|сентябр|октябр|ноябр|декабр)[а-я]*"
_DAY: Final = r"(?:0?[1-9]|[12]\d|3[01])"
_DATE: Final = re.compile(
    rf"(?<![\d.])(?:{_DAY}[./](?:0?[1-9]|1[0-2])[./](?:\d{{4}}|\d{{2}})|{_DAY}-(?:0?[1-9]|1[0-2])-(?:19|20)\d{{2}}|(?:19|20)\d{{2}}-\d{{2}}-\d{{2}}"
    rf"|{_DAY}\s+{_MONTH}(?:\s+\d{{4}})?|{_DAY}\.(?:0[1-9]|1[0-2])(?![\d.]))(?!\d)",
    _FLAGS,
)
_BORN_REACH: Final = 40
_TIME: Final = re.compile(
    r"(?<!\d)(?:[01]?\d|2[0-3])[:.\-][0-5]\d(?!\d)(?:\s?[\-–—]\s?(?:[01]?\d|2[0-3])[:.\-][0-5]\d(?!\d))?"
)
_YEARS: Final = re.compile(r"(?<!\d)(?:19|20)\d{2}(?:\s?[\-–—/]\s?(?:(?:19|20)\d{2}|\d{2}))?(?!\d)")
_LAW: Final = re.compile(
    r"№?\s?\d{1,4}\s?-\s?(?:фз|фкз|п|пп|р|з|оз|кз|рз|рп|ук)\b|\b(?:фз|фкз)\s?-?\s?№?\s?\d{1,4}\b|\b(?:ст|п|пп|ч|гл)\.\s?\d+(?:[.\-]\d+)*",
    _FLAGS,
)
_SUM: Final = r"(?:\d{1,3}(?:[ .]\d{3}){1,3}|\d{1,7})(?:,\d{1,2})?"
_MONEY: Final = re.compile(
    rf"(?<![\d.,+\-])(?<!\d\s){_SUM}(?:\s*[\-–—]\s*{_SUM})?\s?(?:тыс\.?\w*|млн\.?|миллион\w*|руб\w*\.?|р\.|₽|%|процент\w*|кв\.?\s?м|м²|м2|км|кг|грамм\w*|гр?\.|мг|мл|см|ккал|человек|семей|дет\w+)",
    _FLAGS,
)
_LIST: Final = re.compile(
    r"(?<!\d)\d{1,3}(?:\s*(?:,|;|и|или|–|—|-|/|\+)\s*\d{1,2}(?!\d))+(?=\s*(?:лет|год|мес|нед|дн|класс|час|раз|мин|ч\b|м\b|[.,;)]?\s*$))",
    _FLAGS,
)
_RUN: Final = re.compile(r"\+?\(?\d(?:[\s ().,/\-–—‑_*·:]{0,3}\d)*")
_SHORT_PHONE: Final = re.compile(r"(?<![\d.,/\-])\d{1,3}\s?[\-–—‑ ]\s?\d{2}\s?[\-–—‑ ]\s?\d{2}(?![\d./\-])")
_PHONE_WORD: Final = re.compile(
    r"\b(?:тел(?:ефон\w*|\.|\b)|звон\w*|позвон\w*|перезвон\w*|сот(?:овый|\.)|моб(?:ильн\w*|\.)|номер\w*|факс\w*|доб(?:авочн\w*|\.))\s*(?:по\s+(?:номеру|телефону)\s*)?[:№\-—]?\s*$",
    _FLAGS,
)
_NUMBERED: Final = re.compile(r"(?:№|\bномер\w*|\bN[oо]?\.?)\s?[а-яa-z]{0,3}-?\d[\d/\-]*", _FLAGS)
_HOUSE_OF: Final = re.compile(
    r"\b(?:школ\w+|сад\w*|детсад\w*|роддом\w*|дом\w*|больниц\w+|поликлиник\w+|центр\w*|интернат\w*|лице\w+|гимнази\w+|колледж\w*|"
    r"отделени\w+|участ\w+|приложени\w+|форм\w+|пункт\w*|закон\w*|фз|статт?ь\w+|шаг\w*|этап\w*|вопрос\w*|кабинет\w*|корпус\w*|"
    r"диспансер\w*|консультаци\w+|училищ\w+|санатори\w+|маршрут\w*|автобус\w*|группа|группы|класс\w*|мбоу|мадоу|гбоу|мкоу|мдоу|"
    r"гкб|гб|црб|сош|доу|кдн|дгп|жк|рд|филиал\w*|комисси\w+)\s*$",
    _FLAGS,
)
_SHORT_NUMBER: Final = 2
_ORDINARY_DIGITS: Final = 5
_PHONE_DIGITS: Final = range(10, 13)
_LONG: Final = range(10, 10_000)
_SNILS_DIGITS: Final = 11
_CARD_DIGITS: Final = range(16, 20)
_WORDS_OF_DIGITS: Final = re.compile(
    r"\b(?:плюс|ноль|нуль|оди[нa]|одна|одного|дв[аеу]\w{0,2}|три|трех|четыре\w*|пять\w*|шесть\w*|семь\w*|восемь\w*|девят\w+|десять|\w+надцать|"
    r"двадцать|тридцать|сорок|пятьдесят|шестьдесят|семьдесят|восемьдесят|девяносто|сто|двести|триста|четыреста|\w+сот)\b",
    _FLAGS,
)
_BIG: Final = re.compile(r"\b(?:тысяч\w*|миллион\w*|лет|года?|рубл\w*)\b", _FLAGS)
_BETWEEN: Final = re.compile(r"[\s,.()\-–—+]{1,4}")
_WORDS_OF_A_PHONE: Final = 6
_DIGITS_OF_A_PHONE: Final = 7


def find_numbers(text: str) -> list[Mark]:
    """Marks over the folded text, not yet merged."""
    marks: list[Mark] = []
    open_text = text
    for kind, shape in _SHAPES:
        marks += [Mark(*match.span(), kind) for match in shape.finditer(open_text)]
        if marks:
            open_text = _blank(open_text, marks)
    births = list(_births(open_text))
    marks += births
    open_text = _blank(open_text, births)
    for allowed in (_DATE, _LAW, _MONEY):
        open_text = allowed.sub(_hollow, open_text)
    long = [mark for mark in _runs(open_text) if sum(map(str.isdigit, text[mark.start : mark.end])) in _LONG]
    open_text = _blank(open_text, long)
    short = [
        Mark(*match.span(), Kind.PHONE)
        for match in _SHORT_PHONE.finditer(open_text)
        if _is_short_phone(open_text, match)
    ]
    open_text = _blank(open_text, short)
    for allowed in (_LIST, _TIME, _YEARS):
        open_text = allowed.sub(_hollow, open_text)
    rest = list(_runs(open_text))
    rest += _numbered(_blank(open_text, rest))
    return [*marks, *long, *short, *rest, *_in_words(text)]


def _blank(text: str, marks: list[Mark]) -> str:
    for mark in marks:
        text = text[: mark.start] + " " * (mark.end - mark.start) + text[mark.end :]
    return text


def _hollow(match: re.Match[str]) -> str:
    """Of the same length, without digits: a number in front and one behind do not come together by that."""
    return re.sub(r"\d", "x", match[0])


def _births(text: str) -> Iterator[Mark]:
    """A date beside the word of birth."""
    for date in _DATE.finditer(text):
        before = text[max(0, date.start() - _BORN_REACH) : date.start()]
        sentence = re.split(r"[.!?;\n](?=\s+[А-Я])", before)[-1]
        if _BORN.search(sentence) or _BORN_AFTER.match(text, date.end()):
            yield Mark(date.start(), date.end(), Kind.BIRTH_DATE)


def _is_short_phone(text: str, match: re.Match[str]) -> bool:
    """«2-34-56», «123 45 67»; not a date, nor a list of ages in a row."""
    if "-" in match[0] or "–" in match[0] or "—" in match[0]:
        return True
    return len(re.sub(r"\D", "", match[0])) >= _DIGITS_OF_A_PHONE or bool(_PHONE_WORD.search(text[: match.start()]))


def _runs(text: str) -> Iterator[Mark]:
    for run in _RUN.finditer(text):
        digits = re.sub(r"\D", "", run[0])
        called = _PHONE_WORD.search(text[max(0, run.start() - 40) : run.start()]) is not None
        parts = re.split(r"\D+", run[0].strip("+( "))
        listed = re.search(r"[,;]\s", run[0]) and all(len(part) <= _ORDINARY_DIGITS - 1 for part in parts)
        if listed and not called and len(digits) < _DIGITS_OF_A_PHONE + 4 and "(" not in run[0] and "+" not in run[0]:
            continue
        if len(digits) > _ORDINARY_DIGITS or (called and len(digits) > _SHORT_NUMBER + 1):
            yield Mark(run.start(), run.end(), _kind_of(digits, called=called, written=run[0]))


def _kind_of(digits: str, *, called: bool, written: str) -> Kind:
    if len(digits) in _CARD_DIGITS and luhn.is_valid(digits):
        return Kind.CARD
    if len(digits) == _SNILS_DIGITS and written.isdigit() and written[0] != "8" and is_snils(digits):
        return Kind.SNILS
    if len(digits) in _CARD_DIGITS:
        return Kind.DOCUMENT
    if (
        called
        or (written.startswith(("+", "8", "7", "(")) and len(digits) in _PHONE_DIGITS)
        or re.search(r"[-(]", written)
    ):
        return Kind.PHONE
    return Kind.PHONE if len(digits) in range(_DIGITS_OF_A_PHONE, 13) else Kind.NUMBER


def _numbered(text: str) -> Iterator[Mark]:
    """«№ 345»: of a school it says nothing, of a paper it leads to somebody."""
    for match in _NUMBERED.finditer(text):
        if _HOUSE_OF.search(text[max(0, match.start() - 40) : match.start()]):
            continue
        if len(re.sub(r"\D", "", match[0])) > _SHORT_NUMBER:
            yield Mark(match.start(), match.end(), Kind.DOCUMENT)


def _in_words(text: str) -> Iterator[Mark]:
    """A phone in words, or partly: «восемь девятьсот шестнадцать 123 сорок пять…»."""
    pieces = sorted(
        [(m.start(), m.end(), 0) for m in _WORDS_OF_DIGITS.finditer(text)]
        + [(m.start(), m.end(), len(m[0])) for m in re.finditer(r"\d+", text)]
    )
    row: list[tuple[int, int, int]] = []
    for piece in [*pieces, (len(text) + 9, len(text) + 9, 0)]:
        if row and not _BETWEEN.fullmatch(text[row[-1][1] : piece[0]]):
            words = sum(1 for _, _, digits in row if not digits)
            digits = sum(count for _, _, count in row)
            after = _BIG.match(text[row[-1][1] :].lstrip()[:12])
            if words and (words >= _WORDS_OF_A_PHONE or words + digits >= _DIGITS_OF_A_PHONE) and not after:
                yield Mark(row[0][0], row[-1][1], Kind.PHONE)
            row = []
        row.append(piece)
