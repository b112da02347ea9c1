"""Which element holds which field of the canonical message. Reader, writer and complaints all go by this table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from adapters.xml.fill import Plan, Step

NAMESPACE: Final = "urn:mezhved:exchange:1"
BATCH: Final = "Referrals"
RECORD: Final = "Referral"
HEADER: Final = "Header"
ANSWERS: Final = "Answers"
ANSWER: Final = "Answer"
"""Answers to messages, in the same namespace."""
PERSON_KINDS: Final[Mapping[str, str]] = {"Child": "child", "Adult": "parent"}
PERSON_ELEMENTS: Final[Mapping[str, str]] = {kind: element for element, kind in PERSON_KINDS.items()}


def qualified(name: str) -> str:
    """The element's name as lxml writes it."""
    return f"{{{NAMESPACE}}}{name}"


@dataclass(frozen=True, slots=True)
class Leaf:
    """An element with text. `path` leads to the field; `many` is a repeated element and a tuple in the draft."""

    element: str
    path: tuple[str, ...]
    many: bool = False
    is_date: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """An element with leaves of its own; their paths begin at the group's."""

    element: str
    path: tuple[str, ...]
    leaves: tuple[Leaf, ...]
    many: bool = False


Part = Leaf | Group

HEADER_PARTS: Final[tuple[Part, ...]] = (
    Leaf("MessageId", ("operation_id",)),
    Leaf("MessageType", ("type",)),
    Leaf("CreatedAt", ("created_at",)),
    Leaf("RegNumber", ("reg_number",)),
    Leaf("RegDate", ("reg_on",), is_date=True),
    Leaf("SenderOgrn", ("sender_ogrn",)),
    Leaf("RecipientOgrn", ("recipient_ogrn",)),
    Leaf("PurposeCode", ("purpose",)),
    Leaf("TriggerCode", ("trigger",)),
    Leaf("Statute", ("statute",)),
    Leaf("ConsentId", ("consent_id",)),
)

BODY_PARTS: Final[tuple[Part, ...]] = (
    Leaf("Urgency", ("urgency",)),
    Leaf("ConcernCode", ("concerns",), many=True),
    Leaf("ConcernText", ("statement",)),
    Leaf("ObservedAt", ("observed_on",), is_date=True),
    Leaf("ServiceCode", ("services",), many=True),
    Leaf("RequestedAction", ("requested_action",)),
    Leaf("FamilyAware", ("family_aware",)),
)

_DOCUMENT: Final = (
    Leaf("DocSystem", ("system",)),
    Leaf("DocTypeCode", ("type",)),
    Leaf("DocSeries", ("series",)),
    Leaf("DocNumber", ("number",)),
    Leaf("DocIssueDate", ("issued_on",), is_date=True),
    Leaf("DocIssuer", ("issuer",)),
)
_PHONE: Final = (
    Leaf("PhoneNumber", ("number",)),
    Leaf("PhoneWhose", ("whose",)),
    Leaf("PhoneWhen", ("when",)),
)
_ADDRESS: Final = (
    Leaf("AddressText", ("text",)),
    Leaf("AddressMunicipality", ("municipality",)),
    Leaf("AddressGarGuid", ("gar_id",)),
    Leaf("Oktmo", ("oktmo",)),
)

_KINSHIP: Final = (
    Leaf("KinshipSystem", ("system",)),
    Leaf("KinshipCode", ("code",)),
)

PERSON_PARTS: Final[tuple[Part, ...]] = (
    Leaf("PersonId", ("ref",)),
    Leaf("RoleCode", ("role",)),
    Group("Kinship", ("family", "kinship"), _KINSHIP),
    Leaf("Snils", ("identifiers", "snils")),
    Leaf("FullName", ("identity", "full_name")),
    Leaf("BirthDate", ("identity", "birth_date"), is_date=True),
    Leaf("Gender", ("identity", "sex")),
    Group("Document", ("identifiers", "document"), _DOCUMENT),
    Group("Phone", ("contact", "phones"), _PHONE, many=True),
    Leaf("SafeContact", ("contact", "safe_contact")),
    Group("Address", ("whereabouts", "address"), _ADDRESS),
    Group("RegisteredAddress", ("whereabouts", "registered"), _ADDRESS),
    Leaf("AbsentIdentifier", ("identifiers", "absent"), many=True),
    Leaf("AbsentContact", ("contact", "absent"), many=True),
    Leaf("AbsentAddress", ("whereabouts", "absent"), many=True),
)

NAME_PARTS: Final = ("FamilyName", "FirstName", "Patronymic")
"""Three elements that may stand for `FullName`; the reader joins them, the writer writes the full name."""


def _named(parts: tuple[Part, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    for part in parts:
        yield part.path, part.element
        if isinstance(part, Group):
            for leaf in part.leaves:
                yield part.path + leaf.path, leaf.element


_MESSAGE_NAMES: Final = dict(_named(HEADER_PARTS + BODY_PARTS))
_PERSON_NAMES: Final = dict(_named(PERSON_PARTS))


def _plan(parts: tuple[Part, ...]) -> Plan:
    return {
        qualified(part.element): Step(part.path, part.many, _plan(part.leaves))
        if isinstance(part, Group)
        else Step(part.path, part.many, is_date=part.is_date)
        for part in parts
    }


_NAMES: Final = {qualified(name): Step(("identity", name)) for name in NAME_PARTS}
RECORD_PLAN: Final[Plan] = {
    qualified(HEADER): Step((), inner=_plan(HEADER_PARTS)),
    **{
        qualified(element): Step(("persons",), many=True, inner={**_plan(PERSON_PARTS), **_NAMES}, given={"kind": kind})
        for element, kind in PERSON_KINDS.items()
    },
    **_plan(BODY_PARTS),
}
"""How a record is read."""

ELEMENTS: Final = frozenset(
    {BATCH, RECORD, HEADER, *PERSON_KINDS, *NAME_PARTS, *_MESSAGE_NAMES.values(), *_PERSON_NAMES.values()}
)
"""Every element name of the document."""


def element_of(path: tuple[str | int, ...]) -> str:
    """The element that holds a field, "" when there is none. Positions in lists are passed over."""
    names = tuple(step for step in path if isinstance(step, str))
    if names[:1] == ("persons",):
        return _PERSON_NAMES.get(names[1:], "") or _PERSON_NAMES.get(names[1:-1], "")
    return _MESSAGE_NAMES.get(names, "")
