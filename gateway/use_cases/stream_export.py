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
from adapters.tables.output import AS_USUAL, Written
from gateway.use_cases.export_left_out import left_out_of
from gateway.use_cases.export_own import OWN, OwnPart, next_part, read_export
from gateway.use_cases.export_port import ExportOnFile
from gateway.use_cases.house import House
from gateway.use_cases.values import Requester
from schemas.catalogue import Language, text

README: Final = "README.txt"
MANIFEST: Final = "manifest.json"
LANGUAGES: Final[tuple[Language, Language]] = ("ru", "en")


def archive_name(export: ExportOnFile) -> str:
    """Says which export it is, and nothing of anybody."""
    return f"mezhved-own-{export.id}.zip"


def stream_export(
    house: House,
    requester: Requester,
    export_id: str,
    clock: Callable[[], datetime],
    first: int | None = None,
    written: Written = AS_USUAL,
) -> Iterator[bytes]:
    """The bytes from part `first` on (none: the one after the last that was made). Its first part is made before the first
    byte, so that whatever forbids it is an error and not a torn file. A later part with signs that the encoding has not tears
    the archive: who asks again from there is told which.

    Raises as `export_own.next_part`.
    """
    part = next_part(house, requester, export_id, clock(), first, written)
    return _bytes(house, requester, export_id, clock, part, written)


def _bytes(
    house: House,
    requester: Requester,
    export_id: str,
    clock: Callable[[], datetime],
    part: OwnPart | None,
    written: Written,
) -> Iterator[bytes]:
    archive = StreamedArchive()
    export = read_export(house, requester, export_id)
    yield archive.add(README, _readme(house, export))
    while part is not None:
        for name, content in part.files.items():
            yield archive.add(name, content)
        part = next_part(house, requester, export_id, clock(), part.number + 1, written)
    yield archive.add(MANIFEST, _manifest(house, read_export(house, requester, export_id)))
    yield archive.close()


def _readme(house: House, export: ExportOnFile) -> bytes:
    """What is in the archive, and what is not."""
    missing = left_out_of(house, OWN, export.form)
    said = []
    for language in LANGUAGES:
        words = [one.ru if language == "ru" else one.en for one in missing]
        parts = [text("export.readme", language)]
        parts += [text(f"export.readme_{export.form}", language)]
        said.append("\n".join([*parts, text("export.readme_not", language), *(f"- {line}." for line in words)]))
    return "\n\n".join(said).replace("\n", "\r\n").encode("utf-8-sig")


def _manifest(house: House, export: ExportOnFile) -> bytes:
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
        "not_in_it": [{"code": one.value, "ru": one.ru, "en": one.en} for one in left_out_of(house, OWN, export.form)],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)
