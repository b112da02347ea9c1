"""Taken step by step or while the sender waits, a file becomes the same: report, refused rows, what is kept."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from adapters.documents.writer import write_documents
from adapters.sheets.columns import kind_of_code
from adapters.sheets.writer import write_sheet
from gateway.use_cases import import_run, open_import
from gateway.use_cases.clear_imports import clear_imports
from gateway.use_cases.file_records import need_nothing
from gateway.use_cases.house import House
from gateway.use_cases.import_values import BY_PAGE, DONE, FILE_KEPT, REFUSED
from gateway.use_cases.read_imports import read_import_report, stop_import
from gateway.use_cases.read_kept_records import count_kept
from gateway.use_cases.receive_file import receive_file
from gateway.use_cases.register_certificate import require_signatures
from gateway.use_cases.return_refused import return_refused
from gateway.use_cases.sign_report import sign_import_report, sign_report
from schemas.errors import MezhvedError
from tests import builders
from tests.builders import NOW, Town, referral
from tests.gateway.imports.world import Desk, desk_of, file_of, signals
from tests.gateway.signed.world import registered, signer_of
from tests.gateway.test_intake import consent_of, summary

VECTORS = Path(__file__).parents[2] / "vectors" / "tables"


@pytest.fixture
def desk(sqlite_house: House, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(import_run, "STEP", 2)
    return desk_of(builders.town(sqlite_house))


def mixed(town: Town) -> bytes:
    """One good, one of another organisation, one to nobody, one twice."""
    good = signals(town, 2)
    foreign = referral(town.centre, town.guardianship, type="signal", trigger="threat")
    lost = good[0].model_copy(
        update={"operation_id": foreign.operation_id[:-1] + "0", "recipient_ogrn": builders.ogrn(99_999)}
    )
    return write_documents([good[0], foreign, lost, good[1], good[1]])


def parts(content: bytes) -> Any:
    """A file, or the parts of a workbook without the one that says when it was made."""
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != "docProps/core.xml"}


FILES = [
    ("families.csv", "csv", "families"),
    ("families.xlsx", "xlsx", "families"),
    ("families-libreoffice.csv", "csv", "families"),
    ("signals.csv", "csv", "signals"),
    ("signals.xlsx", "csv", "signals"),
    ("contacts.csv", "csv", "contacts"),
    ("contacts.xlsx", "xlsx", "contacts"),
    (None, "xml", "referrals"),
]


@pytest.mark.parametrize(("name", "form", "profile"), FILES)
@pytest.mark.parametrize("rehearsal", [True, False])
def test_it_becomes_the_same(desk: Desk, name: str | None, form: str, profile: str, *, rehearsal: bool) -> None:
    content = (VECTORS / name).read_bytes() if name else mixed(desk.town)
    who = desk.system
    import_id = desk.hand_in(content, form, profile=profile, rehearsal=rehearsal, came_by="operator")
    assert desk.take()
    kept = count_kept(desk.house, who)
    one = desk.one(import_id)
    assert one.state == DONE
    waited = receive_file(
        desk.house, who, io.BytesIO(content), form, NOW, need=need_nothing, profile=profile, rehearsal=rehearsal
    )
    mine = read_import_report(desk.house, who, import_id).report.as_dict()
    theirs = waited.report.as_dict()
    for said in (mine, theirs):  # in which order they are told may differ: of the file first, or of a record
        said["messages"] = sorted(said["messages"], key=repr)  # type: ignore[call-overload]
        said["skippedRows"] = sorted(said["skippedRows"], key=repr)  # type: ignore[call-overload]
    assert mine == theirs
    assert one.digest == waited.digest
    assert count_kept(desk.house, who) == kept, "nothing is doubled"
    if rehearsal:
        assert not kept
        assert not desk.sent()
    else:
        assert one.position.kept == sum(kept.values())
        assert waited.unchanged == one.position.kept + one.position.unchanged
        assert (
            waited.repeated == one.position.accepted - one.position.kept - one.position.unchanged
            or profile == "contacts"
        )
    if waited.reject_file is not None:
        assert parts(b"".join(return_refused(desk.house, who, import_id, NOW).parts)) == parts(waited.reject_file)


def test_refused_rows_leave_with_an_entry_until_their_time_is_over(desk: Desk) -> None:
    content = (VECTORS / "families.csv").read_bytes()
    import_id = desk.hand_in(content, "csv", profile="families")
    with pytest.raises(MezhvedError, match="import_still_runs"):
        return_refused(desk.house, desk.system, import_id, desk.now)
    assert desk.take()
    assert desk.one(import_id).rejected
    assert not desk.entries()["file.returned"]
    returned = return_refused(desk.house, desk.system, import_id, desk.now)
    assert "Ошибка" in b"".join(returned.parts).decode("cp1251")
    assert desk.entries()["file.returned"] == 1
    desk.later(FILE_KEPT - timedelta(hours=1))
    assert clear_imports(desk.house, desk.now) == 0
    desk.later(timedelta(hours=2))
    assert clear_imports(desk.house, desk.now) == 1
    with pytest.raises(MezhvedError, match="import_file_gone"):
        return_refused(desk.house, desk.system, import_id, desk.now)
    assert desk.entries()["file.returned"] == 1


def test_its_holder_may_have_the_file_removed_at_once(desk: Desk) -> None:
    import_id = desk.hand_in((VECTORS / "families.csv").read_bytes(), "csv", profile="families")
    assert desk.take()
    assert stop_import(desk.house, desk.system, import_id).wrapped_key is None
    with pytest.raises(MezhvedError, match="import_file_gone"):
        return_refused(desk.house, desk.system, import_id, desk.now)
    assert read_import_report(desk.house, desk.system, import_id).report.rejected


@pytest.mark.law(8)
def test_the_file_lies_sealed_and_its_rows_say_nothing(desk: Desk, tmp_path: Path) -> None:
    content = (VECTORS / "families.csv").read_bytes()
    desk.hand_in(content, "csv", profile="families")
    assert "Синтетов".encode("cp1251") in content
    assert desk.take()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.parent.parent.name == "blobs" for path in files)
    for encoding in ("cp1251", "utf-8", "utf-16-le"):
        assert not [path.name for path in files if "Синтетов".encode(encoding) in path.read_bytes()]


def test_a_file_that_reads_otherwise_in_the_midst_begins_anew(desk: Desk) -> None:
    """The file reads otherwise now: what was applied is known again, and nothing is passed over."""
    drafts = signals(desk.town, 6)
    import_id = desk.hand_in(file_of(drafts))
    asked = iter(range(100))
    assert desk.take(stopping=lambda: next(asked) >= 0)
    assert desk.one(import_id).position.settled == 2
    with desk.house.store.engine.begin() as connection:  # type: ignore[attr-defined]  # past the port
        connection.exec_driver_sql("UPDATE import_jobs SET position = json_set(position, '$.line', 999)")
    assert desk.take()
    one = desk.one(import_id)
    assert (one.state, one.position.settled, one.position.repeated) == (DONE, 6, 2)
    assert set(desk.sent().values()) == {1}


@pytest.mark.parametrize(
    ("scopes", "documents", "code"),
    [
        ({"messages.send"}, "signals", None),
        ({"consents.write"}, "signals", "scope_missing"),
        ({"messages.send"}, "families", "scope_missing"),
        ({"summaries.publish"}, "families", None),
    ],
)
def test_whoever_may_not_hand_it_in_has_nothing_of_it_taken(
    desk: Desk, scopes: set[str], documents: str, code: str | None
) -> None:
    who = desk.system
    who = type(who)(who.organisation_id, who.actor, who.roles, frozenset(scopes))
    if documents == "signals":
        import_id = desk.hand_in(file_of(signals(desk.town, 3)), who=who)
    else:
        import_id = desk.hand_in((VECTORS / "families.csv").read_bytes(), "csv", who, profile="families")
    assert desk.take()
    one = desk.one(import_id)
    assert (one.state, one.refusal and one.refusal[0]) == ((REFUSED, code) if code else (DONE, None))
    assert bool(desk.sent() or count_kept(desk.house, desk.system)) == (code is None)


@pytest.mark.parametrize("form", ["xml", "csv"])
def test_a_page_records_no_consent_from_a_file(desk: Desk, form: str) -> None:
    given = [consent_of(desk.town)]
    content = write_documents(given) if form == "xml" else write_sheet(kind_of_code("consent"), given)
    import_id = desk.hand_in(content, form, came_by=BY_PAGE)
    assert desk.take()
    assert desk.one(import_id).refusal == ("file_consents_by_system", {})


def test_a_page_takes_a_table_of_summaries(desk: Desk) -> None:
    import_id = desk.hand_in(write_sheet(kind_of_code("case_summary"), [summary()]), "csv", came_by=BY_PAGE)
    assert desk.take()
    one = desk.one(import_id)
    assert (one.state, one.refusal, one.position.accepted) == (DONE, None, 1)
    assert desk.entries()["summary.published"] == 1


@pytest.mark.parametrize(
    ("form", "content", "code"),
    [
        ("csv", b"a;b\n1;2\n", "signature_needs_xml"),
        ("csv", write_sheet(kind_of_code("case_summary"), [summary()]), "signature_needs_xml"),
        ("xml", b"<a/>", "signature_missing"),
    ],
)
def test_where_signatures_are_required_nothing_passes_without(desk: Desk, form: str, content: bytes, code: str) -> None:
    registered(desk.house, desk.town.school, signer_of(desk.town.school))
    require_signatures(desk.house, desk.town.school.id, True, "test", NOW, by_operator=True)
    import_id = desk.hand_in(content, form)
    assert desk.take()
    one = desk.one(import_id)
    assert (one.state, one.refusal and one.refusal[0]) == (REFUSED, code)
    assert desk.entries()["file.refused"] == 1


@pytest.mark.parametrize(
    ("form", "make", "taken"),
    [
        ("xml", lambda town: file_of(signals(town, 3)), True),
        ("csv", lambda _: (VECTORS / "families.csv").read_bytes(), True),
        ("xlsx", lambda _: (VECTORS / "families.xlsx").read_bytes(), False),
        ("csv", lambda _: (VECTORS / "families.xlsx").read_bytes(), False),
        ("xlsx", lambda _: (VECTORS / "families.csv").read_bytes(), True),
        ("xml", lambda _: b"<a>http://www.w3.org/2000/09/xmldsig#</a>", False),
    ],
)
def test_only_what_is_read_in_parts_may_be_long(
    desk: Desk, form: str, make: Any, monkeypatch: pytest.MonkeyPatch, *, taken: bool
) -> None:
    monkeypatch.setattr(open_import, "IN_MEMORY", 10)
    monkeypatch.setattr(open_import, "_BLOCK", 16)  # a mark lies across two blocks
    import_id = desk.hand_in(make(desk.town), form, profile="referrals" if form == "xml" else "families")
    assert desk.take()
    one = desk.one(import_id)
    assert (one.state, one.refusal and one.refusal[0]) == ((DONE, None) if taken else (REFUSED, "import_not_in_parts"))


def test_a_list_that_would_be_too_long_is_refused_before_any_of_it_is_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "MOST_KEPT", 1)
    import_id = desk.hand_in((VECTORS / "families.csv").read_bytes(), "csv", profile="families")
    assert desk.take()
    one = desk.one(import_id)
    assert (one.state, one.refusal) == (REFUSED, ("kept_too_many", {"most": 1}))
    assert not count_kept(desk.house, desk.system)


def test_a_file_that_is_gone_from_the_folder_is_told(desk: Desk) -> None:
    import_id = desk.hand_in(file_of(signals(desk.town, 2)))
    assert desk.house.blobs is not None
    desk.house.blobs.remove(import_id)
    assert desk.take()
    one = desk.one(import_id)
    assert (one.state, one.refusal) == (REFUSED, ("import_file_gone", {}))


@pytest.mark.parametrize(
    ("rehearsal", "stopped", "said"),
    [(False, False, {}), (True, False, {"Rehearsal": "true"}), (False, True, {"EndedBy": "import_stopped"})],
)
def test_a_signed_report_says_what_was_not_taken(
    desk: Desk, rehearsal: bool, stopped: bool, said: dict[str, str]
) -> None:
    """It is a proof: a rehearsal must not pass for a taking, nor a part for the whole; it says when the file came."""
    signer = signer_of(desk.town.guardianship).signer
    desk.town = replace(desk.town, house=replace(desk.house, file_signer=signer))
    content = file_of(signals(desk.town, 6))
    import_id = desk.hand_in(content, rehearsal=rehearsal)
    if stopped:
        stop_import(desk.house, desk.system, import_id)
    assert desk.take()
    desk.later(timedelta(hours=5))
    reports = [sign_import_report(desk.house, desk.system, import_id, desk.now)]
    if not stopped:
        again = receive_file(
            desk.house, desk.system, io.BytesIO(content), "xml", NOW, need=need_nothing, rehearsal=rehearsal
        )
        reports.append(sign_report(desk.house, desk.town.school.id, again, NOW))
    schema = etree.XMLSchema(etree.parse(str(resources.files("schemas").joinpath("xsd", "report-1.xsd"))))
    for content in reports:
        root = etree.fromstring(content)
        assert schema.validate(root), schema.error_log
        found = {str(one.tag).rpartition("}")[2]: one.text for one in root}
        assert {name: found[name] for name in ("Rehearsal", "EndedBy") if name in found} == said
        assert found["ReceivedAt"] == "2026-03-02T09:00:00+00:00", "when the file came"
