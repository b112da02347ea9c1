"""Law 8. No personal data in logs, errors, metrics, traces, URLs or file names; at rest they are sealed.

There are no metrics and no traces yet: with them comes a check here.
"""

from __future__ import annotations

import base64
import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from datetime import timedelta
from typing import Any
from urllib.parse import unquote_plus

import structlog
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from gateway import cli
from gateway.exchange import relay
from gateway.exchange.dispatch import Dispatcher
from gateway.storage import tables as t
from gateway.storage.log import SqlLog
from gateway.storage.messages import SqlMessages
from gateway.storage.participants import SqlParticipants
from gateway.storage.queues import SqlQueues
from gateway.use_cases.answer_message import answer_message
from gateway.use_cases.appoint_deputy import appoint_deputy
from gateway.use_cases.decide_hold import HoldDecision, decide_hold
from gateway.use_cases.delivery_terms import DeliveryTerms
from gateway.use_cases.delivery_values import Outcome, Transport
from gateway.use_cases.make_package import make_package
from gateway.use_cases.open_message import open_message
from gateway.use_cases.read_holds import open_hold
from gateway.use_cases.receive_package_receipt import receive_package_receipt
from gateway.use_cases.register_endpoint import register_endpoint
from gateway.use_cases.review_emergency import open_emergency, review_emergency
from gateway.use_cases.sign_in import sign_in
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.tell_package_code import tell_package_code
from gateway.use_cases.verify_package import open_package
from gateway.vault.vault import Vault
from gateway.web.session import FORM_TOKEN, SESSION_COOKIE, form_token
from policies.ruling import Effect
from schemas.errors import MezhvedError
from schemas.ids import CaseId, Category, HoldId, new_id
from schemas.lifecycle import Event
from tests.builders import NOW
from tests.laws.documents import WORDS, on_a_page, session
from tests.laws.people import REASONS, THREAT, busy, decide, held_message, holds, look
from tests.laws.world import (
    ASSIGN,
    ASSIGNED,
    CLOSE_TIMER,
    DECLARE,
    END_FACT,
    EXPLAIN,
    FACTS,
    MARKERS,
    MESSAGE,
    MESSAGES,
    OPEN,
    PASSWORD,
    RECORD_FACT,
    SERVICE_MARKERS,
    SUBMIT,
    SUMMARIES,
    SUMMARY,
    WITHDRAW,
    World,
    all_fields,
    full,
    leaks,
    marked_message,
    swapped,
    vacuum_copy,
)

