"""What belongs to an organisation or a service: the rows that its own row leads to, by the links of the specification."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from adapters.hsds.profile import NESTINGS, Row, Tables

OWNERS: Final = ("organization", "service")
"""Tables whose rows are records, in the order in which they are taken."""


def records_of(tables: Tables) -> list[Row]:
    """The rows that are records; the number of a record is its place in this list, from 1."""
    return [row for table in OWNERS for row in tables.get(table, ())]


class Links:
    """The links of the tables of one file."""

    def __init__(self, tables: Tables) -> None:
        self._by_id: dict[tuple[str, str], Row] = {}
        self._by_link: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
        named = {(nesting.child, nesting.link) for nesting in NESTINGS if not nesting.inside}
        for table, rows in tables.items():
            links = [link for child, link in named if child == table]
            for row in rows:
                self._by_id.setdefault((table, row.get("id")), row)
                for link in links:
                    if owner := row.get(link):
                        self._by_link[table, link, owner].append(row)

    def of(self, record: Row) -> Sequence[Row]:
        """The record's row, and every row that belongs to it; of other records none."""
        found = {id(record): record}
        waiting = [record]
        while waiting:
            for row in self._next(waiting.pop()):
                if row.table not in OWNERS and id(row) not in found:
                    found[id(row)] = row
                    waiting.append(row)
        return list(found.values())

    def organisation_of(self, service: Row) -> Row | None:
        """The organisation whose service it is."""
        return self._by_id.get(("organization", service.get("organization_id")))

    def _next(self, row: Row) -> Iterator[Row]:
        for nesting in NESTINGS:
            if nesting.parent != row.table:
                continue
            if not nesting.inside:
                yield from self._by_link.get((nesting.child, nesting.link, row.get("id")), ())
            elif (inner := self._by_id.get((nesting.child, row.get(nesting.link)))) is not None:
                yield inner
