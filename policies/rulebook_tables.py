"""The tables at the end of a book of rules: categories, purposes, envelopes, routes, terms, obligations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from policies.markdown import quoted, table
from policies.obligations import Bounds, ObligationCode, ObligationRow, Scalar
from policies.pack import Pack
from policies.ruling import Effect
from policies.tables import ANY, TimerRow
from schemas.catalogue import text, words
from schemas.ids import Category


class Saying(Protocol):
    """A text of the document by its key."""

    def __call__(self, key: str, /, **params: str | int) -> str: ...


@dataclass(frozen=True, slots=True)
class Tabulator:
    """Writes the tables of one pack. `link` makes a link to a rule."""

    pack: Pack
    say: Saying
    link: Callable[[str], str]

    def lines(self) -> Iterator[str]:
        """All tables with their headings."""
        for heading, lines in (
            ("categories", self.categories),
            ("purposes", self.purposes),
            ("kinds", self.kinds),
            ("envelopes", self.envelopes),
            ("routes", self.routes),
            ("timers", self.timers),
            ("obligations_by_code", self.obligations),
        ):
            yield from (f"### {self.say(heading)}", "", *lines())

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
        """A table; its columns are named by texts of the document."""
        return table([self.say(column) for column in columns], rows)

    # --- each ---------------------------------------------------------------------------------------------------------

    def categories(self) -> Iterator[str]:
        rows = [
            (
                f"`{code}`",
                row.title_ru,
                self.code("sensitivity", row.sensitivity),
                ", ".join(self.code("about", who) for who in row.about),
                row.mask_ru,
                row.citation,
                row.confidence,
            )
            for code, row in self.pack.tables.categories.items()
        ]
        return self.table(("code", "name", "class", "about", "masked_form", "citation", "confidence"), rows)

    def purposes(self) -> Iterator[str]:
        rows = [
            (f"`{code}`", row.title_ru, self.code("lane", row.lane), row.citation)
            for code, row in self.pack.tables.purposes.items()
        ]
        return self.table(("code", "name", "lane", "citation"), rows)

    def kinds(self) -> Iterator[str]:
        rows = [
            (f"`{code}`", row.title_ru, ", ".join(self.code("group", group) for group in row.groups))
            for code, row in self.pack.tables.kinds.items()
        ]
        return self.table(("code", "name", "group"), rows)

    def envelopes(self) -> Iterator[str]:
        """One table per purpose: categories down, recipients with the same cells together."""
        yield from (self.say("envelopes_lead"), "")
        tables = self.pack.tables
        for purpose, row in tables.purposes.items():
            columns = self.columns(purpose)
            if not columns:
                continue
            yield from (f"#### {row.title_ru}", "")
            heading = [self.say("category"), *(title for title, _ in columns)]
            cells = next(iter(columns))[1]
            yield from table(
                heading,
                [
                    [tables.categories[category].title_ru, *(self.cell(column[category]) for _, column in columns)]
                    for category in cells
                ],
            )

    def columns(self, purpose: str) -> list[tuple[str, Mapping[Category, str]]]:
        found: list[tuple[list[str], Mapping[Category, str]]] = []
        rows = {recipient: cells for (of, recipient), cells in self.pack.tables.envelopes.rows.items() if of == purpose}
        for recipient, cells in rows.items():
            same = next((names for names, known in found if known == cells), None)
            if same is None:
                same = []
                found.append((same, cells))
            any_other = self.say("any_recipient" if len(rows) > 1 else "every_recipient")
            same.append(any_other if recipient == ANY else self.kind(recipient))
        return [("; ".join(names), cells) for names, cells in found]

    def cell(self, cell: str) -> str:
        return self.say(f"cell_{cell or 'blank'}")

    def routes(self) -> Iterator[str]:
        rows = [
            (
                row.title_ru,
                f"`{code}`",
                "; ".join(self.kind(kind) for kind in row.recipients),
                "; ".join(self.kind(kind) for kind in row.sources) or self.say("route_any_source"),
                row.citation,
                row.confidence,
            )
            for code, row in self.pack.tables.routes.items()
        ]
        return self.table(("trigger", "code", "recipients", "sources", "citation", "confidence"), rows)

    def timers(self) -> Iterator[str]:
        yield from (self.say("timers_lead"), "")
        book = self.pack.wording.book
        rows = [
            (
                code,
                row.title_ru,
                self.term(row),
                self.code("event", row.from_event),
                row.citation,
                row.confidence,
                book.remarks.get(code, ""),
            )
            for code, row in self.pack.tables.timers.items()
        ]
        rows += [(term.id, term.title, term.term, "", term.citation, term.confidence, "") for term in book.untimed]
        yield from self.table(
            ("code", "name", "term", "from_event", "citation", "confidence", "remark"),
            [(f"`{code}`", *cells) for code, *cells in sorted(rows)],
        )

    def term(self, row: TimerRow) -> str:
        said = self.say(f"unit_{row.unit}", n=row.amount)
        if row.extension is None:
            return said
        return self.say("plus", term=said, extension=self.say(f"unit_{row.unit}", n=row.extension))

    # --- obligations --------------------------------------------------------------------------------------------------

    def obligations(self) -> Iterator[str]:
        yield from (self.say("obligations_lead"), "")
        attached: dict[str, list[str]] = {}
        for row in self.pack.obligations.rows:
            said = self.attached(row)
            for code in row.codes:
                attached.setdefault(code, []).append(said)
        rows = [
            (
                f"`{code}`",
                row.title_ru,
                self.say(f"concerns_{row.concerns}"),
                self.link(row.rule),
                self.started(row),
                "<br>".join(attached.get(code, [])),
            )
            for code, row in self.pack.obligations.codes.items()
        ]
        yield from self.table(("code", "duty", "whom", "rests_on", "term", "attached"), rows)

    def started(self, row: ObligationCode) -> str:
        if row.timer is None:
            return ""
        return f"`{row.timer}` {self.say('starts_delivered')}" if row.starts == "delivered" else f"`{row.timer}`"

    def attached(self, row: ObligationRow) -> str:
        """When the codes of a row arise, in words."""
        said = [self.fact(path, wanted) for path, wanted in row.when.items()]
        if row.effects:
            effects = ", ".join(self.say(f"effect_{effect}").lower() for effect in Effect if effect in row.effects)
            said.append(self.say("effects_are", values=effects))
        if row.classes:
            categories = self.pack.tables.categories.values()
            named = [known.title_ru for known in categories if not set(known.classes).isdisjoint(row.classes)]
            said.append(self.say("classes_are", values=", ".join(named)))
        if row.rules:
            said.append(self.say("rules_are", values=", ".join(map(self.link, row.rules))))
        if row.reason:
            said.append(self.say("reason_is", value=self.code("reason", row.reason)))
        if row.choice and not row.when and not row.rules:
            said.insert(0, self.say("otherwise"))
        return "; ".join(said) or self.say("always")

    def fact(self, path: str, wanted: Scalar | tuple[Scalar, ...] | Bounds) -> str:
        language, known = self.pack.wording.language, words(self.pack.wording.language)
        if isinstance(wanted, Bounds):
            bounds = ((f"rulebook_fact.{path}.{side}", bound) for side, bound in wanted if bound is not None)
            return "; ".join(text(key, language, n=bound) if key in known else key for key, bound in bounds)
        values = wanted if isinstance(wanted, tuple) else (wanted,)
        if f"rulebook_fact.{path}" in known:
            named = ", ".join(self.value(path, str(value)) for value in values)
            return text(f"rulebook_fact.{path}", language, value=named)
        said = (f"{path}={str(value).lower()}" for value in values)
        return ", ".join(
            text(f"rulebook_fact.{fact}", language) if f"rulebook_fact.{fact}" in known else f"`{fact}`"
            for fact in said
        )

    def value(self, path: str, code: str) -> str:
        tables = self.pack.tables
        titles: Mapping[str, Mapping[str, str]] = {
            "purpose": {name: row.title_ru for name, row in tables.purposes.items()},
            "trigger": {name: row.title_ru for name, row in tables.routes.items()},
        }
        kinds = {name: row.title_ru for name, row in tables.kinds.items()}
        title = titles.get(path, kinds).get(code)
        return quoted(title, self.pack.wording.language) if title else self.code(path, code)

    # --- words for codes ----------------------------------------------------------------------------------------------

    def kind(self, code: str) -> str:
        return self.pack.tables.kinds[code].title_ru

    def code(self, table: str, code: str) -> str:
        """A code in the words of the pack; the code itself where it has none."""
        return self.pack.wording.book.codes.get(f"{table}.{code}", code)
