"""The table of facts in: an event is a row and the rows of reason persons and criteria that go on with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from pydantic import ValidationError

from adapters.egisso.cells import as_value
from adapters.egisso.fact_losses import Taken, fact_losses
from adapters.egisso.fact_rules import warnings
from adapters.egisso.facts import CRITERIA, EVENTS, REASON, Assignment, Column, columns
from adapters.egisso.history import History
from adapters.egisso.table import EVENT, Heading, Row, Table, events_of
from adapters.formats import Context, FormatRecord, Reading
from adapters.paths import Path, put
from adapters.report import Complaint, ImportReport, Severity, weightiest
from schemas.errors import DocumentRejected

FORMAT: Final = "egisso-facts"
TOO_LONG: Final = "cell_too_long"
_GOES_ON: Final = {REASON: "reason", CRITERIA: "criterion"}
_MANY: Final = {"reason": "reasons", "criterion": "criteria"}
_MALFORMED: Final = {
    "uuid": "egisso_uuid_malformed",
    "participant": "egisso_participant_malformed",
    "snils": "snils_malformed",
    "day": "date_malformed",
    "money": "egisso_money_malformed",
    "yes_no": "egisso_yes_no_malformed",
    "gender": "code_unknown",
    "form": "code_unknown",
    "measure": "code_unknown",
    "kinship": "egisso_kinship_malformed",
    "criterion": "egisso_criterion_malformed",
    "document_type": "code_unknown",
}


def read_facts(stream: BinaryIO, context: Context | None = None) -> Reading:
    """Opens a table. Raises DocumentRejected for a table as a whole, also while its records are read."""
    context = context or Context()
    reading = Reading(ImportReport(FORMAT))
    reading.records = _records(Table(stream, context.limits, reading), context)
    return reading


def _records(table: Table, context: Context) -> Iterator[FormatRecord]:
    history = History(context.earlier)
    number = 0
    for rows in events_of(table.rows(), context.limits):
        number += 1
        if number > context.limits.max_records:
            raise DocumentRejected("document_too_many_records", limit=context.limits.max_records)
        yield _Event(rows, number, context, table.heading).read(history)
    if number == 0:
        raise DocumentRejected("document_without_rows")


class _Event:
    def __init__(self, rows: list[Row], number: int, context: Context, heading: Heading) -> None:
        self._rows = rows
        self._number = number
        self._limits = context.limits
        self._complaints: list[Complaint] = []
        self._heading_row = heading
        self._taken: list[Taken] = []
        self._lines: dict[Path, int] = {}

    def read(self, history: History) -> FormatRecord:
        first = self._rows[0]
        value: Assignment | None = None
        for row in self._rows:
            if row.fault is not None:
                self._complain(row.fault, "", row.line)
        if first.fault is None and self._is_event(first):
            value = self._value()
        if value is not None:
            for code in history.take(value):
                self._complain(code, "assignmentFactUuid", first.line)
        has_errors = any(complaint.severity is Severity.ERROR for complaint in self._complaints)
        kept = sorted(weightiest(self._complaints, self._limits.max_complaints), key=lambda one: one.line or 0)
        own = first.cells.get("assignmentFactUuid", "").lower() if first.fault is None else ""
        if has_errors or value is None:
            return FormatRecord(self._number, first.line, None, tuple(kept), own)
        losses = tuple(fact_losses(value, self._rows, self._taken, self._heading_row, self._number))
        return FormatRecord(self._number, first.line, value, tuple(kept), own, losses)

    def _is_event(self, first: Row) -> bool:
        kind = first.cells.get(EVENT, "")
        if kind in _GOES_ON:
            self._complain("egisso_row_without_fact", EVENT, first.line)
        elif kind not in EVENTS:
            self._complain_of_kind(first)
        return kind in EVENTS

    def _complain_of_kind(self, row: Row) -> None:
        if len(row.cells.get(EVENT, "")) > self._limits.max_cell:
            self._complain(TOO_LONG, EVENT, row.line, limit=self._limits.max_cell)
        else:
            self._complain("egisso_event_kind_unknown", EVENT, row.line, known=", ".join(EVENTS))

    def _value(self) -> Assignment | None:
        found = self._fields(self._rows[0], columns())
        for row in self._rows[1:]:
            if row.fault is not None:
                continue
            block = _GOES_ON.get(row.cells.get(EVENT, ""))
            if block is None:
                self._complain_of_kind(row)
                continue
            own = tuple(column for column in columns() if column.path[0] == block)
            self._fields(row, own, found)
            known = {column.heading for column in own} | {EVENT}
            if any(heading not in known for heading in row.cells):
                self._complain("egisso_ignored_cells", EVENT, row.line, Severity.WARNING)
        try:
            value = Assignment.model_validate(found)
        except ValidationError as error:
            self._take_faults(error)
            return None
        for code, path in warnings(value):
            self._complain(code, self._heading(path), self._line(path), Severity.WARNING)
        return value

    def _fields(self, row: Row, own: tuple[Column, ...], into: dict[str, Any] | None = None) -> dict[str, Any]:
        """The cells of a row as nested fields; a block that may repeat is one more of its kind."""
        if row.extra:
            self._complain("extra_columns", "", row.line)
        found: dict[str, Any] = {} if into is None else into
        blocks: dict[str, dict[str, Any]] = {}
        for column in own:
            text = row.cells.get(column.heading)
            if text is None:
                continue
            if len(text) > self._limits.max_cell:
                self._complain(TOO_LONG, column.heading, row.line, limit=self._limits.max_cell)
                continue
            read = as_value(column.kind, text)
            for note in read.notes:
                self._complain(note, column.heading, row.line, Severity.WARNING)
            block, *rest = column.path
            if many := _MANY.get(block):
                at = len(found.get(many, ()))
                put(blocks.setdefault(many, {}), tuple(rest), read.text)
                self._lines[(many, at)] = row.line
                self._taken.append(Taken(row, column, (many, at, *rest)))
            else:
                put(found, column.path, read.text)
                self._taken.append(Taken(row, column, column.path))
        for many, block_values in blocks.items():
            found.setdefault(many, []).append(block_values)
        return found

    # --- faults ------------------------------------------------------------------------------------------------------

    def _take_faults(self, error: ValidationError) -> None:
        too_long = {(one.place, one.line) for one in self._complaints if one.code == TOO_LONG}
        for fault in error.errors(include_url=False, include_input=False):
            path = tuple(fault["loc"])
            for code, where in _codes(str(fault["type"]), fault.get("ctx", {}), path):
                limit = fault.get("ctx", {}).get("max_length")
                params = {"limit": int(limit)} if code == "egisso_text_too_long" and limit else {}
                found = Complaint(code, Severity.ERROR, self._heading(where), self._line(where), self._number, params)
                if (found.place, found.line) not in too_long:  # it has said so itself
                    self._complaints.append(found)

    def _heading(self, path: Path) -> str:
        """The heading of a field's column; of a block, that of its first."""
        names = tuple(
            {many: block for block, many in _MANY.items()}.get(step, step) for step in path if isinstance(step, str)
        )
        found = [column.heading for column in columns() if column.path[: len(names)] == names]
        return found[0] if found else EVENT

    def _line(self, path: Path) -> int:
        return self._lines.get(path[:2], self._rows[0].line)

    def _complain(
        self, code: str, place: str, line: int, severity: Severity = Severity.ERROR, **params: str | int
    ) -> None:
        self._complaints.append(Complaint(code, severity, place, line, self._number, params))


def _codes(fault: str, context: dict[str, Any], path: Path) -> Iterator[tuple[str, Path]]:
    names = tuple(step for step in path if isinstance(step, str))
    kinds = {column.path: column.kind for column in columns()}
    plain = tuple({many: block for block, many in _MANY.items()}.get(name, name) for name in names)
    kind = kinds.get(plain, "")
    if fault == "missing":
        yield "egisso_document_incomplete" if "document" in names else "value_missing", path
    elif fault == "string_too_long":
        yield "egisso_text_too_long", path
    elif fault == "value_error" and kind == "snils":
        yield "snils_check_digits", path
    elif fault == "value_error" and ":" in str(context.get("error", "")):
        for pair in str(context["error"]).split():
            code, _, field = pair.partition(":")
            yield code, (*path, *field.split("."))
    elif fault == "value_error":
        yield "egisso_unprintable", path
    else:
        yield _MALFORMED.get(kind, "value_malformed"), path
