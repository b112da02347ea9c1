"""What a holder takes away beside cases, consents and messages, in every form; and what it hands in at another gateway."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from lxml import etree
from sqlalchemy import select

from adapters.documents.reader import read_documents
from adapters.exports.document import NAMESPACE, export_schema
from adapters.hsds.package import read_package
from gateway.storage import tables as t
from gateway.storage.tables_attachments import uploads
from gateway.use_cases import own_kept_pages, own_pages
from gateway.use_cases.export_case import export_case
from gateway.use_cases.export_own import begin_export, next_part
from gateway.use_cases.export_thread import export_thread
from gateway.use_cases.file_records import need_nothing
from gateway.use_cases.house import House
from gateway.use_cases.keep_case_record import keep_case_record
from gateway.use_cases.publish_case_summary import publish_case_summary
from gateway.use_cases.publish_service import publish_service
from gateway.use_cases.receive_file import receive_file
from gateway.use_cases.register_participants import register_organisation
from gateway.use_cases.stream_export import stream_export
from gateway.use_cases.values import Organisation
from gateway.use_cases.withdraw_consent import withdraw_consent
from gateway.use_cases.withdraw_service import withdraw_service
from gateway.vault.vault import Vault
from policies.case_records import Said
from schemas.categories import SECTION_CATEGORIES
from schemas.directory import ServiceDraft
from schemas.errors import BadInput
from schemas.ids import new_id
from schemas.lifecycle import Event
from schemas.summary import SummaryDraft
from tests import builders
from tests.builders import NOW, Town, system_of
from tests.document_strategies import summaries
from tests.gateway.facts_world import staff
from tests.gateway.joint.world import CENTRE, RISK, council
from tests.gateway.own_world import DRAFT, EARLIER, FILE, FOREIGN_FILE, NOTE, REASONS, Full, fill, named
from tests.gateway.test_export_case import FORMS

OWN = (EARLIER, REASONS, NOTE, "Зал собраний", "17-Чибис", "Пробный Лев Тестович", "Ребёнок вечером один на улице")
"""Words that stand in an earlier version, in facts and in own lists, and nowhere else."""


@pytest.fixture
def full(town: Town, tmp_path: Path) -> Full:
    return fill(town, tmp_path)


@pytest.fixture
def other_town(tmp_path: Path) -> Iterator[Town]:
    """Another gateway."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    made = builders.sqlite_house(folder)
    yield builders.town(made)
    made.store.engine.dispose()  # type: ignore[attr-defined]
    made.vault._keys.engine.dispose()  # type: ignore[attr-defined]


def text_of(files: dict[str, bytes]) -> str:
    return "\n".join(content.decode("utf-8-sig", "replace") for content in files.values())


def rows(files: dict[str, bytes], table: str) -> list[dict[str, str]]:
    """The rows of a table of all parts, by heading."""
    found: list[dict[str, str]] = []
    for content in named(files, f"-{table}.csv"):
        found += csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")
    return found


def resources(files: dict[str, bytes], kind: str) -> list[dict[str, Any]]:
    bundles = [json.loads(content) for name, content in files.items() if name[:5].isdigit() and name.endswith(".json")]
    found = [entry["resource"] for one in bundles for entry in one["entry"]]
    return [resource for resource in found if resource["resourceType"] == kind]


@pytest.mark.parametrize("form", FORMS)
def test_all_that_is_kept_leaves_and_nothing_of_others(full: Full, form: str) -> None:
    files = full.parts(form)
    said = text_of(files)
    for words in OWN:
        assert (words in said) == (form != "fhir" or words not in OWN[5:]), f"{form}: {words}"
    assert "complexity" in said or form == "csv"
    assert "Сложность случая" in said
    for foreign in (DRAFT, "Соседка", FOREIGN_FILE.decode()):
        assert foreign not in said, f"{form}: {foreign}"
    assert list(named(files, ".pdf")) == [FILE], "its own file, byte by byte, and no other"
    manifest = json.loads(files["manifest.json"])
    made: dict[str, int] = {}
    for part in manifest["parts"]:
        made[part["kind"]] = made.get(part["kind"], 0) + part["items"]
    made.pop("organisation")
    assert made == {kind: count for kind, count in manifest["totals_at_begin"].items() if count}
    assert set(made) >= {"version", "fact", "document", "timer", "term"}
    assert ("kept" in made) == (form != "fhir")
    inner = full.house.store.engine  # type: ignore[attr-defined]
    with inner.connect() as connection:
        for table in (t.cases, t.subjects, t.summaries):
            for identifier in connection.execute(select(table.c.id)).scalars():
                assert identifier not in said, f"{form}: an identifier of {table.name} leaves"


