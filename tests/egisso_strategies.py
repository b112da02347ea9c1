"""Records of the registers with any content that their classes allow, made from the table of elements. People are invented."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel

from adapters.egisso.facts import EVENTS, FACT, Assignment, TableHead
from adapters.egisso.messages import Message, Part, Shape, messages, shapes
from adapters.egisso.values import MessageHead
from schemas.identifiers import ogrn_check_digit, snils_check_digits

signs = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn"))
awkward = st.sampled_from(["<&>]]>", 'a"b', "a\nb", "a\r\nb", "a\tb", "=1+1", "'", "№ 7", "\u2028x", "x\u0085y"])
texts = (st.text(signs, min_size=1, max_size=10) | awkward).map(str.strip).filter(bool)
names = st.from_regex(r"\A[А-Яа-яЁё\-][А-Яа-яЁё \-,.]{0,8}\Z").map(str.strip).filter(bool)
snils = st.integers(1, 999_999_999).map(lambda n: f"{n:09d}" + snils_check_digits(f"{n:09d}"))
offsets = st.sampled_from([UTC, *(timezone(timedelta(hours=hours)) for hours in range(2, 13))])
moments = st.datetimes(
    datetime(2000, 1, 2),  # noqa: DTZ001  the bounds of Hypothesis are naive
    datetime(2999, 12, 30),  # noqa: DTZ001  the same
    timezones=offsets,
).map(lambda moment: moment.replace(microsecond=0))


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=count, max_size=count)


def _inn(nine: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(nine, (2, 4, 10, 3, 5, 9, 4, 6, 8), strict=True))
    return f"{nine}{total % 11 % 10}"


_SIMPLE: dict[str, st.SearchStrategy[Any]] = {
    "uuid": st.uuids().map(str),
    "stamp": moments,
    "date": st.dates(date(1000, 1, 1), date(2999, 12, 31)),
    "snils": snils,
    "name": names,
    "text": texts,
    "gender": st.sampled_from("MFU"),
    "inn": digits(9).map(_inn),
    "kpp": digits(9),
    "ogrn": st.integers(100_000_000_000, 999_999_999_999).map(lambda n: f"{n}{ogrn_check_digit(str(n))}"),
    "event_type": digits(3),
    "role_type": digits(5),
    "document_type": digits(4),
    "address_type": digits(2),
    "country": digits(3),
    "post_index": digits(6),
}


def values(shape: Shape, message: Message) -> st.SearchStrategy[dict[str, Any]]:
    """Any content of a shape that this version of the message has elements for."""
    parts = [part for part in shape.parts if part.element not in message.without]
    one_of = [part for part in parts if part.use == "|"]

    @st.composite
    def made(draw: Any) -> dict[str, Any]:
        chosen = draw(st.sampled_from(one_of)) if one_of else None
        found = {}
        for part in parts:
            if (part.use == "|" and part is not chosen) or (part.use == "?" and draw(st.booleans())):
                continue
            found[part.field] = draw(_part(part, message))
        return found

    return made()


def _part(part: Part, message: Message) -> st.SearchStrategy[Any]:
    if not part.is_shape:
        return _SIMPLE[part.of]
    one = values(shapes()[part.of], message)
    return st.lists(one, min_size=1, max_size=2) if part.use == "+" else one


@st.composite
def packages(draw: Any) -> tuple[MessageHead, list[BaseModel]]:
    """The head and the records of any message, in the order in which they are written; no identifier repeats."""
    message = draw(st.sampled_from(list(messages().values())))
    made_at = draw(moments) if message.has_made_at else None
    head = MessageHead(message=message.code, version=message.version, package_id=draw(_SIMPLE["uuid"]), made_at=made_at)
    records: list[BaseModel] = []
    for shape in message.records.values():
        records += [shape.model.model_validate(one) for one in draw(st.lists(values(shape, message), max_size=2))]
    return head, [_apart(record, number) for number, record in enumerate(records)]


def _apart(record: BaseModel, number: int) -> BaseModel:
    """The record with identifiers that no other has, so that each is judged by itself alone."""
    if "uid" not in type(record).model_fields:
        return record
    uid, event = (f"{number:08x}-0000-4000-8000-{kind:012x}" for kind in (1, 2))
    changed = record.model_copy(update={"uid": uid, "event_uid": event})
    inner = getattr(record, "record", None)
    return changed.model_copy(update={"record": inner.model_copy(update={"event_uid": event})}) if inner else changed


# --- facts of assignment ---------------------------------------------------------------------------------------------

_TABLE_SIGNS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяАЯЁ №«»\"'-.,()/\\=+@0123456789abcXYZ\u00a0—"
cells = st.text(_TABLE_SIGNS, min_size=1, max_size=12).map(str.strip).filter(bool)
issuers = st.from_regex(r"\A[а-яА-ЯёЁ0-9№(][а-яА-ЯёЁ \-',.0-9()№\"\\/]{0,12}\Z").map(str.strip).filter(bool)
money = st.decimals(0, Decimal("999999999.99"), places=2)


@st.composite
def _persons(draw: Any, *, reason: bool, columns: int) -> dict[str, Any]:
    born = draw(st.dates(date(1900, 1, 1), date(2020, 1, 1)))
    found: dict[str, Any] = {
        "snils": draw(snils),
        "surname": draw(names),
        "forename": draw(names),
        "gender": draw(st.sampled_from("MF")),
        "birth_on": born,
    }
    if draw(st.booleans()):
        found["patronymic"] = draw(names)
    if draw(st.booleans()):
        found["document"] = {
            "type": draw(st.sampled_from(["03", "05", "1", "10"])),
            "series": draw(st.sampled_from(["4514", "II-МЮ", "АА"])),
            "number": draw(digits(6)),
            "issued_on": draw(st.dates(born + timedelta(days=1), date(2030, 1, 1))),
            "issuer": draw(issuers),
        }
    if reason and columns == 43 and draw(st.booleans()):
        found["kinship"] = draw(digits(7))
    return found


@st.composite
def tables(draw: Any) -> tuple[TableHead, list[Assignment]]:
    """The head and the events of any table; no fact repeats."""
    columns = draw(st.sampled_from([42, 43]))
    count = draw(st.integers(1, 3))
    return TableHead(columns=columns), [draw(_events(number, columns)) for number in range(count)]


@st.composite
def _events(draw: Any, number: int, columns: int) -> Assignment:
    event = draw(st.sampled_from(EVENTS))
    days = sorted(draw(st.lists(st.dates(date(2000, 1, 1), date(2100, 1, 1)), min_size=3, max_size=3)))
    one = st.fixed_dictionaries({"text": cells, "code": digits(4)})
    criterion = one | st.fixed_dictionaries({"code": digits(2)}) | st.fixed_dictionaries({"text": cells})
    found: dict[str, Any] = {
        "event": event,
        "lmsz_id": draw(_SIMPLE["uuid"]),
        "category_id": draw(_SIMPLE["uuid"]),
        "onmsz": draw(st.sampled_from(["A068.000001", "0040.000001"])),
        "recipient": draw(_persons(reason=False, columns=columns)),
        "reasons": draw(st.lists(_persons(reason=True, columns=columns), max_size=3)),
        "decided_on": days[0],
        "starts_on": days[1],
        "needs_counted": draw(st.booleans()),
        "criteria": draw(st.lists(criterion, max_size=3)),
        "form": draw(st.sampled_from(["01", "02", "03", "04"])),
        "amount": draw(money),
    }
    maybe = {
        "finishes_on": st.just(days[2]),
        "measure": st.sampled_from(["01", "03", "383", "9910"]),
        "monetised": st.booleans(),
        "content": cells,
        "comment": cells,
        "equivalent": money,
        "provider": cells,
        "lmsz_provider": st.just("0336.000001"),
    }
    found |= {name: draw(kind) for name, kind in maybe.items() if draw(st.booleans())}
    if event != FACT or draw(st.booleans()):
        found["uuid"] = f"{number:08x}-0000-4000-8000-000000000003"
    return Assignment.model_validate(found)
