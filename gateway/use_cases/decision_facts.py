"""The few facts about a subject that every decision needs. At rest they are sealed with the subject, apart from ID."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class DecisionFacts:
    """A birth date (a month for an unborn child) and emancipation; both unknown where nothing is on file."""

    birth_date: str | None = None
    emancipated: bool = False

    def to_bytes(self) -> bytes:
        """JSON, to be sealed with the subject."""
        return json.dumps({"birth_date": self.birth_date, "emancipated": self.emancipated}).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> DecisionFacts:
        """The reverse of `to_bytes`."""
        value = json.loads(data)
        return cls(value["birth_date"], value["emancipated"])

    def age_on(self, day: date) -> int | None:
        """Full years on `day`: 0 for an unborn child, None where no birth date is on file.

        A birthday counts from its own day; somebody born on 29 February has it on 1 March in a common year.
        """
        if self.birth_date is None:
            return None
        year, month, *rest = (int(part) for part in self.birth_date.split("-"))
        before_birthday = (day.month, day.day) < (month, rest[0] if rest else 1)
        return max(0, day.year - year - before_birthday)
