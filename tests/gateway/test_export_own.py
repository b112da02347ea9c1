"""All own data of an organisation: by its head, part by part, with an entry before each, and nothing of anybody else."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import timedelta

import pytest
from fhir.resources.R4B.bundle import Bundle
from lxml import etree
from sqlalchemy import select, update

from adapters.exports.document import export_schema
from gateway.exchange.relay import relay_once
from gateway.storage import tables as t
from gateway.use_cases import own_pages
from gateway.use_cases.answer_message import Answer, answer_message
from gateway.use_cases.export_own import begin_export, cancel_export, next_part, read_export, read_exports
from gateway.use_cases.keep_case_record import keep_case_record
from gateway.use_cases.open_message import open_message
from gateway.use_cases.redirect_message import redirect_message
from gateway.use_cases.register_participants import register_client
from gateway.use_cases.stream_export import MANIFEST, README, stream_export
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.values import Requester
from gateway.vault.vault import Vault
from policies.case_records import Said
from schemas.errors import Conflict, NotPermitted, Unavailable
from schemas.ids import new_id
from schemas.lifecycle import Event
from tests.builders import NOW, consent, publish, referral, system_of, town
from tests.gateway.facts_world import staff
from tests.gateway.test_export_case import FORMS, entries

FOREIGN = "Чужая Семья Иная"


@pytest.fixture
def place(house, monkeypatch):
    """The NGO has three cases, sent two messages and got one; another organisation has a family of its own."""
    monkeypatch.setattr(own_pages, "SIZES", {**own_pages.SIZES, "case": 2})
    made = town(house)
    publish(made)
    for number in (2, 3):
        publish(made, f"K-{number}", f"C-{number}", identifiers={})
    consent(made, made.guardianship)
    consent(made, made.centre, purpose="REFERRAL")
    consent(made, made.ngo, ref="F-1", purpose="REFERRAL", discloser=made.centre)
    ngo = system_of(made.ngo)
    case = house.vault.case_pseudonym(made.ngo.id, cases_of(made)[0])
    keep_case_record(house, ngo, case, Said("scenario", "planned_support"), NOW)
    for draft in (referral(made.ngo, made.centre), referral(made.ngo, made.centre)):
        submit_message(house, ngo, draft, NOW, synthetic=True)
    theirs = {"kind": "child", "ref": "F-1", "identity": {"full_name": FOREIGN}}
    foreign = referral(made.centre, made.ngo, ref="F-1", persons=[theirs], statement="Чужие слова о чужой семье")
    came = submit_message(house, system_of(made.centre), foreign, NOW, synthetic=True).message
    relay_once(house, NOW)
    open_message(house, ngo, came.id, NOW)
    answer_message(house, ngo, came.id, Event.REJECT, NOW, Answer("OTHER", "Наш ответ им", none_because="none_known"))
    return made


def cases_of(made):
    with made.house.store.reading() as unit:
        return unit.families.cases_of_holder(made.ngo.id, 10)


def whole(made, who, form, **more):
    export = begin_export(made.house, who, form, NOW)
    content = b"".join(stream_export(made.house, who, export.id, lambda: NOW, **more))
    return export, zipfile.ZipFile(io.BytesIO(content))


def text_of(archive):
    return "\n".join(archive.read(name).decode("utf-8-sig") for name in archive.namelist())


@pytest.mark.parametrize("form", FORMS)
def test_everything_own_and_nothing_else(place, form):
    head = staff(place.house, place.ngo, "head")
    export, archive = whole(place, head, form)
    assert archive.testzip() is None
    names = archive.namelist()
    assert names[0] == README
    assert names[-1] == MANIFEST
    text = text_of(archive)
    for own in (
        "Проба Вымышленная Тестовна",
        "11223344595",
        "Вымышленный диагноз",
        "Мать Вымышленная",
        "planned_support",
    ):
        assert own in text, own
    for word in ("Сопровождение семьи", "Слова, которые не для всех", "Наш ответ им", "CASE_MGMT"):
        assert word in text, word
    assert FOREIGN not in text
    assert "Чужие слова" not in text
    totals = export.totals
    few = {"case": 3, "consent": 2, "sent": 2, "received": 1}
    assert {kind: totals[kind] for kind in few} == few
    done = read_export(place.house, head, export.id)
    assert done.state == "done"
    made = {kind: sum(part.items for part in done.parts if part.kind == kind) for kind in totals}
    assert made == dict(totals)
    if form == "xml":
        for name in names:
            if name.endswith(".xml") and "/" not in name:
                assert export_schema().validate(etree.fromstring(archive.read(name))), export_schema().error_log
    if form == "fhir":
        kinds = set()
        for name in names:
            if name.endswith(".json") and name != MANIFEST:
                document = json.loads(archive.read(name))
                Bundle.model_validate(document)
                kinds |= {entry["resource"]["resourceType"] for entry in document["entry"]}
        assert {"Consent", "ServiceRequest", "Task", "CarePlan", "EpisodeOfCare", "Organization", "Basic"} <= kinds
    inner = cases_of(place)
    assert not any(identifier in text for identifier in inner), "inner identifiers leave"


def test_each_part_has_its_entries_and_digests(place):
    head = staff(place.house, place.ngo, "head")
    export, archive = whole(place, head, "csv")
    manifest = json.loads(archive.read(MANIFEST))
    found = [(kind, entry) for kind, entry in entries(place.house) if kind.startswith("export.")]
    parts = len(manifest["parts"])
    assert parts > 4
    kinds = [kind for kind, _ in found]
    assert kinds == ["export.begun", *["export.read", "export.made"] * parts, "export.read", "export.ended"]
    for number, part in enumerate(manifest["parts"], start=1):
        listing = archive.read(f"{number:05d}.sha256")
        assert hashlib.sha256(listing).hexdigest() == part["sha256_of_its_list"]
        for line in listing.decode().splitlines():
            digest, name = line.split("  ")
            assert hashlib.sha256(archive.read(name)).hexdigest() == digest
        body = found[2 * number][1]["body"]
        assert (body["part"], body["sha256"], body["form"]) == (number, part["sha256_of_its_list"], "csv")
        assert body["readings"] == [part["read_entry"]] == [found[2 * number - 1][1]["id"]]
    with place.house.store.reading() as unit:
        told = unit.notices.of(place.ngo.id, ["dpo"], 10, unseen=True)
    assert ("export.begun", export.id) in [(known.kind, known.about) for known in told]


def test_who_may(place):
    house, ngo = place.house, place.ngo
    export = begin_export(house, staff(house, ngo, "head"), "csv", NOW)
    register_client(house, "client-own", ngo.id, "Учёт", {}, ["exports.own"], NOW)
    register_client(house, "client-other", ngo.id, "Учёт", {}, ["summaries.read"], NOW)
    allowed = Requester(ngo.id, "client:client-own", scopes=frozenset({"exports.own"}))
    assert read_export(house, allowed, export.id).state == "running"
    forbidden = [
        staff(house, ngo, "curator"),
        staff(house, ngo, "dpo"),
        staff(house, ngo, "administrator"),
        Requester(ngo.id, "client:client-other", scopes=frozenset({"exports.own"})),
        Requester(ngo.id, "client:client-own", scopes=frozenset({"summaries.read"})),
        Requester(ngo.id, "operator:cli", scopes=frozenset({"exports.own"})),
    ]
    for who in forbidden:
        for deed in (
            lambda who: begin_export(house, who, "csv", NOW),
            lambda who: next_part(house, who, export.id, NOW),
            lambda who: read_export(house, who, export.id),
            lambda who: read_exports(house, who),
            lambda who: cancel_export(house, who, export.id, NOW),
        ):
            with pytest.raises(NotPermitted):
                deed(who)
    other = staff(house, place.centre, "head")
    for identifier in (export.id, new_id(), "no id", "../x"):
        with pytest.raises(Unavailable) as refused:
            next_part(house, other, identifier, NOW)
        assert refused.value.code == "export_unavailable"


def test_a_head_no_more_stops_at_the_next_part(place):
    house = place.house
    head = staff(house, place.ngo, "head")
    export = begin_export(house, head, "csv", NOW)
    assert next_part(house, head, export.id, NOW) is not None
    with house.store.engine.begin() as connection:
        connection.execute(update(t.people).where(t.people.c.id == head.person_id).values(active=False))
    before = len(entries(house))
    with pytest.raises(NotPermitted):
        next_part(house, head, export.id, NOW)
    assert len(entries(house)) == before


def test_cut_off_and_resumed(place):
    """A reader that goes away, a process that ends: the next one goes on with the part that was not whole."""
    house = place.house
    head = staff(house, place.ngo, "head")
    export = begin_export(house, head, "csv", NOW)
    stream = stream_export(house, head, export.id, lambda: NOW)
    torn = next(stream) + next(stream) + next(stream)
    stream.close()
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(torn)).testzip()
    known = read_export(house, head, export.id)
    assert (known.state, len(known.parts)) == ("running", 1)
    rest = zipfile.ZipFile(io.BytesIO(b"".join(stream_export(house, head, export.id, lambda: NOW, 1))))
    done = read_export(house, head, export.id)
    assert done.state == "done"
    cases = [
        line for name in rest.namelist() if name.endswith("cases.csv") for line in rest.read(name).splitlines()[1:]
    ]
    assert len(cases) == 3
    with pytest.raises(Conflict) as over:
        next_part(house, head, export.id, NOW)
    assert over.value.code == "export_over"


def test_the_newest_gives_its_parts_again_when_it_is_done(place):
    """What left may be lost on its way: in a proxy, on a disk that was full."""
    house = place.house
    head = staff(house, place.ngo, "head")
    export, archive = whole(place, head, "csv")
    parts = len(read_export(house, head, export.id).parts)
    for wrong in (None, 0, parts + 1):
        with pytest.raises(Conflict) as over:
            next_part(house, head, export.id, NOW, wrong)
        assert over.value.code == "export_over"
    rest = zipfile.ZipFile(io.BytesIO(b"".join(stream_export(house, head, export.id, lambda: NOW, parts))))
    again = read_export(house, head, export.id)
    assert (again.state, len(again.parts)) == ("done", parts)
    lists = [name for name in rest.namelist() if name.endswith("sha256")]
    assert lists == [f"{parts:05d}.sha256"]
    named = [[line.split("  ")[1] for line in one.read(lists[0]).decode().splitlines()] for one in (rest, archive)]
    assert named[0] == named[1], "the same tables; their digests differ, because each reading has an entry of its own"
    begin_export(house, head, "csv", NOW + timedelta(minutes=1))
    with pytest.raises(Conflict) as over:
        next_part(house, head, export.id, NOW, 1)
    assert over.value.code == "export_over"


def test_parts_follow_each_other(place):
    house = place.house
    head = staff(house, place.ngo, "head")
    export = begin_export(house, head, "xml", NOW)
    for wrong in (0, 2, -1):
        with pytest.raises(Conflict) as refused:
            next_part(house, head, export.id, NOW, wrong)
        assert refused.value.code == "export_part_unknown"
    first = next_part(house, head, export.id, NOW, 1)
    again = next_part(house, head, export.id, NOW + timedelta(seconds=1), 1)
    assert (first.number, again.number, first.items) == (1, 1, again.items)
    with pytest.raises(Conflict) as running:
        begin_export(house, head, "xml", NOW)
    assert running.value.code == "export_running"
    cancel_export(house, head, export.id, NOW)
    for deed in (lambda: next_part(house, head, export.id, NOW), lambda: cancel_export(house, head, export.id, NOW)):
        with pytest.raises(Conflict) as over:
            deed()
        assert over.value.code == "export_over"
    begin_export(house, head, "xml", NOW)


def test_what_was_destroyed_is_said(place):
    house = place.house
    with house.store.engine.connect() as connection:
        children = list(
            connection.execute(select(t.subjects.c.id).where(t.subjects.c.registered_by == place.ngo.id)).scalars()
        )
    for child in children:
        house.vault._keys.destroy(child, now=NOW, reason="срок")
    for form in FORMS:
        _, archive = whole(place, staff(house, place.ngo, "head"), form)
        text = text_of(archive)
        assert "Вымышленная" not in text
        assert {"xml": "erased", "csv": "уничтожены", "fhir": "erased"}[form] in text


def test_what_no_program_lets_out_stays_sealed(place, monkeypatch):
    house = place.house
    publish(place, "K-9", "C-9", identifiers={}, adoption={"adoption": "Усыновлён не здесь"})
    opened = []
    real = Vault.open_sections
    monkeypatch.setattr(
        Vault, "open_sections", lambda self, some: opened.extend(s.category for s in some) or real(self, some)
    )
    _, archive = whole(place, staff(house, place.ngo, "head"), "xml")
    assert "Усыновлён не здесь" not in text_of(archive)
    assert opened
    assert "ADP" not in opened


def test_what_was_passed_on_unopened_is_not_ones_own(place):
    """The NGO redirects a foreign referral to another centre: it is its sender, and not its author."""
    house = place.house
    consent(place, place.guardianship, ref="F-1", purpose="REFERRAL", discloser=place.centre)
    consent(place, place.school, ref="F-1", purpose="REFERRAL", discloser=place.centre)
    theirs = {"kind": "child", "ref": "F-1", "identity": {"full_name": FOREIGN}}
    draft = referral(place.centre, place.ngo, ref="F-1", persons=[theirs], statement="Чужие слова о чужой семье")
    came = submit_message(house, system_of(place.centre), draft, NOW, synthetic=True).message
    relay_once(house, NOW)
    open_message(house, system_of(place.ngo), came.id, NOW)
    from tests.builders import organisation

    other = organisation(house, "family_centre", "Другой центр (тест)")
    consent(place, other, ref="F-1", purpose="REFERRAL", discloser=place.centre)
    redirect_message(house, system_of(place.ngo), came.id, other.id, NOW, Answer("OUT_OF_TERRITORY", "Не наш район"))
    _, archive = whole(place, staff(house, place.ngo, "head"), "xml")
    text = text_of(archive)
    assert FOREIGN not in text
    assert "Чужие слова" not in text
