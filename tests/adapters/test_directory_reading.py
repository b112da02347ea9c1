"""Files of others: what is wrong is named with its file, line, field and remedy; the rest goes in; bombs are refused."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, date, datetime
from typing import Any

import pytest

from adapters import archives
from adapters.directory_records import DirectoryReading
from adapters.hsds.document import read_document, write_document
from adapters.hsds.package import package_files, read_package, write_package
from adapters.hsds.profile import table_profiles
from adapters.limits import Limits
from adapters.opendata.reader import newest_table, read_set
from adapters.opendata.writer import Passport, set_files
from adapters.report import Severity
from adapters.tables.parts import first_texts
from schemas.catalogue import words
from schemas.directory import Directory, DirectoryOrganisation, Service
from schemas.errors import BadInput, DocumentRejected

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ORGANISATION = DirectoryOrganisation(
    id="6f9619ff-8b86-4011-b42d-00cf4fc964ff", name="Фонд «Проба»", kind="ngo", ogrn="1027700132195"
)
SERVICE = Service.model_validate(
    {
        "id": "7f9619ff-8b86-4011-b42d-00cf4fc964ff",
        "organisation_id": ORGANISATION.id,
        "name": "Приём психолога",
        "kinds": ["psychology"],
        "territories": ["45000000"],
        "min_age": 3,
        "max_age": 17,
        "hours": {"days": [{"weekday": 1, "spans": [{"opens": "09:00", "closes": "18:00"}]}]},
        "phones": [{"number": "+7 000 000-00-01"}],
        "email": "a@fond.example",
    }
)
DIRECTORY = Directory((ORGANISATION,), (SERVICE,))


def rows(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name].decode(), newline="")))


def changed(name: str, /, **values: str) -> dict[str, bytes]:
    """The package with some cells of one record written otherwise."""
    files = dict(package_files(DIRECTORY, AT))
    table = rows(files, name)
    table[0] |= values
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, table[0])
    writer.writeheader()
    writer.writerows(table)
    return {**files, name: out.getvalue().encode()}


def said(reading: DirectoryReading) -> list[tuple[str, str, str, int | None]]:
    return [(c.code, c.severity.value, c.place, c.line) for c in reading.report.complaints]


# --- wrong records ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "values", "code", "place"),
    [
        ("services.csv", {"minimum_age": "18", "maximum_age": "3"}, "directory_age_order", "services.csv: id"),
        ("services.csv", {"minimum_age": "трёх"}, "value_malformed", "services.csv: minimum_age"),
        ("services.csv", {"status": "sometimes"}, "code_unknown", "services.csv: status"),
        ("services.csv", {"name": ""}, "value_missing", "services.csv: name"),
        (
            "services.csv",
            {"organization_id": "nobody"},
            "directory_organisation_missing",
            "services.csv: organization_id",
        ),
        ("service_areas.csv", {"uri": "urn:oktmo:4530"}, "oktmo_malformed", "service_areas.csv: id"),
    ],
)
def test_a_wrong_service_stays_out_and_is_named(name: str, values: dict[str, str], code: str, place: str) -> None:
    reading = read_package(changed(name, **values))
    assert (code, "error", place, 2) in said(reading)
    assert reading.directory == Directory((ORGANISATION,), ())
    assert (reading.report.records, reading.report.accepted) == (2, 1)


def test_a_wrong_number_keeps_the_organisation_and_its_services_out() -> None:
    reading = read_package(changed("organization_identifiers.csv", identifier="1027700132196"))
    assert [c.code for c in reading.report.complaints] == ["ogrn_check_digit", "directory_organisation_missing"]
    assert reading.directory == Directory()


@pytest.mark.parametrize(
    ("name", "values", "gone"),
    [
        ("services.csv", {"email": "не почта"}, {"email": None}),
        ("services.csv", {"url": "javascript:alert(1)"}, {}),
        ("phones.csv", {"number": "позвоните"}, {"phones": ()}),
        ("schedules.csv", {"opens_at": "утром"}, {"hours": None}),
        ("schedules.csv", {"interval": "2"}, {"hours": None}),
        ("schedules.csv", {"freq": "MONTHLY", "byday": "1MO"}, {"hours": None}),
    ],
)
def test_a_value_that_only_says_less_is_dropped_with_a_warning(
    name: str, values: dict[str, str], gone: dict[str, Any]
) -> None:
    reading = read_package(changed(name, **values))
    (complaint,) = reading.report.complaints
    assert complaint.severity is Severity.WARNING
    assert complaint.place.startswith(f"{name}: ")
    assert reading.directory.services == (SERVICE.model_copy(update=gone),)


def test_every_complaint_has_its_words() -> None:
    reading = read_package(changed("services.csv", minimum_age="трёх", email="x"))
    for complaint in reading.report.complaints:
        assert "трёх" not in str(complaint.as_dict())
        assert complaint.message("ru")
        assert complaint.remedy("en")


def test_codes_that_a_table_of_the_source_maps_to_have_words_too() -> None:
    from adapters import directory_records

    for code in [*directory_records._SAID.values(), "code_unknown", "value_missing", "value_too_long"]:
        assert f"errors.{code}" in words("ru")
        assert f"remedies.{code}" in words("en")


def test_the_same_identifier_twice_is_taken_once() -> None:
    files = dict(package_files(DIRECTORY, AT))
    files["services.csv"] += files["services.csv"].split(b"\r\n", 1)[1]
    reading = read_package(files)
    assert ("directory_id_repeated", "error", "services.csv: id", 3) in said(reading)
    assert len(reading.directory.services) == 1


# --- HSDS of others --------------------------------------------------------------------------------------------------

FOREIGN = {
    "organization": [{"id": "org-1", "name": "Helping Hands", "description": "We help", "legal_status": "charity"}],
    "contact": [{"id": "c1", "organization_id": "org-1", "name": "A Person", "title": "Head"}],
    "service": [
        {
            "id": "svc-1",
            "organization_id": "org-1",
            "name": "Counselling",
            "status": "active",
            "minimum_age": "12.5",
            "accreditations": "BACP",
        }
    ],
    "location": [{"id": "l1", "location_type": "physical"}, {"id": "l2", "location_type": "physical"}],
    "service_at_location": [
        {"id": "sl1", "service_id": "svc-1", "location_id": "l1"},
        {"id": "sl2", "service_id": "svc-1", "location_id": "l2"},
    ],
    "address": [
        {
            "id": "a1",
            "location_id": "l1",
            "address_1": "1 Main Street",
            "city": "MyCity",
            "state_province": "MyState",
            "postal_code": "AB1 2CD",
            "country": "GB",
            "address_type": "physical",
        }
    ],
    "schedule": [
        {"id": "s1", "service_at_location_id": "sl1", "freq": "WEEKLY", "byday": "TH,FR", "opens_at": "10:00:00"}
        | {"closes_at": "18:00:00", "timezone": "1"},
    ],
    "cost_option": [{"id": "co1", "service_id": "svc-1", "amount": "50", "currency": "GBP"}],
    "service_area": [{"id": "sa1", "service_id": "svc-1", "name": "MyCity"}],
    "taxonomy_term": [{"id": "t1", "code": "X1", "name": "Counselling", "description": "…"}],
    "attribute": [
        {"id": "at1", "link_id": "svc-1", "taxonomy_term_id": "t1", "link_type": "taxonomy", "link_entity": "service"}
    ],
}


def foreign_files() -> dict[str, bytes]:
    files = {}
    for table, records in FOREIGN.items():
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, list(dict.fromkeys(key for record in records for key in record)))
        writer.writeheader()
        writer.writerows(records)
        files[f"{table}.csv"] = out.getvalue().encode()
    return files


def test_a_package_of_somebody_else_is_read_and_what_is_not_carried_is_listed() -> None:
    reading = read_package(foreign_files())
    (service,) = reading.directory.services
    assert reading.report.accepted == 2
    assert (service.kinds, service.min_age, service.fee, service.districts) == (("other",), 12, "paid", ("MyCity",))
    assert service.hours is not None
    assert service.hours.zone == "Etc/GMT-1"
    assert service.hours.is_open(datetime(2026, 3, 5, 9, 30, tzinfo=UTC))  # Thursday 10:30 there
    assert service.places[0].postal_code == "AB1 2CD"
    assert {
        "contacts.csv: name",
        "contacts.csv: title",
        "organizations.csv: legal_status",
        "services.csv: accreditations",
    } <= set(reading.report.dropped_columns)
    assert {c.code for c in reading.report.complaints} == {
        "hsds_age_not_whole",
        "directory_kind_unknown",
        "hsds_term_unknown",
        "hsds_place_without_address",
    }
    assert all(c.severity is Severity.WARNING for c in reading.report.complaints)
    assert read_package(foreign_files()).directory == reading.directory  # derived identifiers stay


def test_an_organisation_with_its_services_nested_is_read_as_well() -> None:
    page = json.loads(write_document(DIRECTORY, AT))
    (service,) = page["contents"]
    organisation = service.pop("organization")
    for document in ([organisation | {"services": [service]}], organisation | {"services": [service]}):
        reading = read_document(json.dumps(document).encode())
        assert reading.directory == DIRECTORY, said(reading)


def test_a_json_complaint_points_into_the_document() -> None:
    page = json.loads(write_document(DIRECTORY, AT))
    page["contents"][0]["minimum_age"] = "трёх"
    page["contents"][0]["new_list"] = [1]
    reading = read_document(json.dumps(page).encode())
    assert [(c.code, c.place) for c in reading.report.complaints] == [("value_malformed", "/contents/0/minimum_age")]
    assert reading.report.dropped_columns == ["services.csv: new_list"]


# --- the published profile -------------------------------------------------------------------------------------------


def test_a_written_package_keeps_the_published_profile() -> None:
    """Required columns filled, identifiers unique, references whole, enumerations kept: what the profile's validators check."""
    files = dict(package_files(DIRECTORY, AT))
    descriptor = json.loads(files["datapackage.json"])
    assert descriptor["profile"] == "tabular-data-package"
    found = {resource["name"]: rows(files, resource["path"]) for resource in descriptor["resources"]}
    assert set(files) == {"datapackage.json", *(resource["path"] for resource in descriptor["resources"])}
    for resource in descriptor["resources"]:
        records, schema = found[resource["name"]], resource["schema"]
        assert [one["name"] for one in schema["fields"]] == list(records[0]), resource["name"]
        assert len({record["id"] for record in records}) == len(records)
        for one in schema["fields"]:
            for record in records:
                value = record[one["name"]]
                assert value or not one["constraints"]["required"], f"{resource['name']}.{one['name']}"
                if value and one["type"] == "number":
                    float(value)
                if value and one["type"] == "date":
                    date.fromisoformat(value)
        for key in schema.get("foreignKeys", ()):
            known = {record["id"] for record in found[key["reference"]["resource"]]}
            assert {record[key["fields"]] for record in records} <= known | {""}
    assert {record["status"] for record in found["service"]} <= {"active", "inactive", "defunct", "temporarily closed"}
    codes = [record["code"] for record in found["taxonomy_term"]]
    assert len(codes) == len(set(codes))  # the profile says that codes of terms are unique


