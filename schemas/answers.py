"""An answer to a message as a file brings it: which message, what happened, why. Read by adapters, applied by the gateway."""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from importlib import resources
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from schemas.messages import Ogrn
from schemas.model import Model

RECEIVED: Final = "received"
"""The partner's system has the message. Not an event of the message's life: that it came stands there already."""

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,60}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=4000)]


class AnswerDraft(Model):
    """One answer. `operation_id` is the partner's own: a repeat changes nothing. `delivery_id` is the number of what was
    handed over, `message_id` that of the message, or the sender's own number of it."""

    operation_id: Id
    delivery_id: Id | None = None
    message_id: Id | None = None
    event: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,30}$")]
    reason: Code | None = None
    words: Words | None = None
    alternatives: Annotated[tuple[Ogrn, ...], Field(max_length=10)] = ()
    none_because: Code | None = None
    statute: Annotated[str, StringConstraints(min_length=1, max_length=300)] | None = None


@functools.cache
def answer_events() -> Mapping[str, str]:
    """What an answer may say, by every way to write it in lower case, to the code of the event."""
    found: dict[str, str] = {}
    for row in _rows():
        for spelling in (row["event"], row["name_ru"], *row["also"].split("|")):
            found[spelling.casefold().replace("ё", "е")] = row["event"]
    return found


def answer_event(text: str) -> str | None:
    """The code of an event as somebody wrote it; None for what is none."""
    return answer_events().get(" ".join(text.split()).casefold().replace("ё", "е"))


@functools.cache
def event_names() -> Mapping[str, str]:
    """Codes of events with their Russian names, in the order of the table."""
    return {row["event"]: row["name_ru"] for row in _rows()}


@functools.cache
def _rows() -> tuple[dict[str, str], ...]:
    text = resources.files("schemas").joinpath("data", "answer_events.csv").read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))
