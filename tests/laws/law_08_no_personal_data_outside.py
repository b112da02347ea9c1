"""Law 8. No personal data in logs, errors, metrics, traces, URLs or file names; at rest they are sealed.

There are no metrics and no traces yet: with them comes a check here.
"""

from __future__ import annotations

import base64
import io
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import Any
from urllib.parse import unquote_plus

import structlog
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from gateway import cli
from gateway.exchange import relay
from gateway.storage.log import SqlLog
from gateway.storage.messages import SqlMessages
from gateway.storage.participants import SqlParticipants
from gateway.use_cases.sign_in import sign_in
from gateway.vault.vault import Vault
from gateway.web.session import FORM_TOKEN, SESSION_COOKIE, form_token
from schemas.ids import new_id
from tests.builders import NOW
from tests.laws.world import (
    MARKERS,
    MESSAGE,
    MESSAGES,
    OPEN,
    PASSWORD,
    SERVICE_MARKERS,
    SUBMIT,
    SUMMARIES,
    SUMMARY,
    WITHDRAW,
    World,
    full,
    leaks,
    swapped,
    vacuum_copy,
)

SECRET = "Чибис Имя Chibis 14785296311"
"""What people type where they should not, and what a careless exception would quote."""


def check_logs_and_errors_are_silent(world: World) -> None:
    """Whatever goes wrong, logs, standard error and answers about failures have no word of the family."""
    with _listening() as heard:
        answers = [*_bad_questions(world), *_crashes(world), *_commands(world)]
    assert not leaks(heard.getvalue()), f"a log has {leaks(heard.getvalue())}: {_around(heard.getvalue())}"
    for name, answer in answers:
        assert not leaks(answer), f"{name} has {leaks(answer)}"
    assert "request.failed" in heard.getvalue(), "no failure was logged: this tries nothing"
    assert "graphql.resolver_failed" in heard.getvalue()


def check_addresses_and_file_names_are_silent(world: World) -> None:
    """No address that the pages lead to, no header, and no name of a file says anything."""
    for answer in _page_answers(world):
        headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        assert not leaks(unquote_plus(headers)), headers
    for path in world.settings.home.rglob("*"):
        assert not leaks(path.name), path.name


def check_what_rests_is_sealed(world: World) -> None:
    """After everything that can be done, neither store holds a word of the family in any spelling."""
    with _listening():
        _bad_questions(world)
        _crashes(world)
        _page_answers(world)
    for name, content in _bytes_at_rest(world):
        for marker in MARKERS:
            for spelling in _spellings(marker):
                assert spelling not in content, f"{name} holds {marker}"
    for entry in world.entries():
        assert not leaks(entry.body, MARKERS + SERVICE_MARKERS), f"an entry {entry.kind} says {leaks(entry.body)}"


# --- what is tried ---------------------------------------------------------------------------------------------------


def _bad_questions(world: World) -> list[tuple[str, bytes]]:
    """Personal data where they do not belong. Answers go to their sender, who knows what it sent: only logs count."""
    for query, variables in (
        (full(SUMMARY), {"id": SECRET, "purpose": SECRET}),
        (full(SUMMARY), {"id": SECRET, "purpose": "CASE_MGMT"}),
        (full(SUMMARIES), {"first": 2, "after": SECRET}),
        (full(MESSAGES), {"box": "INBOX", "first": 2, "after": SECRET}),
        (full(MESSAGE), {"id": SECRET}),
        (full(OPEN), {"id": SECRET}),
        (WITHDRAW, {"id": SECRET}),
        (SUBMIT, {"input": {"operationId": SECRET, "type": SECRET, "recipientOgrn": SECRET, "persons": []}}),
        (f'{{ message(id: "{SECRET}" ) {{ {"id"} nothing }} }}', {}),
        (f'{{ message(id: "{SECRET}', {}),
    ):
        world.ask("guardianship", query, **variables)
    known = {"kind": "child", "ref": SECRET, "identity": {"fullName": SECRET, "sex": SECRET}}
    draft = {"operationId": new_id(), "type": "referral", "recipientOgrn": world.town.ngo.ogrn}
    world.ask("centre", SUBMIT, input={**draft, "persons": [known], "statement": SECRET})
    known["identity"] = {"fullName": SECRET}
    world.ask("school", SUBMIT, input={**draft, "persons": [known], "statement": SECRET})
    # One that is in order: what it carries must rest sealed. The norm it names is its sender's own words.
    signal = {**draft, "operationId": new_id(), "type": "signal", "trigger": "threat", "statute": "Зимородок"}
    taken = world.ask(
        "school",
        SUBMIT,
        input={**signal, "recipientOgrn": world.town.guardianship.ogrn, "persons": [known], "statement": SECRET},
    )
    assert not taken.json().get("errors"), taken.text
    headers = world.headers("centre")
    for path, body in (
        ("/graphql", f'{{"query": "{SECRET}'),
        ("/files/xml", f"<?xml version='1.0'?><a name='{SECRET}'>"),
        ("/files/csv", f"СНИЛС;Фамилия\n{SECRET};{SECRET}\n"),
        ("/oauth/token", f"client_id={SECRET}&client_assertion={SECRET}"),
    ):
        world.http.post(path, content=body.encode(), headers={**headers, "Content-Type": "application/json"})
    world.http.get(
        "/queue", headers={"Authorization": f"Bearer {SECRET.encode().hex()}", "Cookie": "mezhved_session=Chibis"}
    )
    return []


