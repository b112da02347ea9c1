"""All own data as one archive that leaves while it is made: the entry of each part is committed before its first byte.

Memory holds one part. Whoever is cut off has a torn archive, and asks again from the part that is not whole; each part ends
with the list of its digests, and the last file of a whole archive names all parts with their entries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

import orjson

from adapters.exports.archive import StreamedArchive
from gateway.use_cases.export_own import OwnPart, next_part, read_export
from gateway.use_cases.export_port import ExportOnFile
from gateway.use_cases.house import House
from gateway.use_cases.values import Requester
from schemas.catalogue import Language, text
from schemas.categories import MESSAGE_CATEGORIES as CARRIED

README: Final = "README.txt"
MANIFEST: Final = "manifest.json"
LANGUAGES: Final[tuple[Language, Language]] = ("ru", "en")


def archive_name(export: ExportOnFile) -> str:
    """Says which export it is, and nothing of anybody."""
    return f"mezhved-own-{export.id}.zip"


def stream_export(
    house: House, requester: Requester, export_id: str, clock: Callable[[], datetime], first: int | None = None
) -> Iterator[bytes]:
    """The bytes from part `first` on (none: the one after the last that was made). Its first part is made before the first
    byte, so that whatever forbids it is an error and not a torn file.

    Raises as `export_own.next_part`.
    """
    part = next_part(house, requester, export_id, clock(), first)
    return _bytes(house, requester, export_id, clock, part)


def _bytes(
    house: House, requester: Requester, export_id: str, clock: Callable[[], datetime], part: OwnPart | None
) -> Iterator[bytes]:
    archive = StreamedArchive()
    yield archive.add(README, _readme(house))
    while part is not None:
        for name, content in part.files.items():
            yield archive.add(name, content)
        part = next_part(house, requester, export_id, clock(), part.number + 1)
    yield archive.add(MANIFEST, _manifest(read_export(house, requester, export_id)))
    yield archive.close()


def _readme(house: House) -> bytes:
    """What is in the archive, and what is not."""
    said = [text("export.readme", language, withheld=kept_back(house)) for language in LANGUAGES]
    return "\n\n".join(said).replace("\n", "\r\n").encode("utf-8-sig")


def kept_back(house: House) -> str:
    """The categories that no program lets out by itself, in words of the pack."""
    never = house.pack.never_automatic()
    return ", ".join(house.pack.category_title(category) for category in CARRIED if category in never)


def _manifest(export: ExportOnFile) -> bytes:
    document = {
        "export": export.id,
        "form": export.form,
        "begun_at": export.begun_at.isoformat(),
        "state": export.state,
        "totals_at_begin": dict(export.totals),
        "parts": [
            {
                "number": part.number,
                "kind": part.kind,
                "items": part.items,
                "at": part.at.isoformat(),
                "read_entry": part.entry_id,
                "sha256_of_its_list": part.sha256,
                "size": part.size,
            }
            for part in export.parts
        ],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)
