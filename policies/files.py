"""The files of a pack: read once, hashed, parsed into rows. A defect is named with its file and place."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, RootModel, ValidationError

from schemas.errors import Broken

Row = TypeVar("Row", bound=BaseModel)


def _split(value: object) -> object:
    return tuple(part for part in value.split("|") if part) if isinstance(value, str) else value


Codes = Annotated[tuple[str, ...], BeforeValidator(_split)]
"""Several codes in one cell, separated by `|`; an empty cell is none."""


class _Texts(RootModel[dict[str, str]]):
    pass


_BOOL, _TIMESTAMP = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp"


class _PlainLoader(yaml.CSafeLoader):
    """YAML as people mean it: `on` and `no` are words, a date is text until its reader says where it is wrong, and a key
    that stands twice is a mistake, not the loss of the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = set()
        for key, _ in node.value:
            if key.value in keys:
                raise yaml.constructor.ConstructorError(None, None, "a key stands twice", key.start_mark)
            keys.add(key.value)
        return dict(super().construct_mapping(node, deep))


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in {_BOOL, _TIMESTAMP}]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_PlainLoader.add_implicit_resolver(_BOOL, re.compile("true|false"), ["t", "f"])


@dataclass(frozen=True, slots=True)
class PackFiles:
    """Names and bytes of all data files of one pack."""

    contents: Mapping[str, bytes]

    @classmethod
    def read(cls, directory: Traversable) -> PackFiles:
        """All files of `directory`. Python files are not part of a pack, nor is what an interpreter leaves behind."""
        return cls(
            {
                entry.name: entry.read_bytes()
                for entry in sorted(directory.iterdir(), key=lambda entry: entry.name)
                if entry.is_file() and not entry.name.endswith((".py", ".pyc")) and not entry.name.startswith(".")
            }
        )

    def digest(self) -> str:
        """SHA-256 in hex over names, lengths and contents, in the order of names."""
        digest = hashlib.sha256()
        for name, content in sorted(self.contents.items()):
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
        return digest.hexdigest()

    def text(self, name: str) -> str:
        """The text of one file. Raises Broken `pack_file_missing` or `pack_file_unreadable`."""
        try:
            return self.contents[name].decode("utf-8")
        except KeyError:
            raise Broken("pack_file_missing", file=name) from None
        except UnicodeDecodeError as error:
            raise Broken(
                "pack_file_unreadable", file=name, line=self.contents[name][: error.start].count(b"\n") + 1
            ) from None

    def json(self, name: str) -> Any:  # noqa: ANN401 - parsed JSON has no narrower type
        """A JSON file, parsed."""
        try:
            return json.loads(self.text(name))
        except json.JSONDecodeError as error:
            raise Broken("pack_file_unreadable", file=name, line=error.lineno) from None

    def mapping(self, name: str) -> dict[str, str]:
        """A YAML file that maps names to texts."""
        return dict(self.document(name, _Texts).root)

    def document(self, name: str, model: type[Row]) -> Row:
        """A YAML file as one typed value."""
        text = self.text(name)
        try:
            parsed = yaml.load(text, Loader=_PlainLoader)  # noqa: S506  it is a safe loader that knows fewer types
        except yaml.reader.ReaderError as error:
            line = text.encode()[: error.position].count(b"\n") + 1  # libyaml counts bytes
            raise Broken("pack_file_unreadable", file=name, line=line) from None
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 0
            raise Broken("pack_file_unreadable", file=name, line=line) from None
        return checked(model, parsed, name, "")

    def rows(self, name: str, model: type[Row]) -> tuple[Row, ...]:
        """A CSV file as typed rows; its header must name exactly the columns of `model`."""
        return tuple(
            checked(model, row, name, f"line {line}") for line, row in self.cells(name, tuple(model.model_fields))
        )

    def cells(self, name: str, columns: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
        """A CSV file as raw rows with the line each begins on."""
        reader = csv.DictReader(io.StringIO(self.text(name)))
        if tuple(reader.fieldnames or ()) != columns:
            raise Broken("pack_value_invalid", file=name, place="line 1", expected=",".join(columns))
        rows = []
        for row in reader:
            if None in row or None in row.values():
                raise Broken(
                    "pack_value_invalid", file=name, place=f"line {reader.line_num}", expected=f"{len(columns)} cells"
                )
            rows.append((reader.line_num, row))
        return rows


def checked(model: type[Row], value: object, name: str, place: str) -> Row:
    """`value` as `model`. Raises Broken `pack_value_invalid` with the first field that does not fit."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ", ".join(filter(None, [place, ".".join(str(part) for part in first["loc"])])) or "document"
        raise Broken("pack_value_invalid", file=name, place=where, expected=first["msg"]) from None
