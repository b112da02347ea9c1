"""One case or one thread as a file: what the answer would have, nothing else, and with its entry first."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from datetime import timedelta

import pytest
from fhir.resources.R4B.bundle import Bundle
from lxml import etree
from sqlalchemy import select

from adapters.exports.document import export_schema
from gateway.exchange.relay import relay_once
from gateway.storage import tables as t
from gateway.use_cases.export_case import export_case
from gateway.use_cases.export_thread import export_thread
from gateway.use_cases.facts import Question
from gateway.use_cases.open_message import open_message
from gateway.use_cases.read_case_summaries import read_case_summary
from gateway.use_cases.read_notices import read_notices
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.withdraw_consent import withdraw_consent
from schemas import categories as c
from schemas.errors import BadInput, MezhvedError, Refused, Unavailable
from schemas.ids import MessageId, new_id
from schemas.lifecycle import State
from tests.builders import NOW, consent, publish, referral, system_of, town

FORMS = ("xml", "csv", "fhir")


@pytest.fixture
def place(house):
    made = town(house)
    made_case = publish(made)
    consent(made, made.guardianship)
    return made, made_case


def entries(house):
    with house.store.engine.connect() as connection:
        rows = connection.execute(select(t.entries.c.kind, t.entries.c.body).order_by(t.entries.c.position)).all()
    return [(kind, json.loads(bytes(body))) for kind, body in rows]


def taken(place, form="xml", who=None, now=NOW, purpose="CASE_MGMT"):
    made, made_case = place
    reader = who or made.guardianship
    case = made.house.vault.case_pseudonym(reader.id, made_case.case_id)
    return export_case(made.house, system_of(reader), case, purpose, form, now)


@pytest.mark.parametrize("form", FORMS)
def test_the_entry_says_what_left(place, form):
    made, _ = place
    exported = taken(place, form)
    *_, (read_kind, read), (kind, entry) = entries(made.house)
    assert read_kind == "exchange.decided"
    assert kind == "export.made"
    body = entry["body"]
    assert body["form"] == form
    assert body["sha256"] == hashlib.sha256(exported.file.content).hexdigest()
    assert body["size"] == len(exported.file.content)
    assert body["readings"] == [read["id"]]
    assert entry["id"] == exported.entry_id
    assert body["export"] in exported.file.name


def test_a_file_has_what_the_answer_has_and_no_more(place):
    made, made_case = place
    case = made.house.vault.case_pseudonym(made.guardianship.id, made_case.case_id)
    question = Question("CASE_MGMT", c.SECTION_CATEGORIES)
    answer = read_case_summary(made.house, system_of(made.guardianship), case, question, NOW)
    contents = {form: taken(place, form).file.content for form in FORMS}
    root = etree.fromstring(contents["xml"])
    assert export_schema().validate(root)
    document = json.loads(contents["fhir"])
    Bundle.model_validate(document)
    archive = zipfile.ZipFile(io.BytesIO(contents["csv"]))
    flat = {
        "xml": contents["xml"].decode(),
        "fhir": contents["fhir"].decode(),
        "csv": "".join(archive.read(name).decode("utf-8-sig") for name in archive.namelist()),
    }
    sections = {k: s for subject in answer.cases[0].subjects for k, s in subject.sections.items()}
    assert sections[c.HEALTH].content is not None
    for form, text in flat.items():
        assert "Проба Вымышленная Тестовна" in text, form
        assert "Щадящий режим" in text, form
        assert "11223344595" not in text, f"{form}: no consent covers the number"
        assert made_case.case_id not in text
        assert case in text
    names = {r["resource"]["resourceType"] for r in document["entry"]}
    assert {"Organization", "Patient", "EpisodeOfCare", "CarePlan", "Goal", "Composition", "Consent"} <= names
    assert archive.namelist() == ["cases.csv", "sections.csv", "left_out.csv"]


def test_what_is_withheld_is_said(place):
    exported = taken(place, "fhir", purpose="SIGNAL")
    text = exported.file.content.decode()
    assert "Проба" not in text
    assert '"REDACTED"' in text
    assert '"masked"' in text
    assert '"withheld"' in text


def test_a_foreign_case_is_an_invented_one(place):
    made, made_case = place
    foreign = made.house.vault.case_pseudonym(made.stranger.id, made_case.case_id)
    for case in (foreign, "z" * 52, "", made_case.case_id):
        before = len(entries(made.house))
        with pytest.raises(Unavailable) as refused:
            export_case(made.house, system_of(made.stranger), case, "CASE_MGMT", "csv", NOW)
        assert refused.value.code == "case_unavailable"
        found = entries(made.house)[before:]
        assert [kind for kind, _ in found] == ["exchange.refused"]
    for message in (new_id(), "no id", "z" * 52):
        with pytest.raises(Unavailable) as refused:
            export_thread(made.house, system_of(made.stranger), MessageId(message), "csv", NOW)
        assert refused.value.code == "message_unavailable"


def test_no_standing_copy(place):
    """Every case in a loop, or one again and again: after so many files the rule says no, and the officer is told once."""
    made, _ = place
    most = made.house.pack.responsible.exports.most
    hours = made.house.pack.responsible.exports.hours
    for number in range(most):
        taken(place, FORMS[number % 3], now=NOW + timedelta(minutes=number))
    later = NOW + timedelta(minutes=most)
    for _ in range(2):
        before = len(entries(made.house))
        with pytest.raises(Refused) as refused:
            taken(place, now=later)
        assert refused.value.code == "export_limit"
        assert refused.value.rule == "RU-152-5-2"
        assert [kind for kind, _ in entries(made.house)[before:]] == ["export.refused"], "nothing was read for it"
    with made.house.store.reading() as unit:
        told = unit.notices.of(made.guardianship.id, ["dpo"], 10, unseen=True)
    assert [known.kind for known in told] == ["export.limit"]
    # An invented case is refused as a real one is; another organisation is not concerned.
    with pytest.raises(Refused):
        export_case(made.house, system_of(made.guardianship), "z" * 52, "CASE_MGMT", "xml", later)
    with pytest.raises(Unavailable):
        taken(place, who=made.stranger, now=later)
    taken(place, now=NOW + timedelta(hours=hours, minutes=1))


def test_unknown_forms_and_purposes(place):
    for arguments in ({"form": "xlsx"}, {"purpose": "WHATEVER"}):
        with pytest.raises(BadInput):
            taken(place, **arguments)


@pytest.fixture
def thread(house):
    made = town(house)
    publish(made)
    given = consent(made, made.centre, purpose="REFERRAL")
    person = {"kind": "child", "ref": "K-1", "identity": {"full_name": "Проба Вымышленная Тестовна"}}
    first = submit_message(
        house, system_of(made.ngo), referral(made.ngo, made.centre, persons=[person]), NOW, synthetic=True
    ).message
    relay_once(house, NOW)
    return made, given, first


@pytest.mark.parametrize("form", FORMS)
def test_a_thread_is_opened_as_anywhere(thread, form):
    made, _, first = thread
    exported = export_thread(made.house, system_of(made.centre), first.id, form, NOW)
    with made.house.store.reading() as unit:
        current = unit.messages.get(first.id, made.ngo.id, NOW)
    assert current.state is State.OPENED, "the sender sees that it was opened"
    kinds = [kind for kind, _ in entries(made.house)][-3:]
    assert kinds == ["message.opened", "exchange.decided", "export.made"] or kinds[-1] == "export.made"
    if form == "fhir":
        document = json.loads(exported.file.content)
        Bundle.model_validate(document)
        assert {"ServiceRequest", "Task"} <= {e["resource"]["resourceType"] for e in document["entry"]}
    if form == "xml":
        root = etree.fromstring(exported.file.content)
        assert export_schema().validate(root)
        assert "Проба Вымышленная Тестовна" in exported.file.content.decode()


def test_the_senders_own_message_has_its_course_and_no_sections(thread):
    made, _, first = thread
    open_message(made.house, system_of(made.centre), first.id, NOW)
    exported = export_thread(made.house, system_of(made.ngo), first.id, "xml", NOW).file.content.decode()
    assert "<Content>sent</Content>" in exported
    assert "Проба" not in exported
    assert "<Event>open</Event>" in exported


def test_a_withdrawn_consent_stops_what_follows(thread):
    made, given, first = thread
    withdraw_consent(made.house, system_of(made.ngo), given, NOW + timedelta(minutes=1))
    exported = export_thread(made.house, system_of(made.centre), first.id, "xml", NOW + timedelta(minutes=2))
    text = exported.file.content.decode()
    assert "Проба" not in text
    assert "<Effect>withheld</Effect>" in text


def test_an_overseer_takes_no_content(thread, place):
    made, _, first = thread
    for role in ("dpo", "administrator"):
        exported = export_thread(made.house, system_of(made.centre, role), first.id, "xml", NOW)
        assert "Проба" not in exported.file.content.decode()
    assert read_notices(made.house, system_of(made.centre)) == ()


def test_of_two_at_once_one_is_the_last(place):
    """The limit holds on every process: what is counted and what is added is one unit of work."""
    made, _ = place
    most = made.house.pack.responsible.exports.most
    for number in range(most - 1):
        taken(place, now=NOW + timedelta(seconds=number))
    outcomes = []

    def attempt():
        try:
            taken(place, now=NOW + timedelta(minutes=1))
        except MezhvedError as error:
            outcomes.append(error.code)
        else:
            outcomes.append("taken")

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["export_limit"] * 3 + ["taken"]


@pytest.mark.parametrize("form", FORMS)
def test_a_yes_or_no_of_a_thing_is_not_lost(town, form):
    household = [{"role": "mother", "lives_together": True}, {"role": "father", "lives_together": False}]
    near = [{"role": "grandparent", "supports_how": "забирает из школы", "permission_to_contact": True}]
    made_case = publish(town, family={"household": household, "near_circle": near})
    case = town.house.vault.case_pseudonym(town.ngo.id, made_case.case_id)
    content = export_case(town.house, system_of(town.ngo), case, "CASE_MGMT", form, NOW).file.content
    if form == "csv":
        archive = zipfile.ZipFile(io.BytesIO(content))
        content = b"".join(archive.read(name) for name in archive.namelist())
    said = content.decode("utf-8-sig")
    for words in ("живёт вместе", "живёт отдельно", "семья разрешила связаться"):
        assert said.count(words) >= 1, words
