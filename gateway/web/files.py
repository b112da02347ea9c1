"""«Файлы»: a table or an XML document from somebody's own machine, and the files that came before.

The file is sealed while it comes, and taken step by step; a small one before the page answers. Its name goes no further
than its ending.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.record_formats import form_by_ending
from adapters.tables.profile import BUILT_IN
from gateway.edge import STATUS
from gateway.use_cases.file_records import sheet_number
from gateway.use_cases.hand_in_file import ImportReceiver, begin_import
from gateway.use_cases.import_values import BY_PAGE, Handed
from gateway.use_cases.keep_mapping_profile import read_profiles
from gateway.use_cases.keep_records import require_keeper
from gateway.use_cases.read_imports import raise_refusal, read_import, read_imports
from gateway.use_cases.read_kept_records import count_kept
from gateway.use_cases.run_imports import run_import
from gateway.use_cases.values import Requester
from gateway.web.forms import Form, Sink, Taker
from gateway.web.imports import PATH as IMPORTS
from gateway.web.multipart import Part
from gateway.web.visits import Desk, Taking, Visit, redirect
from schemas.errors import BadInput, Broken, MezhvedError

PATH: Final = "/files"
FIELD: Final = "table"
MOST_IMPORTS: Final = 10
AT_ONCE: Final = 256 * 1024
"""Bytes of a file that is taken before the page answers: a few hundred records."""


def file_page_routes(desk: Desk) -> APIRouter:
    """`/files`: the form, and the report."""
    router = APIRouter()

    @router.get(PATH)
    async def files(request: Request) -> Response:
        return await desk.answer(request, _form)

    @router.post(PATH)
    async def receiving(request: Request) -> Response:
        taken = _Taken()
        most = 2 * desk.settings.max_import_bytes  # what is too large is told so beside its field
        takes: Mapping[str, Taking] = {FIELD: taken.taking}
        return await desk.answer(request, lambda visit: _receive(visit, taken), takes=takes, allowance=most)

    return router


class _Taken:
    """The file of one request, sealed as it comes."""

    def __init__(self) -> None:
        self.size = 0
        self._receiver: ImportReceiver | None = None
        self._visit: Visit | None = None

    def taking(self, visit: Visit, requester: Requester) -> Taker:
        require_keeper(requester)

        def take(form: Form, part: Part) -> Sink:
            handed = Handed(
                _form_by(part.ending.lower()),
                form.get("profile") or BUILT_IN[0],
                sheet_number(form.get("sheet")),
                came_by=BY_PAGE,
            )
            most = visit.edge.settings.max_import_bytes
            self._visit = visit
            self._receiver = begin_import(visit.edge.house, requester, handed, visit.now, max_bytes=most)
            return self

        return take

    def feed(self, data: bytes) -> None:
        """More of it. Raises DocumentRejected (document_too_large), Broken."""
        assert self._receiver is not None
        self._receiver.feed(data)
        self.size = self._receiver.size

    def finish(self) -> str:
        """It is there: its import."""
        assert self._receiver is not None
        assert self._visit is not None
        return self._receiver.finish(self._visit.now).id

    def abort(self) -> None:
        """Nothing of it is kept."""
        if self._receiver is not None:
            self._receiver.abort()


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
        limit=visit.edge.settings.max_import_bytes // 1000**2,
        imports=read_imports(visit.edge.house, visit.me.requester, limit=MOST_IMPORTS),
        errors={},
        error=error,
    )


def _receive(visit: Visit, taken: _Taken) -> Response:
    house, who = visit.edge.house, visit.me.requester
    try:
        import_id = _required(visit.form)
        if taken.size <= AT_ONCE:
            run_import(house, visit.edge.clock, import_id)
            raise_refusal(read_import(house, who, import_id))
    except (BadInput, Broken) as error:
        return _form(visit, error)
    return redirect(f"{IMPORTS}/{import_id}")


def _form_by(ending: str) -> str:
    """How a file is read, by the end of its name: which of our own a table is, its content tells."""
    return "xml" if ending == "xml" else form_by_ending(ending) or "csv"


def _required(form: Form) -> str:
    if refused := form.refused.get(FIELD):
        raise refused
    if FIELD not in form.taken:
        raise BadInput("file_not_chosen")
    return form.taken[FIELD]
