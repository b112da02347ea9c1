"""Schemas that the operator brings: checked before they are taken, used while they are what they were."""

from __future__ import annotations

import hashlib
import io
import json

import pytest

from adapters.egisso.reader import read_registers
from adapters.egisso.release import MANIFEST, install, release_in
from adapters.egisso.writer import write_registers
from adapters.formats import Context
from adapters.report import Severity
from schemas.errors import BadInput, DocumentRejected
from tests.adapters.egisso.releases import HEAD, MSG, NEEDED, OTHER, RELEASE, release
from tests.docs.sources import ROOT

REGISTERS = (ROOT / "adapters/egisso/vectors/10.25.I-2.1.0.xml").read_text("utf-8")
RIGHTS = (ROOT / "adapters/egisso/vectors/10.48.O-1.0.0.xml").read_text("utf-8")


def read(document, folder):
    reading = read_registers(io.BytesIO(document.encode()), Context(schemas=folder))
    return reading, [reading.take(record) for record in reading.records]


def test_what_the_messages_need_is_taken_and_each_file_has_its_digest(tmp_path):
    target = tmp_path / "schemas" / "egisso"
    done = install(release(), target)
    assert list(done.messages) == ["10.25.I-2.1.0"]
    assert sorted(done.digests) == NEEDED
    for path, digest in done.digests.items():
        assert digest == hashlib.sha256(RELEASE[path].encode()).hexdigest()
        assert (target / path).read_text("utf-8") == RELEASE[path]
    assert json.loads((target / MANIFEST).read_text("utf-8"))["files"] == dict(done.digests)
    assert release_in(target).digest == done.digest
    assert [path.name for path in target.parent.iterdir()] == ["egisso"], "nothing is left behind"


def test_a_new_release_replaces_the_old_one_as_a_whole(tmp_path):
    target = tmp_path / "egisso"
    first = install(release(), target)
    (target / "stray.xsd").write_text("left over")
    again = install(release(basic=RELEASE["schemas/commons/basic.xsd"].replace("gender", "sex")), target)
    assert again.digest != first.digest
    assert not (target / "stray.xsd").exists()


FAULTY = [
    ({}, "egisso_schemas_none"),
    ({"readme.txt": b"x", "a.xsd": b"<not xml", "b.xsd": OTHER.encode()}, "egisso_schemas_none"),
    (release(registers=None), "egisso_schema_incomplete"),
    (release(registers="<not xml"), "egisso_schema_incomplete"),
    (release(registers="<html/>"), "egisso_schema_incomplete"),
    (release(registers='<!DOCTYPE x [<!ENTITY a "b">]>' + RELEASE["schemas/egisso/registers.xsd"].split("?>")[1]), "egisso_schema_incomplete"),  # noqa: E501
    (release(registers=RELEASE["schemas/egisso/registers.xsd"].replace("b:day", "b:nothing")), "egisso_schema_broken"),
    (release(registers=RELEASE["schemas/egisso/registers.xsd"].replace("../commons/basic.xsd", "../../../basic.xsd")), "egisso_schema_outside"),  # noqa: E501
    (release(registers=RELEASE["schemas/egisso/registers.xsd"].replace("../commons/basic.xsd", "/etc/basic.xsd")), "egisso_schema_outside"),  # noqa: E501
    (release(registers=RELEASE["schemas/egisso/registers.xsd"].replace("../commons/basic.xsd", "file:///etc/basic.xsd")), "egisso_schema_outside"),  # noqa: E501
    (release(registers=RELEASE["schemas/egisso/registers.xsd"].replace("../commons/basic.xsd", "http://example.invalid/b.xsd")), "egisso_schema_outside"),  # noqa: E501
    ({"../../10.25.I-2.1.0.xsd": RELEASE["10.25.I-2.1.0.xsd"].encode()}, "egisso_schema_outside"),
    ({"/tmp/10.25.I-2.1.0.xsd": RELEASE["10.25.I-2.1.0.xsd"].encode()}, "egisso_schema_outside"),
    ({"a/../../10.25.I-2.1.0.xsd": RELEASE["10.25.I-2.1.0.xsd"].encode()}, "egisso_schema_outside"),
    ({"a//10.25.I-2.1.0.xsd": RELEASE["10.25.I-2.1.0.xsd"].encode()}, "egisso_schema_outside"),
    ({"C:\\x\\10.25.I-2.1.0.xsd": RELEASE["10.25.I-2.1.0.xsd"].encode()}, "egisso_schema_outside"),
    ({**release(), "copy.xsd": f'{HEAD} targetNamespace="{MSG}"/>'.encode()}, "egisso_schema_twice"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "code"), FAULTY, ids=range(len(FAULTY)))
