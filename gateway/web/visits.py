"""One request to the pages: who visits, in which language, with which form; and how an error becomes a page.

The only place of this room that knows a status code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.edge import STATUS, Edge, status_of
from gateway.settings import Settings
from gateway.use_cases.sign_in import session_requester
from gateway.use_cases.values import Organisation, Person, Requester
from gateway.web.forms import Form, Sink, Taker, read_form
from gateway.web.multipart import Part
from gateway.web.rendering import SECURITY_HEADERS, html, render
from gateway.web.session import (
    FORM_TOKEN,
    SESSION_COOKIE,
    VISIT_COOKIE,
    chosen_language,
    cookie,
    form_token,
    keep_language,
    keep_visit,
    new_visit,
    verify_form,
)
from gateway.web.words import Words
from policies.pack import Pack
from schemas.catalogue import Language, text
from schemas.errors import MezhvedError, NotAuthenticated, Refused

SIGN_IN: Final = "/sign-in"
SEE_OTHER: Final = 303

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person who is signed in."""

    requester: Requester
    person: Person
    organisation: Organisation


@dataclass(frozen=True, slots=True)
class Visit:
    """What a page is given. `secret` is what form tokens are bound to."""

    edge: Edge
    pack: Pack
    now: datetime
    language: Language
    path: str
    query: Mapping[str, str]
    form: Form
    secret: str = field(repr=False)
    visitor: Visitor | None = None
    is_post: bool = False

    @property
    def me(self) -> Visitor:
        """The person. Raises NotAuthenticated (session_ended) for a visit without one."""
        if self.visitor is None:
            raise NotAuthenticated("session_ended")
        return self.visitor

    @property
    def words(self) -> Words:
        """Names of codes in the visitor's language and zone."""
        zone = {"zone": self.visitor.organisation.zone} if self.visitor else {}
        return Words(self.pack, self.language, **zone)

    def text(self, key: str, **params: str | int) -> str:
        """Words of the catalogue in the visitor's language."""
        return text(key, self.language, **params)

    def page(self, template: str, status: int = 200, **context: Any) -> Response:  # noqa: ANN401  values of templates
        """A page with everything that all pages show."""
        body = render(
            template,
            self.language,
            path=self.path,
            switchable=not self.is_post,
            visitor=self.visitor,
            words=self.words,
            form_token=form_token(self.secret),
            form_token_name=FORM_TOKEN,
            **context,
        )
        return html(body, status)


Work = Callable[[Visit], Response]
Taking = Callable[[Visit, Requester], Taker]
FILE_ALLOWANCE: Final = 4
"""A file may be so many times too large and still be told so beside its field, with everything else that was typed."""


class Desk:
    """Takes requests of browsers, runs the work of a page on a thread, and answers with a page whatever happens."""

    def __init__(self, edge: Edge, pack: Pack) -> None:
        self._edge = edge
        self._pack = pack

    @property
    def settings(self) -> Settings:
        """Of this installation."""
        return self._edge.settings

    async def answer(
        self,
        request: Request,
        work: Work,
        *,
        signed_in: bool = True,
        takes: Mapping[str, Taking] | None = None,
        allowance: int | None = None,
    ) -> Response:
        """The page. A form that is not ours is refused before the work begins; a file that `takes` takes while it comes, by the
        name of its field, only for somebody who is signed in, after the token of the form. `allowance`: bytes of such files."""
        settings = self._edge.settings
        is_post = request.method == "POST"
        secret = cookie(request, SESSION_COOKIE) or cookie(request, VISIT_COOKIE)
        visit = Visit(
            edge=self._edge,
            pack=self._pack,
            now=self._edge.clock(),
            language=chosen_language(request),
            path=request.url.path,
            query=dict(request.query_params),
            form=Form(),
            secret=secret or new_visit(),
            is_post=is_post,
        )
        try:
            if is_post:
                takers = {name: self._taker(request, visit, secret, taking) for name, taking in (takes or {}).items()}
                most = FILE_ALLOWANCE * settings.max_attachment_bytes if allowance is None else allowance
                files = most if takers else 0
                with self._edge.places.at_address(request):
                    form = await read_form(request, settings.max_file_bytes, takers, self._edge.pool.run, files)
                visit = replace(visit, form=form)
                verify_form(request, secret, visit.form.get(FORM_TOKEN))
        except MezhvedError as error:
            return error_page(visit, error)
        session = cookie(request, SESSION_COOKIE)
        response = await self._edge.pool.run(lambda: self._run(visit, session, work, signed_in=signed_in))
        if not secret:
            keep_visit(response, visit.secret, secure=settings.cookie_secure)
        keep_language(response, request, secure=settings.cookie_secure)
        return response

    def _taker(self, request: Request, visit: Visit, secret: str, taking: Taking) -> Taker:
        def take(form: Form, part: Part) -> Sink:
            verify_form(request, secret, form.get(FORM_TOKEN))
            visitor = self._visitor(cookie(request, SESSION_COOKIE), visit.now)
            if visitor is None:
                raise NotAuthenticated("session_ended")
            return taking(replace(visit, visitor=visitor), visitor.requester)(form, part)

        return take

    def _run(self, visit: Visit, session: str, work: Work, *, signed_in: bool) -> Response:
        try:
            visit = replace(visit, visitor=self._visitor(session, visit.now))
            if signed_in and visit.visitor is None:
                return to_sign_in(visit, ended=bool(session))
            return work(visit)
        except MezhvedError as error:
            return error_page(visit, error)
        except Exception as error:  # noqa: BLE001  whatever it was, a person gets a page
            log.error("page.failed", error=type(error).__name__)  # noqa: TRY400  a trace may quote what was sent (law 8)
            return error_page(visit, MezhvedError("internal_error"))

    def _visitor(self, session: str, now: datetime) -> Visitor | None:
        if not session:
            return None
        try:
            requester, person = session_requester(self._edge.house, session, now)
        except NotAuthenticated:
            return None
        with self._edge.house.store.reading() as unit:
            organisation = unit.participants.organisation(person.organisation_id)
        assert organisation is not None  # a person without an organisation cannot be stored
        return Visitor(requester, person, organisation)


def redirect(path: str, **query: str) -> Response:
    """See another page of ours."""
    address = f"{path}?{urlencode(query)}" if query else path
    return RedirectResponse(address, SEE_OTHER, dict(SECURITY_HEADERS))


def to_sign_in(visit: Visit, *, ended: bool) -> Response:
    """To the sign-in page, and back afterwards."""
    query = {"next": visit.path} if not visit.is_post else {}
    return redirect(SIGN_IN, **query, **({"ended": "1"} if ended else {}))


def error_page(visit: Visit, error: MezhvedError) -> Response:
    """What is wrong, its code and what to do, as a page."""
    status = status_of(error)
    response = visit.page("error.html", status, error=error, rule=error if isinstance(error, Refused) else None)
    if status == STATUS["contended"]:
        response.headers["Retry-After"] = "1"
    if error.code == "body_stalled":
        response.headers["Connection"] = "close"
    return response
