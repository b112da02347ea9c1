"""Which file an export becomes: its name, which says nothing of anybody, its media type and its bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import BaseModel

from adapters.archives import pack
from adapters.documents.writer import kind_of, write_documents
from adapters.exports.document import write_document
from adapters.exports.tables import write_tables
from adapters.fhir.bundle import MEDIA_TYPE as FHIR
from adapters.fhir.bundle import write_bundle
from adapters.hsds.package import package_files
from adapters.tables.output import AS_USUAL, Written
from schemas.directory import Directory, Service
from schemas.exports import Export, Form

AGAIN: Final = "hand-in"
"""The folder with what another gateway takes in."""
DIRECTORY: Final = "directory"


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file that may leave."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


def write_file(export: Export, form: Form, written: Written = AS_USUAL) -> ExportFile:
    """One case or one thread as one file; tables are several, so they are an archive. Raises BadInput
    (text_outside_encoding) for tables."""
    name = f"mezhved-{export.scope}-{export.id}"
    if form == "xml":
        return ExportFile(f"{name}.xml", "application/xml", write_document(export))
    if form == "fhir":
        return ExportFile(f"{name}.json", FHIR, write_bundle(export))
    return ExportFile(f"{name}.zip", "application/zip", pack(write_tables(export, written)))


def write_part(
    export: Export,
    form: Form,
    services: Sequence[Service] = (),
    directory: Directory | None = None,
    again: Sequence[Sequence[BaseModel]] = (),
    files: Mapping[str, bytes] | None = None,
    written: Written = AS_USUAL,
) -> Mapping[str, bytes]:
    """A part of a holder's own data as the files of an archive, each with the number of its part before its name.

    `directory` is its entry of the directory, as the HSDS package that a gateway imports (a bundle has `services` instead);
    `again` canonical documents that another gateway takes in, of one kind each; `files` those of documents, by their names. The
    package of the directory stays in UTF-8, as its standard has it. Raises BadInput (text_outside_encoding) for tables.
    """
    number = f"{export.part:05d}"
    if form == "fhir":
        return {f"{number}.json": write_bundle(export, services), **(files or {})}
    if form == "xml":
        found = {f"{number}.xml": write_document(export)}
    else:
        found = {f"{number}-{name}": content for name, content in write_tables(export, written).items()}
    if directory is not None:
        folder = DIRECTORY if export.part == 1 else f"{DIRECTORY}-{number}"  # each part is a package by itself
        found |= {f"{folder}/{name}": content for name, content in package_files(directory, export.made_at).items()}
    for drafts in again:
        if drafts:
            found[f"{AGAIN}/{number}-{kind_of(drafts[0]).code}.xml"] = write_documents(drafts)
    return {**found, **(files or {})}