def test_the_profile_names_required_columns_of_the_specification() -> None:
    required = {
        table: {column.name for column in profile.columns if column.required}
        for table, profile in table_profiles().items()
    }
    assert required["organization"] == {"id", "name", "description"}
    assert required["service"] == {"id", "organization_id", "name", "status"}
    assert required["address"] >= {"address_1", "city", "state_province", "postal_code", "country", "address_type"}


# --- open data -------------------------------------------------------------------------------------------------------


def test_a_passport_has_what_the_standard_asks_for() -> None:
    files = set_files(DIRECTORY, Passport("7707083893", "Оператор", address="https://o.example/d/"), date(2026, 3, 2))
    meta = dict(csv.reader(io.StringIO(files["meta.csv"].decode())))
    assert meta["property"] == "value"
    assert meta["identifier"] == "7707083893-resourcemap"
    assert meta["standardversion"] == "http://opendata.gosmonitor.ru/standard/3.0"
    assert meta["data-20260302-structure-20260302.csv"] == "https://o.example/d/data-20260302-structure-20260302.csv"
    structure = list(csv.reader(io.StringIO(files["structure-20260302.csv"].decode())))
    assert structure[0] == ["field name", "english description", "russian description", "format"]
    data = files["data-20260302-structure-20260302.csv"].decode("utf-8-sig")
    assert [row[0] for row in structure[1:]] == next(csv.reader([data.splitlines()[0]], delimiter=";"))


