"""The command line: each command, and a clear message with exit code 2 for everything that cannot be done."""

from __future__ import annotations

import contextlib
import gc
import io
import json
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from gateway.cli import main
from tests.builders import ogrn


@dataclass(frozen=True)
class Done:
    """What a command printed and how it ended."""

    returncode: int
    stdout: str
    stderr: str


def mezhved(home: Path, *arguments: str, stdin: str = "", **environment: str) -> Done:
    """The command as a person runs it, in this process: its start alone would take a second of each."""
    given = {"MEZHVED_HOME": str(home), "NO_COLOR": "1", "COLUMNS": "200", **environment}
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in given.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["mezhved", *arguments])
        patch.setattr(sys, "stdin", io.StringIO(stdin))
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main()
    structlog.reset_defaults()
    gc.collect()  # engines of the command go with it
    return Done(int(ended.value.code or 0), out.getvalue(), err.getvalue())


def test_the_command_runs_as_a_program_of_its_own(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "--help"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0
    assert "evidence" in done.stdout


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An installation."""
    done = mezhved(tmp_path, "migrate")
    assert done.returncode == 0, done.stderr
    assert "Хранилище данных: пусто" in done.stdout
    return tmp_path


def test_an_installation_from_nothing_to_a_proof(home: Path) -> None:
    number = ogrn(7)
    added = mezhved(
        home,
        "organisation",
        "add",
        "Фонд (тест)",
        "--ogrn",
        number,
        "--kind",
        "ngo",
        "--agreement-from",
        "2025-01-01",
        "--rkn",
        "00-00-000007",
    )
    assert added.returncode == 0, added.stderr
    assert number in mezhved(home, "organisation", "list").stdout
    person = mezhved(
        home,
        "user",
        "add",
        "dpo.test",
        "--ogrn",
        number,
        "--name",
        "Д. П.",
        "--role",
        "dpo",
        stdin="длинный-пароль-1\n",
    )
    assert person.returncode == 0, person.stderr
    jwks = home / "jwks.json"
    jwks.write_text(json.dumps({"keys": []}))
    client = mezhved(home, "client", "add", "c-1", "--ogrn", number, "--jwks", str(jwks), "--scope", "messages.send")
    assert client.returncode == 0, client.stderr
    assert mezhved(home, "migrate").returncode == 0, "harmless to repeat"
    exported = mezhved(home, "evidence", "export", str(home / "log.jsonl"))
    assert exported.returncode == 0, exported.stderr
    checked = mezhved(home, "evidence", "verify", str(home / "log.jsonl"), "--key", str(home / "keys" / "log.pub"))
    assert checked.returncode in {0, 2}, checked.stdout + checked.stderr
    assert mezhved(home, "evidence", "key").stdout.startswith("mezhved.local/log+")


def test_policy_check_test_and_decide(tmp_path: Path) -> None:
    checked = mezhved(tmp_path, "policy", "check")
    assert checked.returncode == 0, checked.stdout
    case = {
        "n": 1,
        "title": "one",
        "facts": {"org": "OOIP", "source": "SCHOOL", "purpose": "SIGNAL", "trigger": "threat", "requested": ["ID"]},
        "expected": {"ID": {"effect": "D", "rule": "RU-120-9-1"}},
        "obligations": "",
    }
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([case]), "utf-8")
    differs = mezhved(tmp_path, "policy", "test", str(file))
    assert differs.returncode == 1
    assert "P RU-120-9-1" in differs.stdout
    case["expected"] = {"ID": {"effect": "P", "rule": "RU-120-9-1"}}
    file.write_text(json.dumps([case]), "utf-8")
    assert mezhved(tmp_path, "policy", "test", str(file)).returncode == 0
    decided = json.loads(mezhved(tmp_path, "policy", "decide", str(file)).stdout)
    assert decided[0]["rulings"]["ID"]["effect"] == "P"


BAD = {
    "never set up": (("organisation", "list"), {}, "missing_key_file"),
    "a store address nobody can open": (("migrate",), {"MEZHVED_DATABASE_URL": "nonsense"}, "store_address_invalid"),
    "a pack that is not there": (("policy", "check"), {"MEZHVED_PACK": "xx"}, "pack_unknown"),
    "an overlay that is not there": (("policy", "check"), {"MEZHVED_OVERLAYS": "xx"}, "overlay_unknown"),
    "a setting that is no number": (("organisation", "list"), {"MEZHVED_PORT": "abc"}, "MEZHVED_PORT"),
    "a file that is not there": (("policy", "test", "missing.json"), {}, "file_unreadable"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_done_is_said_with_code_and_remedy(tmp_path: Path, name: str) -> None:
    arguments, environment, code = BAD[name]
    done = mezhved(tmp_path, *arguments, **environment)
    assert done.returncode == 2, done.stdout + done.stderr
    assert code in done.stderr
    assert "Traceback" not in done.stderr


def test_stores_and_keys_are_the_owners_alone(home: Path) -> None:
    mezhved(home, "organisation", "list")
    for file in (*home.glob("*.sqlite*"), *(home / "keys").glob("*.key"), home / "keys" / "oauth.pem"):
        assert file.stat().st_mode & 0o077 == 0, file.name


def test_an_unknown_register_is_named(home: Path) -> None:
    done = mezhved(home, "organisation", "add", "Фонд", "--ogrn", ogrn(9), "--kind", "ngo", "--register", "442-FZ")
    assert (done.returncode, "register_unknown" in done.stderr) == (2, True)


def test_an_unwritable_folder_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    done = mezhved(blocked, "migrate")
    assert done.returncode == 2
    assert "folder_not_writable" in done.stderr


def test_a_missing_and_an_exposed_key_file_are_named(home: Path) -> None:
    master = home / "keys" / "master.key"
    master.chmod(0o644)
    assert "key_file_exposed" in mezhved(home, "organisation", "list").stderr
    master.unlink()
    assert "missing_key_file" in mezhved(home, "organisation", "list").stderr


def test_another_master_key_is_named_before_anything_is_opened(home: Path) -> None:
    mezhved(home, "organisation", "list")
    (home / "keys" / "master.key").write_bytes(b"x" * 32)
    assert "wrong_master_key" in mezhved(home, "organisation", "list").stderr


def test_a_port_in_use_is_named(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = mezhved(home, "serve", "--port", str(port))
        assert done.returncode == 2
        assert "port_in_use" in done.stderr
        assert "port_in_use" in mezhved(home, "demo", "--once", MEZHVED_PORT=str(port)).stderr


def test_a_store_of_a_newer_version_is_named(home: Path) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(home / "mezhved.sqlite")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    for arguments in (("migrate",), ("organisation", "list"), ("serve", "--port", port)):
        done = mezhved(home, *arguments)
        assert done.returncode == 2
        assert "store_newer" in done.stderr


def test_an_import_of_a_bad_file_ends_with_2_and_of_bad_rows_with_1(home: Path) -> None:
    number = ogrn(8)
    mezhved(
        home,
        "organisation",
        "add",
        "Центр (тест)",
        "--ogrn",
        number,
        "--kind",
        "family_centre",
        "--agreement-from",
        "2025-01-01",
        "--rkn",
        "00-00-000008",
    )
    bad = home / "bad.xml"
    bad.write_text("<!DOCTYPE a><a/>")
    done = mezhved(home, "import", str(bad), "--ogrn", number)
    assert done.returncode == 2
    assert "document_has_doctype" in done.stderr
    rows = home / "rows.csv"
    rows.write_bytes(
        f"ОГРН отправителя;ОГРН получателя;Ребёнок: фамилия;Ребёнок: имя;Ребёнок: дата рождения;"
        f"Срочность;Причина обращения (код)\r\n"
        f"{number};{ogrn(99)};Проба;Имя;01.02.2017;планово;HOUSING\r\n".encode("cp1251")
    )
    done = mezhved(home, "import", str(rows), "--ogrn", number)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "отклонено: 1" in done.stdout
    assert "не найден среди участников" in (home / "rows.rejected.csv").read_text("cp1251")
    assert (home / "rows.rejected.csv").stat().st_mode & 0o777 == 0o600


def test_an_unknown_organisation_is_named(home: Path) -> None:
    file = home / "x.xml"
    file.write_text("<a/>")
    done = mezhved(home, "import", str(file), "--ogrn", ogrn(5))
    assert (done.returncode, "organisation_unknown" in done.stderr) == (2, True)
