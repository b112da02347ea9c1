"""The directory in a browser: a search form, the services found, one organisation with what it offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.edge import STATUS
from gateway.use_cases.directory_port import DirectorySearch
from gateway.use_cases.search_directory import directory_choices, read_directory_organisation, search_directory
from gateway.web.directory_words import DirectoryWords
from gateway.web.forms import Form
from gateway.web.visits import Desk, Visit
from schemas.codes import URGENCIES, find_code
from schemas.directory import OLDEST, SERVICE_KINDS
from schemas.identifiers import is_digits
from schemas.territories import normalise_oktmo

PATH: Final = "/directory"
PAGE: Final = 20
FIELDS: Final = ("district", "kind", "age", "territory", "urgency", "open")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form asks, and what is wrong with it: field to a key of the catalogue."""

    search: DirectorySearch
    errors: dict[str, str]


def directory_routes(desk: Desk) -> APIRouter:
    """`/directory` and one organisation."""
    router = APIRouter()

    @router.get(PATH)
    async def directory(request: Request) -> Response:
        return await desk.answer(request, _directory)

    @router.get(PATH + "/{organisation_id}")
    async def organisation(organisation_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _organisation(visit, organisation_id))

    return router


def _directory(visit: Visit) -> Response:
    house, words = visit.edge.house, DirectoryWords(visit.words)
    asked = _asked(visit)
    after = visit.query.get("after")
    page = None if asked.errors else search_directory(house, asked.search, after, PAGE)
    choices = directory_choices(house)
    given = {name: value for name in FIELDS if (value := visit.query.get(name, "").strip())}
    return visit.page(
        "directory.html",
        STATUS["bad_input"] if asked.errors else 200,
        values=Form().having(**given),
        errors=asked.errors,
        is_narrowed=bool(given),
        districts=[(district, district) for district in choices.districts],
        kinds=sorted(((code, words.kind(code)) for code in choices.kinds), key=lambda pair: pair[1]),
        urgencies=words.urgencies(),
        services=[words.service(one, visit.now) for one in page.services] if page else [],
        organisation_kind=words.organisation_kind,
        first_page=after is None,
        first_address=f"{PATH}?{urlencode(given)}" if given else PATH,
        next_address=f"{PATH}?{urlencode({**given, 'after': page.next})}" if page and page.next else None,
    )


def _asked(visit: Visit) -> Asked:
    """Codes that are in no list ask nothing: the form offers listed ones only."""
    query, errors = visit.query, dict[str, str]()
    kind, urgency = query.get("kind", ""), query.get("urgency", "")
    age, territory = query.get("age", "").strip(), query.get("territory", "").strip()
    if age and not (is_digits(age) and len(age) <= len(str(OLDEST)) and int(age) <= OLDEST):
        errors["age"] = "web_directory.age_wrong"
    if territory and not _is_oktmo(territory):
        errors["territory"] = "web_directory.territory_wrong"
    search = DirectorySearch(
        territory=normalise_oktmo(territory) if territory and "territory" not in errors else None,
        district=query.get("district", "").strip() or None,
        kinds=(kind,) if find_code(SERVICE_KINDS, kind) else (),
        ages=((int(age), int(age)),) if age and "age" not in errors else (),
        urgency=urgency if find_code(URGENCIES, urgency) else None,
        open_at=visit.now if query.get("open") else None,
    )
    return Asked(search, errors)


def _is_oktmo(text: str) -> bool:
    try:
        normalise_oktmo(text)
    except ValueError:
        return False
    return True


def _organisation(visit: Visit, organisation_id: str) -> Response:
    shown = read_directory_organisation(visit.edge.house, organisation_id)
    words = DirectoryWords(visit.words)
    return visit.page(
        "directory_organisation.html",
        listed=shown.organisation,
        organisation=shown.organisation.organisation,
        kind=words.organisation_kind(shown.organisation.organisation.kind),
        lines=words.organisation(shown.organisation.organisation),
        services=[words.service(one, visit.now) for one in shown.services],
    )