@pytest.mark.parametrize(("encoding", "delimiter"), [("cp1251", ";"), ("utf-8", ","), ("utf-8-sig", "\t")])
def test_a_table_typed_by_hand_is_read(encoding: str, delimiter: str) -> None:
    table = [
        [
            "Полное наименование",
            "ОГРН",
            "Наименование услуги",
            "Категория услуги",
            "Возраст от",
            "Режим работы",
            "Наш номер",
        ],
        ["Фонд «Проба»", "1027700132195", "Приём", "Психолог", "3", "Пн-Пт 9.00-18.00; Сб, Вс закрыто", "17"],
        ["Фонд «Проба»", "1027700132195", "Помощь", "Танцы", "", "когда как", ""],
        ["Фонд «Проба»", "1027700132195", "Ошибка", "Психолог", "=A1", "", ""],
    ]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(table)
    reading = read_set(out.getvalue().encode(encoding))
    first, second = reading.directory.services
    assert (first.kinds, first.min_age, second.kinds) == (("psychology",), 3, ("other",))
    assert first.hours is not None
    assert [day.weekday for day in first.hours.days] == [1, 2, 3, 4, 5]
    assert second.hours is None
    assert reading.report.dropped_columns == ["Наш номер"]
    assert ("directory_kind_unknown", "warning", "data.csv: Категория услуги", 3) in said(reading)
    assert ("formula_in_cell", "error", "data.csv: Возраст от", 4) in said(reading)
    assert len(reading.directory.organisations) == 1


