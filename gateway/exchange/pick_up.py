"""Pick up what partners with a file drop put into `answers` of their folder: receipts, and what became of messages.

A file is applied where it lies and moved only afterwards, with its report: a crash between leaves it to be picked up again,
which changes nothing (`receive_answers`). A lock keeps other processes out meanwhile. Names of files are never logged: a
partner chose them (law 8). The folder is the partner's: whatever it puts there, nothing else is read or written (`folders`).
In the folder `rehearsal` the same is only tried.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog

from adapters.answers.report import rejection_table, report_table
from gateway.exchange.folders import Folder, NotPlainError, open_folder
from gateway.exchange.rounds import Rounds
from gateway.use_cases.delivery_values import Endpoint, EndpointState, Transport
from gateway.use_cases.house import House
from gateway.use_cases.oversee_deliveries import read_endpoints
from gateway.use_cases.receive_answers import FORMS, AnswersTaken, answers_report, receive_answers, refuse_file
from gateway.use_cases.sign_report import sign_answers_report
from schemas.errors import Broken, DocumentRejected, MezhvedError

INBOX: Final = "answers"
REHEARSAL: Final = "rehearsal"
"""A folder in it whose files are only tried."""
_OF_ONE_FILE: Final = frozenset({"key_absent", "seal_broken"})
"""What breaks one file alone: it stays, and does not stop the others."""
DONE: Final = "done"
REJECTED: Final = "rejected"
REPORT: Final = ".report.csv"
WHOLE_REPORT: Final = ".report.json"
SIGNED_REPORT: Final = ".report.xml"
REFUSED: Final = ".rejected"
"""Before the ending of the file of which it has the refused answers."""
SETTLE: Final = 2.0
"""Seconds without a change after which a file counts as finished, for partners who cannot rename."""
MOST_FILES: Final = 100
"""Of one endpoint in one round."""
_UNFINISHED: Final = (".tmp", ".part", ".filepart", ".partial", ".crdownload", "~")
_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class PickedUp:
    """How many files were taken, also with some answers kept out, and how many as a whole were not."""

    taken: int = 0
    rejected: int = 0


def pick_up(house: House, root: Path, now: datetime, max_bytes: int) -> PickedUp:
    """One round over all endpoints that are folders. What fails for one of them does not stop the others."""
    total = PickedUp()
    for shown in read_endpoints(house, None):
        endpoint = shown.endpoint
        if endpoint.transport is not Transport.FILE or endpoint.state is not EndpointState.ACTIVE:
            continue
        try:
            with open_folder(root, endpoint.address, INBOX) as inbox:
                one = _of_endpoint(house, endpoint, inbox, now, max_bytes)
                if inbox.has(REHEARSAL):
                    with inbox.inside(REHEARSAL) as trial:
                        _of_endpoint(house, endpoint, trial, now, max_bytes, rehearsal=True)
        except MezhvedError as error:  # the store is busy or away: the file lies where it was
            log.warning("pickup.put_off", code=error.code, endpoint=endpoint.id)
        except OSError as error:
            code = "disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else "folder_not_usable"
            log.warning("pickup.put_off", code=code, endpoint=endpoint.id)
        else:
            total = PickedUp(total.taken + one.taken, total.rejected + one.rejected)
    return total


def _of_endpoint(
    house: House, endpoint: Endpoint, inbox: Folder, now: datetime, max_bytes: int, *, rehearsal: bool = False
) -> PickedUp:
    taken = rejected = 0
    with _alone(inbox) as alone, inbox.inside(DONE) as done, inbox.inside(REJECTED) as aside:
        for name in _waiting(inbox, now) if alone else ():
            try:
                tray = Tray(inbox, done, aside, is_rehearsal=rehearsal)
                is_taken = _take(house, endpoint, tray, name, now, max_bytes)
            except Broken as error:
                if error.code not in _OF_ONE_FILE:
                    raise
                log.error("pickup.file_broken", error=error.code, endpoint=endpoint.id)  # noqa: TRY400  as below
                continue
            except (MezhvedError, OSError):
                raise
            except Exception as error:  # noqa: BLE001  a file that breaks us must not stop the others; it stays
                log.error("pickup.file_broken", error=type(error).__name__, endpoint=endpoint.id)  # noqa: TRY400  a traceback may quote values
                continue
            taken, rejected = (taken + 1, rejected) if is_taken else (taken, rejected + 1)
    return PickedUp(taken, rejected)


@dataclass(frozen=True, slots=True)
class Tray:
    """Where files lie, and where they go. `is_rehearsal`: they are only tried."""

    inbox: Folder
    done: Folder
    rejected: Folder
    is_rehearsal: bool = False


@contextmanager
def _alone(inbox: Folder) -> Iterator[bool]:
    """Whether no other process is at this folder. The lock ends with the process that holds it."""
    descriptor = inbox.lock_file(".lock")
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def _waiting(inbox: Folder, now: datetime) -> list[str]:
    """Finished files, in the order in which they were last written."""
    found = [
        (about.st_mtime_ns, name)
        for name, about in inbox.files()
        if not name.startswith(".")
        and not name.lower().endswith(_UNFINISHED)
        and not 0 <= now.timestamp() - about.st_mtime < SETTLE
    ]
    return [name for _, name in sorted(found)[:MOST_FILES]]


def _take(house: House, endpoint: Endpoint, tray: Tray, name: str, now: datetime, max_bytes: int) -> bool:
    """Whether it was taken. Its report lies beside it before it is moved."""
    content = b""
    try:
        form = _form(name)
        content = _read(tray.inbox, name, max_bytes)
        taken = receive_answers(house, endpoint, content, form, now, max_bytes=max_bytes, rehearsal=tray.is_rehearsal)
    except DocumentRejected as rejection:
        if not tray.is_rehearsal:
            refuse_file(house, endpoint, now)
        _move(tray.inbox, name, tray.rejected, content, {REPORT: rejection_table(rejection)})
        log.warning("pickup.rejected", code=rejection.code, endpoint=endpoint.id)
        return False
    _move(tray.inbox, name, tray.done, content, _reports(house, endpoint, taken, form, now))
    return True


def _reports(house: House, endpoint: Endpoint, taken: AnswersTaken, form: str, now: datetime) -> Mapping[str, bytes]:
    """What lies beside the file, by its ending: what became of each answer, the whole report with its losses, the same signed,
    and the refused answers to be corrected."""
    reports = {REPORT: report_table(taken.answered), WHOLE_REPORT: answers_report(taken)}
    if house.file_signer is not None:
        reports[SIGNED_REPORT] = sign_answers_report(house, endpoint.organisation_id, taken, now)
    if taken.reject_file is not None:
        reports[f"{REFUSED}.{form}"] = taken.reject_file
    return reports


def _form(name: str) -> str:
    form = Path(name).suffix.lower().removeprefix(".")
    if form not in FORMS:
        raise DocumentRejected("answer_file_form")
    return form


def _read(inbox: Folder, name: str, max_bytes: int) -> bytes:
    """Raises DocumentRejected (answer_file_unreadable) for what is no plain file, or may not be read."""
    try:
        return inbox.read(name, max_bytes + 1)
    except NotPlainError:
        raise DocumentRejected("answer_file_unreadable") from None


def _move(inbox: Folder, name: str, folder: Folder, content: bytes, reports: Mapping[str, bytes]) -> None:
    """Into a folder beside, with its reports. A name that is not plain, or is taken by another content, becomes a digest."""
    digest = hashlib.sha256(content).hexdigest()[:16]
    new_name = name if _PLAIN.fullmatch(name) else f"{digest}{Path(name).suffix.lower()[:10]}"
    if folder.has(new_name) and not _same(folder, new_name, content):
        new_name = f"{digest}-{new_name}"
    for ending, report in reports.items():
        folder.write(f"{new_name}{ending}", report)
    inbox.move(name, folder, new_name)


def _same(folder: Folder, name: str, content: bytes) -> bool:
    try:
        return folder.read(name, len(content) + 1) == content
    except (NotPlainError, OSError):
        return False


class PickUp(Rounds):
    """A thread that picks up until told to stop."""

    name = "pickup"

    def __init__(self, house: House, root: Path, seconds: float, clock: Callable[[], datetime], max_bytes: int) -> None:
        super().__init__(seconds)
        self._house, self._root, self._clock, self._max_bytes = house, root, clock, max_bytes

    def once(self) -> None:
        """One round."""
        pick_up(self._house, self._root, self._clock(), self._max_bytes)
