"""The schemas of ЕГИССО, as the operator downloaded them: none are shipped, because nobody has licensed them to us.

`install` takes from a release what the known messages need, proves that it is whole and compiles, and records a digest of each
file. `release_in` opens what was installed and refuses it when a file is no longer what it was.
"""

from __future__ import annotations

import copy
import hashlib
import json
import posixpath
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lxml import etree

from adapters.egisso.messages import ROOT, Message, messages
from adapters.limits import DEFAULT_LIMITS
from adapters.report import Complaint, Severity
from adapters.xml.schema import complaints_of
from adapters.xml.tree import line_of, new_root
from schemas.errors import BadInput, DocumentRejected

MANIFEST: Final = "manifest.json"
_XSD: Final = "{http://www.w3.org/2001/XMLSchema}"
_REFERENCES: Final = tuple(_XSD + name for name in ("import", "include", "redefine"))
_ANY_ID: Final = "00000000-0000-0000-0000-000000000000"
_ANY_STAMP: Final = "2000-01-01T00:00:00Z"


@dataclass(slots=True)
class Release:
    """Installed schemas. `messages`: what they are of, each with its main file; `digests`: the SHA-256 of each file."""

    folder: Path
    messages: Mapping[str, str]
    digests: Mapping[str, str]
    _compiled: dict[str, etree.XMLSchema] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """One digest for all files, to compare two installations by."""
        lines = "".join(f"{digest}  {path}\n" for path, digest in sorted(self.digests.items()))
        return hashlib.sha256(lines.encode()).hexdigest()

    def complaints(self, record: etree._Element, message: Message, number: int) -> Iterator[Complaint]:
        """What the owner's schema finds in one record, as warnings; nothing for a message that is not installed.

        Warnings, because files that ЕГИССО itself publishes break its schemas; whoever writes treats each as an error.
        """
        main = self.messages.get(message.name)
        if main is None:
            return
        if message.name not in self._compiled:
            self._compiled[message.name] = _compiled(self.folder, main)
        whole = _around(record, message)
        seen: set[tuple[int | None, str]] = set()
        for found in complaints_of(self._compiled[message.name], whole, number, lambda _: "value_malformed", {}):
            line = found.line if (found.line or 0) > 1 else line_of(record)
            if (line, found.place) not in seen:
                seen.add((line, found.place))
                yield Complaint("egisso_schema_refuses", Severity.WARNING, found.place, line, number)


def _around(record: etree._Element, message: Message) -> etree._Element:
    """A message with this record alone: so each is validated by itself and memory stays flat."""
    package = message.layers["package"]
    root = new_root(f"{{{message.namespace}}}{ROOT}", message.namespace)
    outer = etree.SubElement(root, f"{{{package}}}package")
    etree.SubElement(outer, f"{{{package}}}packageId").text = _ANY_ID
    if message.has_made_at:
        etree.SubElement(outer, f"{{{package}}}packageDateTime").text = _ANY_STAMP
    etree.SubElement(outer, f"{{{package}}}elements").append(copy.deepcopy(record))
    return root


def install(files: Mapping[str, bytes], target: Path) -> Release:
    """Takes a release: the files of a folder or an archive by their paths. What was installed before is replaced as a whole.

    Raises BadInput when no known message is in it, a message is in it twice, a file that is referred to is missing, lies
    outside of it or is no schema, or the whole does not compile. Nothing is changed then.
    """
    schemas = {path: root for path, content in sorted(files.items()) if (root := _parsed(path, content)) is not None}
    mains = {message.name: main for message in messages().values() if (main := _main(message, schemas, files))}
    if not mains:
        raise BadInput("egisso_schemas_none", known=", ".join(message.name for message in messages().values()))
    needed: dict[str, bytes] = {}
    for main in mains.values():
        _reach(main, schemas, files, needed)
    digests = {path: hashlib.sha256(content).hexdigest() for path, content in needed.items()}
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".schemas-") as made:
        folder = Path(made) / "release"
        for path, content in needed.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        manifest = {"version": 1, "messages": mains, "files": dict(sorted(digests.items()))}
        (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", "utf-8")
        for main in mains.values():
            _compiled(folder, main)
        if target.exists():
            shutil.move(target, Path(made) / "before")
        shutil.move(folder, target)
    return Release(target, mains, digests)


def release_in(folder: Path | None) -> Release | None:
    """What is installed in a folder, None when nothing is. Raises DocumentRejected (egisso_schemas_changed)."""
    if folder is None or not (folder / MANIFEST).is_file():
        return None
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        digests = {str(path): str(digest) for path, digest in manifest["files"].items()}
        for path, digest in digests.items():
            if hashlib.sha256((folder / path).read_bytes()).hexdigest() != digest:
                raise DocumentRejected("egisso_schemas_changed", file=path)
        return Release(folder, {str(name): str(main) for name, main in manifest["messages"].items()}, digests)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise DocumentRejected("egisso_schemas_changed", file=MANIFEST) from None


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)


def _parsed(path: str, content: bytes) -> etree._Element | None:
    """The root of a schema; None for a file that is none, which then nothing may refer to."""
    if not path.lower().endswith(".xsd") or len(content) > DEFAULT_LIMITS.max_bytes:
        return None
    try:
        root = etree.fromstring(content, _parser())
    except etree.XMLSyntaxError:
        return None
    has_doctype = root.getroottree().docinfo.internalDTD is not None
    return root if root.tag == f"{_XSD}schema" and not has_doctype else None


def _main(message: Message, schemas: Mapping[str, etree._Element], files: Mapping[str, bytes]) -> str:
    """The schema of a message, "" when there is none. The same file in two places of a release is one."""
    found = [path for path, root in schemas.items() if root.get("targetNamespace") == message.namespace]
    if len({files[path] for path in found}) > 1:
        raise BadInput("egisso_schema_twice", message=message.name)
    return found[0] if found else ""


def _reach(
    path: str, schemas: Mapping[str, etree._Element], files: Mapping[str, bytes], into: dict[str, bytes]
) -> None:
    waiting = [path]
    while waiting:
        path = waiting.pop()
        if path in into:
            continue
        if path not in schemas:
            raise BadInput("egisso_schema_incomplete", file=path)
        if _inside("", path) != path:  # an archive may name a file «../x», which would be written there
            raise BadInput("egisso_schema_outside", file=path)
        into[path] = files[path]
        references = (reference.get("schemaLocation") for reference in schemas[path].iterchildren(*_REFERENCES))
        waiting.extend(_inside(path, location) for location in references if location)


def _inside(path: str, location: str) -> str:
    """The path of a file that another refers to. Raises BadInput for one that is not in the release."""
    found = posixpath.normpath(posixpath.join(posixpath.dirname(path), location))
    if ":" in location or "\\" in location or location.startswith("/") or found.startswith(".."):
        raise BadInput("egisso_schema_outside", file=path)
    return found


def _compiled(folder: Path, main: str) -> etree.XMLSchema:
    try:
        return etree.XMLSchema(etree.parse(folder / main, _parser()))
    except (etree.XMLSchemaParseError, etree.XMLSyntaxError, OSError):
        raise BadInput("egisso_schema_broken", file=main) from None