def test_the_newest_table_of_a_set_is_read() -> None:
    names = dict.fromkeys(
        (
            "meta.csv",
            "structure-20190719.csv",
            "data-20190719-structure-20190719.csv",
            "data-2026-01-02-structure-20190719.csv",
            "data-24062015-structure-20190719.csv",
        ),
        b"",
    )
    assert newest_table(names) == "data-2026-01-02-structure-20190719.csv"
    with pytest.raises(DocumentRejected, match="opendata_no_table"):
        newest_table({"meta.csv": b"", "a.csv": b"", "b.csv": b""})


# --- hostile files ---------------------------------------------------------------------------------------------------


def zipped(**files: bytes) -> bytes:
    return archives.pack({name.replace("_csv", ".csv"): content for name, content in files.items()})


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (zipped(services_csv=b"id,name\r\n" + b"0" * 3_000_000), "archive_unpacks_too_large"),
        (b"PK\x03\x04" + b"\x00" * 50, "archive_broken"),
        (write_package(DIRECTORY, AT)[:-40], "archive_broken"),
        (b"x" * 5_000_000, "document_too_large"),
        (b"not a zip", "hsds_not_a_package"),
        (zipped(readme_csv=b"a,b"), "hsds_no_tables"),
        (zipped(services_csv=b"id\r\n" + b"1\r\n" * 200), "document_too_many_records"),
        (zipped(services_csv=b"id\r\n" + b"1\r\n" * 2000), "document_too_many_elements"),
        (archives.pack({f"{number}.csv": b"a" for number in range(300)}), "archive_too_many_files"),
        (archives.pack({"a/services.csv": b"id", "b/services.csv": b"id"}), "archive_names"),
    ],
)
def test_bombs_and_broken_archives_are_refused(content: bytes, code: str) -> None:
    limits = Limits(max_bytes=4_000_000, max_unpacked=1_000_000, max_records=100, max_elements=1000)
    with pytest.raises(DocumentRejected, match=code):
        read_package(content, limits) if content[:2] == b"PK" or code.startswith("hsds") else read_document(
            content, limits
        )


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_methods_that_nobody_packs_tables_with_are_refused_before_they_are_read(method: int) -> None:
    """LZMA takes the memory that the file asks for, and has an error of its own for what is damaged."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("xl/sharedStrings.xml", "<t>x</t>" * 100)
        archive.writestr("xl/workbook.xml", "<a/>")
    content = bytearray(out.getvalue())
    at = content.index(b"sharedStrings.xml") + 17
    content[at : at + 5] = b"\xff" * 5
    for broken in (bytes(content), out.getvalue()):
        for folders in (True, False):
            with pytest.raises(DocumentRejected, match="archive_broken"):
                archives.unpack(broken, folders=folders)
        with pytest.raises(DocumentRejected, match="archive_broken"):
            archives.unpack_tree(io.BytesIO(broken), ".xml")
        assert first_texts(broken) == b""


def test_an_entry_without_a_name_is_refused() -> None:
    content = bytearray(archives.pack({"a.csv": b"id", "X": b"zz"}))
    content[content.rindex(b"PK\x01\x02") + 46] = 0
    with pytest.raises(DocumentRejected, match=r"archive_(names|broken)"):
        archives.unpack(bytes(content))


def test_letters_of_a_workbook_may_be_references_and_whatever_else_stays_one() -> None:
    for text, found in [
        ("&#1057;&#x43E;", "Со"),
        ("&lt;&#60;&#x3c;", "&lt;&#60;&#x3c;"),
        ("&#55296;&#xDFFF;", "&#55296;&#xDFFF;"),
        (f"&#{'1' * 4301};", f"&#{'1' * 4301};"),
    ]:
        content = archives.pack({"xl/sharedStrings.xml": f"<t>{text}</t>".encode()})
        assert first_texts(content).decode() == f"<t>{found}</t>"


def test_a_directory_that_is_all_of_an_archive_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library makes an object of every entry, ten times as large as its bytes."""
    whole = archives.pack({"services.csv": b"id"})
    entry = whole[whole.index(b"PK\x01\x02") : whole.index(b"PK\x05\x06")]
    content = whole.replace(entry, entry * 20_000)
    monkeypatch.setattr(archives.zipfile, "ZipFile", None)
    with pytest.raises(DocumentRejected, match="archive_too_many_files"):
        archives.unpack(content)


