"""A sample of a table while its page looks at it: in memory, and nowhere else."""

from __future__ import annotations

import io

from gateway.use_cases.keep_records import require_keeper
from gateway.use_cases.values import Requester
from gateway.web.forms import Form, Sink, Taker
from gateway.web.multipart import Part
from gateway.web.visits import Visit
from schemas.errors import BadInput, DocumentRejected


class Sample:
    """The file of one request."""

    def __init__(self) -> None:
        self.content = io.BytesIO()
        self.chosen = False
        self._most = 0

    def taking(self, visit: Visit, requester: Requester) -> Taker:
        require_keeper(requester)
        self._most = visit.edge.settings.max_file_bytes

        def take(form: Form, part: Part) -> Sink:
            del form, part
            self.chosen = True
            return self

        return take

    def feed(self, data: bytes) -> None:
        """More of it. Raises DocumentRejected (document_too_large)."""
        self.content.write(data)
        if self.content.tell() > self._most:
            raise DocumentRejected("document_too_large", limit_mb=max(1, self._most // 1024**2))

    def finish(self) -> str:
        """It is there."""
        return "taken"

    def abort(self) -> None:
        """Nothing of it is kept."""
        self.content.close()

    def require(self, form: Form, name: str) -> None:
        """Raises BadInput (file_not_chosen), or why the file in this field was refused."""
        if refused := form.refused.get(name):
            raise refused
        if not self.chosen:
            raise BadInput("file_not_chosen")
