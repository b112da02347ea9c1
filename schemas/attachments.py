"""What a message says of its documents: a file that was uploaded before, or a document known as a fact only."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from schemas.model import Model
from schemas.sections import Code

UploadId = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", to_lower=True)
]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$", to_lower=True)]


class AttachmentDraft(Model):
    """One document of a message. With `upload` its file travels; without, only that there is such a document.

    It belongs to the person at `person` (from 0, in the order of the draft) and to one data category, and is released as
    that category of that person is. `document_type` is a meaning of `document_types.csv`; `signers` are roles.
    """

    category: Code
    person: Annotated[int, Field(ge=0, le=50)] = 0
    document_type: Code
    issued_on: date | None = None
    signers: tuple[Code, ...] = ()
    sha256: Sha256 | None = None
    upload: UploadId | None = None

    def description(self) -> dict[str, object]:
        """What is sealed of it, as plain JSON values."""
        return self.model_dump(mode="json", include={"document_type", "issued_on", "signers"}, exclude_none=True)