@pytest.mark.parametrize("form", FORMS)
def test_every_file_is_listed_with_its_digest(full: Full, form: str) -> None:
    files = full.parts(form)
    listed = {}
    for content in named(files, ".sha256"):
        for line in content.decode().splitlines():
            digest, name = line.split("  ")
            assert name not in listed, "two parts have one file"
            listed[name] = digest
    rest = {name for name in files if not name.endswith(".sha256")} - {"README.txt", "manifest.json"}
    assert rest == listed.keys()
    assert all(hashlib.sha256(files[name]).hexdigest() == digest for name, digest in listed.items())


def test_the_xml_is_that_of_its_schema(full: Full) -> None:
    files = full.parts("xml")
    roots = [
        etree.fromstring(content)
        for name, content in sorted(files.items())
        if name[:5].isdigit() and name.endswith(".xml")
    ]
    for root in roots:
        assert export_schema().validate(root), export_schema().error_log

    def every(path: str) -> list[str]:
        steps = "/".join(f"{{{NAMESPACE}}}{step}" for step in path.split("/"))
        return [found.text or "" for root in roots for found in root.findall(steps)]

    assert sorted(every("Case/Version")) == ["1", "2", "3"]
    assert sorted(every("Case/Current")) == ["false", "false", "true"]
    assert sorted(every("Fact/Fact")) == ["location_protected", "rights_limited"]
    assert every("Score/Total") == ["15"]
    assert every("Score/Level") == ["high"]
    assert every("Term/Pause/Reason") == ["family_away"]
    assert sorted(every("OwnNote/Kind")) == ["agenda", "note"]
    assert {NOTE, "shift", "Зал собраний", "Итоги месяца"} == set(every("OwnNote/Item"))
    assert full.team.case in every("OwnNote/About")
    assert sorted(every("Kept/Kind")) == ["family", "family", "signal", "signal"]
    (name,) = every("Document/File")
    assert files[name] == FILE
    assert every("Document/Absence") == ["no_file"]
    assert {"drafts", "log", "of_others"} <= set(every("LeftOut"))


def test_the_tables_say_the_same(full: Full) -> None:
    files = full.parts("csv")
    assert {row["Действующая версия"] for row in rows(files, "cases")} == {"да", "нет"}
    facts = rows(files, "facts")
    assert sorted(row["Код"] for row in facts) == ["location_protected", "rights_limited"]
    events = rows(files, "fact_events")
    assert {(row["Номер документа"], row["Причины"]) for row in events} == {("17-Чибис", ""), ("", ""), ("", REASONS)}
    assert sum(int(row["Баллы"]) for row in rows(files, "scores")) == 15
    (pause,) = rows(files, "pauses")
    assert (pause["Стоял с"], pause["Стоял до"]) == ("02.03.2026 12:00:00", "03.03.2026 12:00:00")
    assert pause["Срок"] in {row["Срок"] for row in rows(files, "terms")}
    kept = rows(files, "kept")
    assert ("Когда сообщили", "02.03.2026 14:30:00") in {(row["Поле"], row["Значение"]) for row in kept}
    assert len(rows(files, "left_out")) == len(json.loads(files["manifest.json"])["not_in_it"])


