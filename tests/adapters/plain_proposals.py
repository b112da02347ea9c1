"""What columns probably are, the plain way: every name that every column may have, compared with every known heading by every
measure. What the product proposes is the same, for tables that are small enough for it."""

from __future__ import annotations

import io
import itertools
import re

from rapidfuzz import fuzz

from adapters.limits import DEFAULT_LIMITS
from adapters.tables.cells import CellFault, clean
from adapters.tables.encoding import find_text
from adapters.tables.grid import csv_grids
from adapters.tables.headings import spellings_of
from adapters.tables.layout import LEVELS, refuse_wide_row
from adapters.tables.parts import is_workbook
from adapters.tables.profile import BUILT_IN, built_in, plain_heading
from adapters.tables.rows import is_numbers
from adapters.tables.values import KINDS, Reading
from adapters.tables.workbook import open_workbook
from schemas.errors import DocumentRejected


def likeness(one, other):
    if min(len(one), len(other)) * 2 < max(len(one), len(other)):
        return 0
    one, other = (re.sub(r"[^\w\s]", "", text) for text in (one, other))
    found = max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other))
    return max(found, 0.85 * fuzz.token_set_ratio(one, other)) if " " in other else found


def most_like(plain, known):
    best = max(known, key=lambda other: likeness(plain, other))  # the first of equals
    found = likeness(plain, best)
    return (best, int(found)) if found >= 82 else None


def recognised(names, profile):
    for how, likely, find in (("exact", 100, profile.find), ("lookalike", 99, profile.find_lookalike)):
        for name in names:
            if column := find(name):
                return column, how, likely
    if names and not all(map(profile.keeps, names)):
        return None, "not_kept", 0
    for name in names:
        plain = plain_heading(name)
        if not plain.isdecimal() and (found := most_like(plain, list(profile.spellings()))):
            return profile.spellings()[found[0]], "similar", found[1]
    return None, "unknown", 0


def places(grid):
    head = list(itertools.islice(grid, 50))
    try:
        for row in head:
            refuse_wide_row(row, DEFAULT_LIMITS)
    except DocumentRejected:
        return
    for index, depth in itertools.product(range(len(head)), LEVELS):
        if index + 1 >= depth:
            yield head[index - depth + 1 : index + 1]


def score(grid, levels, profile):
    found = {}
    for _, names in spellings_of(grid, levels):
        column, _, likely = recognised(names, profile)
        if column:
            found[column.field] = max(found.get(column.field, 0), likely / 100)
    return sum(found.values()) - (len(levels) - 1) / 10


def text_of(row, position):
    try:
        return clean(row.cells[position]).text if position < len(row.cells) else ""
    except CellFault:
        return ""


def shape(text):
    text = " ".join(text.split())
    masked = "".join(
        "0" if sign.isdigit() else "Х" if sign.isupper() else "х" if sign.isalpha() else sign for sign in text
    )
    return masked if len(masked) <= 24 else masked[:24] + "…"


def is_of(kind, cell, profile):
    try:
        KINDS[kind](cell, Reading(profile.zone, profile.document_system))
    except CellFault:
        return False
    return True


def told_by(cells, profile, taken):
    """The column of which most cells look like it."""
    for kind in ("snils", "ogrn", "inn"):
        free = [column for column in profile.columns if column.kind == kind and column.field not in taken]
        if free and cells and sum(is_of(kind, cell, profile) for cell in cells) >= 0.6 * len(cells):
            return free[0]
    return None


def columns_of(grid, levels, profile):
    """Of every column: its place, heading, field, how it was recognised, how likely that is, the shapes of its cells."""
    rows = [row for row in grid if row.line > levels[-1].line and not is_numbers(row)][:40]
    found = []
    for position, names in spellings_of(grid, levels):
        if names and not any(map(profile.is_own, names)):
            cells = [text for row in rows if (text := text_of(row, position))]
            found.append([position, names[0], *recognised(names, profile), cells])
    taken = {}
    for one in sorted(found, key=lambda one: -one[4]):
        if one[2]:
            taken.setdefault(one[2].field, one)
    for one in found:
        if one[2] and taken[one[2].field] is not one:
            one[2:5] = None, "unknown", 0
    for one in found:
        if one[3] == "unknown" and (column := told_by(one[5], profile, taken)):
            one[2:4] = column, "content"
        one[2] = one[2].field if one[2] else None
        one[5] = tuple(dict.fromkeys(map(shape, one[5])))[:3]
    return [tuple(one) for one in found]


def propose(content, base=None):
    """The profile, the lines of the heading, its columns. Raises DocumentRejected."""
    grids = (
        open_workbook(content, DEFAULT_LIMITS, None)
        if is_workbook(content)
        else csv_grids(find_text(io.BytesIO(content)))
    )
    best = None
    for name, grid in itertools.product((base,) if base else BUILT_IN, grids):
        for levels in places(grid):
            found = score(grid, levels, built_in(name))
            if best is None or found > best[0]:
                best = found, name, grid, levels
    if best is None or best[0] < (1 if base else 2):
        raise DocumentRejected("heading_not_found", rows=50)
    _, name, grid, levels = best
    return name, tuple(row.line for row in levels), columns_of(grid, levels, built_in(name))
