"""Take in a file of the directory, or give one out.

An organisation takes in its own services. The operator takes in those of organisations that do not take part: what a
participant publishes itself is never overwritten from a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from adapters.directory_records import DirectoryReading
from gateway.use_cases.directory_port import ListedOrganisation, ListedService
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.publish_service import (
    GATEWAY,
    described_participant,
    directory_entry,
    require_publisher,
)
from gateway.use_cases.values import Organisation, Requester
from schemas.directory import Directory, DirectoryOrganisation, OrganisationProfile, Service
from schemas.ids import EntryId, OrganisationId

BATCH = 500
OPERATOR = OrganisationId("operator")
_PROFILE = tuple(OrganisationProfile.model_fields)
_REGISTERED = ("name", "kind", "inn", "parent_ogrn")


@dataclass(frozen=True, slots=True)
class DirectoryReceipt:
    """What became of a file: the report is complete now."""

    reading: DirectoryReading
    entry_id: EntryId


def receive_directory(
    house: House, requester: Requester | None, actor: str, reading: DirectoryReading, digest: str, now: datetime
) -> DirectoryReceipt:
    """Take in what was read. `requester` is None for the operator; `digest` is the SHA-256 of the file. Raises NotPermitted
    (not_for_overseers)."""
    if requester is not None:
        require_publisher(requester)
    who = requester or Requester(OPERATOR, actor)
    with house.store.writing() as unit:
        intake = _Intake(unit, who, reading, now, is_operator=requester is None)
        intake.take()
        reading.settle()
        losses = reading.report.losses.digest()
        entry_id = directory_entry(unit, who, "received", reading.report.accepted, now, digest=digest, losses=losses)
    return DirectoryReceipt(reading, entry_id)


def rehearse_directory(house: House, requester: Requester, reading: DirectoryReading, now: datetime) -> None:
    """What would become of it, said by the report: nothing is stored."""
    with house.store.reading() as unit:
        _Intake(unit, requester, reading, now, is_operator=False).decide()
    reading.settle()


class _Intake:
    def __init__(
        self, unit: Unit, who: Requester, reading: DirectoryReading, now: datetime, *, is_operator: bool
    ) -> None:
        self._unit, self._who, self._reading, self._now = unit, who, reading, now
        self._is_operator = is_operator
        self._participants = {one.ogrn: one for one in unit.participants.organisations()}
        given = reading.organisations.values()
        self._known = list(_known(unit, [one.id for one in given], [one.ogrn for one in given if one.ogrn]))
        self._by_id = {one.organisation.id: one for one in self._known}
        self._by_ogrn = {one.organisation.ogrn: one for one in self._known if one.organisation.ogrn}
        self._ids: dict[str, str] = {}
        self._listed: dict[str, ListedOrganisation] = {}

    def decide(self) -> list[ListedService]:
        """Who may publish what of it; what may not be is refused in the report."""
        for given in list(self._reading.organisations.values()):
            self._organisation(given)
        self._listed |= self._listed_before()
        return [one for one in map(self._service, self._services()) if one is not None]

    def take(self) -> None:
        services = self.decide()
        # By their identifier in the file: the directory may know them under another one.
        changed = {one.organisation.id: one for one in self._listed.values() if one.published_at == self._now}
        self._unit.directory.put_organisations(list(changed.values()))
        for start in range(0, len(services), BATCH):
            self._unit.directory.put_services(services[start : start + BATCH])

    def _organisation(self, given: DirectoryOrganisation) -> None:
        participant = self._participants.get(given.ogrn or "")
        known = self._by_ogrn.get(given.ogrn) if given.ogrn else None
        known = known or self._by_id.get(given.id)
        is_own = participant is not None and participant.id == self._who.organisation_id
        if known and known.organisation.ogrn and known.organisation.ogrn != given.ogrn:
            self._reading.refuse(given.id, "directory_organisation_differs")
        elif is_own and participant is not None:
            self._keep(given.id, self._described(participant, known, given))
        elif not self._is_operator:
            self._reading.refuse(given.id, "directory_not_yours")
        elif known and known.participant_id is not None:
            self._keep(given.id, known)  # what a participant says of itself stands
        elif participant is not None:
            self._keep(given.id, self._described(participant, known, given))
        else:
            made = given.model_copy(update={"id": known.organisation.id}) if known else given
            self._keep(given.id, ListedOrganisation(made, None, self._who.actor, self._now))

    def _described(
        self, participant: Organisation, known: ListedOrganisation | None, given: DirectoryOrganisation
    ) -> ListedOrganisation:
        profile = OrganisationProfile(**{name: getattr(given, name) for name in _PROFILE})
        before = known.organisation if known else given
        made = described_participant(participant, before, profile)
        for name in _REGISTERED:  # what the registration says of it stands, whatever the file does
            if getattr(given, name) not in {None, getattr(made, name)}:
                self._reading.lose("value_dropped", given.id, (name,))
        return ListedOrganisation(made, participant.id, self._who.actor, self._now)

    def _keep(self, given_id: str, listed: ListedOrganisation) -> None:
        self._ids[given_id] = listed.organisation.id
        self._listed[given_id] = listed

    def _listed_before(self) -> dict[str, ListedOrganisation]:
        """Organisations that the directory has and the file only names: one's own, or for the operator those of nobody."""
        named = {one.organisation_id for one in self._reading.services.values()} - self._reading.organisations.keys()
        mine = None if self._is_operator else self._who.organisation_id
        known = _known(self._unit, sorted(named - self._listed.keys()), [])
        return {one.organisation.id: one for one in known if one.participant_id == mine}

    def _services(self) -> Iterator[tuple[Service, ListedService | None]]:
        given = list(self._reading.services.values())
        for start in range(0, len(given), BATCH):
            batch = given[start : start + BATCH]
            known = {one.service.id: one for one in self._unit.directory.services([one.id for one in batch])}
            for service in batch:
                yield service, known.get(service.id)

    def _service(self, pair: tuple[Service, ListedService | None]) -> ListedService | None:
        given, known = pair
        organisation = self._listed.get(given.organisation_id)
        if organisation is None:
            self._reading.refuse(given.id, "directory_not_yours")
            return None
        if known and known.organisation.organisation.id != organisation.organisation.id:
            self._reading.refuse(given.id, "directory_service_of_another")
            return None
        if self._is_operator and organisation.participant_id is not None:
            self._reading.refuse(given.id, "directory_participant_publishes")
            return None
        participant = self._participants.get(organisation.organisation.ogrn or "")
        has_way = participant is not None and participant.has_agreement(self._now.date())
        ways = tuple(way for way in given.apply_by if way != GATEWAY or has_way)
        if ways != given.apply_by:
            self._reading.lose("value_dropped", given.id, ("apply_by",))
        service = given.model_copy(update={"organisation_id": organisation.organisation.id, "apply_by": ways})
        return ListedService(service, organisation, self._who.actor, self._now)


def _known(unit: Unit, ids: list[str], ogrns: list[str]) -> Iterator[ListedOrganisation]:
    found: dict[str, ListedOrganisation] = {}
    for start in range(0, max(len(ids), len(ogrns)), BATCH):
        part = slice(start, start + BATCH)
        found |= {one.organisation.id: one for one in unit.directory.organisations(ids[part], ogrns[part])}
    yield from found.values()


def export_directory(house: House) -> Directory:
    """Everything that is listed: services that were not withdrawn, and all organisations."""
    with house.store.reading() as unit:
        organisations, services = [], []
        after: str | None = None
        while page := unit.directory.page_of_organisations(after, BATCH):
            organisations += [one.organisation for one in page]
            after = page[-1].organisation.id
        after = None
        while listed := unit.directory.page_of_services(after, BATCH):
            services += [one.service for one in listed]
            after = listed[-1].service.id
    return Directory(tuple(organisations), tuple(services))
