"""Rows as answers: each row is one answer to one message."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from adapters.answer_records import AnswerFault, answer_draft
from adapters.report import Complaint, Draft
from adapters.tables.profile import Profile
from adapters.tables.rows import RowParser, RowValues


class AnswerAssembler:
    """`reader.Assembler` of answers."""

    def __init__(self, parser: RowParser, profile: Profile, defaults: Mapping[str, str]) -> None:
        self._parser = parser
        self._defaults = {name: said for name, said in defaults.items() if name in profile.by_field}
        self._alone = itertools.count()

    def key(self, _row: RowValues) -> object:
        """Every row stands alone."""
        return next(self._alone)

    def draft(self, rows: Sequence[RowValues]) -> tuple[Draft | None, list[Complaint]]:
        """The answer, with rules of form checked."""
        try:
            return answer_draft({**self._defaults, **rows[0].message}), []
        except AnswerFault as fault:
            return None, [self._parser.complaint(fault.code, fault.field, rows[0].row.line)]

    def disagreements(self, _rows: Sequence[RowValues]) -> Sequence[Complaint]:
        """One row contradicts nothing."""
        return ()
