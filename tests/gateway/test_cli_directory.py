"""`mezhved directory import|export|list` as an operator uses it."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from gateway import cli_directory
from gateway.cli import app
from gateway.settings import read_settings
from schemas.errors import MezhvedError
from tests.builders import ogrn

HOURS = "Пн-Пт 09:00-18:00"
TABLE = (
    "Полное наименование;ОГРН;Наименование услуги;Категория услуги;Возраст от;Округ или район;Режим работы\r\n"
    f"Приют «Дом»;{ogrn(77701)};Ночлег;shelter_child;0;ВАО;{HOURS}\r\n"
    f"Приют «Дом»;{ogrn(77701)};Обед;material;;ЗАО;\r\n"
    f"Плохой;1027700132196;Ничего;material;;;\r\n"
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MEZHVED_HOME", str(tmp_path / "var"))
    # A console takes its width when it is made: with the module, whoever imported it first.
    monkeypatch.setattr(cli_directory, "console", Console(soft_wrap=True, width=300))
    run("migrate")
    return tmp_path


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, list(arguments))
    if isinstance(result.exception, MezhvedError):
        raise result.exception
    return result


def test_a_table_is_taken_in_listed_and_given_out_in_every_form(home: Path) -> None:
    file = home / "map.csv"
    file.write_bytes(TABLE.encode("cp1251"))
    taken = run("directory", "import", str(file))
    assert taken.exit_code == 1  # one record was rejected
    assert "принято: 3" in taken.output
    assert "ogrn_check_digit" in taken.output
    listed = run("directory", "list", "--district", "вао", "--age", "3")
    assert "Ночлег" in listed.output
    assert "Обед" not in listed.output
    for form, name in (("hsds-csv", "p.zip"), ("hsds-json", "p.json"), ("opendata", "o.zip")):
        more = ["--inn", "7707083893", "--publisher", "Оператор"] if form == "opendata" else []
        written = run("directory", "export", str(home / name), "--form", form, *more)
        assert "услуг: 2" in written.output
        again = run("directory", "import", str(home / name))
        assert (again.exit_code, "принято: 3" in again.output) == (0, True)
    folder = home / "folder"
    with zipfile.ZipFile(home / "p.zip") as archive:
        archive.extractall(folder)
    assert run("directory", "import", str(folder)).exit_code == 0
    assert json.loads((home / "p.json").read_bytes())["total_items"] == 2


def test_a_participant_takes_in_its_own(home: Path) -> None:
    number = ogrn(77702)
    run("organisation", "add", "Фонд", "--ogrn", number, "--kind", "ngo")
    file = home / "own.csv"
    file.write_text(
        f"Полное наименование,ОГРН,Наименование услуги,Категория услуги\nФонд,{number},Приём,psychology\n", "utf-8"
    )
    refused = run("directory", "import", str(file))
    assert "directory_participant_publishes" in refused.output
    assert run("directory", "import", str(file), "--ogrn", number).exit_code == 0
    assert "Приём" in run("directory", "list").output


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("import", "missing.zip"), "file_unreadable"),
        (("import", "x.csv", "--ogrn", "1027700132195"), "organisation_unknown"),
        (("export", "o.zip", "--form", "opendata"), "field_invalid"),
        (("export", "o.zip", "--form", "xlsx"), "format_unknown"),
        (("list", "--kind", "магия"), "code_unknown"),
    ],
)
def test_what_cannot_be_done_has_a_code(home: Path, arguments: tuple[str, ...], code: str) -> None:
    assert read_settings().home == home / "var"
    with pytest.raises(MezhvedError, match=code):
        run("directory", *arguments)
