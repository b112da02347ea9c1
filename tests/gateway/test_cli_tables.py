"""`mezhved files …` and `mezhved import --profile` as an operator uses them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from rich.console import Console
from typer.testing import CliRunner, Result

from adapters.documents.writer import write_documents
from adapters.sheets.columns import kind_of_code
from adapters.sheets.writer import write_sheet
from gateway import cli, cli_directory, cli_tables
from gateway.building import build_house
from gateway.settings import read_settings
from schemas.errors import MezhvedError
from tests.adapters.workbooks import workbook
from tests.builders import ogrn
from tests.generate import example_of

CENTRE = ogrn(88001)
VECTORS = Path(__file__).parents[1] / "vectors" / "tables"
OWN = [
    ["Наш список"],
    ["№", "Фамилия, имя ребенка", "Рожд. (день)", "Снилс реб.", "Кот"],
    [1, "Синтетов Иван", "01.02.2019", "112-233-445 95", "Мурка"],
    [2, "Пробный Лев", "01.02.19", None, None],
]
ANSWERS = {
    "columns": {
        "Фамилия, имя ребенка": "child.full_name",
        "Рожд. (день)": "child.birth_date",
        "Снилс реб.": "child.snils",
        "Кот": "-",
    }
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MEZHVED_HOME", str(tmp_path / "var"))
    for module in (cli, cli_directory, cli_tables):
        monkeypatch.setattr(module, "console", Console(soft_wrap=True, width=300))
    run("migrate")
    run("organisation", "add", "Центр (тест)", "--ogrn", CENTRE, "--kind", "family_centre", "--agreement-from",
        "2025-01-01", "--rkn", "00-00-000000")  # fmt: skip
    (tmp_path / "own.xlsx").write_bytes(workbook(OWN))
    (tmp_path / "answers.yaml").write_text(yaml.safe_dump(ANSWERS, allow_unicode=True), "utf-8")
    return tmp_path


PASSWORD = "очень длинный пароль"


def run(*arguments: str, input: str | None = None) -> Result:  # noqa: A002  click's own name
    result = CliRunner().invoke(cli.app, list(arguments), input=input)
    if isinstance(result.exception, MezhvedError):
        raise result.exception
    return result


def propose(home: Path, *more: str) -> Result:
    return run("files", "propose", str(home / "own.xlsx"), "--ogrn", CENTRE, "--as", "families", *more)


def test_a_mapping_is_proposed_answered_tried_and_kept(home: Path) -> None:
    with pytest.raises(MezhvedError, match="mapping_unconfirmed"):
        propose(home)
    made = propose(home, "--answers", str(home / "answers.yaml"), "--name", "our-list")
    assert "Проба: записей 2, подходит 1" in made.output
    assert "two_digit_year 1" in made.output
    assert "Профиль «our-list», версия 1" in made.output
    listed = run("files", "profiles", "--ogrn", CENTRE)
    assert "our-list" in listed.output
    assert (
        "Фамилия, имя ребенка: child.full_name"
        in run("files", "profiles", "--ogrn", CENTRE, "--name", "our-list").output
    )
    taken = run("import", str(home / "own.xlsx"), "--ogrn", CENTRE, "--profile", "our-list")
    assert (taken.exit_code, "принято: 1, отклонено: 1" in taken.output) == (1, True)
    assert "Сохранено для своих, до публикации никому не видно: 1." in taken.output
    assert (home / "own.rejected.xlsx").read_bytes().startswith(b"PK")
    asked = run("files", "withdraw", "our-list", "--ogrn", CENTRE)
    assert asked.exit_code == 1, "nobody said yes"
    assert "Отозвать профиль «our-list»?" in asked.output
    assert "записан" in run("files", "profiles", "--ogrn", CENTRE).output
    assert "Отозван: our-list." in run("files", "withdraw", "our-list", "--ogrn", CENTRE, "--yes").output
    refused = "profile_withdrawn"
    with pytest.raises(MezhvedError, match=refused):
        run("import", str(home / "own.xlsx"), "--ogrn", CENTRE, "--profile", "our-list")
    with pytest.raises(MezhvedError, match=refused):
        run("files", "profiles", "--ogrn", CENTRE, "--name", "our-list")
    with pytest.raises(MezhvedError, match=refused):
        run("files", "withdraw", "our-list", "--ogrn", CENTRE, "--yes")
    history = run("files", "profiles", "--ogrn", CENTRE, "--name", "our-list", "--versions").output
    assert history.index("отозван") < history.index("записан"), "the newest first"
    assert "operator:cli" in history
    with pytest.raises(MezhvedError, match="profile_unknown"):
        run("files", "profiles", "--ogrn", CENTRE, "--name", "none")


@pytest.mark.law(8)
def test_nothing_that_stands_in_the_table_is_shown(home: Path) -> None:
    shown = propose(home, "--answers", str(home / "answers.yaml")).output
    assert "Хххххххх Хххх" in shown
    assert "000-000-000 00" in shown
    assert not [word for word in ("Синтетов", "Пробный", "112-233", "Мурка", "2019") if word in shown]


def test_questions_are_asked_in_a_terminal_only_of_what_is_not_sure(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    said = iter(["", "child.nobody", "child.birth_date", "", "-"])

    def prompt(question: str, default: str) -> str:
        asked.append(question)
        return next(said) or default

    monkeypatch.setattr(cli_tables.sys.stdin.__class__, "isatty", lambda _: True, raising=False)
    monkeypatch.setattr(cli_tables, "sys", type("S", (), {"stdin": type("T", (), {"isatty": lambda _: True})()}))
    monkeypatch.setattr(cli_tables.typer, "prompt", prompt)
    made = propose(home, "--output", str(home / "profile.yaml"))
    assert [question.partition("»")[0] for question in asked] == [
        "«Фамилия, имя ребенка",
        "«Рожд. (день)",
        "«Рожд. (день)",
        "«Снилс реб.",
        "«Кот",
    ]
    assert "Такого поля нет." in made.output
    profile = yaml.safe_load((home / "profile.yaml").read_text("utf-8"))
    assert profile["columns"]["Рожд. (день)"] == "child.birth_date"
    assert profile["columns"]["Кот"] == "-"
    assert build_house(read_settings()).store is not None
    assert "own" not in run("files", "profiles", "--ogrn", CENTRE).output
    assert "версия 1" in run("files", "profile", str(home / "profile.yaml"), "--ogrn", CENTRE).output


def test_answers_that_are_none_are_refused(home: Path) -> None:
    for text in ("[", "[1]", "columns: 1"):
        (home / "answers.yaml").write_text(text, "utf-8")
        with pytest.raises(MezhvedError, match="profile_invalid"):
            propose(home, "--answers", str(home / "answers.yaml"))


def test_a_phone_book_goes_into_the_directory(home: Path) -> None:
    rejected = home / "rejected"
    taken = run("directory", "import", str(VECTORS / "contacts.xlsx"), "--reject", str(rejected))
    assert "принято: 2" in taken.output
    assert "contacts_own_phone" in taken.output
    assert "Отчёт о потерях" in taken.output
    assert rejected.read_bytes().startswith(b"PK")
    again = run("directory", "import", str(VECTORS / "contacts.csv"), "--form", "contacts", "--reject", str(rejected))
    assert "принято: 2" in again.output
    listed = run("directory", "export", str(home / "map.json"), "--form", "hsds-json")
    assert "Организаций: 2" in listed.output
    assert "Должность" in rejected.read_text("cp1251")
    assert "Опекова" not in (home / "map.json").read_text("utf-8")


def test_lists_are_taken_in_by_the_profiles_of_the_product(home: Path) -> None:
    for profile, name in (("families", "families.csv"), ("signals", "signals.xlsx")):
        rejected = str(home / "bad")
        taken = run("import", str(VECTORS / name), "--ogrn", CENTRE, "--profile", profile, "--reject", rejected)
        assert "никому не видно: 2." in taken.output
        assert not [word for word in ("Синтетов", "Соседка", "Пробный") if word in taken.output]


def test_whose_table_a_file_is_says_the_profile_that_was_named(home: Path) -> None:
    kind = kind_of_code("message")
    draft = example_of(kind).model_copy(update={"sender_ogrn": CENTRE})
    (home / "table.csv").write_bytes(write_sheet(kind, [draft]))
    with pytest.raises(MezhvedError, match="heading_not_found"):
        run("import", str(home / "table.csv"), "--ogrn", CENTRE, "--profile", "families")
    taken = run("import", str(home / "table.csv"), "--ogrn", CENTRE)
    assert "Записей: 1" in taken.output


def test_xml_is_xml_whatever_words_stand_in_it(home: Path) -> None:
    kind = kind_of_code("message")
    draft = example_of(kind).model_copy(update={"sender_ogrn": CENTRE, "reg_number": "Сообщение: №"})
    (home / "message.xml").write_bytes(write_documents([draft]))
    assert "Записей: 1" in run("import", str(home / "message.xml"), "--ogrn", CENTRE).output


def test_a_message_is_exported_as_a_table_for_old_programs(home: Path) -> None:
    from gateway.building import utc_now
    from gateway.exchange.relay import relay_once
    from gateway.use_cases.register_participants import register_person
    from gateway.use_cases.submit_message import submit_message
    from tests.builders import consent, referral, system_of
    from tests.builders import town as make_town

    house, now = build_house(read_settings()), utc_now()
    town = make_town(house)
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre, given_on="2025-01-10", valid_to=None)
    draft = referral(town.centre, town.ngo, requested_action="Нужна помощь − срочно 😟")
    message = submit_message(house, system_of(town.centre), draft, now).message
    relay_once(house, now)
    register_person(house, town.ngo.id, "kurator", "Куратор", PASSWORD, ["curator", "head"], now)
    folder = home / "out"
    folder.mkdir()

    def written(*more: str) -> bytes:
        before = set(folder.iterdir())
        said = run("export", "message", message.id, str(folder), "--login", "kurator", *more, input=f"{PASSWORD}\n")
        assert "Записано" in said.output
        (made,) = set(folder.iterdir()) - before
        assert made.stat().st_mode & 0o777 == 0o600
        return made.read_bytes()

    table = written()
    assert table.startswith("\ufeff".encode())
    assert "😟" in table.decode()
    with pytest.raises(MezhvedError, match="text_outside_encoding") as caught:
        written("--encoding", "cp1251")
    assert "U+1F61F" in str(caught.value.params["column"])
    assert "Нужна помощь - срочно ?" in written("--encoding", "cp1251", "--nearest").decode("cp1251")
    with pytest.raises(MezhvedError, match="format_unknown"):
        written("--encoding", "koi8-r")
