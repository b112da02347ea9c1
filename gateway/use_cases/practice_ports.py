"""What the use cases of a practice need of the store. `gateway.storage.practices` implements it on both stores."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gateway.use_cases.practice_values import (
    BoardRow,
    CaseCourse,
    CaseScore,
    CourseEvent,
    CourseTimer,
    DeliveredMessage,
    PracticeSetting,
    StoppedClock,
)
from gateway.use_cases.values import Organisation
from schemas.ids import CaseId, MessageId, OrganisationId, PersonId


class PracticeStore(Protocol):
    """Courses of cases, running timers, settings and scores, in a bounded number of statements whatever their number."""

    # --- the course of a case
    def course(self, case_id: CaseId, organisation_id: OrganisationId, practice: str) -> CaseCourse | None:
        """Where the case stands by this practice; by another one it stands nowhere."""
        ...

    def save_course(self, course: CaseCourse) -> None: ...
    def add_event(self, event: CourseEvent) -> None: ...
    def events(self, case_id: CaseId, organisation_id: OrganisationId, limit: int) -> Sequence[CourseEvent]:
        """Newest first."""
        ...

    # --- timers
    def start(self, timers: Sequence[CourseTimer]) -> None:
        """Start those that do not run yet: one running timer of a kind about one thing."""
        ...

    def get(self, timer_id: str, organisation_id: OrganisationId, *, lock: bool = False) -> CourseTimer | None: ...
    def running_about(
        self, about_kind: str, about: str, organisation_id: OrganisationId, *, lock: bool = False
    ) -> Sequence[CourseTimer]: ...
    def running_page(
        self, after: str, limit: int, organisation_id: OrganisationId | None = None
    ) -> Sequence[CourseTimer]:
        """All that run, by identifier, in pages; locked against other writers where the store allows it."""
        ...

    def save(self, timers: Sequence[CourseTimer]) -> None:
        """Write what may change of a timer."""
        ...

    def pauses(self, timer_ids: Collection[str]) -> Mapping[str, Sequence[StoppedClock]]: ...
    def add_pause(self, pause: StoppedClock) -> None: ...
    def end_pause(self, timer_id: str, now: datetime) -> None: ...
    def is_waiting(self, now: datetime) -> bool:
        """Whether any timer must be looked at."""
        ...

    def waiting(self, now: datetime, limit: int) -> Sequence[CourseTimer]:
        """The longest waiting, locked against other relays where the store allows it."""
        ...

    def begun(self, case_ids: Collection[str]) -> frozenset[tuple[str, OrganisationId, str]]:
        """Which timers ever began about these cases, and whose: case, organisation, timer."""
        ...

    # --- settings
    def settings(self, organisation_ids: Collection[OrganisationId]) -> Sequence[PracticeSetting]: ...
    def put_setting(self, setting: PracticeSetting) -> None: ...
    def take_setting(self, organisation_id: OrganisationId, practice: str, name: str) -> None: ...
    def organisations(self, organisation_ids: Collection[OrganisationId]) -> Mapping[OrganisationId, Organisation]: ...
    def delivered(self, message_ids: Collection[MessageId]) -> Sequence[DeliveredMessage]: ...

    # --- the board
    def board(
        self, organisation_id: OrganisationId, after: str | None, limit: int, until: datetime | None = None
    ) -> Sequence[BoardRow]:
        """Running timers of the practice and terms of the pack: the most urgent first, those that stand still last. A page
        begins after a timer of this organisation; any other name begins nothing."""
        ...

    def load(self, organisation_id: OrganisationId, bounds: Sequence[datetime]) -> Sequence[int]:
        """How many are due before the first bound, between each bound and the next, from the last on; then how many
        stand still. One statement."""
        ...

    def workers(
        self, organisation_id: OrganisationId, case_ids: Collection[CaseId]
    ) -> Mapping[CaseId, Sequence[tuple[PersonId, str]]]:
        """Who of the organisation works on these cases: identifier and name."""
        ...

    # --- scores
    def add_score(self, score: CaseScore) -> None: ...
    def scores(self, case_id: CaseId, organisation_id: OrganisationId, limit: int) -> Sequence[CaseScore]:
        """Newest first."""
        ...

    def courses_of(self, organisation_id: OrganisationId, limit: int) -> Sequence[CaseCourse]:
        """Cases that the organisation keeps by its practice, the longest in their stage first."""
        ...
