"""Authorities as objects of their own on both stores: recorded, changed, named by consents, which stand and fall with them."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest

from adapters.documents.writer import write_document
from gateway.use_cases.apply_document import Applied, apply_document, rehearse_document
from gateway.use_cases.facts import Question
from gateway.use_cases.file_records import need_nothing
from gateway.use_cases.read_case_summaries import read_case_summaries
from gateway.use_cases.receive_file import receive_file
from gateway.use_cases.record_authority import record_authority
from gateway.use_cases.record_consent import record_consent
from schemas.authority import AuthorityDraft
from schemas.errors import BadInput
from schemas.ids import new_id
from tests.builders import NOW, Town, publish, system_of
from tests.gateway.conftest import Running
from tests.gateway.signed.world import entries
from tests.gateway.test_intake import consent_of

NUMBER = "7d2e9b10-5c3a-4f7e-8d21-9a6b0c4e1f52"
ASKED = Question("CASE_MGMT", ("ID",))


def authority(**changed: Any) -> AuthorityDraft:
    return AuthorityDraft.model_validate(
        {
            "authority_id": NUMBER,
            "subject_ref": "K-1",
            "subject_kind": "child",
            "birth_date": "2019-05-14",
            "who": "guardian",
            "holder_ref": "G-1",
            "verified": True,
            "valid_from": "2026-01-15",
            "evidence_digest": "ab" * 32,
            **changed,
        }
    )


def signed(town: Town, **more: Any) -> Any:
    signer = {"who": "guardian", "holder_ref": "G-1", "authority_id": NUMBER, **more}
    return consent_of(town, signers=[signer])


def effect(town: Town, at: Any = NOW) -> str:
    """What the guardianship body gets of the child's identity."""
    page = read_case_summaries(town.house, system_of(town.guardianship), ASKED, None, 10, at)
    (case,) = page.cases
    (child,) = (subject for subject in case.subjects if subject.kind == "child")
    return str(child.sections["ID"].ruling.effect.value)


def test_a_consent_stands_and_falls_with_the_authority_it_names(town: Town) -> None:
    system = system_of(town.ngo)
    publish(town)
    first = record_authority(town.house, system, authority(), NOW)
    record_consent(town.house, system, signed(town), NOW)
    assert effect(town) == "P"
    unchecked = "R"  # a person of the holder looks at the paper first
    for change, then in (
        ({"rights": "terminated"}, "D"),
        ({"verified": False}, unchecked),
        ({"valid_to": "2026-02-01"}, "D"),
    ):
        changed = record_authority(town.house, system, authority(**change), NOW)
        assert (changed.id, changed.repeated) == (first.id, False), "the same authority in another state"
        assert effect(town) == then, change
        record_authority(town.house, system, authority(), NOW)
        assert effect(town) == "P"
    until = date(2026, 3, 20)
    record_authority(town.house, system, authority(valid_to=until.isoformat()), NOW)
    assert effect(town) == "P"
    assert effect(town, NOW + timedelta(days=30)) == "D", "its term is judged at the moment of reading"


def test_what_the_authority_says_holds_whatever_stands_in_the_consent(town: Town) -> None:
    system = system_of(town.ngo)
    publish(town)
    record_authority(town.house, system, authority(rights="terminated"), NOW)
    record_consent(town.house, system, signed(town, rights="full", verified=True), NOW)
    assert effect(town) == "D"


def test_the_same_words_again_change_nothing(town: Town) -> None:
    system = system_of(town.ngo)
    first = record_authority(town.house, system, authority(), NOW)
    again = record_authority(town.house, system, authority(authority_id=NUMBER.upper()), NOW)
    assert (again.id, again.repeated) == (first.id, True)
    assert len(entries(town.house, "authority.recorded")) == 1
    record_authority(town.house, system, authority(rights="limited"), NOW)
    told = entries(town.house, "authority.recorded")
    assert [(one["change"], one["rights"], one["evidence"]) for one in told] == [
        ("recorded", "full", "ab" * 32),
        ("changed", "limited", "ab" * 32),
    ]
    assert "K-1" not in str(told)


@pytest.mark.parametrize(
    "changed", [{"holder_ref": "G-2"}, {"subject_ref": "K-2"}, {"who": "mother"}, {"holder_ref": "K-1"}]
)
def test_a_number_is_of_the_same_people_for_ever(town: Town, changed: dict[str, str]) -> None:
    system = system_of(town.ngo)
    record_authority(town.house, system, authority(), NOW)
    with pytest.raises(BadInput, match="authority_of_others"):
        record_authority(town.house, system, authority(**changed), NOW)
    assert len(entries(town.house, "authority.recorded")) == 1


def test_a_number_is_its_recorders_own(town: Town) -> None:
    """Whether another organisation has recorded an authority of this number is told to nobody."""
    mine = record_authority(town.house, system_of(town.ngo), authority(), NOW)
    theirs = record_authority(town.house, system_of(town.centre), authority(who="mother"), NOW)
    assert mine.id != theirs.id
    with pytest.raises(BadInput, match="authority_unknown"):
        record_consent(town.house, system_of(town.school), signed(town), NOW)


@pytest.mark.parametrize(
    ("signer", "code"),
    [
        ({"authority_id": new_id()}, "authority_unknown"),
        ({"who": "mother"}, "authority_of_others"),
        ({"holder_ref": "G-2"}, "authority_of_others"),
    ],
)
def test_a_consent_names_an_authority_that_is_there_and_its_own(town: Town, signer: dict[str, str], code: str) -> None:
    record_authority(town.house, system_of(town.ngo), authority(), NOW)
    with pytest.raises(BadInput, match=code):
        record_consent(town.house, system_of(town.ngo), signed(town, **signer), NOW)
    assert not entries(town.house, "consent.recorded")


def test_it_ends_no_earlier_than_it_begins(town: Town) -> None:
    wrong = authority(valid_to="2026-01-14")
    for work in (record_authority, rehearse_document):
        with pytest.raises(BadInput, match="authority_dates"):
            work(town.house, system_of(town.ngo), wrong, NOW)


def test_by_file_as_by_the_api(town: Town) -> None:
    system = system_of(town.ngo)
    content = write_document(authority())

    def bring(**more: Any) -> Any:
        return receive_file(town.house, system, io.BytesIO(content), "xml", NOW, need=need_nothing, **more)

    assert bring(rehearsal=True).applied == ()
    assert not entries(town.house, "authority.recorded")
    (first,) = bring().applied
    (again,) = bring().applied
    by_api = record_authority(town.house, system, authority(), NOW)
    assert (first.kind, again) == ("authority", Applied("authority", first.id, repeated=True))
    assert (by_api.id, by_api.repeated) == (first.id, True)
    assert apply_document(town.house, system, authority(), NOW) == again


def test_a_partner_records_it_by_graphql(running: Running) -> None:
    mutation = "mutation ($input: RecordAuthorityInput!) { recordAuthority(input: $input) }"
    said = {
        "authorityId": NUMBER,
        "subjectRef": "K-1",
        "subjectKind": "child",
        "who": "guardian",
        "holderRef": "G-1",
        "validTo": "2027-01-01",
    }
    caller = running.caller(running.town.ngo)
    first = caller.graphql(mutation, {"input": said}).json()
    assert first["data"]["recordAuthority"]
    without = running.caller(running.town.ngo, "messages.send")
    assert without.code(mutation, {"input": said}) == "scope_missing"
