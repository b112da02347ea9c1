"""Own lists on each kind of store: what comes in this way is its holder's alone until it is published."""

from __future__ import annotations

import io
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from adapters.tables.profile import FAMILY, SIGNAL, plain_heading
from gateway.use_cases.file_records import need_nothing
from gateway.use_cases.house import House
from gateway.use_cases.keep_mapping_profile import (
    read_history,
    read_profiles,
    read_withdrawn,
    withdraw_profile,
    write_profile,
)
from gateway.use_cases.keep_records import KEPT_FOR, clear_kept, discard_record
from gateway.use_cases.publish_kept_family import publish_kept_family
from gateway.use_cases.read_kept_records import count_kept, read_kept, read_kept_record
from gateway.use_cases.receive_file import receive_file
from gateway.use_cases.send_kept_signal import send_kept_signal
from schemas.errors import MezhvedError
from schemas.ids import new_id
from tests.builders import NOW, Town, system_of
from tests.gateway.facts_world import staff

VECTORS = Path(__file__).parents[1] / "vectors" / "tables"
LATER = NOW + timedelta(days=1)
PUBLISHING = {
    "as_of": date(2026, 3, 1),
    "erase_after": date(2027, 3, 1),
    "source": "Список семей",
    "curator_name": "Кураторова К.К.",
    "curator_phone": "+70000000000",
}


def receive(house: House, who: Any, content: bytes | str, profile: str, now: Any = NOW, **more: Any) -> Any:
    data = content.encode() if isinstance(content, str) else content
    return receive_file(house, who, io.BytesIO(data), "csv", now, need=need_nothing, profile=profile, **more)


def file(name: str) -> bytes:
    return (VECTORS / name).read_bytes()


@pytest.mark.parametrize("name", ["families.xlsx", "families.csv"])
def test_families_are_kept_for_their_holder_alone_and_make_no_case(town: Town, name: str) -> None:
    house, who = town.house, staff(town.house, town.centre, "curator")
    receipt = receive(house, who, file(name), "families")
    assert (receipt.report.records, receipt.report.accepted, receipt.kept) == (3, 2, 2)
    assert receipt.reject_file is not None
    page = read_kept(house, who, FAMILY, NOW)
    assert sorted(family.case_ref for _, family in page.records) == ["СС-1/26", "СС-2/26"]
    assert (dict(page.counts), page.next) == ({FAMILY: 2}, None)
    with house.store.reading() as unit:
        assert unit.families.cases_of_holder(town.centre.id, 10) == []
    for other in (staff(house, town.ngo, "curator"), staff(house, town.stranger, "kdn_member")):
        assert read_kept(house, other, FAMILY, NOW).records == ()
        for record, _ in page.records:
            for act in (read_kept_record, partial(discard_record, need=need_nothing)):
                with pytest.raises(MezhvedError, match="kept_unavailable"):
                    act(house, other, record.id, NOW)
            with pytest.raises(MezhvedError, match="kept_unavailable"):
                publish_kept_family(house, other, record.id, NOW, **PUBLISHING)
    for overseer in ("dpo", "administrator"):
        with pytest.raises(MezhvedError, match="not_for_overseers"):
            read_kept(house, staff(house, town.centre, overseer), FAMILY, NOW)
        with pytest.raises(MezhvedError, match="not_for_overseers"):
            receive(house, staff(house, town.centre, overseer), file(name), "families")


def test_a_list_that_comes_again_changes_what_it_changes(town: Town) -> None:
    house, who = town.house, system_of(town.centre)
    head = "№ дела;ФИО ребёнка;Дата рождения"
    assert receive(house, who, f"{head}\n1;Синтетов Иван;01.02.2019\n2;Пробный Лев;01.02.2018\n", "families").kept == 2
    before = {family.case_ref: record for record, family in read_kept(house, who, FAMILY, NOW).records}
    again = receive(house, who, f"{head}\n1;Синтетов Иван;02.02.2019\n2;Пробный Лев;01.02.2018\n", "families", LATER)
    assert (again.kept, again.report.accepted) == (1, 2)
    after = {family.case_ref: (record, family) for record, family in read_kept(house, who, FAMILY, LATER).records}
    assert {ref: record.id for ref, (record, _) in after.items()} == {ref: record.id for ref, record in before.items()}
    assert after["1"][1].subjects[0].sections.identity.birth_date == "2019-02-02"
    assert {record.expires_at for record, _ in after.values()} == {LATER + KEPT_FOR}
    assert house.vault.open_drafts({before["1"].key_id: before["1"].sealed}) == {}, "what was replaced is gone for good"
    assert house.vault.open_drafts({before["2"].key_id: before["2"].sealed}) != {}


