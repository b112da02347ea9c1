"""The directory as lines that people read: ages, hours, places, how to apply."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from gateway.use_cases.directory_port import ListedService
from gateway.use_cases.search_directory import FREE, FULL, STALE, places_state
from gateway.web.words import Words
from schemas.catalogue import text
from schemas.codes import URGENCIES, find_code
from schemas.directory import (
    APPLY_WAYS,
    AUDIENCES,
    FEES,
    ORGANISATION_KINDS,
    SERVICE_FORMS,
    SERVICE_KINDS,
    SERVICE_STATUSES,
    DirectoryOrganisation,
    Place,
    Service,
    ServicePhone,
)
from schemas.opening_hours import Span
from schemas.territories import oktmo_prefix, region_name

PLACES_TAGS: Final = {FREE: "govuk-tag--green", FULL: "govuk-tag--red", STALE: "govuk-tag--yellow"}
ACTIVE: Final = "active"
REGION_DIGITS: Final = 2


@dataclass(frozen=True, slots=True)
class Line:
    """A label and its values one below the other; a value may be a link."""

    label: str
    values: tuple[str, ...]
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ShownService:
    """A service for a page. `is_open` is None where the hours are not known."""

    listed: ListedService
    kinds: tuple[str, ...]
    status: str
    is_open: bool | None
    opens: str
    places: str
    places_tag: str
    brief: tuple[Line, ...]
    more: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class DirectoryWords:
    """Names and lines in the visitor's language."""

    words: Words

    def t(self, key: str, **params: str | int) -> str:
        """A text of the directory."""
        return text(f"web_directory.{key}", self.words.language, **params)

    def name(self, system: str, code: str) -> str:
        """The name of a listed code."""
        entry = find_code(system, code)
        if entry is None:
            return code
        return entry.name_ru if self.words.language == "ru" else entry.name_en or code

    def kind(self, code: str) -> str:
        """A kind of service."""
        return self.name(SERVICE_KINDS, code)

    def organisation_kind(self, code: str) -> str:
        """A kind of organisation."""
        return self.name(ORGANISATION_KINDS, code)

    def urgencies(self) -> tuple[tuple[str, str], ...]:
        """All urgencies for a form."""
        return tuple((code, self.words.urgency(code)) for code in ("planned", "urgent", "emergency"))

    # --- a service ---------------------------------------------------------------------------------------------------

    def service(self, listed: ListedService, now: datetime) -> ShownService:
        """Everything a page shows of a service."""
        service = listed.service
        state = places_state(service, now.date())
        opens = service.hours.opens_next(now) if service.hours else None
        return ShownService(
            listed=listed,
            kinds=tuple(self.kind(code) for code in service.kinds),
            status="" if service.status == ACTIVE else self.name(SERVICE_STATUSES, service.status),
            is_open=service.hours.is_open(now) if service.hours else None,
            opens=self.t("opens", at=opens.strftime("%d.%m.%Y %H:%M")) if opens else "",
            places=self._places(service, state),
            places_tag=PLACES_TAGS.get(state, "govuk-tag--grey"),
            brief=tuple(self._brief(service)),
            more=tuple(self._more(service)),
        )

    def _places(self, service: Service, state: str) -> str:
        if service.free_places is None or service.stated_on is None:
            return self.t("places_unstated")
        day = self.t("on_day", day=self.words.day(service.stated_on))
        if state == FULL:
            return f"{self.t('places_full')} {day}"
        of_all = f" ({self.t('of_all', n=service.capacity)})" if service.capacity else ""
        if state == STALE:
            return f"{self.t('places_stale', n=service.free_places)} {day}: {self.t('stale')}"
        return f"{self.t('places_free', n=service.free_places)}{of_all} {day}"

    def _brief(self, service: Service) -> Iterator[Line]:
        if ages := self._ages(service):
            yield Line(self.t("ages"), (ages,))
        yield Line(self.t("where"), self._where(service))
        if service.phones or service.apply_by:
            ways = tuple(self.name(APPLY_WAYS, way) for way in service.apply_by)
            yield Line(self.t("how"), ways, tuple(map(self._phone, service.phones)))

    def _more(self, service: Service) -> Iterator[Line]:
        whom = tuple(self.name(AUDIENCES, code) for code in service.audiences)
        if whom or service.eligibility:
            joined = (", ".join(whom),) if whom else ()
            yield Line(self.t("for_whom"), joined + ((service.eligibility,) if service.eligibility else ()))
        if service.hours:
            yield Line(self.t("when"), tuple(self._week(service)))
            if service.hours.exceptions:
                yield Line(self.t("exceptions"), tuple(self._exceptions(service)))
        urgent = [self.words.urgency(code) for code in _ordered(service.urgencies)]
        night = [self.t("night")] if service.night_calls else []
        yield Line(self.t("takes"), (", ".join(urgent + night),))
        if service.application:
            yield Line(self.t("how"), (service.application,))
        for key, link in (("page", service.page), ("email", service.email)):
            if link:
                yield Line(self.t(key), (), ((link if key == "page" else f"mailto:{link}", link),))
        if service.documents:
            yield Line(self.t("documents"), service.documents)
        if service.fee or service.fee_text:
            fee = (self.name(FEES, service.fee),) if service.fee else ()
            yield Line(self.t("fee"), fee + ((service.fee_text,) if service.fee_text else ()))
        if service.form:
            yield Line(self.t("form"), (self.name(SERVICE_FORMS, service.form),))

    def _ages(self, service: Service) -> str:
        first, last = service.min_age, service.max_age
        if first is not None and last is not None:
            return self.t("age_from_to", first=first, last=last)
        if first is not None:
            return self.t("age_from", first=first)
        return self.t("age_to", last=last) if last is not None else ""

    def _where(self, service: Service) -> tuple[str, ...]:
        areas = (
            ", ".join(service.districts) or ", ".join(map(self._territory, service.territories)) or self.t("everywhere")
        )
        return (areas, *map(self.place, service.places))

    def _territory(self, code: str) -> str:
        """A region by its name; what lies in one by its code too."""
        name, shown = region_name(code), self.t("oktmo", code=code)
        if name is None:
            return shown
        return name if len(oktmo_prefix(code)) == REGION_DIGITS else f"{name} ({shown})"

    def place(self, place: Place) -> str:
        """An address in one line."""
        region = () if place.region == place.city else (place.region,)
        return ", ".join((place.postal_code, *region, place.city, place.address))

    def _phone(self, phone: ServicePhone) -> tuple[str, str]:
        digits = "".join(sign for sign in phone.number if sign.isdigit() or sign == "+")
        extension = f" {self.t('extension', number=phone.extension)}" if phone.extension else ""
        note = f" ({phone.note})" if phone.note else ""
        return f"tel:{digits}", f"{phone.number}{extension}{note}"

    def _week(self, service: Service) -> Iterator[str]:
        assert service.hours is not None
        by_day = {day.weekday: day.spans for day in service.hours.days}
        week: list[tuple[int, tuple[Span, ...]]] = [(day, by_day.get(day, ())) for day in range(1, 8)]
        for spans, group in groupby(week, key=lambda item: item[1]):
            days = [day for day, _ in group]
            first, last = self.t(f"weekdays_{days[0]}"), self.t(f"weekdays_{days[-1]}")
            yield f"{first if first == last else f'{first}–{last}'}: {self._spans(spans)}"

    def _exceptions(self, service: Service) -> Iterator[str]:
        assert service.hours is not None
        for one in service.hours.exceptions:
            dates = self.words.day(one.from_on)
            if one.to_on != one.from_on:
                dates += f"–{self.words.day(one.to_on)}"
            yield f"{dates}: {self._spans(one.spans)}{f' ({one.note})' if one.note else ''}"

    def _spans(self, spans: Sequence[Span]) -> str:
        if not spans:
            return self.t("closed")
        if any(span.opens == span.closes for span in spans):
            return self.t("around_the_clock")
        return ", ".join(f"{span.opens:%H:%M}–{span.closes:%H:%M}" for span in spans)

    # --- an organisation ---------------------------------------------------------------------------------------------

    def organisation(self, organisation: DirectoryOrganisation) -> tuple[Line, ...]:
        """Lines about an organisation."""
        lines = []
        if organisation.phones:
            lines.append(Line(self.t("phones"), (), tuple(map(self._phone, organisation.phones))))
        if organisation.place:
            lines.append(Line(self.t("address"), (self.place(organisation.place),)))
        for key, link in (("page", organisation.website), ("email", organisation.email)):
            if link:
                lines.append(Line(self.t(key), (), ((link if key == "page" else f"mailto:{link}", link),)))
        numbers = [
            self.t(key, number=number)
            for key, number in (("ogrn", organisation.ogrn), ("inn", organisation.inn))
            if number
        ]
        if numbers:
            lines.append(Line(self.t("numbers"), tuple(numbers)))
        return tuple(lines)


def _ordered(codes: Sequence[str]) -> Iterator[str]:
    return (code for code in ("planned", "urgent", "emergency") if code in codes and find_code(URGENCIES, code))
