"""What a file is by its content, and which files do not travel."""

from __future__ import annotations

import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.attachments import TYPES, inspect_attachment
from schemas.errors import DocumentRejected
from tests.adapters.attachment_files import GOOD, HOSTILE, docx, pdf, png


@pytest.mark.parametrize("name", GOOD)
def test_good_files_are_known_by_their_content(name: str) -> None:
    content, declared = GOOD[name]
    kind = inspect_attachment(io.BytesIO(content), len(content), declared)
    assert declared.partition(";")[0] in {kind.code, kind.media_type, "text/xml"}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused(name: str) -> None:
    content, declared, code = HOSTILE[name]
    with pytest.raises(DocumentRejected, match=f"^{code}:"):
        inspect_attachment(io.BytesIO(content), len(content), declared)


def test_every_type_has_a_good_file() -> None:
    seen = {inspect_attachment(io.BytesIO(c), len(c), d).code for c, d in GOOD.values()}
    assert seen == {kind.code for kind in TYPES}


@pytest.mark.parametrize("declared", [kind.code for kind in TYPES])
@pytest.mark.parametrize("name", GOOD)
def test_a_file_is_taken_as_what_it_is_and_as_nothing_else(name: str, declared: str) -> None:
    content, own = GOOD[name]
    kind = inspect_attachment(io.BytesIO(content), len(content), own)
    if declared == kind.code or (kind.is_text and declared in {"txt", "csv"}):
        inspect_attachment(io.BytesIO(content), len(content), declared)
    else:
        with pytest.raises(DocumentRejected, match="attachment_type_differs"):
            inspect_attachment(io.BytesIO(content), len(content), declared)


@given(
    st.sampled_from([pdf(), docx(), png(), *(content for content, _ in GOOD.values() if len(content) < 5000)]),
    st.sampled_from([kind.code for kind in TYPES]),
    st.lists(st.tuples(st.integers(0, 4999), st.integers(0, 255)), max_size=8),
    st.integers(0, 5000),
)
def test_spoilt_files_are_taken_or_refused_and_nothing_else(
    content: bytes, declared: str, changes: list[tuple[int, int]], length: int
) -> None:
    spoilt = bytearray(content)
    for place, value in changes:
        spoilt[place % len(spoilt)] = value
    data = bytes(spoilt[: max(1, length)])
    try:
        inspect_attachment(io.BytesIO(data), len(data), declared)
    except DocumentRejected as error:
        assert error.code.startswith("attachment_")


def test_a_script_is_found_wherever_it_stands() -> None:
    """Also across the borders of the pieces in which the file is read."""
    for at in (65_530, 65_536, 131_060, 200_000):
        filler = b"% " + b"x" * (at - 80) + b"\n"
        content = pdf().replace(b"2 0 obj", filler + b"3 0 obj << /S /JavaScript >> endobj\n2 0 obj")
        with pytest.raises(DocumentRejected, match="attachment_active"):
            inspect_attachment(io.BytesIO(content), len(content), "pdf")


def test_large_files_are_read_a_few_times_and_no_more() -> None:
    scan = pdf().replace(b"2 0 obj", b"3 0 obj << >>\nstream\n" + bytes(range(256)) * 40_000 + b"\nendstream\n2 0 obj")
    many = pdf().replace(b"2 0 obj", b"stream\n" * 20_000 + b"2 0 obj")
    begun = pdf().replace(b"2 0 obj", b"stream\n\x78\x9c" * 20_000 + b"2 0 obj")
    for content in (scan, many, begun):
        file = _Counted(content)
        inspect_attachment(file, len(content), "pdf")
        assert file.taken < 2 * len(content) + 512 * content.count(b"stream\n") + 1_000_000
    with pytest.raises(DocumentRejected, match="attachment_bomb"):
        content = pdf().replace(b"2 0 obj", b"stream\n" * 100_001 + b"2 0 obj")
        inspect_attachment(io.BytesIO(content), len(content), "pdf")


class _Counted(io.BytesIO):
    """A file that knows how much was read of it."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


def test_no_two_types_share_a_name() -> None:
    names = list(itertools.chain.from_iterable((kind.code, kind.media_type) for kind in TYPES))
    assert len(set(names)) == len(names)