def test_a_family_is_published_as_a_summary_and_is_kept_no_more(town: Town) -> None:
    house, who = town.house, staff(town.house, town.centre, "curator")
    receive(house, who, file("families.xlsx"), "families")
    record = next(r for r, family in read_kept(house, who, FAMILY, NOW).records if family.case_ref == "СС-1/26")
    with pytest.raises(MezhvedError, match="kept_incomplete"):
        publish_kept_family(house, who, record.id, NOW, **PUBLISHING | {"erase_after": date(2020, 1, 1)})
    published = publish_kept_family(house, who, record.id, NOW, **PUBLISHING)
    assert (published.version, len(published.subjects)) == (1, 3)
    assert dict(count_kept(house, who)) == {FAMILY: 1}
    with pytest.raises(MezhvedError, match="kept_unavailable"):
        publish_kept_family(house, who, record.id, NOW, **PUBLISHING)
    assert house.vault.open_drafts({record.key_id: record.sealed}) == {}
    receive(house, who, file("families.csv"), "families", LATER)
    record = next(r for r, family in read_kept(house, who, FAMILY, LATER).records if family.case_ref == "СС-1/26")
    again = publish_kept_family(house, who, record.id, LATER, **PUBLISHING)
    assert (again.case_id, again.version, set(again.subjects)) == (published.case_id, 2, set(published.subjects))


def test_a_journal_of_signals_is_kept_and_its_entries_are_sent_on_through_the_gate(town: Town) -> None:
    house, who = town.house, staff(town.house, town.school, "head")
    assert receive(house, who, file("signals.xlsx"), "signals").kept == 2
    page = read_kept(house, who, SIGNAL, NOW)
    record, signal = next((r, s) for r, s in page.records if s.reg_number == "1")
    assert signal.reporter.name == "Соседка"
    with house.store.reading() as unit:
        assert unit.messages.queue(town.school.id, "outbox", None, 10, NOW) == []
    with pytest.raises(MezhvedError):
        send_kept_signal(house, who, record.id, "1037700000029", "no_care", "urgent", NOW)  # nobody is registered by it
    assert dict(count_kept(house, who)) == {SIGNAL: 2}, "what the gate refuses stays"
    with pytest.raises(MezhvedError, match="reporter_not_here"):
        send_kept_signal(house, who, record.id, town.guardianship.ogrn, "no_care", "urgent", NOW)
    to = town.guardianship.ogrn
    message = send_kept_signal(house, who, record.id, to, "no_care", "urgent", NOW, received_by="phone")
    assert (message.type, message.operation_id) == ("signal", signal.operation_id)
    assert dict(count_kept(house, who)) == {SIGNAL: 1}
    other = next(r for r, s in page.records if s.reg_number == "2")
    with pytest.raises(MezhvedError, match="kept_unavailable"):
        publish_kept_family(house, who, other.id, NOW, **PUBLISHING)


def test_what_is_discarded_or_out_of_time_is_gone_for_good_with_its_entry(town: Town) -> None:
    house, who = town.house, system_of(town.centre)
    receive(house, who, file("families.csv"), "families")
    (first, _), (second, _) = read_kept(house, who, FAMILY, NOW).records
    discard_record(house, who, first.id, NOW, need_nothing)
    assert clear_kept(house, NOW + KEPT_FOR - timedelta(seconds=1)) == 0
    with pytest.raises(MezhvedError, match="kept_unavailable"):
        read_kept_record(house, who, second.id, NOW + KEPT_FOR)
    assert clear_kept(house, NOW + KEPT_FOR) == 1
    assert dict(count_kept(house, who)) == {}
    for record in (first, second):
        assert house.vault.open_drafts({record.key_id: record.sealed}) == {}
    for unknown in (first.id, new_id(), "ничто"):
        with pytest.raises(MezhvedError, match="kept_unavailable"):
            read_kept_record(house, who, unknown, NOW)


def test_pages_follow_each_other(town: Town) -> None:
    house, who = town.house, system_of(town.centre)
    rows = "".join(f"{n};Синтетов И{n};01.02.2019\n" for n in range(60))
    receive(house, who, "№ дела;ФИО ребёнка;Дата рождения\n" + rows.replace("И", "Иван"), "families")
    seen: list[str] = []
    after: str | None = None
    for _ in range(3):
        page = read_kept(house, who, FAMILY, NOW, after=after)
        seen += [family.case_ref for _, family in page.records]
        after = page.next
    assert (len(seen), len(set(seen)), after) == (60, 60, None)
    with pytest.raises(MezhvedError, match="kept_kind_unknown"):
        read_kept(house, who, "letters", NOW)


@pytest.mark.law(8)
def test_nothing_of_a_family_stands_open(town: Town) -> None:
    house, who = town.house, system_of(town.centre)
    receive(house, who, file("families.xlsx"), "families")
    (record, family), _ = read_kept(house, who, FAMILY, NOW).records
    rows = repr(record)
    assert not [word for word in ("Синтетов", "Пробн", family.case_ref, "11223344595") if word in rows]


# --- the phone book --------------------------------------------------------------------------------------------------


