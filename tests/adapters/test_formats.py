"""A format is a folder: every one that is there keeps what all keep, and one more needs nothing outside of it."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from adapters.formats import HEAD_BYTES, Context, Format, find_format, formats, recognise
from adapters.losses import Lost
from adapters.report import Complaint, Severity
from schemas.catalogue import text
from schemas.errors import BadInput
from tests.adapters.planting import unaccounted
from tests.docs.sources import ROOT
from tests.format_folders import format_folder

FORMATS = list(formats().values())
VECTORS = [
    path
    for folder in sorted({one.folder for one in FORMATS})
    for path in sorted((ROOT / "adapters" / folder / "vectors").iterdir())
    if path.suffix != ".md"
]

WRONG = Complaint("value_missing", Severity.ERROR, "place", 1)
PERSONAL = ("Вымышлен", "ВЫМЫШЛЕН", "Тестовна", "Проба", "1122334459", "112-233", "Образцов")


def read(one: Format, content: bytes):
    reading = one.read(io.BytesIO(content), Context())
    return reading, [reading.take(record) for record in reading.records]


@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.name)
def test_every_format_has_vectors_with_their_origin(one):
    folder = ROOT / "adapters" / one.folder / "vectors"
    origin = (folder / "ORIGIN.md").read_text("utf-8")
    own = [path for path in VECTORS if path.parent == folder]
    assert own
    assert all(f"`{path.name}`" in origin for path in own)
    assert any(recognise(path.read_bytes()[:HEAD_BYTES]).name == one.name for path in own)
    assert one.title_ru
    assert one.title_en


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.name)
def test_a_vector_is_recognised_read_and_written_back_as_it_was(path):
    content = path.read_bytes()
    one = recognise(content[:HEAD_BYTES])
    reading, records = read(one, content)
    assert records
    assert reading.head is not None
    for complaint in reading.report.complaints:
        assert complaint.message("ru")
        assert complaint.remedy("en")
    kept = [record.value for record in records if record.value is not None]
    assert all(one.shown(value, language) for value in kept for language in ("ru", "en"))
    written = one.write(reading.head, kept, Context())
    if not path.name.startswith("odd-"):
        assert len(kept) == len(records)
        assert written.replace(b"'", b'"').strip() == content.replace(b"'", b'"').strip()
    again, found = read(one, written)
    assert (again.head, [record.value for record in found]) == (reading.head, kept)


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.name)
def test_json_and_back_is_the_same(path):
    one = recognise(path.read_bytes()[:HEAD_BYTES])
    reading, records = read(one, path.read_bytes())
    kind = TypeAdapter(one.record)
    for record in records:
        if record.value is not None:
            assert kind.validate_json(kind.dump_json(record.value)) == record.value
    assert one.head.model_validate_json(reading.head.model_dump_json()) == reading.head


@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.name)
@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.name)
def test_a_file_of_another_format_is_refused_not_misread(one, path):
    content = path.read_bytes()
    if recognise(content[:HEAD_BYTES]).name == one.name:
        return
    with pytest.raises(BadInput):
        read(one, content)


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.name)
def test_whatever_is_planted_into_a_file_is_in_a_value_a_complaint_or_the_losses(path):
    content = path.read_bytes()
    assert not unaccounted(recognise(content[:HEAD_BYTES]), content)


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.name)
def test_what_is_not_written_back_as_it_was_is_listed_and_nothing_else(path):
    content = path.read_bytes()
    reading, _ = read(recognise(content[:HEAD_BYTES]), content)
    lost = reading.report.losses.count(Lost.DROPPED) + reading.report.losses.count(Lost.COERCED)
    assert bool(lost) == path.name.startswith("odd-")
    said = json.dumps(reading.report.losses.as_dict(), ensure_ascii=False)
    assert not [word for word in PERSONAL if word in said]


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.name)
def test_refused_records_come_back_in_a_file_like_theirs(path):
    content = path.read_bytes()
    one = recognise(content[:HEAD_BYTES])
    if one.rejects is None:
        return
    reading, records = read(one, content)
    for chosen in filter(None, [records, records[1::2], *([record] for record in records)]):
        refused = [replace(record, value=None, complaints=(WRONG,)) for record in chosen]
        back = b"".join(one.rejects(io.BytesIO(content), Context(), refused))
        assert recognise(back[:HEAD_BYTES]).name == one.name
        again, found = read(one, back)
        assert again.head == reading.head
        assert [record.value for record in found] == [record.value for record in chosen]
        twice = [replace(record, value=None, complaints=(WRONG,)) for record in found]
        third = b"".join(one.rejects(io.BytesIO(back), Context(), twice))
        assert [record.value for record in read(one, third)[1]] == [record.value for record in chosen]
        assert third.count(WRONG.message("ru").encode()) == back.count(WRONG.message("ru").encode()), "said once"


def test_what_nobody_recognises_is_said():
    with pytest.raises(BadInput, match="format_not_recognised"):
        recognise(b"nothing")
    with pytest.raises(BadInput, match="format_unknown"):
        find_format("nothing")


# --- one more folder -------------------------------------------------------------------------------------------------

TOY = '''
"""Lines of text."""
from adapters.formats import Format, FormatRecord, Reading
from adapters.losses import Loss
from adapters.report import Complaint, ImportReport, Severity
from schemas.model import Model


class Head(Model):
    title: str


class Line(Model):
    text: str
    size: str = "small"


def read(stream, context):
    reading = Reading(ImportReport("toy"))

    def records():
        title = stream.readline().decode().removeprefix("TOY ").rstrip("\\n")
        reading.head = Head(title=title.strip())
        if title != reading.head.title:
            reading.report.losses.add(Loss("spaces", "title", 1))
        for number, line in enumerate(stream, start=1):
            said = line.decode().rstrip("\\n")
            words = said.strip()
            wrong = (Complaint("{folder}_empty", Severity.ERROR, "", number + 1, number),) if not words else ()
            lost = (Loss("spaces", "text", number + 1, number),) if words != said else ()
            yield FormatRecord(number, number + 1, None if wrong else Line(text=words), wrong, losses=lost)

    reading.records = records()
    return reading


def rejects(stream, context, refused):
    yield stream.readline()
    lines = enumerate(stream, start=1)
    for record in refused:
        yield next(line for number, line in lines if number == record.number)


def write(head, records, context):
    return "".join([f"TOY {head.title}\\n", *(f"{record.text}\\n" for record in records)]).encode()


FORMATS = (
    Format("{folder}", "Игрушка", "Toy", ".toy", Head, Line, lambda head: head.startswith(b"TOY "), read, write,
           lambda value, language: str(len(value.text)), rejects=rejects, in_parts=True),
)
'''


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A folder of a format that nobody knew before, beside the others."""
    with format_folder(tmp_path, monkeypatch, TOY) as folder:
        yield folder


