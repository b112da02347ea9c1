"""CSV by chunks: the same answers as from a file held as a whole, from the same stream again and again, in memory that does not
grow with the file."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.limits import Limits
from adapters.seen import Seen
from adapters.tables import encoding, letters, source
from adapters.tables.encoding import find_text
from adapters.tables.reader import read_table
from adapters.tables.rejects import reject_file, reject_writer
from schemas.errors import DocumentRejected
from tests.adapters import whole_files
from tests.adapters.test_csv_reading import HEADINGS, ROW, SENDER, table, told
from tests.adapters.workbooks import workbook

ENCODINGS = ["utf-8", "utf-8-sig", "cp1251", "cp866", "koi8-r", "mac-cyrillic", "utf-16", "utf-16-le", "utf-16-be"]
words = st.sampled_from(
    ["Да", "нет", "Семья № 5", "«дом»", "ФИО;СНИЛС", "abc", "", "\r", "语", "é", "x" * 9, '"', "\x07"]
)
texts = st.lists(st.lists(words, max_size=4).map(" ".join), max_size=6)
noise = st.sampled_from([b"", b"", b"", b"\xd0", b"\x98", b"\xff\xfe", b"\n", b"\r", b"\xf0\x90", b"\x00"])


@st.composite
def files(draw):
    ends = draw(st.sampled_from(["\n", "\r\n"]))
    one = draw(st.sampled_from(["utf-8", "utf-8", *ENCODINGS]))
    other = draw(st.sampled_from([one, one, "utf-8", "cp1251", "cp866"]))
    lines = [f"{text}{ends}".encode(one if number % 3 else other, "replace") for number, text in enumerate(draw(texts))]
    return b"".join(lines) + draw(noise) + draw(words).encode(one, "replace") + draw(noise)


@given(files(), st.integers(1, 9))
@example("Да\n".encode() + "Нет\n".encode("cp1251"), 5)
@example("Да;нет\r\nСемья".encode()[:-1], 4)
@example("Да;нет\r\nСемья".encode("utf-8-sig")[:-1], 3)
@example("Да\n".encode() + "Нет\n".encode("cp1251") + "Семья".encode()[:-1], 2)
def test_an_encoding_found_by_chunks_is_the_one_of_the_whole_file(content, chunk):
    try:
        text, name, mark, odd, cut = whole_files.whole(content)
    except whole_files.NoText:
        with pytest.raises(DocumentRejected), mock.patch.object(source, "CHUNK", chunk):
            find_text(io.BytesIO(content))
        return
    with mock.patch.object(source, "CHUNK", chunk):
        found = find_text(_at(content, 6))
        lines = list(found.lines())
        raw = list(found.raw_lines())
    assert "".join(lines) == text
    assert lines == list(io.StringIO(text, newline=""))
    assert found.mark + b"".join(raw) + found.rest() == content
    assert len(raw) == len(lines)
    plain = [line.decode(*found.as_it_is) for line in raw]
    assert [line.encode(*found.as_it_is) for line in plain] == raw
    if "\r" not in text.replace("\r\n", ""):
        assert [line.decode(found.encoding_of(line), "replace") for line in raw] == lines
    assert (found.encoding, found.mark, found.cut) == (name, mark, cut)
    assert (found.odd_lines, found.first_odd) == (len(odd), min(odd, default=0))
    assert (found.line_end, found.ended) == ("\r\n" if "\r\n" in text else "\n", text.endswith("\n"))


def _at(content, place):
    stream = io.BytesIO(b"x" * place + content)
    stream.seek(place)
    return stream


def test_every_sign_is_judged_as_the_plain_way_judges_it():
    for code in range(0x10000):
        if 0xD800 <= code <= 0xDFFF:
            continue
        sign = chr(code)
        assert bool(letters._CONTROL.match(sign)) == (not whole_files.is_text(sign)), hex(code)
        known = sign.lower() in letters._FREQUENCY or sign in letters._TYPOGRAPHIC
        assert (sign in letters._WEIGHTS) == known, hex(code)


@given(
    st.lists(st.sampled_from(["Да", "дА", "ёЖ", "ўЖ", "Hello", "мОСКВА", "№", "«", "±", " "]), max_size=12).map("".join)
)
def test_the_score_of_an_encoding_is_the_plain_one(text):
    for one in letters.ONE_BYTE:
        sample = text.encode(one, "replace")
        counts = {byte: sample.count(byte) for byte in set(sample) if byte > 127}
        for other in letters.ONE_BYTE:
            assert letters._score(sample, counts, other) == whole_files.score(sample, other)


# --- the same stream -------------------------------------------------------------------------------------------------


def read(stream, **limits):
    reading = read_table(stream, limits=Limits(**limits), defaults={"sender_ogrn": SENDER})
    records = list(reading.records)
    for record in records:
        reading.report.add(record)
    return reading.report.as_dict(), records


MESSY = (
    table("Реестр;;;;;", HEADINGS, ROW, ROW.replace("01.02.2019", "01.02.19"), ROW.replace("95", "96"))
    + ROW.encode()[:-30]
)


@pytest.mark.parametrize("content", [MESSY, MESSY.decode().encode("cp1251"), MESSY + b"\r\n" + ROW.encode("cp1251")])
def test_the_same_reading_is_made_again_from_the_same_stream(tmp_path, content):
    (tmp_path / "register.csv").write_bytes(content)
    with (tmp_path / "register.csv").open("rb") as stream:
        first = read(stream)
        stream.seek(0)
        assert read(stream) == first == read(io.BytesIO(content))
    with tempfile.SpooledTemporaryFile(max_size=10) as spooled:
        spooled.write(b"before" + content)
        for _ in range(2):
            spooled.seek(6)
            assert read(spooled) == first
    assert first[0]["recordNum"] >= 4


def test_two_readings_of_one_stream_at_the_same_time_do_not_disturb_each_other():
    content = table(HEADINGS, *(ROW.replace("Иван", name) for name in ("Иван", "Пётр", "Семён")))
    stream = io.BytesIO(content)
    readings = []
    for _ in range(2):
        stream.seek(0)
        readings.append(read_table(stream, defaults={"sender_ogrn": SENDER}))
    with mock.patch.object(source, "CHUNK", 16):
        pairs = list(zip(readings[0].records, readings[1].records, strict=True))
    assert [one.draft for one, _ in pairs] == [other.draft for _, other in pairs]
    assert len({one.draft.persons[0].identity.full_name for one, _ in pairs}) == 3


def test_a_stream_that_cannot_seek_is_read_too():
    class Pipe(io.RawIOBase):
        def __init__(self, content):
            self._rest = io.BytesIO(content)

        def readable(self):
            return True

        def readinto(self, buffer):
            return self._rest.readinto(buffer)

    assert read(Pipe(MESSY)) == read(io.BytesIO(MESSY))


def test_rows_are_read_when_they_are_asked_for():
    class Counted(io.BytesIO):
        taken = 0

        def read(self, size=-1):
            found = super().read(size)
            self.taken += len(found)
            return found

    content = table(HEADINGS, *[ROW] * 20_000)
    stream = Counted(content)
    reading = read_table(stream, defaults={"sender_ogrn": SENDER})
    before = stream.taken
    assert next(reading.records).draft is not None
    assert stream.taken - before <= 2 * source.CHUNK < len(content) // 3


def test_a_file_that_somebody_writes_to_while_it_is_read_is_refused():
    content = table(HEADINGS, *[ROW] * 5_000)
    stream = io.BytesIO(content)
    reading = read_table(stream, defaults={"sender_ogrn": SENDER})
    assert next(reading.records).draft is not None
    stream.seek(len(content) // 2)
    stream.write(b"\xff" * 100_000)
    with pytest.raises(DocumentRejected) as found:
        list(reading.records)
    assert found.value.code == "document_is_not_text"


@pytest.mark.parametrize("other", [b"", "Пётр\n".encode("cp1251")])
def test_a_line_that_cannot_be_held_is_refused(other):
    content = table("Реестр", HEADINGS, ROW) + other
    for longest, refused in ((1000, False), (50, True)):
        with mock.patch.object(source, "LONGEST_LINE", longest), mock.patch.object(encoding, "LONGEST_LINE", longest):
            try:
                read(io.BytesIO(content))
            except DocumentRejected as found:
                assert refused
                assert found.code == "cell_too_long"
            else:
                assert not refused


# --- the reject file -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ENCODINGS)
def test_a_reject_file_written_row_by_row_is_the_one_that_is_made_at_once(name):
    content = table("sep=;", HEADINGS, ROW, ROW.replace("01.02.2019", "01.02.19"), f"{ROW};=1+1", encoding=name)
    reading = read_table(io.BytesIO(content))
    records = list(reading.records)
    out = io.BytesIO()
    add = reject_writer(reading.layout, out)
    for record in records:
        add(record)
    assert out.getvalue() == reject_file(reading.layout, records)
    assert out.getvalue().startswith(content[:4])
    stream = io.BytesIO(out.getvalue())
    returned = list(read_table(stream).records)
    assert [record.draft for record in returned] == [None, None]


def test_a_sign_that_an_encoding_lacks_changes_no_other_row():
    rows = [ROW.replace("01.02.2019", "01.02.19").replace("Иван", "«Иван»"), "Пётр;语"]
    content = table(HEADINGS, rows[0], encoding="cp1251") + table(ROW, rows[0], "语", encoding="utf-8")
    reading = read_table(io.BytesIO(content))
    records = list(reading.records)
    assert reading.layout.grid.source.other == "cp1251"
    returned = reject_file(reading.layout, records).decode(reading.layout.grid.source.encoding, "replace")
    assert "«Иван»" in returned


def test_a_workbook_is_written_as_a_whole():
    content = workbook([line.split(";") for line in (HEADINGS, ROW)])
    reading = read_table(io.BytesIO(content))
    with pytest.raises(TypeError):
        reject_writer(reading.layout, io.BytesIO())


# --- memory ----------------------------------------------------------------------------------------------------------

READ = """
import io, sys
from adapters.limits import Limits
from adapters.tables.reader import read_table
from adapters.tables.rejects import reject_writer
with open(sys.argv[1], "rb") as stream, open(sys.argv[1] + ".out", "wb") as out:
    reading = read_table(stream, limits=Limits(max_bytes=2**40))
    add = reject_writer(reading.layout, out)
    for record in reading.records:
        reading.report.add(record)
        add(record)
