"""Families and signals of one's own lists, before anybody else knows of them: look through, publish or send on, throw away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, Final, cast

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.tables.profile import FAMILY, SIGNAL
from gateway.edge import STATUS
from gateway.use_cases.file_records import need_nothing
from gateway.use_cases.keep_records import discard_record
from gateway.use_cases.publish_kept_family import publish_kept_family
from gateway.use_cases.read_kept_records import read_kept, read_kept_record
from gateway.use_cases.read_queue import read_directory
from gateway.use_cases.send_kept_signal import send_kept_signal
from gateway.web.content import message_lines, summary_lines
from gateway.web.form_fields import parse_day
from gateway.web.visits import Desk, Visit, redirect
from schemas.categories import SECTION_NAMES
from schemas.codes import code_lists
from schemas.errors import BadInput, Conflict, MezhvedError, Refused
from schemas.ids import Category
from schemas.intake import FamilyDraft, SignalDraft
from schemas.messages import Urgency

KINDS: Final = {"families": FAMILY, "signals": SIGNAL}
DONE: Final = frozenset({"published", "sent", "discarded"})
ERASE_AFTER: Final = timedelta(days=365)
_URGENCIES: Final = ("planned", "urgent", "emergency")
_RECEIVED_BY: Final = "mezhved_received_by"


def kept_page_routes(desk: Desk) -> APIRouter:
    """`/files/families`, `/files/signals`, one record and what is done with it."""
    router = APIRouter()

    @router.get("/files/{page}")
    async def listed(page: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _list(visit, page))

    @router.get("/files/{page}/{record_id}")
    async def one(page: str, record_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _one(visit, page, record_id))

    @router.post("/files/{page}/{record_id}/{act}")
    async def acting(page: str, record_id: str, act: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _act(visit, page, record_id, act))

    return router


def _kind(page: str) -> str:
    kind = KINDS.get(page)
    if kind is None:
        raise BadInput("kept_kind_unknown", known=", ".join(KINDS))
    return kind


def _list(visit: Visit, page: str) -> Response:
    found = read_kept(
        visit.edge.house, visit.me.requester, _kind(page), visit.now, after=visit.query.get("after") or None
    )
    done = visit.query.get("done", "")
    return visit.page(
        "kept.html",
        page=page,
        records=[(record, content, _title(visit, content)) for record, content in found.records],
        counts=found.counts,
        kinds=KINDS,
        next=found.next,
        done=done if done in DONE else "",
    )


def _title(visit: Visit, content: FamilyDraft | SignalDraft) -> str:
    """Who it is about: the children by their names."""
    if isinstance(content, FamilyDraft):
        people = [s.sections.identity for s in content.subjects if s.kind == "child"]
    else:
        people = [person.identity for person in content.persons if person.kind == "child"]
    names = [identity.full_name for identity in people if identity is not None and identity.full_name]
    return ", ".join(names) or visit.text("web_files.nobody_named")


def _one(visit: Visit, page: str, record_id: str, error: MezhvedError | None = None, status: int = 200) -> Response:
    record, content = read_kept_record(visit.edge.house, visit.me.requester, record_id, visit.now)
    if record.kind != _kind(page):
        raise BadInput("kept_kind_unknown", known=", ".join(KINDS))
    typed = visit.form if visit.is_post else _offered(visit, content)
    organisations = sorted(
        ((o.ogrn, o.name) for o in read_directory(visit.edge.house) if o.id != visit.me.organisation.id),
        key=lambda pair: pair[1],
    )
    return visit.page(
        "kept_record.html",
        status,
        page=page,
        record=record,
        content=content,
        title=_title(visit, content),
        people=_people(visit, content),
        values=typed,
        organisations=organisations,
        triggers=visit.words.triggers(),
        urgencies=[(code, visit.words.urgency(code)) for code in _URGENCIES],
        ways=[(code, visit.words.note(_RECEIVED_BY, code)) for code in code_lists()[_RECEIVED_BY]],
        errors={},
        error=error,
    )


def _offered(visit: Visit, content: FamilyDraft | SignalDraft) -> Any:  # noqa: ANN401  a form that nobody has sent
    """What the list says itself, to begin with."""
    if isinstance(content, FamilyDraft):
        as_of = content.as_of or visit.now.date()
        return visit.form.having(
            as_of=visit.words.day(as_of.isoformat()),
            erase_after=visit.words.day((as_of + ERASE_AFTER).isoformat()),
            source=visit.text("web_files.source_list"),
            curator_name=content.curator_name or "",
            curator_phone=content.curator_phone or "",
        )
    return visit.form.having(
        recipient=content.recipient_ogrn or "",
        trigger=content.trigger or "",
        urgency=content.urgency or "",
        received_by=content.received_by or "",
    )


def _people(visit: Visit, content: FamilyDraft | SignalDraft) -> list[tuple[str, list[Any]]]:
    """Everybody with what is said of them, in the words of the pages."""
    if isinstance(content, FamilyDraft):
        return [
            (visit.text(f"web_files.person_{subject.kind}"), _lines(visit, subject.sections, summary_lines))
            for subject in content.subjects
        ]
    return [
        (
            visit.words.role(person.role) if person.role else visit.text(f"web_files.person_{person.kind}"),
            _lines(visit, person, message_lines),
        )
        for person in content.persons
    ]


def _lines(visit: Visit, holder: object, spell: Callable[[Category, Any, Any], Sequence[Any]]) -> list[Any]:
    """The sections of somebody, in the words of the pages."""
    sections = {category: getattr(holder, name, None) for category, name in SECTION_NAMES.items()}
    return [
        line
        for category, section in sections.items()
        if section is not None
        for line in spell(category, section.model_dump(mode="json", exclude_defaults=True), visit.words)
    ]


def _act(visit: Visit, page: str, record_id: str, act: str) -> Response:
    acts: dict[str, Callable[[Visit, str], str]] = {"discard": _discard}
    acts["publish" if _kind(page) == FAMILY else "send"] = _publish if _kind(page) == FAMILY else _send
    if act not in acts:
        raise BadInput("kept_kind_unknown", known=", ".join(KINDS))
    try:
        done = acts[act](visit, record_id)
    except (BadInput, Conflict, Refused) as error:
        return _one(visit, page, record_id, error, STATUS[error.kind])
    return redirect(f"/files/{page}", done=done)


def _publish(visit: Visit, record_id: str) -> str:
    form = visit.form
    publish_kept_family(
        visit.edge.house,
        visit.me.requester,
        record_id,
        visit.now,
        as_of=_day(form.get("as_of")),
        erase_after=_day(form.get("erase_after")),
        source=form.get("source"),
        curator_name=form.get("curator_name"),
        curator_phone=form.get("curator_phone"),
        synthetic=visit.me.organisation.synthetic,
    )
    return "published"


def _send(visit: Visit, record_id: str) -> str:
    form = visit.form
    urgency = form.get("urgency")
    if not (form.get("recipient") and form.get("trigger") and urgency in _URGENCIES):
        raise BadInput("signal_needs_recipient")
    send_kept_signal(
        visit.edge.house,
        visit.me.requester,
        record_id,
        form.get("recipient"),
        form.get("trigger"),
        cast("Urgency", urgency),
        visit.now,
        received_by=form.get("received_by") or None,
        synthetic=visit.me.organisation.synthetic,
    )
    return "sent"


def _discard(visit: Visit, record_id: str) -> str:
    discard_record(visit.edge.house, visit.me.requester, record_id, visit.now, need_nothing)
    return "discarded"


def _day(typed: str) -> date:
    try:
        return parse_day(typed)
    except ValueError:
        raise BadInput("kept_incomplete") from None
