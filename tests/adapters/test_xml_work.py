"""A file of nothing but small elements is refused when as many have come as a record may have, not when all of it is a tree."""

from __future__ import annotations

import pytest

from adapters.answers.xml import read_answers
from adapters.documents.reader import read_documents
from adapters.limits import DEFAULT_LIMITS
from adapters.xml.mapping import NAMESPACE as NAMESPACE_1
from adapters.xml.reader import read_referrals
from schemas.documents import NAMESPACE
from tests.adapters.test_xml_namespaces import Read, refusal

MANY = b"<a/>" * 4_000_000
MOST_TAGS = 2 * DEFAULT_LIMITS.max_record_elements + 16 * 1024 + 32 * 1024 // len("<a/>")
"""Of a record, of the records behind it in one chunk, and of one chunk more."""
READERS: dict[str, tuple[Read, str, str]] = {
    "answers": (read_answers, "Answers", NAMESPACE_1),
    "one answer": (read_answers, "Answer", NAMESPACE_1),
    "version 1": (read_referrals, "Referrals", NAMESPACE_1),
    "documents": (read_documents, "Messages", NAMESPACE),
}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("inside", ["", "<b>"])
def test_sixteen_megabytes_of_elements_are_not_read(name: str, inside: str) -> None:
    read, root, namespace = READERS[name]
    start = f'<{root} xmlns="{namespace}">{inside}'.encode()
    code, records, taken = refusal(read, start + MANY)
    assert (code, records) == ("record_too_large", 0)
    assert taken <= len(start) + MOST_TAGS * len("<a/>") + 32 * 1024
