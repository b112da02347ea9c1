"""The canonical documents: which types travel as files of their own, and what each field is called in them.

A document is a class of this room. `elements.csv` gives every field of every class its element name and its Russian label; XSD,
JSON Schema, reader, writer and the documentation are made of the classes and this table, so none of them can differ from
another. `check_elements` runs in the tests: a field without a row, or a row without a field, is an error.
"""

from __future__ import annotations

import csv
import functools
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

from pydantic import BaseModel

from schemas import directory, opening_hours, sections, summary
from schemas.attachments import AttachmentDraft
from schemas.authority import AuthorityDraft
from schemas.messages import MessageDraft, NoteDraft, PersonDraft

VERSION: Final = 2
NAMESPACE: Final = f"urn:mezhved:exchange:{VERSION}"
"""Rule of change: within a version only optional elements are added, at the end of their group; anything else is a new one."""


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """One canonical document: `root` is the element of a single one, `batch` of several in one file. `key` is the field by
    which a repeat in the same file is noticed, if it has one."""

    code: str
    root: str
    batch: str
    model: type[BaseModel]
    key: str
    title_ru: str
    title_en: str


KINDS: Final = (
    DocumentKind("message", "Message", "Messages", MessageDraft, "operation_id", "Сообщение", "Message"),
    DocumentKind(
        "case_summary",
        "CaseSummary",
        "CaseSummaries",
        summary.SummaryDraft,
        "case_ref",
        "Сводка случая",
        "Case summary",
    ),
    DocumentKind("consent", "Consent", "Consents", summary.ConsentDraft, "", "Согласие", "Consent"),
    DocumentKind(
        "authority",
        "Authority",
        "Authorities",
        AuthorityDraft,
        "authority_id",
        "Полномочие представителя",
        "Authority of a representative",
    ),
    DocumentKind(
        "organisation",
        "Organisation",
        "Organisations",
        directory.DirectoryOrganisation,
        "id",
        "Организация справочника",
        "Organisation of the directory",
    ),
    DocumentKind(
        "service", "Service", "Services", directory.Service, "id", "Услуга справочника", "Service of the directory"
    ),
)

_NAMED: Final[Mapping[type[BaseModel], str]] = {
    MessageDraft: "Message",
    NoteDraft: "Note",
    PersonDraft: "Person",
    AttachmentDraft: "Attachment",
    sections.MessageRequest: "MessagePlan",
    sections.Service: "ServiceGiven",
    summary.SummaryDraft: "CaseSummary",
    summary.SubjectDraft: "Subject",
    summary.SectionsDraft: "Sections",
    summary.SharedSectionsDraft: "SharedSections",
    summary.ConsentDraft: "Consent",
    summary.SignerDraft: "Signer",
    AuthorityDraft: "Authority",
    directory.DirectoryOrganisation: "Organisation",
    opening_hours.OpeningHours: "OpeningHours",
}


def shape_name(model: type[BaseModel]) -> str:
    """What a class is called in the published schemas."""
    return _NAMED.get(model, model.__name__)


@dataclass(frozen=True, slots=True)
class Element:
    """What one field is called: the element's name and the label for people."""

    name: str
    label_ru: str


@functools.cache
def elements() -> Mapping[tuple[str, str], Element]:
    """Rows of `elements.csv` by shape and field."""
    table = resources.files("schemas").joinpath("data", "elements.csv").read_text("utf-8")
    return {
        (row["shape"], row["field"]): Element(row["element"], row["label_ru"])
        for row in csv.DictReader(table.splitlines())
    }


@dataclass(frozen=True, slots=True)
class FieldType:
    """The type of one field, taken apart: `inner` is what stands in it once (a class, or an annotated simple type)."""

    name: str
    inner: Any
    many: bool
    required: bool

    @property
    def model(self) -> type[BaseModel] | None:
        """The class of what stands in it, None for a simple type."""
        return self.inner if isinstance(self.inner, type) and issubclass(self.inner, BaseModel) else None


@functools.cache
def fields_of(model: type[BaseModel]) -> tuple[FieldType, ...]:
    """The fields of a class in their order."""
    hints = typing.get_type_hints(model, include_extras=True)
    return tuple(
        FieldType(name, *_taken_apart(hints[name]), info.is_required()) for name, info in model.model_fields.items()
    )


def _taken_apart(hint: Any) -> tuple[Any, bool]:  # noqa: ANN401  a type of any kind
    """What stands in a field once, and whether it may stand there several times. None, and what is said of a tuple as a whole,
    are left out: pydantic checks them."""
    if typing.get_origin(hint) in {typing.Union, types.UnionType}:
        (hint,) = (kind for kind in typing.get_args(hint) if kind is not type(None))
    bare = typing.get_args(hint)[0] if typing.get_origin(hint) is typing.Annotated else hint
    if typing.get_origin(bare) is tuple:
        return _taken_apart(typing.get_args(bare)[0])[0], True
    return (bare if isinstance(bare, type) and issubclass(bare, BaseModel) else hint), False


@functools.cache
def shapes() -> Mapping[str, type[BaseModel]]:
    """Every class that stands in a document, by its published name, in the order in which the documents come to them."""
    found: dict[str, type[BaseModel]] = {}
    for kind in KINDS:
        for model in _reached(kind.model):
            if found.setdefault(shape_name(model), model) is not model:
                msg = f"two classes are published as {shape_name(model)}"
                raise RuntimeError(msg)
    return found


def _reached(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield model
    for field in fields_of(model):
        if field.model is not None:
            yield from _reached(field.model)


def check_elements() -> None:
    """Every field of every shape has a row, every row its field, and no element stands for two fields of one shape.

    Raises RuntimeError that names the first one without a twin.
    """
    typed = [(name, field.name) for name, model in shapes().items() for field in fields_of(model)]
    if odd := sorted(set(typed) ^ elements().keys()):
        msg = f"elements.csv and the classes differ in: {', '.join('.'.join(pair) for pair in odd)}"
        raise RuntimeError(msg)
    for name, model in shapes().items():
        names = [elements()[name, field.name].name for field in fields_of(model)]
        if len(set(names)) != len(names):
            msg = f"elements.csv: {name} has one element for two fields"
            raise RuntimeError(msg)


@dataclass(frozen=True, slots=True)
class Change:
    """What of a published schema was narrowed within its version, before 1.0: where, by what, when and why."""

    version: str
    schema: str
    place: str
    what: str
    on: str
    reason: str


@functools.cache
def changes() -> tuple[Change, ...]:
    """Rows of `changes.csv`."""
    table = resources.files("schemas").joinpath("data", "changes.csv").read_text("utf-8")
    return tuple(Change(**row) for row in csv.DictReader(table.splitlines()))