def _crashes(world: World) -> list[tuple[str, bytes]]:
    """Failures that nobody foresaw, with personal data in the text of the exception."""

    def fails(*_: Any, **__: Any) -> Any:
        raise RuntimeError(SECRET)

    def refuses(*_: Any, **__: Any) -> Any:
        raise IntegrityError(f"INSERT {SECRET}", {"name": SECRET}, Exception(SECRET))

    found = []
    case = world.pseudonym("guardianship")
    for name, owner, method, wrong in (
        ("opening fails", Vault, "open_sections", fails),
        ("the log fails", SqlLog, "append", fails),
        ("the store refuses", SqlLog, "append", refuses),
        ("the store refuses a link", SqlLog, "link", refuses),
    ):
        with swapped(owner, method, wrong):
            found.append((name, world.ask("guardianship", full(SUMMARY), id=case, purpose="CASE_MGMT").content))
            found.append((name, world.ask("guardianship", full(OPEN), id=world.family.signal_id).content))
    token = sign_in(world.house, "ngo.worker", PASSWORD, NOW).token
    for name, wrong in (("the page fails", fails), ("the page's store refuses", refuses)):
        with swapped(SqlMessages, "queue", wrong):
            found.append((name, world.http.get("/queue", headers={"Cookie": f"{SESSION_COOKIE}={token}"}).content))
    with swapped(SqlParticipants, "organisation", fails):
        found.append(
            ("a file fails", world.http.post("/files/csv", content=b"a;b\n", headers=world.headers("centre")).content)
        )
    with swapped(SqlMessages, "waiting", refuses), suppress(Exception):
        worker = relay.Relay(world.house, 0.01, lambda: NOW)
        worker._stop.wait = lambda seconds: worker._stop.set()  # type: ignore[method-assign,assignment]  # one round
        worker._run()
    return found


def _commands(world: World) -> list[tuple[str, bytes]]:
    """The command line: an exception is a code, never a trace."""

    def fails(*_: Any, **__: Any) -> Any:
        raise RuntimeError(SECRET)

    out = io.StringIO()
    before = sys.argv
    sys.argv = ["mezhved", "evidence", "key"]
    try:
        with swapped(cli, "app", fails), redirect_stderr(out), redirect_stdout(out), suppress(SystemExit):
            cli.main()
    finally:
        sys.argv = before
        structlog.configure(processors=_PROCESSORS, logger_factory=structlog.PrintLoggerFactory(_heard[-1]))
    assert "internal_error" in out.getvalue()
    return [("a command", out.getvalue().encode())]


def _page_answers(world: World) -> list[Any]:
    token = sign_in(world.house, "ngo.worker", PASSWORD, NOW).token
    cookies = {"Cookie": f"{SESSION_COOKIE}={token}"}
    form = {
        FORM_TOKEN: form_token(token),
        "step": "preview",
        "child_name": SECRET,
        "child_snils": "14785296311",
        "statement": SECRET,
        "recipient": world.town.centre.ogrn,
    }
    message = world.family.referral_id
    return [
        world.http.get("/queue", headers=cookies),
        world.http.get(f"/messages/{message}", headers=cookies),
        world.http.post(f"/messages/{message}/open", data={FORM_TOKEN: form_token(token)}, headers=cookies),
        world.http.get(f"/messages/{message}", headers=cookies),
        world.http.post(f"/messages/{message}/accept", data={FORM_TOKEN: form_token(token)}, headers=cookies),
        world.http.post("/referrals/new", data=form, headers=cookies),
        world.http.post("/sign-in", data={"login": SECRET, "password": SECRET}),
        world.http.get("/log", headers=cookies),
    ]


# --- listening -------------------------------------------------------------------------------------------------------

_PROCESSORS = [structlog.processors.add_log_level, structlog.processors.JSONRenderer(ensure_ascii=False)]
_heard: list[io.StringIO] = []


@contextmanager
def _listening() -> Iterator[io.StringIO]:
    """All of structlog, standard logging down to DEBUG, and both standard streams."""
    heard = io.StringIO()
    _heard.append(heard)
    handler = logging.StreamHandler(heard)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    structlog.configure(processors=_PROCESSORS, logger_factory=structlog.PrintLoggerFactory(heard))
    try:
        with redirect_stderr(heard), redirect_stdout(heard):
            yield heard
    finally:
        structlog.reset_defaults()
        root.setLevel(level)
        root.removeHandler(handler)
        _heard.pop()


def _around(log: str) -> str:
    """The first line that says too much, for the developer."""
    return next((line for line in log.splitlines() if leaks(line)), "")[:500]


def _bytes_at_rest(world: World) -> list[tuple[str, bytes]]:
    if not world.is_sqlite:
        found = []
        for name, engine in (("data", world.engine), ("keys", world.key_engine)):
            with engine.connect() as connection:
                found.append((name, "\n".join(vacuum_copy(connection)).encode()))
        return found
    for engine in (world.engine, world.key_engine):
        with engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    files = [path for path in world.settings.home.rglob("*") if path.is_file()]
    assert any(path.stat().st_size > 50_000 for path in files), "no store was found"
    return [(path.name, path.read_bytes()) for path in files]


def _spellings(marker: str) -> list[bytes]:
    plain = marker.encode()
    found = [
        plain,
        marker.encode("utf-16-le"),
        marker.encode("utf-16-be"),
        plain.hex().encode(),
        marker.encode("ascii", "backslashreplace"),
    ]
    for shift in range(3):  # base64 of the marker at any place in a longer text
        coded = base64.b64encode(b"\0" * shift + plain)[(shift * 4 + 2) // 3 : -4]
        found.append(coded)
    return [spelling for spelling in found if len(spelling) > 5]


Check = Callable[[World], None]
CHECKS = (check_logs_and_errors_are_silent, check_addresses_and_file_names_are_silent, check_what_rests_is_sealed)
