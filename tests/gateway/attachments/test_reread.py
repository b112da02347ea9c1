"""A sender gets back what it sent: who of it, until when, and with which entry. On both stores."""

from __future__ import annotations

import pytest

from gateway.use_cases.answer_message import Answer, answer_message
from gateway.use_cases.assign_case import assign_case
from gateway.use_cases.attachment_values import OpenedFile
from gateway.use_cases.read_attachment import read_attachment
from gateway.use_cases.read_own_documents import sent_documents
from gateway.use_cases.values import Organisation, Requester
from gateway.vault.vault import Vault
from schemas.errors import Broken, MezhvedError
from schemas.ids import CaseId, MessageId, new_id
from schemas.lifecycle import Event
from tests.adapters.attachment_files import pdf
from tests.builders import NOW, Town, system_of
from tests.gateway.attachments.test_removal import destroy
from tests.gateway.attachments.world import SECRET, document, send, upload
from tests.gateway.facts_world import entries, login, staff


def sent(place: Town) -> tuple[MessageId, str, str]:
    """A message with a file of the address, which its recipient does not see yet, and a fact alone."""
    message = send(place, document("LOC", upload=upload(place, SECRET).id), document("ID", sha256="a" * 64))
    listed = sent_documents(place.house, system_of(place.centre), message, NOW)
    assert listed is not None
    file, fact = listed.documents
    assert (file.has_file, fact.has_file) == (True, False)
    return message, file.id, fact.id


def content(opened: OpenedFile) -> bytes:
    with opened.file as file:
        return b"".join(file.chunks())


def code(place: Town, who: Requester, message: MessageId, attachment: str) -> str:
    with pytest.raises(MezhvedError) as error:
        read_attachment(place.house, who, message, attachment, NOW)
    return error.value.code


def test_a_sender_reads_what_its_recipient_does_not_see_yet(place: Town) -> None:
    message, file, fact = sent(place)
    opened = read_attachment(place.house, system_of(place.centre), message, file, NOW)
    assert content(opened) == SECRET
    (entry,) = entries(place.house, "attachment.reread")
    assert (entry["message"], entry["attachment"], entry["actor"]) == (message, file, system_of(place.centre).actor)
    assert code(place, system_of(place.ngo), message, file) == "attachment_unavailable"
    assert code(place, system_of(place.centre), message, fact) == "attachment_unavailable"
    assert len(entries(place.house, "attachment.reread")) == 1


def test_who_does_not_work_on_the_case_gets_nothing(place: Town) -> None:
    message, file, _ = sent(place)
    house, centre = place.house, place.centre
    worker, other, dpo = (staff(house, centre, role) for role in ("curator", "curator", "dpo"))
    for who in (worker, other):
        assert content(read_attachment(house, who, message, file, NOW)) == SECRET, "nobody is assigned yet"
    with house.store.reading() as unit:
        on_file = unit.messages.get(message, centre.id, NOW)
    assert on_file is not None
    case = house.vault.case_pseudonym(centre.id, on_file.case_id)
    assign_case(house, system_of(centre), case, login(house, worker), NOW)
    assert content(read_attachment(house, worker, message, file, NOW)) == SECRET
    before = len(entries(house, "attachment.reread"))
    assert code(place, other, message, file) == "not_assigned"
    assert code(place, dpo, message, file) == "not_for_overseers"
    assert len(entries(house, "attachment.reread")) == before
    shown = {who.actor: sent_documents(house, who, message, NOW) for who in (worker, other, dpo)}
    assert [found.may_open for found in shown.values() if found] == [True, False, False]


@pytest.mark.parametrize("event", [Event.RECALL, Event.ENTER_IN_ERROR])
def test_what_was_taken_back_is_opened_by_nobody(place: Town, event: Event) -> None:
    message, file, _ = sent(place)
    said = Answer(reason="mistake") if event is Event.ENTER_IN_ERROR else None
    answer_message(place.house, system_of(place.centre), message, event, NOW, said)
    assert code(place, system_of(place.centre), message, file) == "attachment_unavailable"
    assert entries(place.house, "attachment.reread") == []


def test_of_who_went_to_another_holder_there_is_nothing_to_get_back(place: Town) -> None:
    message, file, _ = sent(place)
    with place.house.store.writing() as unit:
        on_file = unit.messages.get(message, place.centre.id, NOW)
        assert on_file is not None
        new = CaseId(new_id())
        unit.families.add_case(new, place.ngo.id, None, NOW, inherits_id=on_file.case_id)
        unit.families.hand_over(unit.messages.subjects(message), on_file.case_id, new, place.ngo.id)
    assert code(place, system_of(place.centre), message, file) == "attachment_unavailable"
    assert entries(place.house, "attachment.reread") == []


def test_of_the_destroyed_there_is_nothing_to_get_back(place: Town) -> None:
    message = send(place, document(upload=upload(place, pdf()).id))
    listed = sent_documents(place.house, system_of(place.centre), message, NOW)
    assert listed is not None
    destroy(place, message)
    assert code(place, system_of(place.centre), message, listed.documents[0].id) == "attachment_unavailable"


def test_without_its_entry_nothing_is_opened(place: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    message, file, _ = sent(place)

    def fail(*_: object) -> None:
        raise Broken("entry_not_written")

    opened: list[str] = []
    real = Vault.open_file
    monkeypatch.setattr(Vault, "open_file", lambda vault, name, *rest: opened.append(name) or real(vault, name, *rest))
    monkeypatch.setattr("gateway.use_cases.disclose.append_entry", fail)
    with pytest.raises(Broken):
        read_attachment(place.house, system_of(place.centre), message, file, NOW)
    assert opened == []


def test_the_documents_of_others_are_nobodys(place: Town) -> None:
    message, file, _ = sent(place)
    stranger: Organisation = place.stranger
    for who in (system_of(stranger), system_of(place.ngo)):
        assert sent_documents(place.house, who, message, NOW) is None
    assert code(place, system_of(stranger), message, file) == code(
        place, system_of(stranger), MessageId(new_id()), file
    )