print(reading.report.records, next(int(line.split()[1]) for line in open("/proc/self/status") if "VmHWM" in line))
"""


@pytest.mark.parametrize("name", ["utf-8", "cp1251"])
def test_memory_does_not_grow_with_the_file(tmp_path, name):
    long = f"{ROW};{'Вымышленное обстоятельство. ' * 140}"
    heading = f"{HEADINGS};Причина обращения"
    peaks = []
    for number, rows in enumerate((100, 3_000)):
        path = tmp_path / f"{number}.csv"
        path.write_bytes(table(heading, *[long, long.replace("95", "96")] * (rows // 2), encoding=name))
        done = subprocess.run([sys.executable, "-c", READ, path], check=True, capture_output=True, text=True)
        records, peak = map(int, done.stdout.split())
        assert records == rows
        assert (tmp_path / f"{number}.csv.out").stat().st_size > path.stat().st_size // 3
        peaks.append(peak)
    grown = (peaks[1] - peaks[0]) * 1024
    assert path.stat().st_size > 11_000_000
    assert grown < 5_000_000, grown  # less than half of the bytes of the file alone


# --- what came before ------------------------------------------------------------------------------------------------


@given(st.lists(st.text(max_size=3)))
def test_what_came_before_is_known(texts):
    seen, plain = Seen(), set()
    for text in texts:
        assert (text in seen) == (text in plain)
        assert seen.add(text) == (text in plain)
        plain.add(text)
        assert text in seen


def test_many_identifiers_take_a_few_bytes_each():
    seen = Seen()
    assert not any(seen.add(str(number)) for number in range(50_000))
    assert all(seen.add(str(number)) for number in range(50_000))
    assert len(seen._slots) * seen._slots.itemsize < 50_000 * 25


def test_a_message_that_comes_twice_in_a_file_is_told():
    named = "Идентификатор сообщения;" + HEADINGS
    row = f"6f9619ff-8b86-4011-b42d-00cf4fc964ff;{ROW}"
    other = f"6f9619ff-8b86-4011-b42d-00cf4fc964fe;{ROW}"
    _, records = read(io.BytesIO(table(named, row, other, row)))
    assert told(records) == [(3, 4, "Идентификатор сообщения", "message_id_repeated")]
