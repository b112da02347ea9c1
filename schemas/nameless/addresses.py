"""Streets, houses and flats in a text. A region, a district or a town is territory and is allowed; a street is not."""

from __future__ import annotations

import re
from typing import Final

from schemas.nameless.marks import Kind, Mark

_STREET: Final = (
    r"(?:ул\.|улиц(?:а|ы|е|у|ей)|ул(?=\s+[А-ЯЁ])|пр-(?:к)?т(?:а|е|у|ом)?|просп\.|проспект(?:а|е|у|ом)?|пр\.(?=\s*[А-ЯЁ\d])|пер\.|переул(?:ок|ка|ке|ку|ком)|"
    r"б-р|бул\.|бульвар(?:а|е|у|ом)?|шоссе|ш\.(?=\s*[А-ЯЁ])|наб\.|набережн(?:ая|ой|ую)|пр-д|проезд(?:а|е|у|ом)?|туп\.|тупик(?:а|е|у|ом)?|алле(?:я|и|ю|ей)|"
    r"пл\.(?=\s*[А-ЯЁ])|площад(?:ь|и|ью)|линия|линии|мкр\.?|микрорайон(?:а|е|у|ом)?)"
)
_WORD: Final = r"[А-ЯЁ\d][\w.\-]*"
_HOUSE: Final = r"(?:\s*,?\s*(?:д(?:ом)?\.?\s*)?\d+[а-яА-Я]?(?:[/\-]\d+[а-яА-Я]?)?)"
_PARTS: Final = r"(?:\s*,?\s*(?:д\.?|дом\w{0,2}|корп\w*\.?|к\.?|стр\w*\.?|кв\w*\.?|подъезд\w*|подъезд|этаж\w*|литер\w*|вл\w*\.?|ком\w*\.?|комнат\w*|офис|оф\.)\s*(?:№\s*)?\d+[а-яА-Я]?(?:[/\-]\d+)?)"
_NOT_A_HOUSE: Final = r"(?!\d)(?!\s*(?:-?х\b|-?го\b|кв\.?\s*м|м²|м2|метр|дет|реб[её]н|год|лет|этаж|комнат|человек|сем[ье]|раз|час|недел|дн|мес|%|руб|тыс))"
_NAMED: Final = r"(?!(?:минус|плюс|мороз\w*|жар\w+|холод\w*|около|более|больше|уже|с|в|на|за|до|под|и|а|но|нет|без|был\w*|сейчас|ночу\w+|жив\w+|примерно|для|из|от|по)\b)"
_SHAPES: Final = (
    # Which street: a name behind it, with the house if there is one.
    re.compile(rf"(?<!\w){_STREET}\s*(?:им\.|имени)?\s*(?:\d{{1,3}}-?(?:я|й|го|ая|летия)?\s+)?{_WORD}(?:\s+[А-ЯЁ][\w\-]*){{0,2}}{_HOUSE}?{_PARTS}*"),
    # «Тверская улица, 5»: the name in front.
    re.compile(rf"(?<![\w\-])[А-ЯЁ][а-яё\-]{{1,30}}(?:ая|ой|ую|ий|ого|ом|ому|ый|ое|ые|ых)\s+{_STREET}(?!\w){_HOUSE}?{_PARTS}*"),
    # The same in lower case is a street only with a house.
    re.compile(rf"(?<!\w){_STREET}\s+{_NAMED}[\w\-.]+(?:\s+{_NAMED}[а-яё\-]+)?\s*,?\s*(?:д(?:ом)?\.?\s*)?\d+[а-яА-Я]?(?:[/\-]\d+)?{_NOT_A_HOUSE}{_PARTS}*", re.IGNORECASE),
    re.compile(rf"(?<![\w\-])[а-яё\-]{{1,30}}(?:ая|ой|ую|ий|ого|ом)\s+(?:ул\.|улиц\w+|пер\.|переул\w+|проспект\w*|шоссе)\s*,?\s*(?:д(?:ом)?\.?\s*)?\d+[а-яА-Я]?{_PARTS}*", re.IGNORECASE),
    # A house or a flat by its number.
    re.compile(rf"(?<!\w)(?:д\.|дом(?:е|а(?=\s*№)|у|ом)?)\s*(?:№\s*)?\d{{1,4}}[а-я]?(?:/\d+)?(?![\w]){_NOT_A_HOUSE}{_PARTS}*", re.IGNORECASE),
    re.compile(rf"(?<!\w)(?:кв\.?|квартир(?:а|е|ы|у|ой))\s*(?:№\s*)?\d{{1,4}}(?![\w]){_NOT_A_HOUSE}", re.IGNORECASE),
    re.compile(r"(?<!\w)(?:корп\.|корпус|стр\.|подъезд|влад\.|литер)\s*(?:№\s*)?\d{1,3}(?!\w)" + _NOT_A_HOUSE, re.IGNORECASE),
    re.compile(r"(?<!\w)(?:почтовый\s+)?индекс\w*\s*:?\s*\d{6}", re.IGNORECASE),
)  # fmt: skip
_AREA: Final = re.compile(r"(?:площадь|площади)\s+\d", re.IGNORECASE)  # the area of a room, not a square


def find_addresses(text: str) -> list[Mark]:
    """Marks over the folded text, not yet merged."""
    return [
        Mark(match.start(), match.end(), Kind.ADDRESS)
        for shape in _SHAPES
        for match in shape.finditer(text)
        if not _AREA.match(match[0])
    ]
