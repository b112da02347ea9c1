"""File drop: one file for each delivery in the recipient's folder. Whole or not at all; its name is an identifier."""

from __future__ import annotations

import asyncio
import errno
from datetime import datetime
from pathlib import Path

from adapters.documents.writer import write_document
from adapters.sheets.messages import beside_register, write_message_table
from adapters.signatures.providers import Signer
from adapters.signatures.sign import sign_document
from adapters.xml.writer import write_referral
from gateway.exchange.folders import open_folder
from gateway.use_cases.delivery_values import Endpoint, Outcome, Parcel
from gateway.use_cases.describe_delivery import Described
from gateway.use_cases.register_endpoint import SIGNED
from schemas.errors import BadInput


class FileCarrier:
    """`carrier.Carrier` into folders under one folder of the installation."""

    def __init__(self, root: Path, signer: Signer | None = None) -> None:
        self._root = root
        self._signer = signer

    async def send(self, endpoint: Endpoint, parcel: Parcel, described: Described, now: datetime) -> Outcome:
        form, content = _content(endpoint, described)
        if form == SIGNED:
            if self._signer is None:
                return Outcome(parcel, "file_signer_missing", stops=True)
            form, content = "xml", sign_document(content, self._signer, now)
        try:
            await asyncio.to_thread(place, self._root / endpoint.address, f"{parcel.event.id}.{form}", content)
        except OSError as error:
            code = "disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else "file_not_written"
            return Outcome(parcel, code, stops=True)
        return Outcome(parcel)

    async def challenge(self, endpoint: Endpoint, now: datetime) -> str | None:
        """A folder is made by the operator: there is nobody to ask."""
        del endpoint, now
        return None

    async def close(self) -> None:
        """Nothing is kept open."""


def _content(endpoint: Endpoint, described: Described) -> tuple[str, bytes]:
    """XML or CSV where the message has its place there, else JSON: a masked number has no place in either. What the document
    or the register of referrals cannot hold goes as a document or a table of messages: nothing is left out of either."""
    if described.draft is not None:
        try:
            if endpoint.form in ("xml", SIGNED):
                write = write_document if beside_register(described.draft) else write_referral
                return endpoint.form, write(described.draft)
            if endpoint.form == "csv":
                return "csv", write_message_table([described.draft])
        except BadInput:
            pass
    return "json", described.body


def place(folder: Path, name: str, content: bytes) -> None:
    """Write a file so that whoever looks into the folder sees all of it or nothing, also after a power cut. The folder may be
    somebody else's: it is no link, and nothing in it is followed. Raises OSError."""
    with open_folder(folder.parent, folder.name) as opened:
        opened.write(name, content)
