"""What stands beside the cells of a workbook: notes and talk, drawings, targets of links, headers of the print, checks of
input, names, properties. None of it is taken; each is found here, so that the loss report can say so with its place.

Of a text nothing is kept but where it is: a note about a child is somebody's words.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple
from urllib.parse import unquote

from lxml import etree

from adapters.tables.parts import events, local, place
from adapters.xml.tree import forget
from schemas.errors import DocumentRejected

_BY_NAME: Final[Mapping[str, str]] = {
    "embedded_file": "xl/embeddings/",
    "form_control": "xl/ctrlprops/",
    "pivot_table": "xl/pivotcache/pivotcachedefinition",
}
_PROPERTIES: Final = re.compile(
    rb"<(?:\w+:)?(?:title|subject|description|keywords|category|contentStatus)(?:\s[^>]*)?>[^<]"
)
_READ: Final = re.compile(
    r"\[content_types\]\.xml|(?:.*/)?_rels/.*|docprops/(?:core|app|custom)\.xml|docprops/thumbnail\..*"
    r"|xl/(?:workbook|sharedstrings|styles|calcchain|metadata)\.xml"
    r"|xl/(?:worksheets|chartsheets|theme|drawings|media|charts|diagrams|threadedcomments|persons|tables|printersettings"
    r"|ctrlprops|activex|embeddings|pivottables|pivotcache)/.*|xl/comments\d*\.xml|xl/comments/.*"
)
"""Parts that are read, that only say how things look, or of which something is told under a rule of its own."""
_MARKERS: Final = (b"hyperlink", b"eaderFooter", b"dataValidation")
_SHAPES: Final[Mapping[str, str]] = {"pic": "picture", "sp": "shape", "cxnSp": "shape", "graphicFrame": "chart"}
_ROW: Final = re.compile(r"[0-9]{1,7}")
_SCHEME: Final = re.compile(r"^(?:mailto:|tel:|https?://)", re.IGNORECASE)


class Aside(NamedTuple):
    """One thing, by the rule of its loss. `row` and `column` count from zero. A link with a `target` is a loss where its cell
    says something else."""

    code: str
    row: int | None = None
    column: int | None = None
    times: int = 1
    target: str = ""


def of_workbook(parts: Mapping[str, bytes]) -> Iterator[Aside]:
    """What belongs to no one sheet."""
    names = sum(
        not str(name.get("name", "")).startswith("_xlnm.")
        for _, name in events(parts["xl/workbook.xml"], ("definedName",))
    )
    if names:
        yield Aside("defined_name", times=names)
    if _PROPERTIES.search(parts.get("docprops/core.xml", b"")) or b"<property" in parts.get("docprops/custom.xml", b""):
        yield Aside("workbook_properties")
    for code, start in _BY_NAME.items():
        if count := sum(name.startswith(start) for name in parts if "/_rels/" not in name):
            yield Aside(code, times=count)
    if unknown := sum(not _READ.fullmatch(name) for name in parts):
        yield Aside("part_not_read", times=unknown)


def of_sheet(parts: Mapping[str, bytes], path: str) -> Iterator[Aside]:
    """What belongs to one sheet, in the order of its rows as far as it has one."""
    links = list(_related(parts, path))
    talk = Counter(
        str(one.get("ref", ""))
        for kind, target, _ in links
        if kind == "threadedcomment"
        for _, one in events(parts.get(target, b"<none/>"), ("threadedComment",))
    )
    for reference, times in talk.items():
        yield Aside("cell_note", *_cell(reference), times)
    targets = {}
    for kind, target, number in links:
        if kind == "comments":
            for _, note in events(parts.get(target, b"<none/>"), ("comment",)):
                if (
                    reference := str(note.get("ref", ""))
                ) not in talk:  # each talk has a note for programs that know none
                    yield Aside("cell_note", *_cell(reference))
        elif kind == "drawing":
            yield from _drawn(parts.get(target, b"<none/>"))
        elif kind == "hyperlink":
            targets[number] = target
    if any(marker in parts.get(path, b"") for marker in _MARKERS):
        yield from _in_sheet(parts[path], targets)


def is_anything(parts: Mapping[str, bytes], path: str) -> bool:
    """Whether a sheet without cells has something all the same."""
    return any(kind in {"comments", "threadedcomment", "drawing"} for kind, _, _ in _related(parts, path))


def same_target(target: str, text: str) -> bool:
    """Whether the text of a cell says all that its link does."""
    said = (_SCHEME.sub("", unquote(one).strip()).rstrip("/").casefold() for one in (target, text))
    return len(set(said)) == 1


def _related(parts: Mapping[str, bytes], path: str) -> Iterator[tuple[str, str, str]]:
    """The relations of a sheet: kind, target, identifier."""
    folder, _, name = path.rpartition("/")
    for _, link in events(parts.get(f"{folder}/_rels/{name}.rels", b"<none/>"), ("Relationship",)):
        kind, target = str(link.get("Type", "")).rpartition("/")[2].lower(), str(link.get("Target", ""))
        if kind != "hyperlink":
            absolute = target if target.startswith("/") else posixpath.join(folder, target)
            target = posixpath.normpath(absolute).lstrip("/").lower()
        yield kind, target, str(link.get("Id", ""))


def _drawn(data: bytes) -> Iterator[Aside]:
    """Pictures, shapes with their texts, charts, each at the row where it begins."""
    for _, anchor in events(data, ("twoCellAnchor", "oneCellAnchor", "absoluteAnchor")):
        row = next((one.text or "" for one in anchor.iterfind("{*}from/{*}row")), "")
        line = int(row) if _ROW.fullmatch(row) else None
        for code, times in Counter(_shapes(anchor)).items():
            yield Aside(code, line, None, times)
        anchor.clear()


def _shapes(element: etree._Element) -> Iterator[str]:
    for inner in element.iterchildren("*"):
        name = local(inner)
        if name == "Fallback":  # the same once more, for programs that do not know it
            continue
        if name in _SHAPES:
            yield _SHAPES[name]
        else:
            yield from _shapes(inner)


def _in_sheet(data: bytes, targets: Mapping[str, str]) -> Iterator[Aside]:
    checks = 0
    for _, element in events(data, ("row", "hyperlink", "headerFooter", "dataValidation")):
        match local(element):
            case "row":
                forget(element)
            case "hyperlink":
                yield _link(element, targets)
            case "headerFooter":
                if any(str(one.text or "").strip() for one in element):
                    yield Aside("print_header")
            case _:
                checks += 1
    if checks:
        yield Aside("input_check", times=checks)


def _link(element: etree._Element, targets: Mapping[str, str]) -> Aside:
    number = next((str(value) for name, value in element.attrib.items() if str(name).endswith("}id")), "")
    target = targets.get(number, "") + (f"#{element.get('location')}" if element.get("location") else "")
    tip = str(element.get("tooltip", ""))
    told = target if not tip or same_target(target, tip) else ""
    return Aside("link_target", *_cell(str(element.get("ref", ""))), 1, told)


def _cell(reference: str) -> tuple[int | None, int | None]:
    """The first cell of a reference."""
    try:
        return place(reference.partition(":")[0])
    except DocumentRejected:
        return None, None
