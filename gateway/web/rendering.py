"""Templates, and the headers that every page has. What is put into a template is escaped; nothing is marked as safe HTML."""

from __future__ import annotations

import functools
from typing import Any, Final

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader
from starlette.responses import HTMLResponse

from gateway.web.assets import asset_url
from schemas.catalogue import Language, text

SECURITY_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""`Referrer-Policy` keeps addresses inside the site; pages are never stored by a browser or a proxy."""


@functools.cache
def environment() -> Environment:
    """The templates of the product and the macros of the components."""
    found = Environment(
        loader=ChoiceLoader(
            [
                PackageLoader("gateway.web"),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            ]
        ),
        autoescape=True,
        auto_reload=False,
        trim_blocks=False,
    )
    found.globals["asset"] = asset_url
    return found


def render(template: str, language: Language, **context: Any) -> str:  # noqa: ANN401  values of templates
    """The HTML of a template. `t` in it gives words of the catalogue."""

    def t(key: str, **params: str | int) -> str:
        return text(key, language, **params)

    return environment().get_template(template).render(t=t, language=language, **context)


def html(body: str, status: int = 200) -> HTMLResponse:
    """A page as an answer."""
    return HTMLResponse(body, status, dict(SECURITY_HEADERS))
