"""Publish what an organisation offers: its own services and how it is described. Nobody publishes for another participant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from pydantic import ValidationError

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.directory_port import ListedOrganisation, ListedService
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import Organisation, Requester
from schemas.codes import find_code
from schemas.directory import ORGANISATION_KINDS, DirectoryOrganisation, OrganisationProfile, Service, ServiceDraft
from schemas.errors import BadInput, NotPermitted, Unavailable
from schemas.ids import EntryId, new_id

GATEWAY: str = "gateway"


@dataclass(frozen=True, slots=True)
class PublishedService:
    """The service as it is listed now, and its entry."""

    listed: ListedService
    entry_id: EntryId


def publish_service(house: House, requester: Requester, draft: ServiceDraft, now: datetime) -> PublishedService:
    """Publish a service of one's own organisation, or change one. Raises Unavailable (service_unavailable), BadInput
    (field_invalid, directory_gateway_needs_agreement), NotPermitted (not_for_overseers)."""
    require_publisher(requester)
    with house.store.writing() as unit:
        return publish_service_in(unit, requester, draft, now)


def publish_service_in(unit: Unit, requester: Requester, draft: ServiceDraft, now: datetime) -> PublishedService:
    """The same inside a unit of work of the caller."""
    participant = unit.participants.organisation(requester.organisation_id)
    if participant is None:
        raise BadInput("organisation_unknown")
    if draft.id is not None:
        (before,) = unit.directory.services([draft.id]) or (None,)
        if before is None or before.organisation.participant_id != requester.organisation_id:
            raise Unavailable("service_unavailable")
    organisation = _own(unit, participant, requester, now)
    service = _service(draft, organisation.organisation.id, synthetic=participant.synthetic)
    require_reachable(service, participant, now.date())
    listed = ListedService(service, organisation, requester.actor, now)
    unit.directory.put_services([listed])
    return PublishedService(listed, directory_entry(unit, requester, "published", 1, now, service=service.id))


def describe_organisation(house: House, requester: Requester, profile: OrganisationProfile, now: datetime) -> EntryId:
    """Say how one's own organisation is described. Name, kind and numbers are those of its registration. Raises
    NotPermitted (not_for_overseers), BadInput (field_invalid)."""
    require_publisher(requester)
    with house.store.writing() as unit:
        return describe_organisation_in(unit, requester, profile, now)


def describe_organisation_in(unit: Unit, requester: Requester, profile: OrganisationProfile, now: datetime) -> EntryId:
    """The same inside a unit of work of the caller."""
    participant = unit.participants.organisation(requester.organisation_id)
    if participant is None:
        raise BadInput("organisation_unknown")
    before = unit.directory.of_participant(participant.id)
    described = described_participant(participant, before.organisation if before else None, profile)
    unit.directory.put_organisations([ListedOrganisation(described, participant.id, requester.actor, now)])
    return directory_entry(unit, requester, "described", 1, now)


def require_publisher(requester: Requester) -> None:
    """Raises NotPermitted (not_for_overseers) for those who do not do the work of the organisation."""
    if requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")


def require_reachable(service: Service, participant: Organisation | None, today: date) -> None:
    """Raises BadInput (directory_gateway_needs_agreement) for a service that promises a way which is not there."""
    if GATEWAY in service.apply_by and (participant is None or not participant.has_agreement(today)):
        raise BadInput("directory_gateway_needs_agreement")


def described_participant(
    participant: Organisation, before: DirectoryOrganisation | None, profile: OrganisationProfile
) -> DirectoryOrganisation:
    """A participant as the directory shows it: what it is from its registration, the rest from its own words."""
    kind = participant.kind if find_code(ORGANISATION_KINDS, participant.kind) else "other"
    return DirectoryOrganisation(
        id=before.id if before else new_id(),
        name=participant.name,
        kind=kind,
        ogrn=participant.ogrn,
        inn=participant.inn,
        parent_ogrn=before.parent_ogrn if before else None,
        synthetic=participant.synthetic,
        **dict(profile),
    )


def directory_entry(
    unit: Unit,
    requester: Requester,
    change: str,
    count: int,
    now: datetime,
    *,
    service: str = "",
    digest: str = "",
    losses: str = "",
) -> EntryId:
    """The entry of a change of the directory. `digest` and `losses`: of a file and of its loss report."""
    return append_entry(
        unit,
        EventKind.DIRECTORY_CHANGED,
        {
            "organisation": requester.organisation_id,
            "actor": requester.actor,
            "change": change,
            "records": count,
            "service": service or "many",
            "file": digest or "none",
            **({"losses": losses} if losses else {}),
        },
        now,
    )


def _own(unit: Unit, participant: Organisation, requester: Requester, now: datetime) -> ListedOrganisation:
    """The participant's record; made from its registration at the first service, or taken over from the operator's."""
    found = unit.directory.of_participant(participant.id)
    if found is not None:
        return found
    known = unit.directory.organisations([], [participant.ogrn])
    before = known[0].organisation if known else None
    profile = OrganisationProfile(**{name: getattr(before, name) for name in _PROFILE}) if before else _NO_PROFILE
    made = ListedOrganisation(described_participant(participant, before, profile), participant.id, requester.actor, now)
    unit.directory.put_organisations([made])
    return made


_PROFILE = tuple(OrganisationProfile.model_fields)
_NO_PROFILE = OrganisationProfile()


def _service(draft: ServiceDraft, organisation_id: str, *, synthetic: bool) -> Service:
    try:
        return Service(
            **{**dict(draft), "id": draft.id or new_id()}, organisation_id=organisation_id, synthetic=synthetic
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "input"
        rule = str(first.get("ctx", {}).get("error", first["type"]))
        raise BadInput("field_invalid", place=place, rule=rule) from None
