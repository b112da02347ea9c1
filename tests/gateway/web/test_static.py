"""The files of the pages: only those of the list, cacheable by digest, without the typeface and the crown of gov.uk."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

from gateway.web.assets import NAMES, asset_url
from tests.gateway.web.conftest import Office

TEMPLATES = Path(str(resources.files("gateway.web").joinpath("templates")))
FOLDER = resources.files("gateway.web").joinpath("static")


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_kept_by_its_digest(office: Office, name: str) -> None:
    http = office.browser().http
    answer = http.get(asset_url(name))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == NAMES[name]
    assert "immutable" in answer.headers["cache-control"]
    plain = http.get(f"/static/{name}")
    assert plain.headers["cache-control"] == "no-cache"
    again = http.get(f"/static/{name}", headers={"If-None-Match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["govuk/ORIGIN.md", "../pages.py", "..%2fpages.py", "", "govuk/", "/etc/passwd"])
def test_nothing_else_is_served(office: Office, name: str) -> None:
    assert office.browser().http.get(f"/static/{name}").status_code == 404


def test_neither_the_typeface_nor_the_crown_of_gov_uk_is_here() -> None:
    files = {entry.name for folder in (FOLDER, FOLDER.joinpath("govuk")) for entry in folder.iterdir()}
    assert not [name for name in files if name.endswith((".woff", ".woff2", ".ttf", ".png", ".ico"))]
    css = FOLDER.joinpath("govuk", "govuk-frontend.min.css").read_text("utf-8")
    for word in ("GDS Transport", "@font-face", "url(", "sourceMappingURL"):
        assert word not in css
    assert {"LICENSE.txt", "ORIGIN.md"} <= files


def test_every_rule_of_the_style_sheet_is_closed() -> None:
    """A browser drops silently what stands in a block that was never closed."""
    css = FOLDER.joinpath("mezhved.css").read_text("utf-8")
    depth = 0
    for number, line in enumerate(css.splitlines(), start=1):
        assert depth == 0 or not line.startswith(("@", ".", "/*")), f"line {number} stands inside an open block"
        depth += line.count("{") - line.count("}")
    assert depth == 0


def test_what_stands_before_a_page_stands_in_a_landmark() -> None:
    """Whoever jumps from landmark to landmark must not miss the way back."""
    found = 0
    for template in sorted(TEMPLATES.glob("*.html")):
        for block in re.findall(r"{% block before %}(.*?){% endblock %}", template.read_text("utf-8"), re.DOTALL):
            if block.strip():
                found += 1
                assert re.fullmatch(r"\s*<nav aria-label=.*</nav>\s*", block, re.DOTALL), template.name
    assert found > 20
