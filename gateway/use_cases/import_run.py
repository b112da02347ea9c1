"""One import from wherever it is: its file is read to the end, then applied a few records at a time, each step written with its
position. A record that fails again and again in a way that nobody foresaw is kept out, and the others go on.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from adapters.losses import LossReport
from adapters.report import ImportReport, Record
from gateway.use_cases.apply_answer import Rehearsed
from gateway.use_cases.clear_imports import forget_file
from gateway.use_cases.file_records import FileRecords, survey, survey_of
from gateway.use_cases.house import House
from gateway.use_cases.import_report import LOSSES, end_of, losses_of, report_of, result_of, whole_of
from gateway.use_cases.import_values import DONE, MOST_ATTEMPTS, REFUSED, STOPPED, Import, Position
from gateway.use_cases.import_words import sealed_report, without_words
from gateway.use_cases.keep_mapping_profile import require_profile
from gateway.use_cases.keep_records import MOST_KEPT, KeptChange, keep_in
from gateway.use_cases.open_directory import directory_kind_of, read_directory_of
from gateway.use_cases.open_import import Opened, need_of, open_import, requester_of
from gateway.use_cases.ports import Unit
from gateway.use_cases.receive_directory import receive_directory, rehearse_directory
from gateway.use_cases.receive_file import marks, record_file, require_all
from gateway.use_cases.take_records import Settled, refused, take_record
from gateway.use_cases.values import Requester
from schemas.answers import AnswerDraft
from schemas.errors import BadInput, MezhvedError, NotAuthenticated, NotPermitted

STEP: Final = 25
"""Records that are written together."""
SEEN: Final = 1_000
"""After so many records of the first reading it is told how far that is."""
FIRST_TRIES: Final = 3
"""So often a record that fails in a way that nobody foresaw is tried before it is kept out."""

Clock = Callable[[], datetime]
Told = Callable[[Position], None]


class LeaseLostError(Exception):
    """Another worker has it now: nothing more may be written."""


class EndedEarlyError(Exception):
    """The process is told to end; another takes it up."""


class ImportRun:
    """One import, from wherever it is."""

    def __init__(
        self, house: House, one: Import, lease: str, clock: Clock, told: Told, stopping: Callable[[], bool]
    ) -> None:
        self._house, self._import, self._lease = house, one, lease
        self._clock, self._told, self._stopping = clock, told, stopping
        self._report = ImportReport(one.handed.form)  # of the file, as it is read
        self._losses = LossReport()  # of the records that are settled
        self._earlier = Rehearsed()
        self._returns = False  # whether its refused rows can be given back
        self._sealed = sealed_report(house, one.id, new=True)

    def run(self) -> None:
        """To its end, whatever that is. Raises LeaseLostError, EndedEarlyError, Broken."""
        one = self._import
        if one.stop_wanted:
            self._end(STOPPED, ("import_stopped", {}))
        elif one.attempts > MOST_ATTEMPTS:
            self._end(STOPPED, ("import_given_up", {}))
        else:
            try:
                with open_import(self._house, one, self._clock()) as opened:
                    self._take(opened)
            except (BadInput, NotPermitted, NotAuthenticated) as refusal:
                state = STOPPED if self._import.position.settled else REFUSED
                self._end(state, (refusal.code, refusal.params))

    def _take(self, opened: Opened) -> None:
        if (kind := directory_kind_of(opened.source)) is not None:
            self._take_directory(opened, kind)
            return
        if self._import.position.total is None:
            self._survey(opened)
        read = self._rest(opened)
        self._returns = read.layout is not None or opened.source.gives_back
        self._report = read.report
        with self._house.store.reading() as unit:
            steps = self._sealed.open_steps(unit.imports.all_steps(self._import.id))
            self._losses = losses_of(replace(self._import, whole={}), steps)
        while batch := list(itertools.islice(read.records, STEP)):
            self._step(self._as_it_is_now(opened, batch), batch)
            if self._is_to_stop():
                self._said(opened, read)
                self._end(STOPPED, ("import_stopped", {}))
                return
            if self._stopping():
                raise EndedEarlyError
        self._said(opened, read)
        self._end(DONE)

    def _as_it_is_now(self, opened: Opened, batch: Sequence[Record]) -> Opened:
        """With the rights that whoever handed it in has at this moment: what was taken away ends the import before the next
        step, and so does a profile that was withdrawn. Raises NotAuthenticated, NotPermitted, BadInput (profile_withdrawn)."""
        with self._house.store.reading() as unit:
            requester = requester_of(unit, self._import)
            require_profile(unit, self._import.organisation_id, self._import.handed.profile)
        require_all(requester, survey_of(batch), need_of(self._import, requester))
        return replace(opened, requester=requester)

    def _is_to_stop(self) -> bool:
        """Between two steps: whether somebody wants it."""
        with self._house.store.reading() as unit:
            known = unit.imports.get(self._import.organisation_id, self._import.id)
        return known is not None and known.stop_wanted

    def _said(self, opened: Opened, read: FileRecords) -> None:
        self._import = replace(self._import, whole=whole_of(read.report), signature=opened.signature)

    def _survey(self, opened: Opened) -> None:
        def seen(number: int) -> None:
            if number % SEEN == 0:
                self._move(Position(checked=number))
                if self._stopping():
                    raise EndedEarlyError

        found = survey(opened.source, seen)
        require_all(opened.requester, found, need_of(self._import, opened.requester))
        if found.kept and not self._import.handed.rehearsal:
            with self._house.store.reading() as unit:
                waiting = sum(unit.kept_records.count(self._import.organisation_id).values())
            if waiting + found.kept > MOST_KEPT:
                raise BadInput("kept_too_many", most=MOST_KEPT)
        self._move(Position(checked=found.records, total=found.records))

    def _rest(self, opened: Opened) -> FileRecords:
        """The file with what is settled passed over. One that reads otherwise than before (its profile was changed meanwhile)
        is taken from its beginning: what was applied is known again."""
        read, position = opened.source.read(), self._import.position
        if not position.settled:
            return read
        last = self._passed(opened, read.records, position)
        if last is not None and last.number == position.settled and last.line == position.line:
            return read
        with self._house.store.writing() as unit:
            unit.imports.begin_anew(self._import.id)
            self._moved(unit, Position(checked=position.checked, total=position.total))
        self._earlier = Rehearsed()
        return opened.source.read()

    def _passed(self, opened: Opened, records: Iterator[Record], position: Position) -> Record | None:
        """The last of those that are settled. To pass them over takes its time too: the lease is renewed. Answers that are
        rehearsed are rehearsed again: those after them rest on what they would have done."""
        last: Record | None = None
        for record in itertools.islice(records, position.settled):
            last = record
            if self._import.handed.rehearsal and isinstance(record.draft, AnswerDraft):
                self._settle(opened, record, again=False)
            if record.number % SEEN == 0:
                self._move(position)
        return last

    def _step(self, opened: Opened, batch: Sequence[Record]) -> None:
        settled: list[Settled] = []
        try:
            for record in batch:
                settled.append(self._settle(opened, record, again=not settled))
        except Exception:
            if settled:
                self._write(opened, settled)  # so that the next attempt begins with what failed
            raise
        self._write(opened, settled)

    def _settle(self, opened: Opened, record: Record, *, again: bool) -> Settled:
        how = self._import.handed
        try:
            return take_record(
                self._house,
                opened.requester,
                record,
                self._clock(),
                synthetic=how.synthetic,
                rehearsal=how.rehearsal,
                earlier=self._earlier,
            )
        except MezhvedError:
            raise
        except Exception:
            if again and self._import.attempts > FIRST_TRIES:
                return Settled(refused(record, "record_failed"))
            raise

    def _write(self, opened: Opened, settled: Sequence[Settled]) -> None:
        position, now = self._import.position, self._clock()
        drafts = [draft for one in settled if (draft := one.to_keep) is not None]
        change: KeptChange | None = None
        found = (loss for one in settled for loss in self._report.losses_in(one.record))
        results = [dict(result_of(one)) for one in settled]
        if (lost := self._losses.further(found))["sums"]:
            results[0][LOSSES] = lost
        with self._house.store.writing() as unit:
            self._moved(unit, position)  # whose lease it is comes first: another may have written this step
            if drafts and not self._import.handed.rehearsal:
                change = keep_in(self._house, unit, opened.requester, drafts, now)
            unit.imports.add_step(self._import.id, self._sealed.step(settled[0].record.number, results))
            complaints = (complaint.code for one in settled for complaint in one.record.complaints)
            kept = change.changed if change else 0
            further = replace(
                position,
                settled=position.settled + len(settled),
                line=settled[-1].record.line,
                accepted=position.accepted + sum(one.record.draft is not None for one in settled),
                repeated=position.repeated + sum(one.repeated for one in settled),
                sent=position.sent + sum(one.is_sent for one in settled),
                kept=position.kept + kept,
                unchanged=position.unchanged + (len(drafts) - kept if change else 0),
                rules=dict(Counter(position.rules) + Counter(complaints)),
            )
            self._moved(unit, further)
        if change is not None:
            change.forget(self._house)
        self._told(further)

    def _move(self, position: Position) -> None:
        with self._house.store.writing() as unit:
            self._moved(unit, position)
        self._told(position)

    def _moved(self, unit: Unit, position: Position) -> None:
        """Further than before is a first attempt again."""
        attempts = 1 if position.settled > self._import.position.settled else self._import.attempts
        if not unit.imports.move(self._import.id, self._lease, position, attempts, self._clock()):
            raise LeaseLostError
        self._import = replace(self._import, position=position, attempts=attempts)

    def _take_directory(self, opened: Opened, kind: str) -> None:
        """A phone book or documents of the directory: taken as one."""
        one, now = self._import, self._clock()
        need_of(one, opened.requester)(kind)
        reading = read_directory_of(opened.source)
        if one.handed.rehearsal:
            rehearse_directory(self._house, opened.requester, reading, now)
        else:
            receive_directory(self._house, opened.requester, one.actor, reading, one.digest, now)
        report = reading.report
        position = Position(report.records, report.records, report.records, 0, report.accepted)
        self._returns = reading.rejects is not None
        self._import = replace(one, position=position, whole=whole_of(report), signature=opened.signature)
        self._end(DONE)

    def _end(self, state: str, refusal: tuple[str, Mapping[str, str | int]] | None = None) -> None:
        now, how = self._clock(), self._import.handed
        whole = self._import.whole or {"format": how.form}
        one = replace(self._import, state=state, ended_at=now, refusal=refusal, whole=whole)
        with self._house.store.reading() as unit:
            report = report_of(one, self._sealed.open_steps(unit.imports.all_steps(one.id)))
        with self._house.store.writing() as unit:
            if not unit.imports.end(replace(one, whole=without_words(whole)), self._lease):
                raise LeaseLostError
            unit.imports.add_step(one.id, self._sealed.end(end_of(report)))
            sender = unit.participants.organisation(one.organisation_id)
            assert sender is not None
            kept = one.position.kept + one.position.unchanged
            more = {
                **marks(how.profile, how.form, one.signature, kept, how.rehearsal),
                "import": one.id,
                **({"code": refusal[0]} if refusal else {}),
            }
            record_file(unit, sender, Requester(one.organisation_id, one.actor), report, one.digest, now, more)
        self._import = one
        if not (self._returns and report.rejected):
            forget_file(self._house, one.id)
