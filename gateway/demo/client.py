"""A partner's system, as the demo plays it: gets a token by private_key_jwt and calls the API over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2
from joserfc.jwk import ECKey

from gateway.oauth.client import token_form

TOKEN_PATH = "/oauth/token"  # noqa: S105  a path


class DiffersError(Exception):
    """Something came back that the story does not expect."""


@dataclass(slots=True)
class PartnerSystem:
    """One client of one organisation."""

    base: str
    client_id: str
    key: ECKey
    _token: str = field(default="", repr=False)

    def token(self) -> str:
        """A token, asked for once."""
        if not self._token:
            endpoint = self.base + TOKEN_PATH
            form = token_form(self.key, self.client_id, endpoint, datetime.now(UTC))
            answer = httpx2.post(endpoint, data=form, timeout=30)
            if answer.status_code != httpx2.codes.OK:
                msg = f"токен не выдан: {answer.status_code} {answer.text}"
                raise DiffersError(msg)
            self._token = answer.json()["access_token"]
        return self._token

    def ask(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """The `data` of a GraphQL answer. Raises DiffersError when there are errors."""
        answer: dict[str, Any] = self.raw(query, variables).json()
        if answer.get("errors"):
            first = answer["errors"][0]
            msg = f"{first['extensions']['code']}: {first['message']}"
            raise DiffersError(msg)
        data: dict[str, Any] = answer["data"]
        return data

    def refused(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """The `extensions` of the error that a question gets. Raises DiffersError when it gets none."""
        answer: dict[str, Any] = self.raw(query, variables).json()
        if not answer.get("errors"):
            msg = "должен быть отказ, а его нет"
            raise DiffersError(msg)
        extensions: dict[str, Any] = answer["errors"][0]["extensions"]
        return extensions

    def raw(self, query: str, variables: dict[str, Any] | None = None) -> httpx2.Response:
        """The whole answer."""
        return httpx2.post(
            f"{self.base}/graphql",
            json={"query": query, "variables": variables or {}},
            headers={"Authorization": f"Bearer {self.token()}"},
            timeout=60,
        )

    def send_file(self, form: str, content: bytes) -> dict[str, Any]:
        """The receipt of a file."""
        answer = httpx2.post(
            f"{self.base}/files/{form}",
            content=content,
            headers={"Authorization": f"Bearer {self.token()}"},
            timeout=120,
        )
        if answer.status_code != httpx2.codes.OK:
            msg = f"файл не принят: {answer.status_code} {answer.json().get('code')}"
            raise DiffersError(msg)
        receipt: dict[str, Any] = answer.json()
        return receipt
