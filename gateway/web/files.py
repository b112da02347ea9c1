"""«Файлы»: a table or an XML document from somebody's own machine, what became of it, and the refused rows to correct.

The file is read as it comes and kept nowhere; its name goes no further than its ending. The refused rows are given once,
inside the page that answers the button.
"""

from __future__ import annotations

import base64
import io
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.report import Severity
from adapters.tables.profile import BUILT_IN
from gateway.edge import STATUS
from gateway.use_cases.file_records import CONSENT, sheet_number
from gateway.use_cases.keep_mapping_profile import read_profiles
from gateway.use_cases.keep_records import require_keeper
from gateway.use_cases.read_kept_records import count_kept
from gateway.use_cases.receive_file import FileReceipt, receive_file
from gateway.use_cases.values import Requester
from gateway.web.forms import Form, Sink, Taker
from gateway.web.multipart import Part
from gateway.web.visits import Desk, Visit
from schemas.errors import BadInput, Broken, DocumentRejected, MezhvedError

PATH: Final = "/files"
FIELD: Final = "table"
MOST_SHOWN: Final = 200
_MEDIA: Final = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv"}


def file_page_routes(desk: Desk) -> APIRouter:
    """`/files`: the form, and the report."""
    router = APIRouter()

    @router.get(PATH)
    async def files(request: Request) -> Response:
        return await desk.answer(request, _form)

    @router.post(PATH)
    async def receiving(request: Request) -> Response:
        taken = _Taken()
        return await desk.answer(request, lambda visit: _receive(visit, taken), takes={FIELD: taken.taking})

    return router


class _Taken:
    """The file of one request, in memory until it is read."""

    def __init__(self) -> None:
        self.content = io.BytesIO()
        self.ending = ""
        self.chosen = False
        self._most = 0

    def taking(self, visit: Visit, requester: Requester) -> Taker:
        require_keeper(requester)
        self._most = visit.edge.settings.max_file_bytes

        def take(form: Form, part: Part) -> Sink:
            del form
            self.chosen, self.ending = True, part.ending.lower()
            return self

        return take

    def feed(self, data: bytes) -> None:
        """More of it. Raises DocumentRejected (document_too_large)."""
        self.content.write(data)
        if self.content.tell() > self._most:
            raise DocumentRejected("document_too_large", limit_mb=max(1, self._most // 1024**2))

    def finish(self) -> str:
        """It is there."""
        self.content.seek(0)
        return "taken"

    def abort(self) -> None:
        """Nothing of it is kept."""
        self.content.close()


def _form(visit: Visit, error: MezhvedError | None = None) -> Response:
    require_keeper(visit.me.requester)
    own = read_profiles(visit.edge.house, visit.me.requester)
    profiles = [(name, visit.text(f"web_files.profile_{name}")) for name in BUILT_IN]
    profiles += [(profile.name, visit.text("web_files.profile_own", name=profile.name)) for profile in own]
    return visit.page(
        "files.html",
        STATUS[error.kind] if error else 200,
        profiles=profiles,
        values=visit.form,
        counts=count_kept(visit.edge.house, visit.me.requester),
        limit=visit.edge.settings.max_file_bytes // 1024**2,
        errors={},
        error=error,
    )


def _receive(visit: Visit, taken: _Taken) -> Response:
    form = visit.form
    try:
        _require_file(form, taken)
        receipt = receive_file(
            visit.edge.house,
            visit.me.requester,
            taken.content,
            "xml" if taken.ending == "xml" else "csv",
            visit.now,
            need=_need,
            profile=form.get("profile") or BUILT_IN[0],
            sheet=sheet_number(form.get("sheet")),
            max_bytes=visit.edge.settings.max_file_bytes,
        )
    except (BadInput, Broken) as error:
        return _form(visit, error)
    return _report(visit, receipt)


def _need(kind: str) -> None:
    """A consent is a paper that somebody has seen: it is not recorded from a file on a page."""
    if kind == CONSENT:
        raise BadInput("file_consents_by_system")


def _require_file(form: Form, taken: _Taken) -> None:
    if refused := form.refused.get(FIELD):
        raise refused
    if not taken.chosen:
        raise BadInput("file_not_chosen")


def _report(visit: Visit, receipt: FileReceipt) -> Response:
    report, language = receipt.report, visit.language
    errors = [c for c in report.complaints if c.severity is Severity.ERROR]
    warnings = [c for c in report.complaints if c.severity is Severity.WARNING]
    ending = "xlsx" if report.format == "xlsx" else "csv"
    encoded = base64.b64encode(receipt.reject_file or b"").decode("ascii")
    return visit.page(
        "files_report.html",
        report=report,
        receipt=receipt,
        groups=[("errors", errors[:MOST_SHOWN], len(errors)), ("warnings", warnings[:MOST_SHOWN], len(warnings))],
        message=lambda complaint: complaint.message(language),
        remedy=lambda complaint: complaint.remedy(language),
        reasons=[(visit.text(f"web_files.skipped_{reason}"), count) for reason, count in report.reasons.items()],
        address=f"data:{_MEDIA[ending]};base64,{encoded}" if receipt.reject_file else "",
        name=f"otkloneno.{ending}",
    )