def test_a_faulty_release_changes_nothing(tmp_path, files, code):
    target = tmp_path / "egisso"
    before = install(release(), target)
    with pytest.raises(BadInput) as refused:
        install(files, target)
    assert refused.value.code == code
    assert refused.value.message("ru")
    assert refused.value.remedy("en")
    assert release_in(target).digest == before.digest
    assert [path.name for path in tmp_path.iterdir()] == ["egisso"]


def test_the_same_schema_in_two_places_is_one(tmp_path):
    files = {**release(), "smev/10.25.I-2.1.0/10.25.I-2.1.0.xsd": RELEASE["10.25.I-2.1.0.xsd"].encode()}
    assert install(files, tmp_path / "egisso").messages == {"10.25.I-2.1.0": "10.25.I-2.1.0.xsd"}


def test_schemas_that_changed_are_not_used(tmp_path):
    target = tmp_path / "egisso"
    install(release(), target)
    (target / "schemas/commons/basic.xsd").write_bytes(b"<x/>")
    with pytest.raises(DocumentRejected, match="egisso_schemas_changed"):
        read(REGISTERS, target)
    (target / "schemas/commons/basic.xsd").unlink()
    with pytest.raises(DocumentRejected, match="egisso_schemas_changed"):
        release_in(target)
    (target / MANIFEST).write_text("[]")
    with pytest.raises(DocumentRejected, match="egisso_schemas_changed"):
        release_in(target)


def test_without_schemas_it_is_said_once(tmp_path):
    for folder in (None, tmp_path):
        reading, _ = read(REGISTERS, folder)
        assert reading.report.rules["egisso_schemas_absent"] == 1
    install(release(), tmp_path / "egisso")
    assert not read(REGISTERS, tmp_path / "egisso")[0].report.complaints
    assert read(RIGHTS, tmp_path / "egisso")[0].report.rules["egisso_schemas_lack_message"] == 1


def test_a_reader_tells_what_the_schema_finds_and_a_writer_refuses_it(tmp_path):
    target = tmp_path / "egisso"
    install(release(), target)
    document = REGISTERS.replace("<g:codeType>0006", "<g:codeType>0007", 1)
    reading, records = read(document, target)
    assert reading.report.accepted == 5
    (found,) = records[0].complaints
    assert (found.code, found.severity, found.place) == ("egisso_schema_refuses", Severity.WARNING, "codeType")
    assert "<g:codeType>0007" in document.splitlines()[found.line - 1]
    values = [record.value for record in records]
    assert write_registers(reading.head, values)
    with pytest.raises(BadInput) as refused:
        write_registers(reading.head, values, Context(schemas=target))
    assert (refused.value.code, refused.value.params["place"]) == ("egisso_schema_refuses", "codeType")
    good, own = read(REGISTERS, target)
    assert write_registers(good.head, [record.value for record in own], Context(schemas=target))


def test_what_the_tolerant_reader_puts_right_the_schema_still_names(tmp_path):
    target = tmp_path / "egisso"
    install(release(), target)
    _, records = read(REGISTERS.replace("1990-04-11<", "1990-04-11+04:00<", 1), target)
    assert [complaint.code for complaint in records[0].complaints] == ["zone_dropped", "egisso_schema_refuses"]
    assert records[0].value is not None


@pytest.mark.law(8)
def test_what_the_schema_finds_is_told_without_the_value(tmp_path):
    target = tmp_path / "egisso"
    install(release(), target)
    reading, _ = read(REGISTERS.replace("1990-04-11", "Вымышленная", 1), target)
    assert "egisso_schema_refuses" in reading.report.rules
    for complaint in reading.report.complaints:
        assert "Вымышленн" not in str(complaint.as_dict()) + repr(complaint)