def test_the_bundles_are_of_r4(full: Full) -> None:
    files = full.parts("fhir")
    for name, content in files.items():
        if name[:5].isdigit() and name.endswith(".json"):
            Bundle.model_validate(json.loads(content))
    documents = {}
    for resource in resources(files, "DocumentReference"):
        documents[resource["id"]] = resource  # the later part says more of the same
    attachments = [document["content"][0]["attachment"] for document in documents.values()]
    (whole,) = (one for one in attachments if "url" in one)
    assert files[whole["url"]] == FILE
    assert whole["hash"] == _sha1(FILE)
    assert (whole["contentType"], whole["size"]) == ("application/pdf", len(FILE))
    assert "Вымышлен" not in whole["title"]
    (outcome,) = resources(files, "OperationOutcome")
    told = {issue["details"]["coding"][0]["code"] for issue in outcome["issue"]}
    assert {"kept", "drafts", "of_others", "never_automatic"} <= told
    assert told == {one["code"] for one in json.loads(files["manifest.json"])["not_in_it"]}
    episodes = resources(files, "EpisodeOfCare")
    assert len(episodes) == 1, "an earlier version is no second episode"
    names = [patient["name"][0]["text"] for patient in resources(files, "Patient") if "name" in patient]
    assert EARLIER not in names, "who somebody is now is told by the current version"


def _sha1(content: bytes) -> str:
    return base64.b64encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode()


@pytest.mark.parametrize("form", FORMS)
def test_a_joint_decision_is_its_proposers_and_no_position_of_others(house: House, form: str) -> None:
    made = council(house)
    decision = made.propose()
    made.say("kdn", Event.DISAGREE, RISK)
    made.conclude(decision)
    for name, has in ((CENTRE, True), ("kdn", False)):
        who = staff(house, made.world.who(name), "head")
        export = begin_export(house, who, form, NOW)
        content = b"".join(stream_export(house, who, export.id, lambda: NOW))
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        kinds = [part["kind"] for part in json.loads(files["manifest.json"])["parts"]]
        assert ("joint" in kinds) == has
        assert ("taken" in text_of(files)) >= has
        assert (str(RISK.words) in text_of(files)) != has, "words of a party are the party's"


@pytest.mark.parametrize("form", FORMS)
def test_what_was_destroyed_is_said_of_each_kind(full: Full, form: str) -> None:
    house = full.house
    with house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        own = select(t.subjects.c.id).where(t.subjects.c.registered_by == full.owner.id)
        people = list(connection.execute(own).scalars())
    for person in people:
        house.vault._keys.destroy(person, now=NOW, reason="срок")  # type: ignore[attr-defined]
    files = full.parts(form)
    said = text_of(files)
    for gone in (EARLIER, REASONS, "17-Чибис", "Вымышленный диагноз", FILE.decode(), "hand-in/00002"):
        assert gone not in said, gone
    assert not list(named(files, ".pdf"))
    assert not [name for name in files if name.startswith("hand-in")], "nobody whose keys are destroyed is handed in"
    assert {"xml": "erased", "csv": "ключи уничтожены", "fhir": "erased"}[form] in said


def test_a_file_that_is_damaged_or_lost_keeps_nothing_else_here(full: Full) -> None:
    (blob,) = (path for path in full.blobs.rglob("*") if path.is_file() and _is_of(full, path.name))
    whole = blob.read_bytes()
    blob.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    for _ in range(2):
        files = full.parts("csv")
        assert not list(named(files, ".pdf"))
        assert "файл повреждён или потерян" in {row["Если файла нет"] for row in rows(files, "documents")}
        assert rows(files, "terms")
        blob.unlink(missing_ok=True)


def _is_of(full: Full, upload_id: str) -> bool:
    with full.house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        found = select(uploads.c.id).where(uploads.c.organisation_id == full.owner.id)
        return upload_id in set(connection.execute(found).scalars())


def test_what_was_taken_back_has_no_file(full: Full) -> None:
    with full.house.store.engine.begin() as connection:  # type: ignore[attr-defined]
        connection.execute(t.messages.update().where(t.messages.c.id == full.message).values(state="recalled"))
    opened: list[object] = []
    real = Vault.open_file
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Vault, "open_file", lambda *given: opened.append(given) or real(*given))
        files = full.parts("csv")
    assert not opened, "a file of a message that nobody opens any more"
    assert "сообщение отозвано" in {row["Если файла нет"] for row in rows(files, "documents")}