def test_a_new_folder_is_a_new_format_with_its_own_words(toy: Path):
    content = b"TOY x\none\n\ntwo\n"
    one = recognise(content)
    assert one.name == toy.name
    reading, records = read(one, content)
    assert (reading.report.records, reading.report.accepted) == (3, 2)
    (complaint,) = reading.report.complaints
    assert (complaint.message("ru"), complaint.message("en")) == ("Пустая строка.", "An empty line.")
    kept = [record.value for record in records if record.value]
    assert one.write(reading.head, kept, Context()) == b"TOY x\none\ntwo\n"
    assert text(f"errors.{toy.name}_empty") == "Пустая строка."


def test_a_new_folder_lists_what_it_loses_and_gives_refused_records_back(toy: Path):
    content = b"TOY x\none \n  \ntwo\n"
    one = recognise(content)
    reading, records = read(one, content)
    losses = reading.report.losses
    assert {(loss.code, loss.place, loss.record) for loss in losses.rows} == {
        ("spaces", "text", 1),
        ("from_class", "size", 1),
        ("from_class", "size", 3),
    }, "what defaults say is found for it; a refused record has lost nothing"
    refused = [record for record in records if record.value is None]
    assert b"".join(one.rejects(io.BytesIO(content), Context(), refused)) == b"TOY x\n  \n"
    assert not unaccounted(one, b"TOY x\none\n\ntwo\n")


def test_a_folder_that_keeps_silent_is_caught(toy: Path):
    """The property that every vector is held to fails for a reader that drops something without a word."""
    module = toy / "format.py"
    module.write_text(module.read_text("utf-8").replace("if words != said else ()", "if False else ()"), "utf-8")
    content = b"TOY x\none\ntwo\n"
    assert unaccounted(recognise(content), content) == ["spaces at the end of line 2", "spaces at the end of line 3"]


def test_two_formats_of_one_name_are_refused(toy: Path):
    (toy / "format.py").write_text((toy / "format.py").read_text().replace(f'"{toy.name}"', '"egisso-registers"'))
    with pytest.raises(RuntimeError, match="egisso-registers"):
        formats()
