"""One record of a message: its element by the table of elements, as a value or as complaints.

Other namespaces, another order and spellings that can mean one thing only are read and told as warnings: published samples
have them. What is missing, unknown or malformed is an error.
"""

from __future__ import annotations

from typing import Any, Final

from lxml import etree
from pydantic import BaseModel, ValidationError

from adapters.egisso.faults import rules_of
from adapters.egisso.messages import ATTRIBUTE, Message, Part, Shape, shapes
from adapters.egisso.rules import breaches
from adapters.egisso.spelling import as_ruled
from adapters.limits import Limits
from adapters.paths import Path
from adapters.report import Complaint, Severity, weightiest
from adapters.xml.guard import shown
from adapters.xml.tree import line_of, local_name, namespace_of, text_of

_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"


class Namespaces:
    """Namespaces that were taken for another one, each told once in a message and not at every element."""

    def __init__(self) -> None:
        self._told: set[tuple[str, str]] = set()

    def is_wrong(self, element: etree._Element, expected: str) -> bool:
        """Whether an element is of another namespace than expected, and nobody has said so of the two."""
        given = namespace_of(element)
        if given == expected or (given, expected) in self._told:
            return False
        self._told.add((given, expected))
        return True


class RecordReader:
    """Reads one element into a value, remembering on which line each field stood."""

    def __init__(
        self,
        element: etree._Element,
        message: Message,
        shape: Shape,
        number: int,
        limits: Limits,
        namespaces: Namespaces,
    ) -> None:
        self._element = element
        self._message = message
        self._shape = shape
        self._number = number
        self._limits = limits
        self._line = line_of(element)
        self._lines: dict[Path, int] = {}
        self._namespaces = namespaces
        self.complaints: list[Complaint] = []

    def read(self) -> BaseModel | None:
        """The value, or None when an error keeps the record out. All that was found stands in `complaints`."""
        values = self._values(self._element, self._shape, ())
        value: BaseModel | None = None
        try:
            value = self._shape.model.model_validate(values)
        except ValidationError as error:
            self._take_faults(error)
        else:
            for breach in breaches(value, self._shape):
                self._complain(breach.code, breach.path, breach.severity)
        return None if self.has_errors else value

    @property
    def has_errors(self) -> bool:
        """Whether an error was found."""
        return any(complaint.severity is Severity.ERROR for complaint in self.complaints)

    def kept(self) -> tuple[Complaint, ...]:
        """The complaints within the limit of a record, in the order of lines; of too many, errors first."""
        return tuple(
            sorted(weightiest(self.complaints, self._limits.max_complaints), key=lambda complaint: complaint.line or 0)
        )

    # --- elements ----------------------------------------------------------------------------------------------------

    def _values(self, element: etree._Element, shape: Shape, at: Path) -> dict[str, Any]:
        self._lines[at] = line_of(element, self._line)
        found = self._attributes(element, shape, at)
        last = -1
        for child in element:
            name = local_name(child)
            place, part = shape.by_element.get(name, (last, None))
            if part is None or part.element in self._message.without:
                self._unknown(child, part, shape, at)
                continue
            if place < last:
                self._complain("egisso_order", (*at, part.field), Severity.WARNING, child)
            last = max(last, place)
            self._check_namespace(child, part, at)
            self._put(found, child, part, at)
        self._refuse_text(element, at)
        return found

    def _attributes(self, element: etree._Element, shape: Shape, at: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        known = {part.element: part for part in shape.parts if part.layer == ATTRIBUTE}
        for name, text in element.attrib.items():
            part = known.get(str(name))
            if part is not None:
                self._lines[(*at, part.field)] = line_of(element, self._line)
                found[part.field] = self._simple(str(text).strip(), part, (*at, part.field))
            elif not str(name).startswith(_XSI):
                attribute = shown(str(name).rpartition("}")[2])
                self._complain("egisso_attribute_unknown", at, Severity.ERROR, element, attribute=attribute)
        return found

    def _put(self, found: dict[str, Any], child: etree._Element, part: Part, at: Path) -> None:
        before = found.get(part.field)
        if part.use == "+":
            several = before if isinstance(before, list) else found.setdefault(part.field, [])
            several.append(self._value(child, part, (*at, part.field, len(several))))
        elif before is not None:
            self._complain("egisso_element_repeated", (*at, part.field), Severity.ERROR, child)
        elif (value := self._value(child, part, (*at, part.field))) is not None:
            found[part.field] = value

    def _value(self, child: etree._Element, part: Part, where: Path) -> Any:  # noqa: ANN401  a text or a mapping
        if part.is_shape:
            return self._values(child, shapes()[part.of], where)
        self._lines[where] = line_of(child, self._line)
        for inner in child:
            self._unknown(inner, None, None, where)
        if child.attrib and any(not str(name).startswith(_XSI) for name in child.attrib):
            attribute = shown(str(next(iter(child.attrib))).rpartition("}")[2])
            self._complain("egisso_attribute_unknown", where, Severity.ERROR, child, attribute=attribute)
        text = text_of(child)
        if not text and part.use == "?":
            return None  # an empty element says what an absent one does
        return self._simple(text, part, where)

    def _simple(self, text: str, part: Part, where: Path) -> str:
        read = as_ruled(part.of, text)
        for note in read.notes:
            self._complain(note, where, Severity.WARNING)
        return read.text

    def _unknown(self, child: etree._Element, part: Part | None, shape: Shape | None, at: Path) -> None:
        name = shown(local_name(child))
        line = line_of(child, self._line)
        place = f"{self._place(at)}/{name}"
        if part is not None:
            found = Complaint(
                "egisso_not_in_version",
                Severity.ERROR,
                place,
                line,
                self._number,
                {"message": self._message.name},
            )
        else:
            expected = ", ".join(shape.by_element) if shape else "—"
            found = Complaint(
                "egisso_element_unknown", Severity.ERROR, place, line, self._number, {"expected": expected or "—"}
            )
        self.complaints.append(found)

    def _check_namespace(self, child: etree._Element, part: Part, at: Path) -> None:
        expected = self._message.layers[part.layer]
        if self._namespaces.is_wrong(child, expected):
            self._complain("egisso_namespace", (*at, part.field), Severity.WARNING, child, expected=expected)

    def _refuse_text(self, element: etree._Element, at: Path) -> None:
        texts = [element.text, *(child.tail for child in element)]
        if any(text and text.strip() for text in texts):
            self._complain("egisso_text_unexpected", at, Severity.ERROR, element)

    # --- faults ------------------------------------------------------------------------------------------------------

    def _take_faults(self, error: ValidationError) -> None:
        faults = error.errors(include_url=False, include_input=False)
        below = {tuple(fault["loc"])[:length] for fault in faults for length in range(len(fault["loc"]))}
        for fault in faults:
            at = tuple(fault["loc"])
            if fault["type"] == "too_short" and at in below:
                continue  # pydantic does not count what is there and broken
            part = self._part(at)
            for code, where, params in rules_of(str(fault["type"]), fault.get("ctx", {}), part, at):
                self._complain(code, where, Severity.ERROR, None, **params)

    def _part(self, path: Path) -> Part | None:
        shape: Shape | None = self._shape
        part: Part | None = None
        for step in path:
            if isinstance(step, int):
                continue
            part = shape.by_field.get(step) if shape else None
            shape = shapes().get(part.of) if part else None
        return part

    def _place(self, path: Path) -> str:
        shape: Shape | None = self._shape
        names = [local_name(self._element)]
        for step in path:
            if isinstance(step, int):
                names[-1] += f"[{step + 1}]"
                continue
            part = shape.by_field.get(step) if shape else None
            if part is None:
                break
            names.append(f"@{part.element}" if part.layer == ATTRIBUTE else part.element)
            shape = shapes().get(part.of)
        return "/".join(names)

    def _complain(
        self,
        code: str,
        path: Path,
        severity: Severity,
        element: etree._Element | None = None,
        **params: str | int,
    ) -> None:
        line = line_of(element, self._line) if element is not None else self._nearest_line(path)
        self.complaints.append(Complaint(code, severity, self._place(path), line, self._number, params))

    def _nearest_line(self, path: Path) -> int:
        for length in range(len(path), -1, -1):
            if (line := self._lines.get(path[:length])) is not None:
                return line
        return self._line