def test_files_are_split_by_their_size(full: Full, monkeypatch: pytest.MonkeyPatch) -> None:
    """At least one a part, whatever its size; a document that is known as a fact only weighs nothing."""
    monkeypatch.setattr(own_kept_pages, "MOST_BYTES", 10)
    manifest = json.loads(full.parts("csv")["manifest.json"])
    assert [part["items"] for part in manifest["parts"] if part["kind"] == "document"] in ([2], [1, 1])
    monkeypatch.setattr(own_kept_pages, "SIZES", dict.fromkeys(own_kept_pages.SIZES, 1))
    files = full.parts("csv")
    kinds = [part["kind"] for part in json.loads(files["manifest.json"])["parts"]]
    assert kinds.count("document") == 2
    assert kinds.count("kept") == 4
    assert kinds.count("version") == 2
    assert len(rows(files, "facts")) == 2


@pytest.mark.parametrize("form", ["xml", "csv"])
def test_the_directory_entry_is_a_package_that_is_imported(full: Full, form: str) -> None:
    files = full.parts(form)
    package = {name.removeprefix("directory/"): c for name, c in files.items() if name.startswith("directory/")}
    reading = read_package(package)
    assert not reading.report.complaints
    assert [one.ogrn for one in reading.directory.organisations] == [full.owner.ogrn]
    assert [one.name for one in reading.directory.services] == ["Услуга Вымышленная"]


