"""The page for people who write a partner's system: addresses, and three requests to copy. No script from elsewhere."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib import resources
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.web.visits import Desk, Visit

EXAMPLES: Final = ("case_summaries", "submit_message", "open_message")


@dataclass(frozen=True, slots=True)
class Example:
    """A request as it is sent: the operation and its variables."""

    name: str
    operation: str
    variables: str


@functools.cache
def examples() -> tuple[Example, ...]:
    """The requests that the page shows; a test runs them through the schema."""
    folder = resources.files(__package__).joinpath("examples")
    return tuple(
        Example(
            name,
            folder.joinpath(f"{name}.graphql").read_text("utf-8"),
            folder.joinpath(f"{name}.json").read_text("utf-8"),
        )
        for name in EXAMPLES
    )


def api_routes(desk: Desk) -> APIRouter:
    """`/api`, open to everybody."""
    router = APIRouter()

    @router.get("/api")
    async def api(request: Request) -> Response:
        return await desk.answer(request, _api, signed_in=False)

    return router


def _api(visit: Visit) -> Response:
    return visit.page("api.html", base=visit.edge.settings.issuer, examples=examples())
