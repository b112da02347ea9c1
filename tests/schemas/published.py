"""Whether a published schema takes whatever an earlier one took: what was narrowed, place by place.

A facet that is there and was not, or is another, counts as narrower unless it is known to be wider: a pattern is
wider only where it is the old one with another form beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from lxml import etree

XS: Final = "{http://www.w3.org/2001/XMLSchema}"
UNBOUNDED: Final = 10**9
Facets = dict[str, Any]
_UP: Final = frozenset({"minLength", "minInclusive", "minimum", "minItems", "min"})
_DOWN: Final = frozenset({"maxLength", "maxInclusive", "maximum", "maxItems", "max"})
_WORDS: Final = frozenset({"title", "description", "$id", "$schema", "default"})


def tighter(old: Facets, new: Facets) -> list[str]:
    """The facets by which less is taken than before."""
    found = []
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before == after or after is None:
            continue
        if name in _UP:
            wider = before is not None and float(after) <= float(before)
            wider = wider or (name in {"minLength", "minItems", "min"} and float(after) == 0)
        elif name in _DOWN:
            wider = before is not None and float(after) >= float(before)
        elif name == "pattern":
            wider = before is not None and str(after).startswith(f"{before}|")  # one more form beside the old one
        elif name == "enum":
            wider = before is not None and set(before) <= set(after)
        else:
            wider = False
        if not wider:
            found.append(name)
    if "base" in found and new["base"] == "xs:string":
        found.remove("base")
    return found


# --- XSD -------------------------------------------------------------------------------------------------------------


def xsd_narrowings(old: bytes, new: bytes) -> Iterator[str]:
    """Places, and the facets that are tighter."""
    before, after = _Xsd(old).places, _Xsd(new).places
    for place, facets in before.items():
        if place not in after:
            yield f"{place}: removed"
            continue
        yield from (f"{place}: {name}" for name in tighter(facets, after[place]))
    known = {place.rpartition("/")[0] for place in before}
    for place, facets in after.items():
        if place not in before and place.rpartition("/")[0] in known and facets.get("min"):
            yield f"{place}: required"
    for group in sorted(known):
        names = [place for place in before if place.rpartition("/")[0] == group and place in after]
        if sorted(names, key=list(after).index) != names:
            yield f"{group}: order"


class _Xsd:
    """Every element and attribute of a schema by its place: how often it may stand, and what its text may be."""

    def __init__(self, content: bytes) -> None:
        self._root = etree.fromstring(content)
        self._types = {one.get("name"): one for one in self._root if one.get("name") and one.tag.endswith("Type")}
        self.places: dict[str, Facets] = {}
        for one in self._root:
            if one.tag == f"{XS}element":
                self.places[f"<{one.get('name')}>"] = self._facets(one)
            if one.get("name"):
                self._walk(one, one.get("name"))

    def _walk(self, node: etree._Element, place: str) -> None:
        for one in node:
            if one.tag in {f"{XS}element", f"{XS}attribute"}:
                name = one.get("name") or one.get("ref", "").rpartition(":")[2]
                inner = f"{place}/{'@' if one.tag == f'{XS}attribute' else ''}{name}"
                self.places[inner] = self._often(one) | self._facets(one)
                self._walk(one, inner)
            else:
                self._walk(one, place)

    @staticmethod
    def _often(one: etree._Element) -> Facets:
        if one.tag == f"{XS}attribute":
            return {"min": int(one.get("use") == "required"), "max": 1}
        most = one.get("maxOccurs", "1")
        often = {"min": int(one.get("minOccurs", "1")), "max": UNBOUNDED if most == "unbounded" else int(most)}
        return often if one.get("nillable") == "true" else {**often, "not_nillable": True}

    def _facets(self, one: etree._Element) -> Facets:
        named = self._types.get(one.get("type", "").rpartition(":")[2])
        if named is None and one.get("type"):
            return {"base": one.get("type")}
        if named is not None and named.tag == f"{XS}complexType":
            return {"type": one.get("type")}
        simple = named if named is not None else one.find(f"{XS}simpleType")
        limits = simple.find(f"{XS}restriction") if simple is not None else None
        if limits is None:
            return {}
        found: Facets = {"base": limits.get("base")}
        for facet in limits:
            name = etree.QName(facet).localname
            if name == "enumeration":
                found.setdefault("enum", []).append(facet.get("value"))
            elif name != "annotation":
                found[name] = facet.get("value")
        return found


# --- JSON Schema and Table Schema ------------------------------------------------------------------------------------


def json_narrowings(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """The same of a JSON Schema, definition by definition."""
    yield from _object_narrowings("", old, new)
    definitions = new.get("$defs", {})
    for name, before in old.get("$defs", {}).items():
        if name in definitions:
            yield from _object_narrowings(name, before, definitions[name])
        else:
            yield f"{name}: removed"


def _object_narrowings(place: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for field, before in old.get("properties", {}).items():
        after = new.get("properties", {}).get(field)
        if after is None:
            yield f"{place}/{field}: removed"
        else:
            yield from (f"{place}/{field}: {name}" for name in tighter(_flat(before), _flat(after)))
    for field in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
        yield f"{place}/{field}: required"


def _flat(value: Mapping[str, Any]) -> Facets:
    """The facets of a value, with those of what stands in it: of one of several (`anyOf`), of its items."""
    found = {name: _plain(one) for name, one in value.items() if name not in _WORDS | {"anyOf", "items"}}
    for at, one in enumerate(value.get("anyOf", ())):
        if one != {"type": "null"}:
            found |= {f"{at} {name}" if at and name in found else name: facet for name, facet in _flat(one).items()}
    found["null"] = None if {"type": "null"} in value.get("anyOf", ()) else True
    if "items" in value:
        found |= {f"items {name}": facet for name, facet in _flat(value["items"]).items()}
    return found


def _plain(value: Any) -> Any:
    """A pattern in one spelling: in both dialects `\\d` is a digit 0 to 9."""
    return re.sub(r"\\d", "[0-9]", value) if isinstance(value, str) else value


def table_narrowings(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """The same of a Table Schema, or of those of a package: columns by their headings, in their order."""
    for before, after in zip(_tables(old), _tables(new), strict=False):
        columns = {field["name"]: field for field in after["fields"]}
        for field in before["fields"]:
            if field["name"] not in columns:
                yield f"{field['name']}: removed"
                continue
            changed = tighter(_column(field), _column(columns[field["name"]]))
            yield from (f"{field['name']}: {name}" for name in changed)
        kept = [field["name"] for field in before["fields"]]
        if [field["name"] for field in after["fields"]][: len(kept)] != kept:
            yield "table: order"
    if len(_tables(new)) < len(_tables(old)):
        yield "table: removed"


def _tables(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one["schema"] for one in schema["resources"]] if "resources" in schema else [schema]


def _column(field: Mapping[str, Any]) -> Facets:
    limits = {name: _plain(value) for name, value in field.get("constraints", {}).items()}
    if "pattern" in limits:
        limits["pattern"] = re.sub(r"^\((.*)\)$", r"\1", limits["pattern"])
    return {"type": field["type"], "format": field.get("format"), **limits}
