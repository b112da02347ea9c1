"""What is written of the directory is read back as it was, in every format, with any content; and nothing is complained of."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings

from adapters.directory_files import read_directory_file
from adapters.directory_records import DirectoryReading
from adapters.hsds.document import left_out, read_document, write_document
from adapters.hsds.package import package_files, read_package, write_package
from adapters.losses import Lost
from adapters.opendata.reader import read_set
from adapters.opendata.writer import Headings, Passport, set_files, write_set
from schemas.directory import Directory
from tests.directory_strategies import directories

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
PASSPORT = Passport("7707083893", "Оператор карты")


def whole(reading: DirectoryReading) -> Directory:
    """What was read, when nothing of it was lost."""
    assert not reading.report.complaints, [c.as_dict() for c in reading.report.complaints]
    assert reading.report.dropped_columns == []
    assert reading.report.rejected == 0
    assert reading.reject_file() is None
    reading.settle()
    lost = [loss for loss in reading.report.losses.rows if loss.code != "file_not_read"]
    assert not [loss for loss in lost if loss.lost is not Lost.DEFAULTED], "what is written is taken to the letter"
    return reading.directory


def same(found: Directory, given_directory: Directory) -> bool:
    """The same records, in any order: a format may group services by organisation."""
    return {one.id: one for one in found.organisations} == {one.id: one for one in given_directory.organisations} and {
        one.id: one for one in found.services
    } == {one.id: one for one in given_directory.services}


@settings(max_examples=25)
@given(directories)
def test_hsds_package(directory: Directory) -> None:
    assert whole(read_package(write_package(directory, AT))) == directory
    assert whole(read_package(package_files(directory, AT))) == directory


@settings(max_examples=25)
@given(directories)
def test_hsds_document(directory: Directory) -> None:
    found = whole(read_document(write_document(directory, AT)))
    shown = {one.organisation_id for one in directory.services}
    kept = Directory(tuple(one for one in directory.organisations if one.id in shown), directory.services)
    assert same(found, kept)
    assert len(left_out(directory)) == len(directory.organisations) - len(shown)


@pytest.mark.parametrize("headings", ["latin", "russian"])
@settings(max_examples=12)
@given(directory=directories)
def test_open_data(headings: Headings, directory: Directory) -> None:
    assert same(whole(read_set(write_set(directory, PASSPORT, date(2026, 3, 2), headings))), directory)


@settings(max_examples=4)
@given(directories)
def test_the_form_is_told_by_the_content(directory: Directory) -> None:
    day = date(2026, 3, 2)
    assert read_directory_file(write_package(directory, AT)).report.format == "hsds-csv"
    assert read_directory_file(package_files(directory, AT)).report.format == "hsds-csv"
    assert read_directory_file(write_set(directory, PASSPORT, day)).report.format == "opendata"
    assert read_directory_file(set_files(directory, PASSPORT, day)["data-20260302-structure-20260302.csv"])
    if directory.services:
        assert read_directory_file(write_document(directory, AT)).report.format == "hsds-json"


@settings(max_examples=4)
@given(directories)
def test_the_same_directory_gives_the_same_bytes(directory: Directory) -> None:
    assert write_package(directory, AT) == write_package(directory, AT)
    assert write_set(directory, PASSPORT, AT.date()) == write_set(directory, PASSPORT, AT.date())
