"""Which mask each field of a summary and of a message has in a pack: `masks.csv`, complete or refused.

A field that the tables of the shared language have and the pack does not speak about would be left out of every masked
section in silence; a row about a field that nobody has would be a rule that is never used. Neither loads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal

from policies.files import PackFiles, checked
from policies.masks import MASKS
from policies.tables import known
from schemas.errors import Broken
from schemas.ids import Category
from schemas.model import Model
from schemas.sections import FieldRow, message_fields, summary_fields

FILE: Final = "masks.csv"

FieldMasks = Mapping[tuple[str, Category], Mapping[str, str]]
"""By scope (summary or message) and category: the name of the mask of each field."""


class MaskRow(Model):
    """How one field is seen where its category is masked."""

    scope: Literal["summary", "message"]
    category: str
    field: str
    mask: str


def read_masks(files: PackFiles) -> FieldMasks:
    """The masks of all fields. Raises Broken with the file and the line, or the field that has no row."""
    fields = {"summary": summary_fields(), "message": message_fields()}
    found: dict[tuple[str, Category], dict[str, str]] = {}
    for line, cells in files.cells(FILE, tuple(MaskRow.model_fields)):
        place = f"line {line}"
        row = checked(MaskRow, cells, FILE, place)
        known((row.category,), fields[row.scope], "category", FILE, place)
        category = Category(row.category)
        known((row.field,), _names(fields[row.scope][category]), "field", FILE, place)
        known((row.mask,), MASKS, "mask", FILE, place)
        masks = found.setdefault((row.scope, category), {})
        if row.field in masks:
            raise Broken("pack_code_duplicate", file=FILE, value=f"{row.scope} {row.category} {row.field}")
        masks[row.field] = row.mask
    for scope, table in fields.items():
        for category, rows in table.items():
            for field in _names(rows):
                if field not in found.get((scope, category), {}):
                    raise Broken("pack_mask_missing", file=FILE, scope=scope, category=category, field=field)
    return MappingProxyType({key: MappingProxyType(masks) for key, masks in found.items()})


def _names(rows: Sequence[FieldRow]) -> tuple[str, ...]:
    return tuple(row.field for row in rows)
