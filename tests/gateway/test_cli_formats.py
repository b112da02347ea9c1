"""Files of other systems at the command line: what is printed, what is written, what it ends with."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import Result
from rich.console import Console
from typer.testing import CliRunner

from gateway import cli_formats
from gateway.cli import app
from schemas.errors import MezhvedError
from tests.adapters.egisso.releases import NEEDED, on_disk, release, zipped
from tests.builders import ogrn, referral
from tests.docs.sources import ROOT
from tests.format_folders import format_folder
from tests.gateway.rest.test_format_folders import LINES, document

VECTORS = ROOT / "adapters/egisso/vectors"
REGISTERS = VECTORS / "10.25.I-2.1.0.xml"
PERSONAL = re.compile("Вымышленн|Тестовна|Проба|Образцов|1122334459|112-233|1990|2019-05")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MEZHVED_HOME", str(tmp_path / "var"))
    monkeypatch.setattr(cli_formats, "console", Console(soft_wrap=True, width=400))
    return tmp_path


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(app, ["format", *map(str, arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_a_file_is_shown_without_personal_data(home: Path) -> None:
    result = run("read", REGISTERS)
    assert result.exit_code == 0
    assert "Записей: 5, принято: 5, отклонено: 0." in result.output
    assert "egisso_schemas_absent" in result.output
    assert "вид события 007 (egisso_event_type)" in result.output
    assert "***-***-*** 95" in result.output
    assert not PERSONAL.search(result.output)


def test_the_answer_is_a_file_of_its_own(home: Path) -> None:
    answer = home / "answer.xml"
    assert run("read", VECTORS / "odd-facts.csv", "--answer", answer).exit_code == 0
    text = answer.read_text("utf-8")
    assert "<p:packageType>CSV-43</p:packageType>" in text
    assert "[snils_zero_restored] SNILS_reason, строка 5: " in text
    assert not PERSONAL.search(text)
    assert answer.stat().st_mode & 0o777 == 0o600


def test_a_rejected_record_ends_with_one_and_nothing_is_written(home: Path) -> None:
    odd = VECTORS / "odd-10.48.O.xml"
    result = run("read", odd)
    assert result.exit_code == 1
    assert "snils_check_digits" in result.output
    assert not PERSONAL.search(result.output)
    result = run("convert", odd, home / "out.json")
    assert result.exit_code == 1
    assert not (home / "out.json").exists()


def test_losses_are_told_by_place_and_rule(home: Path) -> None:
    result = run("read", VECTORS / "odd-10.48.O.xml")
    assert "Отчёт о потерях" in result.output
    assert "legalCapacity/legalCapacityEventCreated/person/gender" in result.output
    assert "журнале" not in result.output, "nobody keeps an entry of it"
    assert "Отчёт о потерях" not in run("read", REGISTERS).output


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("10.25.I-2.1.0.xml", b'codeEventType="12"', b'codeEventType="012"'),
        ("facts-43.csv", b"14506,00x", b"14506,00"),
    ],
)
def test_refused_records_are_written_to_be_corrected_and_read_again(
    home: Path, name: str, wrong: bytes, right: bytes
) -> None:
    source, back = home / f"in{Path(name).suffix}", home / f"back{Path(name).suffix}"
    source.write_bytes((VECTORS / name).read_bytes().replace(right, wrong, 1))
    hint = run("read", source)
    assert hint.exit_code == 1
    assert "--reject" in hint.output
    assert run("read", source, "--reject", back).exit_code == 1
    assert back.stat().st_mode & 0o777 == 0o600
    assert run("read", back).exit_code == 1
    back.write_bytes(back.read_bytes().replace(wrong, right))
    result = run("read", back, "--reject", home / "nothing.xml")
    assert result.exit_code == 0
    assert "Записей: 1, принято: 1, отклонено: 0." in result.output
    assert not (home / "nothing.xml").exists()


def test_a_reject_file_never_takes_the_place_of_its_source(home: Path) -> None:
    source = home / "in.xml"
    source.write_bytes(REGISTERS.read_bytes())
    with pytest.raises(MezhvedError, match="field_invalid"):
        run("read", source, "--reject", home / "." / "in.xml")
    assert source.read_bytes() == REGISTERS.read_bytes()


def test_a_format_that_gives_nothing_back_says_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = home / "messages.bin"
    file.write_bytes(document() + b"\n{}")
    with format_folder(home, monkeypatch, LINES.replace(", rejects=rejects, in_parts=True", "")):
        assert "--reject" not in run("read", file).output
        with pytest.raises(MezhvedError, match="format_without_rejects"):
            run("read", file, "--reject", home / "back.bin")


def test_a_file_longer_than_what_a_request_may_wait_for_is_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEZHVED_MAX_FILE_BYTES", "2000")
    assert run("read", REGISTERS).exit_code == 0
    with pytest.raises(MezhvedError, match="document_too_large"):
        run("read", REGISTERS, "--answer", home / "answer.xml")
    with pytest.raises(MezhvedError, match="document_too_large"):
        run("convert", REGISTERS, home / "out.json")
    monkeypatch.setenv("MEZHVED_MAX_IMPORT_BYTES", "2000")
    with pytest.raises(MezhvedError, match="document_too_large"):
        run("read", REGISTERS)


@pytest.mark.parametrize(
    "path", sorted(path for path in VECTORS.iterdir() if path.name[0].isdigit()), ids=lambda p: p.name
)
def test_json_and_back_gives_the_file(home: Path, path: Path) -> None:
    between, back = home / "between.json", home / f"back{path.suffix}"
    assert run("convert", path, between).exit_code == 0
    assert json.loads(between.read_text("utf-8"))["format"].startswith("egisso-")
    assert between.stat().st_mode & 0o777 == 0o600
    assert run("convert", between, back).exit_code == 0
    assert back.read_bytes().replace(b"'", b'"').strip() == path.read_bytes().replace(b"'", b'"').strip()


def test_schemas_are_taken_from_a_folder_or_an_archive(home: Path) -> None:
    assert "не установлены" in run("list").output
    folder = on_disk(home / "release", {**release(), "readme.txt": b"x"})
    archive = home / "release.zip"
    archive.write_bytes(zipped(release()))
    outputs = []
    for source in (folder, archive):
        result = run("schemas", "egisso", source)
        assert result.exit_code == 0
        assert "Схема сообщения: 10.25.I-2.1.0" in result.output
        assert all(path in result.output for path in NEEDED)
        outputs.append(result.output)
    assert outputs[0] == outputs[1]
    assert "не установлены" not in run("list").output
    assert "egisso_schemas_absent" not in run("read", REGISTERS).output


def test_a_symbolic_link_in_a_release_is_not_followed(home: Path) -> None:
    folder = on_disk(home / "release", release(basic=None))
    outside = home / "outside.xsd"
    outside.write_bytes(release()["schemas/commons/basic.xsd"])
    (folder / "schemas/commons").mkdir()
    (folder / "schemas/commons/basic.xsd").symlink_to(outside)
    with pytest.raises(MezhvedError, match="egisso_schema_incomplete"):
        run("schemas", "egisso", folder)


def test_a_release_that_unpacks_too_large_is_refused(home: Path) -> None:
    archive = home / "bomb.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.xsd", b" " * 101 * 1024 * 1024)
    with pytest.raises(MezhvedError, match="archive_unpacks_too_large"):
        run("schemas", "egisso", archive)
    archive.write_bytes(zipped({"../../outside.xsd": b"<x/>", "C:\\x.xsd": b"<x/>"}))
    with pytest.raises(MezhvedError, match="egisso_schemas_none"):
        run("schemas", "egisso", archive)
    assert [path.name for path in home.iterdir()] == ["bomb.zip"]


def test_earlier_files_are_named_with_after(home: Path) -> None:
    result = run("read", REGISTERS, "--after", REGISTERS)
    assert result.exit_code == 1
    assert "egisso_event_repeated" in result.output


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("{", "document_is_not_json"),
        ("[]", "format_json_malformed"),
        ('{"format": "x", "records": []}', "format_unknown"),
        ('{"format": "egisso-registers", "head": {}, "records": []}', "format_json_malformed"),
        ("[" * 100_000, "document_is_not_json"),
    ],
)
def test_json_that_does_not_fit_names_the_place(home: Path, content: str, code: str) -> None:
    (home / "in.json").write_text(content, "utf-8")
    with pytest.raises(MezhvedError, match=code):
        run("convert", home / "in.json", home / "out.xml")
    assert not (home / "out.xml").exists()


def test_a_record_of_json_that_does_not_fit_is_named_without_its_value(home: Path) -> None:
    run("convert", REGISTERS, home / "a.json")
    found = json.loads((home / "a.json").read_text("utf-8"))
    found["records"][1]["rlid"]["person"]["snils"] = "11223344596"
    (home / "b.json").write_text(json.dumps(found), "utf-8")
    with pytest.raises(MezhvedError) as refused:
        run("convert", home / "b.json", home / "b.xml")
    assert refused.value.params == {"place": "records[2].create.rlid.person.snils"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("read", "missing.xml"), "file_unreadable"),
        (("read", str(ROOT / "README.md")), "format_not_recognised"),
        (("read", str(REGISTERS), "--format", "x"), "format_unknown"),
        (("schemas", "x", "."), "format_without_schemas"),
        (("schemas", "egisso", "missing.zip"), "file_unreadable"),
        (("schemas", "egisso", str(ROOT / "README.md")), "archive_broken"),
        (("schemas", "egisso", str(ROOT / "docs")), "egisso_schemas_none"),
    ],
)
def test_what_cannot_be_done_has_a_code(home: Path, arguments: tuple[str, ...], code: str) -> None:
    with pytest.raises(MezhvedError, match=code):
        run(*arguments)


def test_import_takes_the_files_of_a_folder_of_messages(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sender, other = ogrn(88001), ogrn(88002)
    runner = CliRunner()
    assert runner.invoke(app, ["migrate"]).exit_code == 0
    for number in (sender, other):
        added = runner.invoke(app, ["organisation", "add", "Проба", "--ogrn", number, "--kind", "family_centre"])
        assert added.exit_code == 0, added.output
    file = home / "messages.bin"
    file.write_bytes(document(referral(SimpleNamespace(ogrn=sender), SimpleNamespace(ogrn=other))) + b"\n{}")
    with format_folder(home, monkeypatch, LINES) as folder:
        result = runner.invoke(app, ["import", str(file), "--ogrn", sender])
        assert result.exit_code == 1
        assert "Записей: 2, принято: 0, отклонено: 2." in result.output
        assert f"{folder.name}_empty" in result.output
        assert "message_refused" in result.output, "the gate has judged the first"
        assert (home / "messages.rejected.bin").read_bytes() == file.read_bytes().rstrip() + b"\n"
