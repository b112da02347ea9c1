"""Errors as HTTP problems (RFC 9457). One of the two renderers of `schemas.errors`; nobody below knows a status code."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.responses import Response

from gateway.edge import STATUS, status_of
from schemas.errors import MezhvedError, Refused


def problem(error: MezhvedError, status: int | None = None) -> Response:
    """The problem document of an error, in Russian with English beside it."""
    status = status or status_of(error)
    document: dict[str, Any] = {
        "type": f"urn:mezhved:error:{error.code}",
        "title": error.message("ru"),
        "status": status,
        "detail": error.remedy("ru"),
        "code": error.code,
        "title_en": error.message("en"),
        "detail_en": error.remedy("en"),
    }
    if isinstance(error, Refused):
        document |= {"rule": error.rule, "citation": error.citation, "rule_remedy": error.rule_remedy}
    headers = {"Cache-Control": "no-store"}
    if status == STATUS["not_authenticated"]:
        headers["WWW-Authenticate"] = f'Bearer error="invalid_token", error_description="{error.code}"'
    if status == STATUS["contended"]:
        headers["Retry-After"] = "1"
    if error.code == "body_stalled":  # whoever waits for the rest of it waits no more
        headers["Connection"] = "close"
    return Response(orjson.dumps(document), status, headers, "application/problem+json")
