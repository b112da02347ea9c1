"""Records of the directory from values of any format, with complaints in the house's shape.

A value that only says less when it is left out (an e-mail, one phone, the hours) is dropped with a warning; a wrong age,
figure or registration number keeps the record out: half a rule about whom a service is for would mislead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from adapters.limits import DEFAULT_LIMITS, Limits
from adapters.losses import Loss
from adapters.report import Complaint, ImportReport, Record, Severity, SourceRow
from schemas.directory import Directory, DirectoryOrganisation, Service
from schemas.errors import DocumentRejected
from schemas.model import Model

Made = TypeVar("Made", bound=Model)

DROPPED_ALONE: Final = frozenset({"email", "page", "website", "fee_text", "alert", "hours", "parent_ogrn", "place"})
DROPPED_FROM_A_LIST: Final = frozenset({"phones", "places", "documents", "districts"})
_TOO_LONG: Final = frozenset({"string_too_long", "too_long"})
_SAID: Final = {
    "age_order": "directory_age_order",
    "free_places_undated": "directory_free_places_undated",
    "more_free_than_places": "directory_more_free_than_places",
    "not an OGRN": "ogrn_check_digit",
    "not an INN": "inn_check_digit",
    "not an OKTMO code": "oktmo_malformed",
    "named twice": "directory_named_twice",
    "spans overlap": "directory_hours_overlap",
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value stands: file and column or pointer, and the line."""

    place: str
    line: int | None = None


Where = Callable[[tuple[str | int, ...]], Source]


Rejects = Callable[[Sequence[Record]], bytes]


