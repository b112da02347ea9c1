"""Words that people of two organisations write to each other beside the sections. They name nobody: that is checked when
they come in. They are sealed nevertheless, under a key of the message's own, and open to its two sides only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress

from gateway.use_cases.house import House
from gateway.use_cases.values import MessageOnFile, ReceiptOnFile
from schemas.errors import Conflict
from schemas.ids import MessageId, SubjectId

OWN = "words"


def seal_words(house: House, message_id: MessageId, words: Mapping[str, str]) -> bytes | None:
    """Words by field, sealed for the place they belong to; None where there are none."""
    return _seal(house, message_id, OWN, words) if words else None


def seal_answer(house: House, message_id: MessageId, number: int, words: Mapping[str, str]) -> bytes:
    """The words of one receipt, by what they are: words, statute."""
    return _seal(house, message_id, str(number), words)


def open_words(house: House, message: MessageOnFile) -> Mapping[str, str]:
    """The words of a message by field; nothing once its key is destroyed."""
    return _open(house, message.id, OWN, message.sealed_words)


def open_sealed(house: House, message_id: MessageId, sealed: bytes) -> Mapping[str, str]:
    """Words that `seal_words` sealed for something that is no message: an agenda."""
    return _open(house, message_id, OWN, sealed)


def open_answers(house: House, message: MessageOnFile) -> tuple[tuple[ReceiptOnFile, Mapping[str, str]], ...]:
    """Every receipt with the words that came with it."""
    return tuple(
        (receipt, _open(house, message.id, str(number), receipt.sealed_words))
        for number, receipt in enumerate(message.receipts)
    )


def key_of(house: House, message_id: MessageId, *, create: bool = True) -> SubjectId:
    """Under which name the key store has the key of a message, made first where there is none: that of a message never is
    the name of a person."""
    key = SubjectId(message_id)
    if create and not house.vault.alive([key]):
        with suppress(Conflict):  # somebody else has made it at this very moment; one that was destroyed seals nothing
            house.vault.create_subjects({key: b"{}"})
    return key


def _seal(house: House, message_id: MessageId, place: str, words: Mapping[str, str]) -> bytes:
    key = key_of(house, message_id)
    return house.vault.seal_words(key, f"{message_id}/{place}", json.dumps(dict(words), ensure_ascii=False).encode())


def _open(house: House, message_id: MessageId, place: str, sealed: bytes | None) -> Mapping[str, str]:
    if sealed is None:
        return {}
    plain = house.vault.open_words(key_of(house, message_id, create=False), f"{message_id}/{place}", sealed)
    found: dict[str, str] = json.loads(plain) if plain else {}
    return found
