"""A message that one has begun to write: kept as it is, taken up again, sent or thrown away; nobody else's business."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from gateway.storage import tables as t
from gateway.storage.tables_drafts import drafts
from gateway.use_cases.keep_draft import MOST_DRAFTS, clear_drafts
from gateway.use_cases.read_queue import read_queue
from schemas.ids import new_id
from tests.builders import NOW, system_of
from tests.gateway.exchange.world import notes
from tests.gateway.web.conftest import Browser, Office, Page

COMPOSE, REFERRAL = "/messages/new", "/referrals/new"
NAME = "Чибис Вымышленная Тестовна"


@pytest.fixture
def curator(office: Office) -> Browser:
    return office.seat(office.running.town.ngo, "curator")


def begun(office: Office, browser: Browser, **typed: str) -> Page:
    """An unfinished report, kept."""
    page = browser.get(f"{COMPOSE}?type=progress_report")
    fields = {"recipient": office.running.town.guardianship.ogrn, "child_name": NAME, "child_ref": "K-1", **typed}
    return browser.send(page, COMPOSE, step="draft", **fields)


def rows(office: Office, table: Any) -> list[Any]:
    with office.running.house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        return list(connection.execute(select(table)))


def test_what_was_typed_is_kept_as_it_is_and_comes_back(office: Office, curator: Browser) -> None:
    page = begun(office, curator, child_birth="не дата")
    assert page.address == "/drafts?done=kept"
    assert "Сведения о ходе сопровождения" in page.text
    assert office.running.town.guardianship.name in page.text
    assert NAME not in page.body
    (link,) = page.tree.xpath("//tbody//a/@href")
    form = curator.get(link).fields(COMPOSE)
    assert (form["child_name"], form["child_birth"], form["child_ref"]) == ([NAME], ["не дата"], ["K-1"])


def test_it_is_kept_again_in_its_own_place_and_sent_from_there(office: Office, curator: Browser) -> None:
    noted = {f"note-{note['field']}": note["value"] for note in notes("inquiry")}
    page = curator.get(f"{COMPOSE}?type=inquiry")
    page = curator.send(page, COMPOSE, step="draft", recipient=office.running.town.guardianship.ogrn)
    (link,) = page.tree.xpath("//tbody//a/@href")
    page = curator.send(curator.get(link), COMPOSE, step="draft", urgency="planned", **noted)
    assert page.tree.xpath("//tbody//a/@href") == [link], "one draft, newer"
    (kept,) = rows(office, drafts)
    preview = curator.send(curator.get(link), COMPOSE, step="preview", **{"note-need": noted["note-need"].split()[0]})
    assert "Получатель увидит" in preview.text
    sent = curator.send(preview, COMPOSE, step="send")
    assert sent.address.endswith("/sent"), sent.text
    assert rows(office, drafts) == []
    assert "Незаконченных сообщений нет" in curator.get("/drafts").text
    office.deliver()
    (message,) = read_queue(office.running.house, system_of(office.running.town.guardianship), NOW)
    assert message.operation_id == kept.id
    assert office.running.house.vault.open_draft(kept.key_id, kept.sealed) is None


def test_a_referral_with_its_scan_is_kept_too(office: Office, curator: Browser) -> None:
    page = curator.get(REFERRAL)
    page = curator.send(
        page, REFERRAL, step="draft", child_name=NAME, consent_signed="yes", files={"consent_scan": ("x.pdf", b"scan")}
    )
    (link,) = page.tree.xpath("//tbody//a/@href")
    form = curator.get(link).fields(REFERRAL)
    assert form["child_name"] == [NAME]
    assert rows(office, t.consents) == [], "nothing is recorded for a draft"


def test_a_draft_rests_sealed_and_is_thrown_away_for_good(office: Office, curator: Browser) -> None:
    page = begun(office, curator)
    (kept,) = rows(office, drafts)
    vault = office.running.house.vault
    assert NAME.encode() not in kept.sealed
    assert NAME.encode() in (vault.open_draft(kept.key_id, kept.sealed) or b"")
    page = curator.send(page, f"/drafts/{kept.id}/discard")
    assert page.address == "/drafts?done=discarded"
    assert rows(office, drafts) == []
    assert vault.open_draft(kept.key_id, kept.sealed) is None, "not in a backup either"
    assert [row.kind for row in rows(office, t.entries)][-1] == "message.cancelled"
    assert curator.get(f"/drafts/{kept.id}").status == 404


def test_nobody_else_sees_it(office: Office, curator: Browser) -> None:
    begun(office, curator)
    (kept,) = rows(office, drafts)
    for organisation, role in (
        (office.running.town.ngo, "senior_curator"),
        (office.running.town.ngo, "head"),
        (office.running.town.guardianship, "guardianship_specialist"),
    ):
        other = office.seat(organisation, role)
        assert "Незаконченных сообщений нет" in other.get("/drafts").text
        page = other.get(f"/drafts/{kept.id}")
        invented = other.get(f"/drafts/{new_id()}")
        assert (page.status, page.text) == (invented.status, invented.text) == (404, page.text)
        form = other.get(f"{COMPOSE}?type=inquiry")
        written = other.send(form, COMPOSE, step="draft", operation_id=kept.id)
        mine = organisation.id == office.running.town.ngo.id
        assert (written.status, "draft_unavailable" in written.body) == ((404, True) if mine else (200, False))
    (same,) = [row for row in rows(office, drafts) if row.organisation_id == office.running.town.ngo.id]
    assert same == kept, "a colleague cannot write into it"
    dpo = office.seat(office.running.town.ngo, "dpo")
    assert dpo.get("/drafts").status == 403


def test_who_stands_in_for_the_author_takes_it_up(office: Office, curator: Browser) -> None:
    begun(office, curator)
    (kept,) = rows(office, drafts)
    other = office.seat(office.running.town.ngo, "psychologist")
    page = curator.get("/absences")
    login = f"psychologist.{office.running.town.ngo.ogrn}"
    curator.send(
        page,
        "/absences",
        login=f"curator.{office.running.town.ngo.ogrn}",
        first="2026-03-02",
        last="2026-03-05",
        substitute=login,
    )
    shown = other.get("/drafts")
    assert "Человек Тестовый" in shown.text
    form = other.get(f"/drafts/{kept.id}").fields(COMPOSE)
    assert form["child_name"] == [NAME]
    other.send(other.get(f"/drafts/{kept.id}"), COMPOSE, step="draft", child_name=NAME + "!")
    (newer,) = rows(office, drafts)
    assert (newer.author_id, newer.id) == (kept.author_id, kept.id)


def test_its_time_ends(office: Office, curator: Browser) -> None:
    begun(office, curator)
    (kept,) = rows(office, drafts)
    house = office.running.house
    last = NOW + house.draft_period
    assert clear_drafts(house, last - timedelta(seconds=1)) == 0
    assert clear_drafts(house, last) == 1
    assert clear_drafts(house, last) == 0
    assert house.vault.open_draft(kept.key_id, kept.sealed) is None
    assert [row.kind for row in rows(office, t.entries)][-1] == "message.expired"


def test_a_key_that_is_gone_leaves_nothing_to_read(office: Office, curator: Browser) -> None:
    begun(office, curator)
    (kept,) = rows(office, drafts)
    office.running.house.vault.forget_draft(kept.key_id)
    assert curator.get(f"/drafts/{kept.id}").status == 404


def test_too_much_is_refused_and_what_was_typed_is_not_lost(office: Office, curator: Browser) -> None:
    for _ in range(MOST_DRAFTS):
        begun(office, curator)
    page = begun(office, curator)
    assert page.status == 400
    assert "drafts_too_many" in page.text
    assert len(rows(office, drafts)) == MOST_DRAFTS