CLAIMED = (
    "query ($id: ID!, $purpose: String!, $statute: String, $request: String) "
    "{ caseSummary(caseId: $id, purpose: $purpose, statute: $statute, request: $request) %s }"
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
    _check_rest(world)


def check_what_is_handed_over_says_nothing_of_a_family(world: World) -> None:
    """Whatever happens to a message, what goes to a partner's system without content has no word of the family, nor have the
    rows, the entries and the log, also when a carrier fails with the content in its hands."""
    carrier = _Carrier()
    for address, content in (("bare", False), ("whole", True)):
        for place in ("guardianship", "school"):
            organisation = world.organisation(place)
            register_endpoint(world.house, organisation.id, "file", f"{address}-{place}", "test", NOW, content=content)
    draft = marked_message(world.town.school, world.town.guardianship, "handed", type="signal", trigger="threat")
    with _listening() as heard:
        message = submit_message(world.house, world.system("school"), draft, NOW).message
        relay.relay_once(world.house, NOW)
        open_message(world.house, world.system("guardianship"), message.id, NOW)
        answer_message(world.house, world.system("guardianship"), message.id, Event.ACCEPT, NOW)
        for failing in (True, False):
            carrier.failing = failing
            Dispatcher(
                world.house,
                lambda: {Transport.FILE: carrier},
                DeliveryTerms(),
                0.1,
                lambda now=NOW if failing else LATER: now,
            ).once()
    assert not leaks(heard.getvalue()), f"a log has {leaks(heard.getvalue())}: {_around(heard.getvalue())}"
    assert leaks(b"".join(carrier.bodies["whole-guardianship"])), (
        "no content went where it should: this tries too little"
    )
    for name, bodies in carrier.bodies.items():
        assert bodies, f"nothing went to {name}"
        if name != "whole-guardianship":
            assert not leaks(b"".join(bodies)), f"{name} was told {leaks(b''.join(bodies))}"
    assert {json.loads(body)["state"] for body in carrier.bodies["bare-school"]} >= {"delivered", "opened", "accepted"}
    _check_rest(world)


def check_a_package_says_nothing_to_who_finds_it(world: World) -> None:
    """The file, its name and everything beside the seal have no word of the family; neither have rows, entries and the log,
    whatever is done with the package and however it fails."""
    sender, message_id = world.system("school"), world.family.signal_id
    with _listening() as heard:
        made = make_package(world.house, sender, message_id, NOW)
        by_operator = make_package(world.house, None, message_id, NOW)
        assert made.code is not None
        tell_package_code(world.house, sender, message_id, made.package.id, NOW)
        for typed in ("Чибис 14785296311", "14785296311", made.code):
            with suppress(MezhvedError):
                receive_package_receipt(world.house, sender, message_id, typed, NOW)
        other = made.file.replace(b'"sealed": "', b'"sealed": "AAAA')
        cut = made.file[: made.file.index(b'"sealed": "') + 100]
        for broken in (other, cut, b"Chibis"):
            try:
                open_package(broken, made.code)
            except MezhvedError as error:
                assert not leaks(f"{error} {error.message()} {error.remedy()}")
            else:
                raise AssertionError("a broken package was opened")
    for package in (made, by_operator):
        assert not leaks(package.name), package.name
        assert not leaks(package.file), f"a file says {leaks(package.file)}"
        for marker in MARKERS:
            assert not [spelling for spelling in _spellings(marker) if spelling in package.file], (
                f"a file holds {marker}"
            )
        assert made.code not in repr(package)
    assert not leaks(heard.getvalue()), f"a log has {leaks(heard.getvalue())}"
    assert made.code not in heard.getvalue()
    assert leaks(open_package(made.file, made.code).document), "nothing is in it: this tries too little"
    _check_rest(world)


LATER = NOW + timedelta(hours=1)


class _Carrier:
    """Remembers what it was given; a careless one, whose exceptions quote it."""

    def __init__(self) -> None:
        self.failing = True
        self.bodies: dict[str, list[bytes]] = {}

    async def send(self, endpoint: Any, parcel: Any, described: Any, now: Any) -> Outcome:
        if self.failing:
            raise ValueError(described.body.decode())
        self.bodies.setdefault(endpoint.address, []).append(described.body)
        return Outcome(parcel)

    async def challenge(self, endpoint: Any, now: Any) -> str | None:
        return None

    async def close(self) -> None:
        pass


def _check_rest(world: World) -> None:
    for name, content in _bytes_at_rest(world):
        for marker in MARKERS:
            for spelling in _spellings(marker):
                assert spelling not in content, f"{name} holds {marker}"
    for entry in world.entries():
        assert not leaks(entry.body, MARKERS + SERVICE_MARKERS), f"an entry {entry.kind} says {leaks(entry.body)}"


def check_what_people_say_is_told_nowhere(world: World) -> None:
    """Reasons, numbers of acts, threats and claims, the words of a review: not in a log, not in an entry, not in a notice,
    not in a term, and not in the address of any page."""
    with _listening() as heard:
        addresses = [*_people_say(world), *_people_go_astray(world)]
    assert not leaks(heard.getvalue()), f"a log has {leaks(heard.getvalue())}: {_around(heard.getvalue())}"
    for address in addresses:
        assert not leaks(unquote_plus(address)), address
    kinds = {entry.kind for entry in world.entries()}
    assert kinds >= {"fact.recorded", "hold.decided", "emergency.declared", "emergency.reviewed", "access.explained"}
    _check_rest(world)


# --- what is tried ---------------------------------------------------------------------------------------------------


def _people_say(world: World) -> list[str]:
    """Every word that people can say about a family, said once; the addresses that pages led them to."""
    theirs = busy(world)
    for_two = next(hold for hold in holds(world, state="waiting") if hold.first_by)
    decide(world, "ngo.head", for_two)
    sent, _ = held_message(world, "said")
    (waiting,) = holds(world, message_id=sent.message.id)
    decide(world, "centre.head", waiting, {Category("ID"): Effect.PERMIT})
    claims = {"purpose": "CASE_MGMT", "statute": f"{SECRET} 1", "request": f"{SECRET} 2"}
    case = world.pseudonym("guardianship", theirs.family.case_id)
    answer = world.ask("guardianship", CLAIMED % all_fields("CaseSummaryNode"), id=case, **claims)
    assert answer.json()["data"]["caseSummary"], "the claims were not taken"
    review_emergency(world.house, world.person("ngo.dpo"), theirs.emergency, "justified", REASONS, NOW)
    (protected,) = [
        row.id
        for row in world.rows(select(t.recorded_facts).filter_by(fact="location_protected"))
        if row.id in theirs.facts
    ]
    world.ask("ngo", END_FACT.replace("слова", SECRET), id=protected)
    explained = world.ask(
        "ngo", full(EXPLAIN), id=world.pseudonym("ngo"), to=world.town.guardianship.ogrn, purpose="CASE_MGMT"
    )
    assert not explained.json().get("errors")
    return _said_on_pages(world, theirs.family.case_id)


def _said_on_pages(world: World, case_id: CaseId) -> list[str]:
    """The same in a browser."""
    token = sign_in(world.house, "guardianship.worker", PASSWORD, NOW).token
    cookies = {"Cookie": f"{SESSION_COOKIE}={token}"}
    case = world.pseudonym("guardianship", case_id)
    forms = {
        "/emergencies/new": {"case": case, "words": THREAT, "sure": "on"},
        "/case": {"id": case, "purpose": "CASE_MGMT", "statute": SECRET},
    }
    answers = [
        world.http.post(path, data={FORM_TOKEN: form_token(token), **form}, headers=cookies)
        for path, form in forms.items()
    ]
    look(world, case_id)
    declared = world.rows(select(t.emergencies.c.id).where(t.emergencies.c.state == "open"))
    deciding = sign_in(world.house, "ngo.dpo", PASSWORD, NOW).token
    form = {FORM_TOKEN: form_token(deciding), "words": REASONS, "outcome": "misuse"}
    headers = {"Cookie": f"{SESSION_COOKIE}={deciding}"}
    answers += [world.http.post(f"/emergencies/{row.id}", data=form, headers=headers) for row in declared]
    assert declared, "nothing was declared on the page"
    return [f"{answer.headers.get('location', '')} {answer.url}" for answer in answers]


def _people_go_astray(world: World) -> list[str]:
    """Words where identifiers, codes and logins belong, and words that are too many."""
    person = {"pseudonym": SECRET}
    wrong = {"fact": SECRET, "person": {"ref": SECRET}, "value": SECRET}
    act = {"fact": "rights_limited", "person": {"identifiers": {"snils": "11223344595"}}, "aboutWho": "mother"}
    for place, query, variables in (
        ("ngo", END_FACT, {"id": SECRET}),
        ("ngo", CLOSE_TIMER, {"id": SECRET}),
        ("ngo", full(FACTS), {"person": person}),
        ("ngo", full(EXPLAIN), {"id": SECRET, "to": SECRET, "purpose": SECRET}),
        ("ngo", full(EXPLAIN), {"id": SECRET, "to": world.town.ngo.ogrn, "purpose": "CASE_MGMT"}),
        ("ngo", ASSIGN, {"id": SECRET, "login": SECRET}),
        ("ngo", ASSIGN, {"id": world.pseudonym("ngo"), "login": SECRET}),
        ("ngo", ASSIGNED, {"id": SECRET}),
        ("ngo", RECORD_FACT, {"input": wrong}),
        ("ngo", RECORD_FACT, {"input": {**wrong, "fact": "suspected", "replaces": SECRET}}),
        ("guardianship", RECORD_FACT, {"input": {**act, "document": {"number": SECRET}}}),
        (
            "guardianship",
            RECORD_FACT,
            {"input": {**act, "document": {"number": SECRET * 900, "reasons": SECRET * 900}}},
        ),
        (
            "guardianship",
            RECORD_FACT,
            {"input": {**act, "replaces": SECRET, "document": {"number": SECRET, "on": "2026-01-01"}}},
        ),
        (
            "guardianship",
            RECORD_FACT,
            {"input": {**act, "value": SECRET, "document": {"number": SECRET, "on": "2026-01-01"}}},
        ),
        ("guardianship", DECLARE, {"id": SECRET, "words": THREAT, "login": "guardianship.worker"}),
        ("guardianship", DECLARE, {"id": world.pseudonym("guardianship"), "words": THREAT, "login": SECRET}),
        ("guardianship", DECLARE, {"id": world.pseudonym("guardianship"), "words": "Чибис", "login": SECRET}),
        ("guardianship", CLAIMED % "{ version }", {"id": SECRET, "purpose": "CASE_MGMT", "statute": SECRET * 90}),
    ):
        world.ask(place, query, **variables)
    dpo = world.person("ngo.dpo")
    for work in (
        lambda: open_hold(world.house, dpo, HoldId(SECRET), NOW),
        lambda: decide_hold(world.house, dpo, HoldId(SECRET), HoldDecision({}, SECRET, SECRET), NOW),
        lambda: open_emergency(world.house, dpo, SECRET, NOW),
        lambda: review_emergency(world.house, dpo, SECRET, SECRET, SECRET, NOW),
        lambda: appoint_deputy(world.house, world.person("ngo.head"), SECRET, NOW),
    ):
        with suppress(MezhvedError):
            work()
    token = sign_in(world.house, "ngo.dpo", PASSWORD, NOW).token
    cookies = {"Cookie": f"{SESSION_COOKIE}={token}"}
    form = {
        FORM_TOKEN: form_token(token),
        "words": SECRET,
        "about": SECRET,
        "case": SECRET,
        "sure": "on",
        "reason": SECRET,
    }
    paths = ("/decisions/seen", "/emergencies/new", f"/decisions/{new_id()}", f"/decisions/timers/{new_id()}")
    answers = [world.http.post(path, data=form, headers=cookies) for path in paths]
    return [answer.headers.get("location", "") for answer in answers]


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
    signal = {**draft, "operationId": new_id(), "type": "signal", "trigger": "threat", "statute": "Зимородок 120"}
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
        with swapped(SqlQueues, "page", wrong):
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


def check_names_of_files_are_nowhere(world: World) -> None:
    """People name files after families. The name is neither kept nor logged nor told, by whichever way the file comes."""
    operation = new_id()
    name, token = "Чибис Имя 14785296311.pdf", session(world, "centre.worker")
    typed = {"operation_id": operation, "step": "add_document", "doc_kind": "support_plan", "doc_category": "ID"}
    with _listening() as heard:
        answers = [
            on_a_page(
                world,
                token,
                "/referrals/new",
                data={**typed, "doc_how": "file"},
                files={"doc_file": (name, content, kind)},
            )
            for content, kind in ((WORDS, "application/pdf"), (b"MZ", "application/pdf"), (b"MZ", "text/Чибис"))
        ]
        answers.append(
            world.http.post(
                "/attachments",
                content=WORDS,
                headers={
                    **world.headers("centre"),
                    "Content-Type": 'application/pdf; name="Chibis.pdf"',
                    "Content-Disposition": 'attachment; filename="Chibis.pdf"',
                    "Mezhved-Operation": operation,
                },
            )
        )
    assert {answer.status_code for answer in answers} == {200, 400, 201}, "no file was taken, or none refused"
    for answer in answers:
        assert not leaks(answer.text), "the name of a file is told"
    assert not leaks(heard.getvalue()), _around(heard.getvalue())
    _check_rest(world)
    for path in world.settings.home.rglob("*"):
        assert not leaks(path.name), path.name


CHECKS = (
    check_logs_and_errors_are_silent,
    check_addresses_and_file_names_are_silent,
    check_what_rests_is_sealed,
    check_what_people_say_is_told_nowhere,
    check_what_is_handed_over_says_nothing_of_a_family,
    check_names_of_files_are_nowhere,
    check_a_package_says_nothing_to_who_finds_it,
)
