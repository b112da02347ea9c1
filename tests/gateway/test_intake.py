"""Records that come in files are applied once, whatever is sent again, by whom and when."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from consent.records import ConsentEventKind
from gateway.use_cases.apply_document import Applied, apply_document
from gateway.use_cases.file_records import SCOPES
from gateway.use_cases.house import House
from gateway.use_cases.register_participants import SCOPES as KNOWN
from gateway.use_cases.withdraw_consent import withdraw_consent
from schemas.documents import KINDS
from schemas.errors import BadInput, MezhvedError
from schemas.ids import ConsentId
from schemas.summary import ConsentDraft, SummaryDraft
from tests.builders import NOW, Town, child_sections, referral, system_of
from tests.generate import example_of


def summary(**changed: object) -> SummaryDraft:
    return SummaryDraft.model_validate(
        {
            "case_ref": "C-1",
            "as_of": "2026-03-01",
            "erase_after": "2027-03-01",
            "source": "наблюдение куратора",
            "curator_name": "Куратор Тестовый",
            "curator_phone": "+70000000000",
            "subjects": [{"ref": "K-1", "kind": "child", "sections": child_sections()}],
            **changed,
        }
    )


def consent_of(town: Town, **changed: object) -> ConsentDraft:
    return ConsentDraft.model_validate(
        {
            "subject_ref": "K-1",
            "subject_kind": "child",
            "birth_date": "2019-05-14",
            "recipient_ogrn": town.guardianship.ogrn,
            "purpose": "CASE_MGMT",
            "categories": ["ID", "PLN"],
            "given_on": "2026-03-01",
            "evidence_digest": "ab" * 32,
            "signers": [{"who": "mother", "holder_ref": "M-1", "verified": True}],
            **changed,
        }
    )


def entries(house: House, kind: str) -> int:
    with house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM entries WHERE kind = '{kind}'").scalar_one())


def test_a_message_is_known_by_its_operation(town: Town) -> None:
    system, draft = system_of(town.school), referral(town.school, town.guardianship, type="signal", trigger="threat")
    first = apply_document(town.house, system, draft, NOW)
    assert apply_document(town.house, system, draft, NOW) == replace(first, repeated=True)


def test_a_summary_sent_again_is_no_new_version_and_one_that_says_something_else_is(town: Town) -> None:
    system = system_of(town.ngo)
    first = apply_document(town.house, system, summary(), NOW)
    assert apply_document(town.house, system, summary(), NOW + timedelta(days=1)) == Applied(
        "case_summary", first.id, repeated=True
    )
    assert entries(town.house, "summary.published") == 1
    second = apply_document(town.house, system, summary(source="звонок"), NOW)
    assert not second.repeated
    assert second.id != first.id
    assert entries(town.house, "summary.published") == 2
    # What was said before is said again: a version of its own, because it is not what stands there now.
    assert not apply_document(town.house, system, summary(), NOW).repeated


def test_a_consent_is_taken_once_and_never_comes_back_after_it_was_withdrawn(town: Town) -> None:
    house, system = town.house, system_of(town.ngo)
    first = apply_document(house, system, consent_of(town), NOW)
    withdraw_consent(house, system, ConsentId(first.id), NOW + timedelta(hours=1))
    again = apply_document(house, system, consent_of(town), NOW + timedelta(hours=2))
    assert again == Applied("consent", first.id, repeated=True)
    with house.store.reading() as unit:
        on_file = unit.consents.get(ConsentId(first.id))
        assert on_file is not None
        assert [event.kind for event in on_file.events] == [ConsentEventKind.GIVEN, ConsentEventKind.WITHDRAWN]
    assert entries(house, "consent.recorded") == 1
    signed_anew = apply_document(house, system, consent_of(town, given_on="2026-03-02"), NOW)
    assert not signed_anew.repeated


def test_the_same_record_of_another_organisation_is_its_own(town: Town) -> None:
    first = apply_document(town.house, system_of(town.ngo), summary(), NOW)
    other = apply_document(town.house, system_of(town.centre), summary(), NOW)
    assert (other.repeated, other.id == first.id) == (False, False)


def test_one_that_is_refused_may_come_again(town: Town) -> None:
    system = system_of(town.ngo)
    wrong = consent_of(town, purpose="NOTHING")
    for _ in range(2):
        with pytest.raises(BadInput, match="purpose_unknown"):
            apply_document(town.house, system, wrong, NOW)


def test_the_same_file_twice_at_once_takes_each_record_once(town: Town) -> None:
    system, barrier = system_of(town.ngo), threading.Barrier(2)
    done: list[Applied | MezhvedError] = []

    def work() -> None:
        barrier.wait()
        for number in range(5):
            try:
                done.append(apply_document(town.house, system, consent_of(town, subject_ref=f"K-{number}"), NOW))
            except MezhvedError as error:
                done.append(error)

    running = [threading.Thread(target=work) for _ in range(2)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert all(isinstance(one, Applied) for one in done), done
    assert sorted(one.repeated for one in done if isinstance(one, Applied)) == [False] * 5 + [True] * 5
    assert entries(town.house, "consent.recorded") == 5


def test_documents_with_a_way_of_their_own_are_refused_with_that_way(town: Town) -> None:
    for kind in KINDS:
        if kind.code not in SCOPES:
            with pytest.raises(BadInput, match="document_elsewhere"):
                apply_document(town.house, system_of(town.ngo), example_of(kind), NOW)
    assert set(SCOPES.values()) <= KNOWN
