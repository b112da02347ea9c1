"""Errors as HTTP problems (RFC 9457). One of the two renderers of `schemas.errors`; nobody below knows a status code."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.responses import Response

from gateway.edge import STATUS
from schemas.errors import MezhvedError, Refused

TOO_LARGE = frozenset({"body_too_large", "document_too_large", "attachment_too_large"})


def problem(error: MezhvedError, status: int | None = None) -> Response:
    """The problem document of an error, in Russian with English beside it."""
    status = status or (413 if error.code in TOO_LARGE else STATUS[error.kind])
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
    return Response(orjson.dumps(document), status, headers, "application/problem+json")