def test_a_phone_book_of_an_organisation_takes_only_its_own_entry(town: Town) -> None:
    house, who = town.house, system_of(town.centre)
    book = f"Организация;ОГРН;Телефон\n{town.centre.name};{town.centre.ogrn};8 495 000-00-01\nШкола;;8 495 000-00-02\n"
    receipt = receive(house, who, book, "contacts")
    assert (receipt.report.records, receipt.report.accepted) == (2, 1)
    assert [c.code for c in receipt.report.complaints] == ["directory_not_yours"]
    with house.store.reading() as unit:
        (listed,) = unit.directory.page_of_organisations(None, 10)
    assert (listed.organisation.name, listed.participant_id) == (town.centre.name, town.centre.id)


# --- profiles --------------------------------------------------------------------------------------------------------

PROFILE = """
name: our-list
base: families
columns:
  Фамилия и имя малыша: child.full_name
  Рожд.: child.birth_date
  Кличка кошки: "-"
values:
  child.sex: {"к": F}
"""
OWN = "Номер;Фамилия и имя малыша;Рожд.;Кличка кошки\n1;Синтетов Иван;01.02.2019;Мурка\n"


def test_a_partners_own_table_is_read_by_its_own_profile(town: Town) -> None:
    house, who = town.house, system_of(town.centre)
    with pytest.raises(MezhvedError, match="profile_unknown"):
        receive(house, who, OWN, "our-list")
    first = write_profile(house, who, PROFILE, NOW)
    assert (first.version, write_profile(house, who, PROFILE, LATER).version) == (1, 1), (
        "the same again changes nothing"
    )
    receipt = receive(house, who, OWN, "our-list")
    assert receipt.kept == 1
    assert receipt.report.dropped_columns == ["Номер", "Кличка кошки"]
    assert write_profile(house, who, PROFILE.replace("Рожд.", "Д.р. малыша"), LATER).version == 2
    with pytest.raises(MezhvedError, match="profile_unknown"):
        receive(house, system_of(town.ngo), OWN, "our-list")
    withdraw_profile(house, who, "our-list", LATER)
    assert read_profiles(house, who) == []
    assert [one.name for one in read_withdrawn(house, who)] == ["our-list"]
    assert [(one.version, one.is_withdrawn) for one in read_history(house, who, "our-list").versions] == [
        (3, True),
        (2, False),
        (1, False),
    ]
    with pytest.raises(MezhvedError, match="profile_withdrawn"):
        withdraw_profile(house, who, "our-list", LATER)
    with pytest.raises(MezhvedError, match="profile_withdrawn"):
        receive(house, who, OWN, "our-list")
    with pytest.raises(MezhvedError, match="profile_unknown"):
        read_history(house, system_of(town.ngo), "our-list")
    assert count_kept(house, who) == {FAMILY: 1}, "what was taken stays"
    assert write_profile(house, who, PROFILE, LATER).version == 4, "versions are never used again"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("name: families\nbase: families\n", "profile_invalid"),
        ("name: Our List\nbase: families\n", "profile_invalid"),
        ("name: ours\nbase: no-such\n", "profile_unknown"),
        ("name: ours\nbase: families\ncolumns: {Кошка: cat.name}\n", "profile_invalid"),
        ("name: ours\nbase: referrals\ndefaults: {recipient_ogrn: '123'}\n", "profile_invalid"),
        ("name: ours\nbase: families\nvalues: {child.sex: {к: кошка}}\n", "profile_invalid"),
        ("name: ours\nbase: families\nvalues: {cat: {к: F}}\n", "profile_invalid"),
        ("name: ours\nbase: families\ndocument_system: ours\n", "profile_invalid"),
        ("name: ours\nbase: families\nutc_offset: Moscow\n", "profile_invalid"),
        ("name: ours\nbase: families\nunknown: 1\n", "profile_invalid"),
        ("[1, 2]", "profile_invalid"),
        ("name: [", "profile_invalid"),
        ("name: ours\nbase: families\n# " + "x" * 270_000, "profile_invalid"),
        ("name: ours\nbase: families\ncolumns: {Примерова Анна Ивановна: child.full_name}\n", "text_not_nameless"),
    ],
)
def test_a_profile_that_is_wrong_is_refused_with_its_place(town: Town, text: str, code: str) -> None:
    with pytest.raises(MezhvedError) as caught:
        write_profile(town.house, system_of(town.centre), text, NOW)
    assert caught.value.code == code
    assert caught.value.message()


def test_headings_of_a_profile_are_compared_as_headings_are(town: Town) -> None:
    house, who = town.house, system_of(town.centre)
    write_profile(house, who, PROFILE, NOW)
    assert plain_heading("ФАМИЛИЯ и имя  малыша *") == plain_heading("Фамилия и имя малыша")
    assert receive(house, who, OWN.replace("Фамилия и имя малыша", "ФАМИЛИЯ и имя  малыша *"), "our-list").kept == 1
