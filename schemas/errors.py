"""Every error a caller may see. Two renderers exist: `gateway.rest.problems` and `gateway.graphql.schema`.

MezhvedError
├── BadInput             the caller sent something that breaks a stated rule
│   ├── DocumentRejected     a file or document as a whole cannot be read
│   └── RequestRejected      a request is malformed or over a limit
├── NotAuthenticated     nobody we know, or a token that no longer holds
├── NotPermitted         known, but this is not theirs to do
├── Unavailable          no such thing, or none that the caller may know of: never says which
├── Refused              a rule of the pack refuses; carries the rule and what would change it
├── Conflict             it was done before with other content, or the state does not allow it
├── Contended            too many concurrent changes; safe to repeat
└── Broken               the system cannot do its duty (entry not written, key missing): safe to report, never to ignore

Each carries a permanent `code` (snake_case, listed in docs/errors.md) and parameters. The text comes from the
catalogue, in Russian or English. Parameters are codes, counts, field names and places: never a personal datum.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from schemas.catalogue import Language, text


class MezhvedError(Exception):
    """Base of all errors with a permanent code."""

    kind: ClassVar[str] = "error"

    def __init__(self, code: str, /, **params: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.params: Mapping[str, str | int] = params

    def message(self, language: Language = "ru") -> str:
        """What is wrong and where, for a person."""
        return text(f"errors.{self.code}", language, **self.params)

    def remedy(self, language: Language = "ru") -> str:
        """What to do about it, for a person."""
        return text(f"remedies.{self.code}", language, **self.params)

    def __str__(self) -> str:
        return f"{self.code}: {self.message('en')}"


class BadInput(MezhvedError):
    """The caller sent something that breaks a stated rule."""

    kind = "bad_input"


class DocumentRejected(BadInput):
    """A file or document as a whole cannot be read; nothing of it was taken."""


class RequestRejected(BadInput):
    """A request is malformed or over a limit."""


class NotAuthenticated(MezhvedError):
    """Nobody we know, or a token or session that no longer holds."""

    kind = "not_authenticated"


class NotPermitted(MezhvedError):
    """The caller is known, but its role or scope does not include this."""

    kind = "not_permitted"


class Unavailable(MezhvedError):
    """No such thing, or none that the caller may know of. Which of the two is never said (law 6)."""

    kind = "unavailable"


class Refused(MezhvedError):
    """A rule of the pack refuses. The rule named here is the public one: a quiet rule reads neutral."""

    kind = "refused"

    def __init__(self, code: str, /, *, rule: str, citation: str, rule_remedy: str = "", **params: str | int) -> None:
        super().__init__(code, rule=rule, citation=citation, rule_remedy=rule_remedy, **params)
        self.rule = rule
        self.citation = citation
        self.rule_remedy = rule_remedy


class Conflict(MezhvedError):
    """It was done before with other content, or the present state does not allow it."""

    kind = "conflict"


class Contended(MezhvedError):
    """Too many concurrent changes to the facts this rests on; the caller may repeat."""

    kind = "contended"


class Broken(MezhvedError):
    """The system cannot do its duty: no entry, no key, no store. The answer is an error, never data."""

    kind = "broken"
