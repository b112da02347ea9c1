"""«Кто обращался»: the holder's page of who looked, by kind and purpose."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.use_cases.echo_lookups import echo_lookups
from gateway.use_cases.facts import Question
from gateway.use_cases.read_case_summaries import read_case_summary
from gateway.use_cases.sequence_log import sequence_log
from tests.builders import NOW, consent, publish, system_of
from tests.gateway.web.conftest import Browser, Office


def looked(office: Office, times: int = 1) -> str:
    """The NGO's name of a case that the guardianship body has looked at."""
    town = office.running.town
    house = town.house
    echo_lookups(house, NOW - house.echo_period)
    case = publish(town).case_id
    consent(town, town.guardianship)
    theirs = house.vault.case_pseudonym(town.guardianship.id, case)
    for _ in range(times):
        read_case_summary(house, system_of(town.guardianship), theirs, Question("CASE_MGMT", ("ID",)), NOW)
    return house.vault.case_pseudonym(town.ngo.id, case)


def told(office: Office) -> None:
    sequence_log(office.running.house, NOW)
    echo_lookups(office.running.house, NOW)
    office.deliver()


def by_summary(browser: Browser, case: str) -> Any:
    return browser.get(f"/case?id={case}&purpose=CASE_MGMT")


def test_from_the_summary_to_who_looked(office: Office) -> None:
    case = looked(office, 2)
    curator = office.seat(office.running.town.ngo, "curator")
    page = by_summary(curator, case)
    (link,) = page.tree.xpath("//main//a[text()='Кто обращался к сведениям']/@href")
    assert "ещё не обращались" in curator.get(link).text
    told(office)
    page = curator.get(link)
    assert page.heading == "Кто обращался к сведениям"
    rows = [" ".join(row.text_content().split()) for row in page.tree.xpath("//tbody/tr")]
    assert rows == ["02.03.2026 Органы опеки и попечительства Социальное сопровождение и совместная работа по случаю 2"]
    assert office.running.town.guardianship.name not in page.body


def test_the_notice_itself_is_a_message_without_an_answer(office: Office) -> None:
    case = looked(office)
    told(office)
    curator = office.seat(office.running.town.ngo, "curator")
    with office.running.house.store.reading() as unit:
        (notice,) = unit.messages.queue(office.running.town.ngo.id, "inbox", None, 50, NOW)
    page = curator.get(f"/messages/{notice.id}")
    page = curator.send(page, f"/messages/{notice.id}/open") if "open" in page.body else page
    assert "К сведениям обращались" in page.text
    assert "02.03.2026, 1 раз" in page.text
    assert page.tree.xpath(f"//main//a[@href='/echoes?id={case}']")
    assert not page.tree.xpath("//main//form[contains(@action,'/acknowledge') or contains(@action,'/cancel')]")


@pytest.mark.parametrize("who", ["guardianship", "school"])
def test_another_organisation_reads_none_of_it(office: Office, who: str) -> None:
    case = looked(office)
    told(office)
    organisation = getattr(office.running.town, who)
    page = office.seat(organisation, "guardianship_specialist").get(f"/echoes?id={case}")
    assert page.status == 404
    assert "Органы опеки и попечительства Социальное" not in page.text