@pytest.mark.parametrize("form", FORMS)
def test_all_services_leave_however_many_there_are(full: Full, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.setattr(own_pages, "SIZES", {**own_pages.SIZES, own_pages.ORGANISATION: 2})
    who = system_of(full.owner)
    names = {"Услуга Вымышленная", *(f"Услуга {number}" for number in range(4))}
    for name in sorted(names - {"Услуга Вымышленная"}):
        publish_service(full.house, who, ServiceDraft(name=name, kinds=("psychology",), territories=("45000000",)), NOW)
    withdrawn = ServiceDraft(name="Снятая", kinds=("psychology",), territories=("45000000",))
    gone = publish_service(full.house, who, withdrawn, NOW).listed.service.id
    withdraw_service(full.house, who, gone, NOW)
    files = full.parts(form)
    manifest = json.loads(files["manifest.json"])
    assert [part["items"] for part in manifest["parts"] if part["kind"] == "organisation"] == [2, 2, 1]
    assert "withdrawn_services" in {one["code"] for one in manifest["not_in_it"]}
    if form == "fhir":
        assert {one["name"] for one in resources(files, "HealthcareService")} == names
        return
    folders = sorted({name.partition("/")[0] for name in files if name.startswith("directory")})
    assert folders == ["directory", "directory-00002", "directory-00003"]
    found: list[str] = []
    for folder in folders:
        package = {name.removeprefix(f"{folder}/"): c for name, c in files.items() if name.startswith(f"{folder}/")}
        reading = read_package(package)
        assert not reading.report.complaints
        found += [one.name for one in reading.directory.services]
    assert sorted(found) == sorted(names)


def test_an_organisation_without_services_has_one_part_of_its_own(town: Town) -> None:
    head = staff(town.house, town.school, "head")
    export = begin_export(town.house, head, "csv", NOW)
    kinds = []
    while (part := next_part(town.house, head, export.id, NOW)) is not None:
        kinds.append((part.kind, part.items))
    assert kinds[0] == ("organisation", 0)
    assert [kind for kind, _ in kinds].count("organisation") == 1


# --- handed in elsewhere ---------------------------------------------------------------------------------------------


def _handed_in(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in sorted(files.items()) if name.startswith("hand-in/")}


def _drafts(files: dict[str, bytes]) -> list[Any]:
    found = [record for content in _handed_in(files).values() for record in read_documents(io.BytesIO(content))]
    assert not [record.complaints for record in found if record.value is None]
    return [record.value for record in found]


def test_who_leaves_hands_it_in_at_another_gateway(full: Full, other_town: Town) -> None:
    """Rehearsed first, then taken, then exported there: the same summaries and consents, whoever they are called there."""
    files = full.parts("xml")
    assert [name.split("-", 2)[2] for name in _handed_in(files)] == ["case_summary.xml", "consent.xml"]
    house, newcomer = other_town.house, _again(other_town, full.owner)
    _again(other_town, _recipient(full))
    for rehearsal in (True, False):
        for name, content in _handed_in(files).items():
            receipt = receive_file(
                house,
                system_of(newcomer),
                io.BytesIO(content),
                "xml",
                NOW,
                need=need_nothing,
                rehearsal=rehearsal,
                synthetic=True,
            )
            assert not receipt.report.complaints, f"{name}: {receipt.report.complaints}"
            assert receipt.report.accepted == receipt.report.records == 1
            assert len(receipt.applied) == (0 if rehearsal else 1)
    there = replace(full, team=replace(full.team, town=other_town, organisation=newcomer))
    again = there.parts("xml", staff(house, newcomer, "head"))
    assert [_nameless(one) for one in _drafts(again)] == [_nameless(one) for one in _drafts(files)]


def _nameless(draft: Any) -> Any:
    """Without the references, which are each gateway's own."""
    value = draft.model_dump(mode="json")

    def bare(one: Any) -> Any:
        if isinstance(one, dict):
            return {
                k: bare(v) for k, v in one.items() if k not in {"ref", "case_ref", "subject_ref", "holder_ref", "about"}
            }
        return [bare(v) for v in one] if isinstance(one, list) else one

    return bare(value)


def _again(town: Town, organisation: Organisation) -> Organisation:
    made = replace(organisation, id=new_id())  # type: ignore[arg-type]
    register_organisation(town.house, made, NOW)
    return made


def _recipient(full: Full) -> Organisation:
    return full.team.town.centre


SIBLINGS = SummaryDraft.model_validate(
    {
        "case_ref": "C-7",
        "as_of": "2026-03-01",
        "erase_after": "2027-03-01",
        "source": "Обход",
        "curator_name": "Куратор Тестовый",
        "curator_phone": "+70000000000",
        "subjects": [
            {"ref": "1", "kind": "child", "sections": {"identity": {"full_name": "Первый Вымышленный"}}},
            {"ref": "2", "kind": "child", "emancipated": True, "sections": {"adoption": {"adoption": "Не здесь"}}},
            {"ref": "3", "kind": "parent"},
        ],
        "shared": [
            {"about": ["1", "2"], "sections": {"family": {"household": [{"role": "mother"}]}, "plan": {}}},
            {"about": ["2", "1"], "sections": {"family": {"household": [{"role": "aunt"}]}}},
        ],
    }
)
"""What two share stands twice of one category; one is all that no program lets out; the mother has only her place."""


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.generate],
)
@example(summary=SIBLINGS, unused={"EDU"})
@given(summary=summaries(), unused=st.sets(st.sampled_from(SECTION_CATEGORIES), max_size=3))
def test_whatever_was_published_is_handed_in(sqlite_house: House, summary: Any, unused: set[str]) -> None:
    """Every field of every section, shared ones and those of each; but what no program lets out by itself."""
    house = sqlite_house
    owner = builders.organisation(house, "ngo", f"Фонд {new_id()} (тест)", practice="deti-nashi")
    draft = summary.model_copy(update={"not_used": tuple(sorted(unused)), "corrects": None})
    try:
        publish_case_summary(house, system_of(owner), draft, NOW, synthetic=True)
    except BadInput as ambiguous:  # two people with one number
        assert ambiguous.code == "subject_ambiguous"
        return
    export = begin_export(house, staff(house, owner, "head"), "xml", NOW)
    content = b"".join(stream_export(house, staff(house, owner, "head"), export.id, lambda: NOW))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        found = _drafts({name: archive.read(name) for name in archive.namelist()})
    (again,) = found
    if len(again.subjects) == len(draft.subjects):  # else two of them were one person
        assert _content(again) == _content(draft)


