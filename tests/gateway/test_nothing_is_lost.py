"""From a file to the store: every part of a message is found again there, or stands in the loss report by its place.

A rehearsal says what the real run says, over a store with earlier messages.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.documents.shape import place_of, shape_of
from adapters.documents.writer import write_documents
from adapters.losses import LossReport
from adapters.tables.writer import write_referrals as write_table
from adapters.xml.writer import write_referrals
from gateway.use_cases.facts import EMERGENCY
from gateway.use_cases.file_records import need_nothing
from gateway.use_cases.house import House
from gateway.use_cases.message_words import open_words
from gateway.use_cases.receive_file import FileReceipt, receive_file
from gateway.use_cases.submit_message import preview_message
from gateway.use_cases.values import MessageOnFile
from schemas import categories as c
from schemas.documents import KINDS
from schemas.ids import MessageId, SubjectId, new_id
from schemas.messages import OF_CHILDREN, MessageDraft, PersonDraft, message_types
from tests.builders import ALL, NOW
from tests.builders import sqlite_house as fresh_house
from tests.document_strategies import values
from tests.gateway.exchange.world import STATUTE, THREAT, World, world
from tests.gateway.signed.world import entries

MESSAGE = next(kind for kind in KINDS if kind.code == "message")
SIGNAL = {"trigger": "threat", "statement": "Ребёнок один дома (вымышленный пример)"}
WAYS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("signal", "school", "guardianship", SIGNAL),
    ("signal", "ngo", "guardianship", SIGNAL | {"noted": {"received_by": "phone"}}),
    ("referral", "ngo", "centre", {"concerns": ["HOUSING"]}),
    ("service_request", "ngo", "centre", {}),
    ("position_request", "ngo", "guardianship", {"named": True}),
    ("council_invitation", "ngo", "centre", {"named": True}),
    ("progress_report", "ngo", "guardianship", {}),
    ("closure_report", "ngo", "guardianship", {"named": True}),
    ("post_support_notice", "ngo", "guardianship", {"named": True}),
    ("case_transfer", "ngo", "centre", {}),
    (
        "threat_report",
        "ngo",
        "guardianship",
        {"direct": True, "statute": STATUTE, "statement": THREAT, "declarer": "c"},
    ),
)
"""Types of messages that name somebody and can begin a thread, each in a lane that is open to it."""
_PERSONS = values(shape_of(PersonDraft))


@st.composite
def sent(draw: st.DrawFn, place: World, number: int = 0) -> MessageDraft:
    """A message that the gate lets through, at least in part, with any of what its type may carry."""
    kind, sender, recipient, more = draw(st.sampled_from(WAYS))
    allowed = message_types()[kind].allowed
    plain = place.draft(kind, sender, recipient, **more)
    people = [plain.persons[0].model_dump(exclude_none=True)]
    for n, other in enumerate(draw(st.lists(_PERSONS, max_size=2))):
        carried = {name for category, name in c.SECTION_NAMES.items() if category in allowed}
        kept = {name: part for name, part in other.items() if name in carried or name in ("kind", "role")}
        kept.pop("identifiers", None)  # two people of one file do not share a number
        people.append(kept | {"ref": f"{number}-{n}"})
    people[0]["role"] = draw(st.sampled_from([None, "other"]))
    people[0]["identifiers"] = {"snils": "11223344595"} if "IDN" in allowed and draw(st.booleans()) else None
    of_child: dict[str, st.SearchStrategy[Any]] = {
        "created_at": st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
        "reg_number": st.just("17/исх"),
        "statute": st.just(STATUTE),
        "purpose": st.just(place.house.pack.purposes_of(kind)[0]),
        "consent_id": st.uuids().map(str),
        "agenda": st.uuids().map(str),
    }
    if "RSK" in allowed:
        of_child |= {"family_aware": st.booleans(), "concerns": st.just(["HOUSING", "POVERTY"])}
        of_child |= {"observed_on": st.just("2026-02-27"), "statement": st.just(THREAT)}
    if "PLN" in allowed:
        of_child |= {"services": st.just(["psychologist"]), "requested_action": st.just("Посетить семью")}
    if kind == "signal" and sender == "ngo":
        of_child["reporter"] = st.just({"name": "Соседка Вымышленная", "phone": "+70000000003"})
    of_child["declarer"] = st.just("c")
    said = draw(st.fixed_dictionaries({}, optional=of_child))
    content = plain.model_dump(exclude_none=True) | said | {"persons": people}
    return MessageDraft.model_validate(content)


@pytest.fixture
def exchange(sqlite_house: House) -> World:
    return ready(sqlite_house)


def ready(house: House) -> World:
    """Consents of every breadth from the NGO, and somebody who may declare a threat."""
    made = world(house)
    made.declarer()
    made.grant("ngo", "guardianship", "CASE_MGMT", categories=list(ALL))
    made.grant("ngo", "centre", "CASE_MGMT", categories=["ID", "IDN", "LEG", "RSK"])
    made.grant("ngo", "centre", "REFERRAL", categories=["ID", "PLN"])
    return made


def hand_in(place: World, sender: str, content: bytes, *, form: str = "xml", rehearsal: bool = False) -> FileReceipt:
    who = place.system(sender)
    return receive_file(place.house, who, io.BytesIO(content), form, NOW, need=need_nothing, rehearsal=rehearsal)


def lost(report: LossReport) -> set[tuple[str, str]]:
    """Rules and places of what the gate left out."""
    return {(one.code, one.place) for one in report.rows if one.code in {"category_not_sent", "part_without_use"}}


def name_of(place: World, draft: MessageDraft) -> str:
    return next(name for name in ("ngo", "school") if place.who(name).ogrn == draft.sender_ogrn)


# --- what is found again, past the code that tells of losses ----------------------------------------------------------


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from leaves(part, (*path, name))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from leaves(part, (*path, number))
    else:
        yield path, value


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def subject(place: World, draft: MessageDraft, person: PersonDraft) -> SubjectId:
    organisation = place.who(name_of(place, draft))
    ((found,),) = place.house.vault.find_subjects(organisation.id, [[("ref", person.ref or "")]])
    with place.house.store.reading() as unit:
        (mine,) = unit.families.registered(organisation.id, sorted(found))
    return mine


def stored(place: World, draft: MessageDraft, message: MessageOnFile) -> list[dict[str, Any]]:
    """For each person of the draft what lies sealed in the message, by category."""
    with place.house.store.reading() as unit:
        sections = unit.messages.sections(message.id, c.MESSAGE_CATEGORIES)
    opened = place.house.vault.open_sections(sections)
    found = []
    for person in draft.persons:
        own = subject(place, draft, person)
        found.append({s.category: json.loads(opened[s.id]) for s in sections if tuple(s.subjects) == (own,)})
    return found


def missing(place: World, draft: MessageDraft, message: MessageOnFile) -> set[str]:
    """Places of the draft whose content lies nowhere in the store."""
    kept, words = stored(place, draft, message), open_words(place.house, message)
    is_threat = EMERGENCY in message.claims
    header: dict[str, Any] = {
        "operation_id": message.operation_id,
        "type": message.type,
        "sender_ogrn": draft.sender_ogrn,
        "recipient_ogrn": draft.recipient_ogrn,
        "urgency": message.urgency,
        "created_at": message.created_at,
        "reg_number": message.reg_number,
        "reg_on": message.reg_on,
        "purpose": message.purpose,
        "trigger": message.trigger,
        "statute": message.statute,
        "consent_id": message.claims.get("consent"),
        "agenda": message.agenda_id,
        "direct": is_threat,
        "declarer": draft.declarer if is_threat else None,
    }
    gone = set()
    for path, value in leaves(draft.model_dump(mode="json", exclude_defaults=True)):
        name = str(path[0])
        if name == "notes":
            note = draft.notes[int(path[1])]
            is_there = (message.notes.get(note.field) or words.get(note.field)) == note.value
        elif name in header:
            is_there = header[name] == getattr(draft, name)
        elif name == "persons":
            sections, rest = kept[int(path[1])], path[2:]
            categories = {part: category for category, part in c.SECTION_NAMES.items()}
            if rest[0] == "role":
                is_there = at(sections, (c.FAMILY, "role")) == value
            elif rest[0] in {"kind", "ref"}:
                is_there = True
            else:
                is_there = at(sections, (categories[str(rest[0])], *rest[1:])) == value
        else:
            category = next((one for one, names in OF_CHILDREN.items() if name in names), c.REPORTER)
            inner = path[1:] if category == c.REPORTER else path
            children = [kept[n] for n, person in enumerate(draft.persons) if person.kind == "child"]
            is_there = all(at(sections, (category, *inner)) == value for sections in children)
        if not is_there:
            gone.add(place_of(MESSAGE, path))
    for n, person in enumerate(draft.persons):
        if not draft.sections_of(person):
            gone.add(place_of(MESSAGE, ("persons", n)))
    return gone


SLOW = settings(deadline=None, max_examples=20, suppress_health_check=list(HealthCheck))


@SLOW
@given(st.data())
def test_every_part_of_a_message_is_in_the_store_or_in_the_loss_report(
    tmp_path_factory: Any, data: st.DataObject
) -> None:
    place = ready(fresh_house(tmp_path_factory.mktemp("house")))
    draft = data.draw(sent(place))
    receipt = hand_in(place, name_of(place, draft), write_documents([draft]))
    if not receipt.messages:  # refused: it comes back whole, and lost nothing
        assert receipt.report.rejected == 1
        assert lost(receipt.report.losses) == set()
        return
    with place.house.store.reading() as unit:
        message = unit.messages.by_id(MessageId(receipt.messages[0].id), NOW)
    assert message is not None
    told = {spot for _, spot in lost(receipt.report.losses)}
    overridden = {"ServiceCode", "ConcernCode"}  # a child may say otherwise than the message
    assert {spot.partition("[")[0] for spot in told ^ missing(place, draft, message)} <= overridden
    values_of = {str(value) for _, value in leaves(draft.model_dump(mode="json")) if isinstance(value, str)}
    assert not values_of & told


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@SLOW
@given(st.data())
def test_a_rehearsal_says_what_the_real_run_says(tmp_path_factory: Any, data: st.DataObject) -> None:
    place = ready(fresh_house(tmp_path_factory.mktemp("house")))
    earlier = data.draw(sent(place))
    sender = name_of(place, earlier)
    hand_in(place, sender, write_documents([earlier]))
    records = data.draw(
        st.lists(
            st.sampled_from(
                [
                    earlier,
                    earlier.model_copy(update={"created_at": NOW + timedelta(days=1)}),
                    earlier.model_copy(update={"reg_number": "другой"}),
                    earlier.model_copy(update={"operation_id": new_id(), "recipient_ogrn": "1027700999996"}),
                    earlier.model_copy(update={"operation_id": new_id(), "recipient_ogrn": place.who("kdn").ogrn}),
                ]
            )
            | sent(place, 1),
            min_size=1,
            max_size=3,
            unique_by=lambda one: one.operation_id,
        )
    )
    content = write_documents(records)
    before, real = hand_in(place, sender, content, rehearsal=True), hand_in(place, sender, content)
    assert before.report.as_dict() == real.report.as_dict()
    assert (before.repeated, before.kept, before.reject_file) == (real.repeated, real.kept, real.reject_file)
    assert before.applied == ()


# --- examples ------------------------------------------------------------------------------------------------------


def signal(place: World) -> MessageDraft:
    child = {
        "kind": "child",
        "ref": "K-1",
        "identity": {"full_name": "Проба Вымышленная"},
        "identifiers": {"snils": "11223344595"},
    }
    more = {"requested_action": "Посетить семью", "services": ["psychologist"], "persons": [child]}
    return place.draft("signal", "school", "guardianship", **SIGNAL, **more)


@pytest.mark.parametrize(
    ("form", "write", "places"),
    [
        ("xml", write_documents, {"Person[1]/Identifiers/Snils", "RequestedAction", "ServiceCode[1]"}),
        ("xml", write_referrals, {"Child[1]/Snils", "RequestedAction", "ServiceCode"}),
        ("csv", write_table, {"Ребёнок: СНИЛС", "Запрашиваемые меры", "Код услуги"}),
    ],
)
def test_what_a_signal_may_not_carry_is_told_at_the_senders_own_place(
    exchange: World, form: str, write: Any, places: set[str]
) -> None:
    content = write([signal(exchange)])
    receipt = hand_in(exchange, "school", content, form=form)
    assert (len(receipt.messages), lost(receipt.report.losses)) == (1, {("category_not_sent", one) for one in places})
    (entry,) = entries(exchange.house, "file.received")
    assert entry["losses"] == receipt.report.losses.digest(), "the entry covers it"
    again = hand_in(exchange, "school", content, form=form)
    assert (again.repeated, lost(again.report.losses)) == (1, lost(receipt.report.losses)), "whoever was cut off learns"
    assert all("11223344595" not in one.place for one in receipt.report.losses.rows)


def test_the_preview_of_an_api_client_says_the_same(exchange: World) -> None:
    seen = preview_message(exchange.house, exchange.system("school"), signal(exchange), NOW)
    denied = {category for category, ruling in seen.people[0].rulings.items() if ruling.effect.value == "D"}
    assert denied == {"IDN", "PLN"}


def test_whoever_is_named_without_a_direct_threat_is_told_of(exchange: World) -> None:
    draft = signal(exchange).model_copy(update={"declarer": "c", "direct": True})
    receipt = hand_in(exchange, "school", write_documents([draft]))
    assert {("part_without_use", "Declarer"), ("part_without_use", "Direct")} <= lost(receipt.report.losses)


def test_a_rehearsal_knows_what_was_sent_before(exchange: World) -> None:
    draft = signal(exchange)
    hand_in(exchange, "school", write_documents([draft]))
    assert hand_in(exchange, "school", write_documents([draft]), rehearsal=True).repeated == 1
    other = draft.model_copy(update={"statement": "Другое (вымышленный пример)"})
    receipt = hand_in(exchange, "school", write_documents([other]), rehearsal=True)
    assert dict(receipt.report.rules) == {"operation_id_reused": 1}
