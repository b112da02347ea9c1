"""`mezhved package` as an operator and a recipient without a browser use it."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.building import build_house, utc_now
from gateway.exchange.relay import relay_once
from gateway.settings import Settings
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.tell_package_code import tell_package_code
from schemas.lifecycle import State
from tests.builders import organisation, referral, system_of
from tests.gateway.test_cli import mezhved


def test_from_making_to_the_receipt(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    assert mezhved(home, "migrate").returncode == 0
    house = build_house(Settings(home=home))
    school = organisation(house, "school", "Школа № 0 (тест)")
    body = organisation(house, "guardianship", "Орган опеки (тест)")
    draft = referral(school, body, type="signal", trigger="threat")
    message = submit_message(house, system_of(school), draft, utc_now()).message
    relay_once(house, utc_now())

    made = mezhved(home, "package", "make", message.id, str(elsewhere))
    assert made.returncode == 0, made.stderr
    (file,) = elsewhere.iterdir()
    assert re.fullmatch(r"mezhved-[0-9a-f-]{36}\.html", file.name)
    assert file.stat().st_mode & 0o077 == 0
    assert not re.search(r"(\d{4} ){5}\d{4}", made.stdout), "the operator is told no code"

    package = file.stem.removeprefix("mezhved-")
    code = tell_package_code(house, system_of(school), message.id, package, utc_now())
    assert code not in made.stdout
    key = tmp_path / "log.pub"
    key.write_text(mezhved(home, "evidence", "key").stdout)
    xml = tmp_path / "content.xml"
    nowhere = tmp_path / "nowhere"  # no store, no keys, no settings
    nowhere.mkdir()
    arguments = ("package", "open", str(file), "--code", code, "--key", str(key), "--xml", str(xml))
    opened = mezhved(nowhere, *arguments, "--outcome", "accept")
    assert opened.returncode == 0, opened.stderr
    assert "Проба Вымышленная Тестовна" in opened.stdout
    assert "Ключ сверен" in opened.stdout
    assert list(nowhere.iterdir()) == []
    assert xml.read_bytes().startswith(b"<?xml")
    (receipt,) = re.findall(r"Принято в работу: ([\d ]{19})", opened.stdout)

    for wrong, code_of in (("1234", "package_code_length"), ("1" * 24, "package_code_mistyped")):
        failed = mezhved(nowhere, "package", "open", str(file), "--code", wrong)
        assert failed.returncode == 2
        assert code_of in failed.stderr
    cut = tmp_path / "cut.html"
    cut.write_bytes(file.read_bytes().replace(b'"sealed": "', b'"sealed": "AAAA'))
    failed = mezhved(nowhere, "package", "open", str(cut), "--code", code)
    assert "package_altered" in failed.stderr
    assert "Проба" not in failed.stdout + failed.stderr

    taken = mezhved(home, "package", "receipt", message.id, receipt)
    assert taken.returncode == 0, taken.stderr
    assert taken.stdout.startswith("accept: ")
    with house.store.reading() as unit:
        found = unit.messages.by_id(message.id, utc_now())
    assert found is not None
    assert found.state is State.ACCEPTED
    assert "accept" in mezhved(home, "package", "list", message.id).stdout
