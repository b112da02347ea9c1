"""The key of an import under which its report keeps what it repeats of the sender's own words: headings, names of elements."""

from __future__ import annotations

import uuid
from typing import Final

from gateway.vault.envelope import SealingKey
from schemas.ids import SubjectId

_PURPOSE: Final = "import-words"


class ImportWords:
    """Seals and opens words of one import."""

    __slots__ = ("_import_id", "_key")

    def __init__(self, key: SealingKey, import_id: str) -> None:
        self._key, self._import_id = key, import_id

    def seal(self, words: bytes, place: str) -> bytes:
        """For this place of the report."""
        return self._key.seal(words, _PURPOSE, self._import_id, place)

    def open(self, sealed: bytes, place: str) -> bytes:
        """The reverse. Raises SealBroken."""
        return self._key.open(sealed, _PURPOSE, self._import_id, place)


def words_key_id(import_id: str) -> SubjectId:
    """Where the key store keeps it: beside that of the file, which goes earlier."""
    return SubjectId(str(uuid.uuid5(uuid.UUID(import_id), _PURPOSE)))
