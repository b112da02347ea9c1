"""What the use cases of the directory need of the store, and the values that pass."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from schemas.directory import DirectoryOrganisation, Service
from schemas.ids import OrganisationId


@dataclass(frozen=True, slots=True)
class ListedOrganisation:
    """An organisation of the directory. `participant_id` is set where it takes part in the exchange."""

    organisation: DirectoryOrganisation
    participant_id: OrganisationId | None
    published_by: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class ListedService:
    """A service with its organisation. `withdrawn_at` is set for one that is listed no more."""

    service: Service
    organisation: ListedOrganisation
    published_by: str
    published_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DirectorySearch:
    """What is asked; what is None or empty is not asked. `territory` is an OKTMO code: found is what covers it, and, unless
    `covering`, also what is given in a part of it. `ages` are whole years, both included. `places` is free (a known
    figure above zero), unknown (none, or one that is not fresh) or empty; `today` is the day it is judged on."""

    territory: str | None = None
    district: str | None = None
    covering: bool = False
    kinds: Collection[str] = ()
    organisation_kinds: Collection[str] = ()
    ages: Sequence[tuple[int, int]] = ()
    urgency: str | None = None
    open_at: datetime | None = None
    places: str | None = None
    today: date | None = None
    without_organisation: str | None = None
    statuses: Collection[str] = ("active",)


class DirectoryStore(Protocol):
    """Organisations and services of the directory."""

    def organisation(self, organisation_id: str) -> ListedOrganisation | None: ...
    def organisations(self, ids: Collection[str], ogrns: Collection[str]) -> Sequence[ListedOrganisation]:
        """Those with one of these identifiers or registration numbers, by one statement."""
        ...

    def of_participant(self, organisation_id: OrganisationId) -> ListedOrganisation | None: ...
    def put_organisations(self, listed: Sequence[ListedOrganisation]) -> None: ...
    def services(self, ids: Collection[str]) -> Sequence[ListedService]: ...
    def put_services(self, listed: Sequence[ListedService]) -> None: ...
    def withdraw(self, service_id: str, now: datetime) -> None: ...
    def search(self, asked: DirectorySearch, after: str | None, limit: int) -> Sequence[ListedService]:
        """The next `limit` services after this one, by name, in at most two statements."""
        ...

    def services_of(self, organisation_id: str, limit: int) -> Sequence[ListedService]: ...
    def districts(self) -> Sequence[str]: ...
    def kinds(self) -> Sequence[str]:
        """Kinds of services that somebody gives."""
        ...

    def page_of_organisations(self, after: str | None, limit: int) -> Sequence[ListedOrganisation]: ...
    def page_of_services(
        self, after: str | None, limit: int, organisation_id: str | None = None
    ) -> Sequence[ListedService]:
        """All that are listed, or those of one organisation, by identifier: for an export."""
        ...
