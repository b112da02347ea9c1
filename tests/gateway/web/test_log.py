"""The DPO's log: who saw this family, when, why, by which rule; the proof of an entry; and nobody else's eyes."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.evidence.verify import examine_proof, parse_key
from gateway.use_cases.facts import Question
from gateway.use_cases.read_case_summaries import read_case_summaries, read_case_summary
from gateway.use_cases.sequence_log import sequence_log
from schemas.errors import Unavailable
from tests.builders import NOW, consent, publish, system_of
from tests.gateway.web.conftest import Browser, Office

ASKED = Question("CASE_MGMT", ("ID", "IDN", "HLT"))


@pytest.fixture
def dpo(office: Office) -> Browser:
    return office.seat(office.running.town.ngo, "dpo")


def _seen(office: Office, ref: str = "K-1", case: str = "C-1") -> str:
    """The guardianship body has seen a family of the NGO. What the NGO calls that case."""
    town = office.running.town
    published = publish(town, ref, case, identifiers={"snils": None} if ref != "K-1" else {"snils": "11223344595"})
    consent(town, town.guardianship, ref=ref)
    read_case_summaries(town.house, system_of(town.guardianship), ASKED, None, 10, NOW)
    return town.house.vault.case_pseudonym(town.ngo.id, published.case_id)


@pytest.mark.parametrize("role", ["curator", "head", "administrator"])
def test_only_a_dpo_reads_the_log(office: Office, role: str) -> None:
    browser = office.seat(office.running.town.ngo, role)
    page = browser.get("/log")
    assert page.status == 403
    assert "dpo_only" in page.text
    assert "ответственному за обработку персональных данных" in page.text
    assert browser.get("/log/entries/00000000-0000-4000-8000-000000000000/proof").status == 403
    assert "/log" not in page.tree.xpath("//nav//a/@href")


def test_an_empty_log_says_so(dpo: Browser) -> None:
    assert "ещё никто не запрашивал" in dpo.get("/log").text


def test_the_log_says_who_saw_what_and_by_which_rule(office: Office, dpo: Browser) -> None:
    case = _seen(office)
    page = dpo.get("/log")
    for words in (
        "Орган опеки (тест)",
        "02.03.2026 12:00",
        "Социальное сопровождение и совместная работа по случаю",
        "через информационную систему",
        "Личность",
        "Здоровье",
        "RU-152-9-1",
        "152-ФЗ ст. 9",
        "Разрешено",
        "Закрыто",
        "Ждёт размещения в дереве",
    ):
        assert words in page.text
    assert page.tree.xpath("//ol//a/@title") == [case]
    for words in ("Проба Вымышленная", "ул. Вымышленная", "K-1", "Вымышленный диагноз"):
        assert words not in page.body


def test_a_rule_is_shown_by_the_words_of_what_it_did(office: Office, dpo: Browser) -> None:
    _seen(office)
    rulings = dpo.get("/log").tree.xpath("//li[@class='mz-log__ruling']")
    shown = [" ".join(ruling.text_content().split()) for ruling in rulings]
    assert any("Разрешено" in ruling and "RU-152-9-1 Согласие действует" in ruling for ruling in shown)


def test_one_family_can_be_chosen(office: Office, dpo: Browser) -> None:
    first, second = _seen(office), _seen(office, "K-2", "C-2")
    page = dpo.get("/log")
    assert set(page.tree.xpath("//ol//a/@title")) == {first, second}
    page = dpo.get(page.tree.xpath(f"//ol//a[@title='{first}']/@href")[0])
    assert set(page.tree.xpath("//ol//a/@title")) == {first}
    assert page.tree.xpath("//input[@id='case']/@value") == [first]
    assert "записей нет" in dpo.get("/log?case=nothing").text
    assert "записей нет" in dpo.get("/log?case=" + "z" * 52).text


def test_a_refused_attempt_is_in_the_log_of_the_holder(office: Office, dpo: Browser) -> None:
    town = office.running.town
    published = publish(town)
    stranger = system_of(town.stranger)
    pseudonym = town.house.vault.case_pseudonym(stranger.organisation_id, published.case_id)
    with pytest.raises(Unavailable):
        read_case_summary(town.house, stranger, pseudonym, ASKED, NOW)
    assert "Отказано: у запросившего нет основания" in dpo.get("/log").text


def test_the_families_of_others_are_not_in_it(office: Office) -> None:
    _seen(office)
    assert "ещё никто не запрашивал" in office.seat(office.running.town.school, "dpo").get("/log").text


def test_a_placed_entry_has_a_proof_that_holds_without_us(office: Office, dpo: Browser, tmp_path: Path) -> None:
    _seen(office)
    sequence_log(office.running.house, NOW)
    page = dpo.get("/log")
    assert "Контрольная точка журнала:" in page.text
    assert "02.03.2026 12:00" in page.tree.xpath("//section[@class='mz-checkpoint']")[0].text_content()
    answer = dpo.http.get(page.tree.xpath("//a[@download]/@href")[0])
    assert answer.headers["content-disposition"] == 'attachment; filename="mezhved-proof.json"'
    assert answer.headers["cache-control"] == "no-store"
    assert "Проба" not in answer.text
    proof = tmp_path / "proof.json"
    proof.write_bytes(answer.content)
    key = parse_key(office.running.house.log_key.verifier().encode())
    assert key is not None
    report = examine_proof(proof, [key])
    assert report.holds, report
    proof.write_bytes(answer.content.replace(b"CASE_MGMT", b"CASE_MGMX"))
    assert not examine_proof(proof, [key]).holds


def test_a_proof_of_nothing_is_not_found_and_of_a_waiting_entry_a_conflict(office: Office, dpo: Browser) -> None:
    assert dpo.get("/log/entries/00000000-0000-4000-8000-000000000000/proof").status == 404
    mine = office.running.town.ngo.id.encode()
    with office.running.house.store.reading() as unit:
        entry_id = next(e for e, _ in unit.log.unsequenced(1000) if mine in unit.log.entry(e)[1])
    page = dpo.get(f"/log/entries/{entry_id}/proof")
    assert page.status == 409
    assert "entry_not_sequenced" in page.text


def test_reading_the_log_is_in_the_log(office: Office, dpo: Browser) -> None:
    with office.running.house.store.reading() as unit:
        before = len(unit.log.unsequenced(1000))
    dpo.get("/log")
    with office.running.house.store.reading() as unit:
        after = [unit.log.entry(entry_id)[1] for entry_id, _ in unit.log.unsequenced(1000)]
    assert len(after) == before + 1
    assert b'"log.read"' in after[-1]