@dataclass(slots=True)
class DirectoryReading:
    """What a file says, and its report. `rows` are the sender's own rows by the number of their record (tables), and `rejects`
    writes refused records in the sender's own format, where it can be. `known_elsewhere`: the organisation of a service need
    not be in the file, the directory has it. `is_compared`: its reader compares records with the whole file and tells all
    they lost."""

    report: ImportReport
    limits: Limits = DEFAULT_LIMITS
    organisations: dict[str, DirectoryOrganisation] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    rows: dict[int, tuple[SourceRow, ...]] = field(default_factory=dict)
    rejects: Rejects | None = None
    known_elsewhere: bool = False
    is_compared: bool = False
    _stand: dict[str, tuple[int, Where]] = field(default_factory=dict)
    _refused: dict[int, list[Complaint]] = field(default_factory=dict)
    _lost: dict[int, list[Loss]] = field(default_factory=dict)

    @property
    def directory(self) -> Directory:
        """The good records, in the order of the file."""
        return Directory(tuple(self.organisations.values()), tuple(self.services.values()))

    def complain(self, code: str, source: Source, *, warning: bool = False, **params: str | int) -> None:
        """A line of the report about the record that was begun last."""
        severity = Severity.WARNING if warning else Severity.ERROR
        number = self.report.records or None
        self.tell(Complaint(code, severity, source.place, source.line, number, params))

    def tell(self, complaint: Complaint) -> None:
        """A line of the report; an error keeps its record out."""
        self.report.complain(complaint)
        if complaint.severity is Severity.ERROR and complaint.record is not None:
            self._refused.setdefault(complaint.record, []).append(complaint)

    def lose(self, code: str, record_id: str, path: tuple[str | int, ...]) -> None:
        """A loss of a record that was taken."""
        number, where = self._stand[record_id]
        source = where(path)
        self.lost(number, Loss(code, source.place, source.line, number))

    def lost(self, number: int, *losses: Loss) -> None:
        """Losses of a record, which count if it is not refused in the end."""
        self._lost.setdefault(number, []).extend(losses)

    def settle(self) -> None:
        """The losses go into the report: nobody refuses a record any more."""
        for number, losses in self._lost.items():
            for loss in losses if number not in self._refused else ():
                self.report.losses.add(loss)
        self._lost.clear()

    def reject_file(self) -> bytes | None:
        """The refused records in the sender's own format; None where none was refused, or it has none."""
        if self.rejects is None or not self._refused:
            return None
        found = []
        for number, complaints in sorted(self._refused.items()):
            rows = self.rows.get(number, ())
            found.append(Record(number, rows[0].line if rows else 0, None, tuple(complaints), rows))
        return self.rejects(sorted(found, key=lambda record: record.line))

    def number_of(self, record_id: str) -> int | None:
        """The number of the record that was taken under this identifier."""
        found = self._stand.get(record_id)
        return found[0] if found else None

    def begin(self) -> None:
        """Count a record. Raises DocumentRejected for one too many."""
        self.report.records += 1
        if self.report.records > self.limits.max_records:
            raise DocumentRejected("document_too_many_records", limit=self.limits.max_records)

    def take(
        self, value: BaseModel | None, complaints: Iterable[Complaint], losses: Iterable[Loss], where: Where
    ) -> None:
        """A record that its reader has made already, or has kept out, which is the next one of the file."""
        self.begin()
        for complaint in complaints:
            self.tell(complaint)
        if isinstance(value, DirectoryOrganisation):
            self.take_organisation(value, where)
        elif isinstance(value, Service):
            self.take_service(value, where)
        self.lost(self.report.records, *losses)

    def organisation(self, values: Mapping[str, Any], where: Where) -> None:
        """Take an organisation that was begun."""
        made = self._made(DirectoryOrganisation, values, where)
        if made is not None and self.take_organisation(made, where):
            self._respelt(made, values)

    def take_organisation(self, made: DirectoryOrganisation, where: Where) -> bool:
        """The same, when it is made already. False where one of its identifier is there."""
        if made.id in self.organisations:
            self.complain("directory_id_repeated", where(("id",)))
            return False
        self.organisations[made.id] = made
        self._stand[made.id] = (self.report.records, where)
        self.report.accepted += 1
        return True

    def service(self, values: Mapping[str, Any], where: Where) -> None:
        """Take a service that was begun; its organisation must have been taken before."""
        made = self._made(Service, values, where)
        if made is not None and self.take_service(made, where):
            self._respelt(made, values)

    def take_service(self, made: Service, where: Where) -> bool:
        """The same, when it is made already. False where it is kept out."""
        if made.id in self.services:
            self.complain("directory_id_repeated", where(("id",)))
        elif made.organisation_id not in self.organisations and not self.known_elsewhere:
            self.complain("directory_organisation_missing", where(("organisation_id",)))
        else:
            self.services[made.id] = made
            self._stand[made.id] = (self.report.records, where)
            self.report.accepted += 1
            return True
        return False

    def _respelt(self, made: Model, values: Mapping[str, Any]) -> None:
        for name, value in values.items() if not self.is_compared else ():
            taken = getattr(made, name, None)
            if isinstance(value, str) and taken is not None and str(taken) != value:
                self.lose("value_respelt", str(values["id"]).lower(), (name,))

    def refuse(self, record_id: str, code: str, **params: str | int) -> None:
        """Keep a good record out after all: somebody else publishes it."""
        number, where = self._stand[record_id]
        source = where(("id",))
        self.tell(Complaint(code, Severity.ERROR, source.place, source.line, number, params))
        self.organisations.pop(record_id, None)
        self.services.pop(record_id, None)
        self.report.accepted -= 1

    def _made(self, model: type[Made], values: Mapping[str, Any], where: Where) -> Made | None:
        given = dict(values)
        try:
            return model.model_validate(given)
        except ValidationError as error:
            kept = self._without_what_can_go(given, error, where)
        if kept is None:
            return None
        try:
            return model.model_validate(kept)
        except ValidationError as error:
            self._refuse(error, where)
            return None

    def _without_what_can_go(
        self, values: dict[str, Any], error: ValidationError, where: Where
    ) -> dict[str, Any] | None:
        faults = [(tuple(fault["loc"]), _code(fault)) for fault in error.errors(include_url=False, include_input=False)]
        if not all(_can_go(path) for path, _ in faults):
            self._refuse(error, where)
            return None
        for path, code in faults:
            source = where(path)
            self.complain(code, source, warning=True)
            if not self.is_compared:
                self.lost(self.report.records, Loss("value_dropped", source.place, source.line, self.report.records))
        kept = {
            name: value for name, value in values.items() if not any(path == (name, *path[1:]) for path, _ in faults)
        }
        for name in DROPPED_FROM_A_LIST & values.keys():
            bad = {path[1] for path, _ in faults if path[0] == name and len(path) > 1}
            if bad:
                kept[name] = tuple(value for place, value in enumerate(values[name]) if place not in bad)
        return kept

    def _refuse(self, error: ValidationError, where: Where) -> None:
        for fault in error.errors(include_url=False, include_input=False)[: self.limits.max_complaints]:
            self.complain(_code(fault), where(tuple(fault["loc"])))


def _can_go(path: tuple[str | int, ...]) -> bool:
    return bool(path) and (path[0] in DROPPED_ALONE or (path[0] in DROPPED_FROM_A_LIST and len(path) > 1))


def _code(fault: Any) -> str:  # noqa: ANN401  pydantic's details, whose type only its core exports
    said = str(fault.get("ctx", {}).get("error", ""))
    if said in _SAID:
        return _SAID[said]
    if said.startswith("not a code of"):
        return "code_unknown"
    if fault["type"] == "missing":
        return "value_missing"
    return "value_too_long" if fault["type"] in _TOO_LONG else "value_malformed"
