"""An import: a file that was handed in and is taken step by step, whatever happens to whoever takes it.

The sealed file waits in the folder of blobs. A step is a few records that are settled, and is written when they are: what
a crash leaves is taken up again after the last step. Records of a step that was not written are taken a second time, which
changes nothing (law 9).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from gateway.use_cases.certificate_values import SignatureSeen
from schemas.ids import OrganisationId

RECEIVING: Final = "receiving"
WAITING: Final = "waiting"
RUNNING: Final = "running"
DONE: Final = "done"
REFUSED: Final = "refused"
"""The file as a whole: nothing of it was taken."""
STOPPED: Final = "stopped"
"""In the midst of it: what was taken before stays taken."""
OPEN: Final = (RECEIVING, WAITING, RUNNING)
BY_SYSTEM: Final = "system"
BY_PAGE: Final = "page"
BY_OPERATOR: Final = "operator"

LEASE: Final = timedelta(seconds=60)
"""After so long without a step an import is given to another worker."""
MOST_ATTEMPTS: Final = 10
"""How often an import is taken up again without one step more, before it is stopped."""
ARRIVES_IN: Final = timedelta(days=1)
"""After so long a file that has not come whole is cleared away."""
FILE_KEPT: Final = timedelta(days=7)
"""After its end, where rows were refused: so long its refused rows can be fetched."""
RESULT_KEPT: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Handed:
    """How a file is to be read, as whoever handed it in said. `came_by`: by a system, a page or the operator."""

    form: str
    profile: str
    sheet: int | None = None
    rehearsal: bool = False
    synthetic: bool = False
    came_by: str = BY_SYSTEM


@dataclass(frozen=True, slots=True)
class Position:
    """How far an import is. `settled` records of `total` (None: the file is not yet read to its end, of which `checked` are
    seen); `line` is where the last settled one begins, by which a file that reads otherwise now is noticed. `sent`: new
    messages."""

    checked: int = 0
    total: int | None = None
    settled: int = 0
    line: int = 0
    accepted: int = 0
    kept: int = 0
    unchanged: int = 0
    repeated: int = 0
    sent: int = 0
    rules: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Import:
    """One import as it stands. `whole` is what the report says of the file as a whole; `refusal` why it was refused or
    stopped: a code of the catalogue with its parameters. `wrapped_key` opens the sealed file, None once that is gone."""

    id: str
    organisation_id: OrganisationId
    actor: str
    handed: Handed
    handed_in_at: datetime
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    state: str = RECEIVING
    wrapped_key: bytes | None = None
    size: int = 0
    digest: str = ""
    position: Position = Position()
    attempts: int = 0
    stop_wanted: bool = False
    started_at: datetime | None = None
    ended_at: datetime | None = None
    whole: Mapping[str, Any] = field(default_factory=dict)
    signature: SignatureSeen | None = None
    refusal: tuple[str, Mapping[str, str | int]] | None = None

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self.state in OPEN

    @property
    def rejected(self) -> int:
        """Records that were kept out so far."""
        return self.position.settled - self.position.accepted


@dataclass(frozen=True, slots=True)
class ImportStep:
    """What became of records `first` and following: a JSON value for each (`import_report.result_of`)."""

    first: int
    results: Sequence[Mapping[str, Any]]


class Imports(Protocol):
    """Rows of imports and of their steps. Whatever takes a `lease` returns False, and does nothing, where another has it."""

    def begin(self, one: Import) -> None: ...
    def handed_in(self, one: Import) -> bool:
        """The file is there, whole. False where its row is gone: it took too long, and was cleared away."""
        ...

    def get(self, organisation_id: OrganisationId, import_id: str, *, lock: bool = False) -> Import | None: ...
    def of_organisation(self, organisation_id: OrganisationId, before: str | None, limit: int) -> Sequence[Import]:
        """The newest first; `before` is the identifier of the last one seen."""
        ...

    def count_open(self, organisation_id: OrganisationId, since: datetime) -> int:
        """Of those whose file is on its way only the ones that began since then."""
        ...

    def count_read_by(self, organisation_id: OrganisationId, profile: str) -> int:
        """How many files wait, or are being taken, that this profile reads."""
        ...

    def same_open(self, one: Import) -> str | None:
        """Another import of the same file in the same way that is still to be done."""
        ...

    def is_waiting(self, now: datetime) -> bool:
        """Whether there is anything to lease."""
        ...

    def lease(self, lease: str, now: datetime, import_id: str | None = None) -> Import | None:
        """The one that waits longest (or this one), now leased; None where there is none that is free."""
        ...

    def move(self, import_id: str, lease: str, position: Position, attempts: int, now: datetime) -> bool:
        """How far it is, and how often that was tried; the lease is renewed."""
        ...

    def add_step(self, import_id: str, step: ImportStep) -> None: ...
    def begin_anew(self, import_id: str) -> None:
        """Forget its steps."""
        ...

    def end(self, one: Import, lease: str) -> bool:
        """As it ended: state, time, what the report says."""
        ...

    def release(self, import_id: str, lease: str, at: datetime) -> None:
        """Let another take it up from then on."""
        ...

    def want_stop(self, import_id: str) -> None: ...
    def steps(self, import_id: str, after: int, limit: int) -> Sequence[ImportStep]:
        """Steps whose records come after this number, in order."""
        ...

    def all_steps(self, import_id: str) -> Iterator[ImportStep]: ...
    def with_stale_files(self, now: datetime, destroyed_at: datetime | None, limit: int) -> Sequence[str]:
        """Imports whose file nobody needs any more, or never came whole, or was handed in before somebody's keys were
        destroyed, and is taken."""
        ...

    def forget_files(self, import_ids: Sequence[str]) -> None:
        """Their keys go; those that never came whole go altogether."""
        ...

    def with_old_results(self, before: datetime, limit: int) -> Sequence[str]:
        """Imports that ended before then, and whose files are gone."""
        ...

    def forget_results(self, import_ids: Sequence[str]) -> None:
        """These altogether, with their steps."""
        ...

    def last_word(self, import_id: str) -> ImportStep | None:
        """The step by the number 0: the report of one that has ended."""
        ...
