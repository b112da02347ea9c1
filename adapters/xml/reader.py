"""XML documents in: a stream of records and complaints.

The document is streamed; each record is validated by itself, so that one bad record does not kill the file and memory
stays flat. Trouble with the document as a whole raises DocumentRejected, also in the middle of it: whoever applies
records must be able to drop what it applied, or read to the end first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from adapters.limits import DEFAULT_LIMITS, Limits, refuse_large
from adapters.report import Complaint, Record, Severity
from adapters.seen import Seen
from adapters.xml.guard import shown
from adapters.xml.mapping import BATCH, NAMESPACE, RECORD, qualified
from adapters.xml.record import RecordReader
from adapters.xml.stream import record_elements
from schemas.errors import DocumentRejected
from schemas.messages import MessageDraft


def read_referrals(stream: BinaryIO, limits: Limits = DEFAULT_LIMITS) -> Iterator[Record]:
    """The records of a document with root `Referrals` or `Referral`, in order.

    Raises DocumentRejected for a document that cannot be read as a whole: empty, over a limit, with a DOCTYPE, in an
    encoding that is not accepted, not well-formed, cut off, with another root.
    """
    refuse_large(stream, limits)
    seen = Seen()
    for number, element in enumerate(record_elements(stream, limits, _check_root), start=1):
        if number > limits.max_records:
            raise DocumentRejected("document_too_many_records", limit=limits.max_records)
        record = RecordReader(element, number, limits).read()
        operation_id = record.draft.operation_id if isinstance(record.draft, MessageDraft) else ""
        if operation_id and seen.add(operation_id):
            repeated = Complaint("message_id_repeated", Severity.ERROR, "MessageId", record.line, number)
            record = record.refuse(repeated)
        yield record


def _check_root(root: str) -> str | None:
    if root == qualified(BATCH):
        return qualified(RECORD)
    if root == qualified(RECORD):
        return None
    name, expected = shown(root.rpartition("}")[2]), f"{RECORD}, {BATCH}"
    raise DocumentRejected("document_root_unknown", root=name, namespace=NAMESPACE, expected=expected)
