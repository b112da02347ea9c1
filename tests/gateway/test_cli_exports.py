"""`mezhved export` as the head of an organisation uses it."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from gateway.building import build_house, utc_now
from gateway.settings import Settings
from gateway.use_cases.register_participants import register_person
from tests.builders import Town, organisation, publish
from tests.gateway.test_cli import mezhved

PASSWORD = "длинный пароль для проб"


def test_from_the_first_part_to_the_last(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "folder"
    home.mkdir()
    folder.mkdir()
    assert mezhved(home, "migrate").returncode == 0
    house = build_house(Settings(home=home))
    ngo = organisation(house, "ngo", "Фонд (тест)")
    made = publish(Town(house, ngo, ngo, ngo, ngo, ngo))
    for role in ("head", "curator"):
        register_person(house, ngo.id, f"ngo.{role}", "Имя", PASSWORD, [role], utc_now(), synthetic=True)

    def run(*arguments: str):
        return mezhved(home, "export", *arguments, stdin=f"{PASSWORD}\n")

    for arguments, code in (
        (("own", str(folder), "--login", "ngo.curator"), "export_not_yours"),
        (("own", str(tmp_path / "none"), "--login", "ngo.head"), "export_target"),
        (("own", str(folder), "--login", "ngo.head", "--form", "xlsx"), "export_form_unknown"),
        (("case", "z" * 52, str(folder), "--login", "ngo.curator"), "case_unavailable"),
    ):
        failed = run(*arguments)
        assert failed.returncode == 2, failed.stdout
        assert code in failed.stderr
        assert list(folder.iterdir()) == []
    done = run("own", str(folder), "--login", "ngo.head", "--form", "xml")
    assert done.returncode == 0, done.stderr
    (file,) = folder.iterdir()
    assert re.fullmatch(r"mezhved-own-[0-9a-f-]{36}\.zip", file.name)
    assert file.stat().st_mode & 0o077 == 0
    assert zipfile.ZipFile(file).testzip() is None
    case = house.vault.case_pseudonym(ngo.id, made.case_id)
    one = run("case", case, str(folder), "--login", "ngo.curator", "--form", "fhir")
    assert one.returncode == 0, one.stderr
    wrong = mezhved(home, "export", "own", str(folder), "--login", "ngo.head", stdin="не тот пароль\n")
    assert wrong.returncode == 2
    assert len(list(folder.iterdir())) == 2
