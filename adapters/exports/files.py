"""Which file an export becomes: its name, which says nothing of anybody, its media type and its bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adapters.archives import pack
from adapters.exports.document import write_document
from adapters.exports.tables import write_tables
from adapters.fhir.bundle import MEDIA_TYPE as FHIR
from adapters.fhir.bundle import write_bundle
from schemas.directory import Service
from schemas.exports import Export, Form


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file that may leave."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


def write_file(export: Export, form: Form) -> ExportFile:
    """One case or one thread as one file; tables are several, so they are an archive."""
    name = f"mezhved-{export.scope}-{export.id}"
    if form == "xml":
        return ExportFile(f"{name}.xml", "application/xml", write_document(export))
    if form == "fhir":
        return ExportFile(f"{name}.json", FHIR, write_bundle(export))
    return ExportFile(f"{name}.zip", "application/zip", pack(write_tables(export)))


def write_part(export: Export, form: Form, services: Sequence[Service] = ()) -> Mapping[str, bytes]:
    """A part of a holder's own data as the files of an archive, each with the number of its part before its name."""
    number = f"{export.part:05d}"
    if form == "xml":
        return {f"{number}.xml": write_document(export)}
    if form == "fhir":
        return {f"{number}.json": write_bundle(export, services)}
    return {f"{number}-{name}": content for name, content in write_tables(export).items()}
