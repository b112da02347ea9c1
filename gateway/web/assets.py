"""Styles and scripts of the pages: read once at start, served under a name that carries their digest."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

PREFIX: Final = "/static/"
NAMES: Final = {
    "govuk/govuk-frontend.min.css": "text/css; charset=utf-8",
    "govuk/govuk-frontend.min.js": "text/javascript; charset=utf-8",
    "mezhved.css": "text/css; charset=utf-8",
    "mezhved.js": "text/javascript; charset=utf-8",
    "mezhved.svg": "image/svg+xml",
}
"""Everything that is served, and as what; no other file can be asked for."""

_FOREVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file. `digest` is the start of its SHA-256."""

    body: bytes
    media_type: str
    digest: str


@functools.cache
def assets() -> Mapping[str, Asset]:
    """All files by name."""
    folder = resources.files(__package__).joinpath("static")
    found = {}
    for name, media_type in NAMES.items():
        body = folder.joinpath(*name.split("/")).read_bytes()
        found[name] = Asset(body, media_type, hashlib.sha256(body).hexdigest()[:16])
    return found


def asset_url(name: str) -> str:
    """The address of a file in its present form. Raises KeyError for a name that is not served."""
    return f"{PREFIX}{name}?v={assets()[name].digest}"


def asset_routes() -> APIRouter:
    """The route of the files."""
    router = APIRouter()

    @router.get(PREFIX + "{name:path}")
    async def static(name: str, request: Request) -> Response:
        asset = assets().get(name)
        if asset is None:
            return Response(status_code=404)
        tag = f'"{asset.digest}"'
        named = request.query_params.get("v") == asset.digest
        headers = {
            "Cache-Control": _FOREVER if named else "no-cache",
            "ETag": tag,
            "X-Content-Type-Options": "nosniff",
        }
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(asset.body, headers=headers, media_type=asset.media_type)

    return router