def test_a_locked_archive_is_refused() -> None:
    content = bytearray(zipped(services_csv=b"id"))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        offset = archive.infolist()[0].header_offset
    content[offset + 6] |= 1
    central = bytes(content).index(b"PK\x01\x02")
    content[central + 8] |= 1
    with pytest.raises(DocumentRejected, match="archive_encrypted"):
        read_package(bytes(content))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "document_is_not_json"),
        (b"\xff", "document_is_not_json"),
        (b"[" * 100_000, "document_is_not_json"),
        (b"[1]", "hsds_not_a_document"),
        (b"{}", "hsds_not_a_document"),
        (b"null", "hsds_not_a_document"),
    ],
)
def test_odd_json_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(DocumentRejected, match=code):
        read_document(content)


def test_records_nested_in_records_end_somewhere() -> None:
    record: dict[str, Any] = {"id": "0"}
    for number in range(1, 30):
        key = "organization" if number % 2 else "services"
        record = {"id": str(number), key: record if number % 2 else [record]}
    with pytest.raises(DocumentRejected, match="document_too_deep"):
        read_document(json.dumps(record).encode())


def test_an_unknown_form_is_refused() -> None:
    from adapters.directory_files import read_directory_file

    with pytest.raises(BadInput, match="format_unknown"):
        read_directory_file(b"{}", "xlsx")