def _content(summary: Any) -> Any:
    def plain(sections: Any) -> list[tuple[str, str]]:
        kept = {c: one for c, one in sections.by_category().items() if c != "ADP"}
        return sorted((c, one.model_dump_json(exclude_defaults=True)) for c, one in kept.items())

    header = summary.model_dump(exclude={"case_ref", "subjects", "shared", "corrects", "not_used", "practice"})
    subjects = [(one.kind, one.emancipated, plain(one.sections)) for one in summary.subjects]
    shared = sorted(one for group in summary.shared for one in plain(group.sections))
    return header, subjects, shared, sorted(summary.not_used)


def test_the_same_gateway_takes_it_as_known(full: Full) -> None:
    """Rehearsed where it came from: nothing is said against it, and nothing is stored."""
    for content in _handed_in(full.parts("xml")).values():
        receipt = receive_file(
            full.house, system_of(full.owner), io.BytesIO(content), "xml", NOW, need=need_nothing, rehearsal=True
        )
        assert (receipt.report.accepted, receipt.applied) == (1, ())


def test_a_consent_that_is_over_is_not_handed_in(full: Full) -> None:
    """It would be given anew."""
    files = full.parts("xml")
    (consent,) = (draft for draft in _drafts(files) if hasattr(draft, "signers"))
    assert consent.purpose == "REFERRAL", "the other one was withdrawn"
    withdraw_consent(full.house, system_of(full.owner), full.active, NOW + timedelta(hours=1))
    assert not [d for d in _drafts(_later(full, timedelta(hours=2))) if hasattr(d, "signers")]


def test_one_whose_term_is_over_neither(full: Full) -> None:
    assert not [d for d in _drafts(_later(full, timedelta(days=400))) if hasattr(d, "signers")]


def _later(full: Full, later: timedelta) -> dict[str, bytes]:
    at = NOW + later
    export = begin_export(full.house, full.head, "xml", at)
    content = b"".join(stream_export(full.house, full.head, export.id, lambda: at))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# --- one thread ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_a_thread_names_its_documents_and_has_no_file(full: Full, form: str) -> None:
    """What its reader is shown of them: those whose category is released whole."""
    with full.house.store.reading() as unit:
        (came,) = unit.messages.queue(full.owner.id, "inbox", None, 2, NOW)
    made = export_thread(full.house, system_of(full.owner), came.id, form, NOW)
    content = made.file.content
    files = {"one": content}
    if form == "csv":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = {f"-{name}": archive.read(name) for name in archive.namelist()}
    said = text_of(files)
    assert "birth_certificate" in said or "свидетельство о рождении" in said
    assert FOREIGN_FILE.decode() not in said
    if form == "fhir":
        bundle = json.loads(content)
        Bundle.model_validate(bundle)
        found = [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "DocumentReference"]
        assert {"application/pdf", None} >= {one["content"][0]["attachment"].get("contentType") for one in found}
        assert not [one for one in found if "url" in one["content"][0]["attachment"]]
        here = {entry["fullUrl"] for entry in bundle["entry"]}
        assert all(one["context"]["related"][0]["reference"] in here for one in found)
    if form == "xml":
        assert export_schema().validate(etree.fromstring(content))
    assert "files" in said, "that there are no files is said"


# --- one case --------------------------------------------------------------------------------------------------------


def test_one_own_case_has_records_for_who_may_read_them_and_no_scores(full: Full) -> None:
    """As on the page: records for the roles that keep them, points for nobody but in the export of all own data."""
    keep_case_record(full.house, full.team.curator, full.team.case, Said("scenario", "planned_support"), NOW)
    lawyer = staff(full.house, full.owner, "lawyer")
    for who, has in ((full.team.curator, True), (lawyer, False)):
        made = export_case(full.house, who, full.team.case, "CASE_MGMT", "xml", NOW)
        said = made.file.content.decode()
        assert ("planned_support" in said) == has
        assert (">records<" in said) != has, "what is left out is said"
        assert "complexity" not in said
        assert "rest_of_own" in said
