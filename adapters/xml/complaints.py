"""The complaints of one record of an XML document, as they gather."""

from __future__ import annotations

from collections.abc import Iterable

from adapters.limits import Limits
from adapters.report import Complaint, Severity, weightiest


class RecordComplaints:
    """What is wrong with the record of this number."""

    def __init__(self, number: int, limits: Limits) -> None:
        self._number = number
        self._limits = limits
        self._found: list[Complaint] = []

    def add(self, code: str, place: str, line: int, severity: Severity = Severity.ERROR, **params: str | int) -> None:
        """One more."""
        self._found.append(Complaint(code, severity, place, line, self._number, params))

    def extend(self, found: Iterable[Complaint]) -> None:
        """Those of a schema."""
        self._found.extend(found)

    def told(self) -> frozenset[tuple[int | None, str]]:
        """Lines and elements of which something is told already: what the schema has told about an element, better than a rule
        of form could, is not told twice."""
        return frozenset((complaint.line, _last(complaint.place)) for complaint in self._found)

    def unless_told(
        self, told: frozenset[tuple[int | None, str]], code: str, place: str, line: int, severity: Severity
    ) -> None:
        """One more, unless its element is among `told`."""
        if (line, _last(place)) not in told:
            self.add(code, place, line, severity)

    @property
    def has_errors(self) -> bool:
        """Whether one of them keeps the record out."""
        return any(complaint.severity is Severity.ERROR for complaint in self._found)

    def kept(self) -> tuple[Complaint, ...]:
        """As many as a record may have, what keeps it out first of all."""
        return weightiest(self._found, self._limits.max_complaints)


def _last(place: str) -> str:
    return place.rpartition("/")[2]
