"""Packages of a message on the pages of its sender: make one, tell its code, type a receipt code back.

A file is given once, inside the page that answers the button, and kept nowhere: the page is never stored either.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.edge import STATUS
from gateway.partner.package_codes import shown
from gateway.use_cases.make_package import OPERATOR, make_package
from gateway.use_cases.package_port import PackageOnFile, PackageReceipt
from gateway.use_cases.read_packages import read_packages
from gateway.use_cases.receive_package_receipt import receive_package_receipt
from gateway.use_cases.tell_package_code import tell_package_code
from gateway.use_cases.values import MessageOnFile
from gateway.web.marks import pieces
from gateway.web.visits import Desk, Visit, redirect
from schemas.catalogue import text
from schemas.errors import MezhvedError, Unavailable
from schemas.ids import MessageId
from schemas.nameless import NotNameless
from schemas.package import split_outcome

DONE: Final = frozenset({"receipt", "again", "withdrawn"})
_FIELDS: Final = {
    "package_code_length": "code",
    "package_code_mistyped": "code",
    "package_code_wrong": "code",
    "package_codes_wait": "code",
    "package_codes_closed": "code",
    "statute_required": "statute",
    "words_required": "words",
    "text_not_nameless": "words",
}
"""At which field of the receipt form an error stands."""


@dataclass(frozen=True, slots=True)
class ShownPackage:
    """A package with its receipts in words."""

    package: PackageOnFile
    by: str
    receipts: tuple[tuple[str, PackageReceipt], ...]

    @property
    def is_opened(self) -> bool:
        """Whether a code of it came back."""
        return bool(self.receipts)


def package_routes(desk: Desk) -> APIRouter:
    """`/messages/{id}/packages`, and one of them."""
    router = APIRouter()

    @router.post("/messages/{message_id}/packages")
    async def making(message_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _make(visit, MessageId(message_id)))

    @router.get("/messages/{message_id}/packages/{package_id}")
    async def package(message_id: str, package_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _package(visit, MessageId(message_id), package_id))

    @router.post("/messages/{message_id}/packages/{package_id}/code")
    async def telling(message_id: str, package_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _tell(visit, MessageId(message_id), package_id))

    @router.get("/messages/{message_id}/package-receipt")
    async def receipt(message_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _receipt_form(visit, MessageId(message_id)))

    @router.post("/messages/{message_id}/package-receipt")
    async def receiving(message_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _receive(visit, MessageId(message_id)))

    return router


def packages_of(visit: Visit, message: MessageOnFile) -> dict[str, Any]:
    """What the page of a message shows its sender of packages; nothing to its recipient."""
    me = visit.me.requester
    if message.sender_id != me.organisation_id or message.sender_id == message.recipient_id:
        return {"packages": None, "package_done": ""}
    known = read_packages(visit.edge.house, me, message.id, visit.now)
    done, outcome = visit.query.get("done", ""), visit.query.get("outcome", "")
    said = {code for package in known.packages for code in package.outcomes}
    return {
        "packages": known,
        "shown_packages": _shown(visit, known.packages),
        "package_done": text(f"web_package.done_{done}", visit.language, outcome=outcome_words(visit, outcome))
        if done in DONE and outcome in said
        else "",
    }


def outcome_words(visit: Visit, outcome: str) -> str:
    """«Отклонено: Нет мест; Помощь не требуется»."""
    event, reason, because = split_outcome(outcome)
    name = text(f"package_outcome.{event.value if event else outcome}", visit.language)
    reasons = "; ".join(visit.words.reason(code) for code in (reason, because) if code)
    return f"{name}: {reasons}" if reasons else name


def _shown(visit: Visit, packages: Sequence[PackageOnFile]) -> list[ShownPackage]:
    with visit.edge.house.store.reading() as unit:
        people = unit.participants.people_of(visit.me.organisation.id) if packages else ()
    names = {f"person:{person.id}": person.display_name for person in people}
    return [
        ShownPackage(
            package,
            names.get(package.made_by) or _other(visit, package.made_by),
            tuple((outcome_words(visit, receipt.outcome), receipt) for receipt in package.receipts),
        )
        for package in packages
    ]


def _other(visit: Visit, actor: str) -> str:
    """The operator, a system, or somebody who has left."""
    key = "operator" if actor == OPERATOR else "former" if actor.startswith("person:") else "system"
    return text(f"web_package.by_{key}", visit.language)


def _make(visit: Visit, message_id: MessageId) -> Response:
    made = make_package(visit.edge.house, visit.me.requester, message_id, visit.now)
    assert made.code is not None
    return visit.page(
        "package_made.html",
        message_id=message_id,
        package=made.package,
        name=made.name,
        address="data:text/html;charset=utf-8;base64," + base64.b64encode(made.file).decode("ascii"),
        kilobytes=-(-len(made.file) // 1024),
        code=shown(made.code),
        fingerprint=visit.edge.house.log_key.verifier().fingerprint,
        has_access=made.recipient_has_access,
        sender=visit.me.organisation.name,
    )


def _package(visit: Visit, message_id: MessageId, package_id: str, code: str | None = None) -> Response:
    known = read_packages(visit.edge.house, visit.me.requester, message_id, visit.now)
    package = next((package for package in known.packages if package.id == package_id), None)
    if package is None:
        raise Unavailable("package_unavailable")
    return visit.page(
        "package.html",
        message_id=message_id,
        package=package,
        entry=_shown(visit, [package])[0],
        may_tell=known.may_tell,
        code=shown(code) if code else None,
        fingerprint=visit.edge.house.log_key.verifier().fingerprint,
        sender=visit.me.organisation.name,
    )


def _tell(visit: Visit, message_id: MessageId, package_id: str) -> Response:
    code = tell_package_code(visit.edge.house, visit.me.requester, message_id, package_id, visit.now)
    return _package(visit, message_id, package_id, code)


def _receipt_form(visit: Visit, message_id: MessageId, error: MezhvedError | None = None) -> Response:
    known = read_packages(visit.edge.house, visit.me.requester, message_id, visit.now)
    marked = pieces(visit.form.get("words"), error.marks.get("words", ())) if isinstance(error, NotNameless) else ()
    return visit.page(
        "package_receipt.html",
        STATUS[error.kind] if error else 200,
        message=known.message,
        retains=any("retain" in package.outcomes for package in known.packages),
        values=visit.form,
        marked=marked,
        errors={_FIELDS[error.code]: f"web_package.error_{error.code}"} if error else {},
    )


def _receive(visit: Visit, message_id: MessageId) -> Response:
    form = visit.form
    try:
        received = receive_package_receipt(
            visit.edge.house,
            visit.me.requester,
            message_id,
            form.get("code"),
            visit.now,
            words=form.get("words") or None,
            statute=form.get("statute") or None,
        )
    except MezhvedError as error:
        if error.code not in _FIELDS:
            raise
        return _receipt_form(visit, message_id, error)
    done = "again" if received.again else "withdrawn" if received.withdrawn else "receipt"
    return redirect(f"/messages/{message_id}", done=done, outcome=received.outcome)
