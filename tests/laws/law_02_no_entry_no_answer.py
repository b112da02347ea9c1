"""Law 2. The entry of a disclosure or a refusal is committed before the first byte of the answer leaves.

A stream of parts has an entry for each of them, before the bytes of that part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from gateway.partner.package_codes import receipt_code
from gateway.storage import tables as t
from gateway.storage import tables_attachments
from gateway.storage import tables_practices as p
from gateway.storage.log import SqlLog
from gateway.storage.tables_intake import kept_records
from gateway.storage.tables_packages import package_receipts, packages
from gateway.storage.tables_records import case_records
from gateway.use_cases.assign_case import assign_case
from gateway.use_cases.change_practice import switch_timer
from gateway.use_cases.declare_emergency import declare_emergency
from gateway.use_cases.end_fact import end_fact
from gateway.use_cases.explain_access import explain_access
from gateway.use_cases.keep_case_record import keep_case_record
from gateway.use_cases.keep_draft import keep_draft
from gateway.use_cases.make_package import make_package
from gateway.use_cases.open_message import MessageScope, open_message
from gateway.use_cases.package_secrets import open_secrets
from gateway.use_cases.read_attachment import list_documents
from gateway.use_cases.read_case_records import read_case_records
from gateway.use_cases.read_case_summaries import SummaryScope, read_case_summaries, read_case_summary
from gateway.use_cases.read_drafts import open_draft
from gateway.use_cases.read_facts import read_facts
from gateway.use_cases.read_holds import open_hold
from gateway.use_cases.read_loads import read_loads
from gateway.use_cases.read_timers import close_timer
from gateway.use_cases.receive_package_receipt import receive_package_receipt
from gateway.use_cases.record_absence import record_absence
from gateway.use_cases.record_practice_event import record_practice_event
from gateway.use_cases.remove_documents import remove_documents
from gateway.use_cases.review_emergency import open_emergency, review_emergency
from gateway.use_cases.score_case import read_own_case, score_case
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.tell_package_code import tell_package_code
from gateway.vault.vault import Vault
from policies.case_records import Said
from policies.ruling import Effect
from schemas.errors import Broken, MezhvedError, Refused, Unavailable
from schemas.facts import FactDocument, PersonNamed
from schemas.ids import Category, FactId, HoldId, new_id
from tests.builders import NOW, referral
from tests.laws.documents import WORDS, descriptions_opened, on_a_page, session, with_documents
from tests.laws.exchanges import everything, exchange_deeds
from tests.laws.exported import check_an_export_needs_its_entries
from tests.laws.files_in import handed_in_or_returned, refused_or_rehearsed
from tests.laws.people import REASONS, THREAT, act, busy, decide, declare, held_family, hold_of, look, protect
from tests.laws.world import EVERYTHING, OPEN, SUMMARIES, SUMMARY, World, decrypted, full, leaks, swapped, unsealed


def check_an_unwritten_entry_is_an_error(world: World) -> None:
    """Whatever step of the entry fails, nothing is opened, nothing is answered, nothing is left behind."""
    for name, broken in FAULTS.items():
        for question, ask in _questions(world).items():
            before = len(world.entries())
            with decrypted() as opened, broken(world):
                answer = ask()
            where = f"{question}, {name}"
            assert answer.get("errors"), f"{where}: answered without its entry"
            assert not leaks(str(answer)), where
            assert not opened, f"{where}: opened {opened}"
            assert len(world.entries()) == before, f"{where}: half an entry"


def check_the_entry_is_committed_before_anything_is_opened(world: World) -> None:
    """When sealed sections are fetched and opened, another connection already sees the entry and its links."""
    seen: list[tuple[int, int]] = []

    def look() -> None:
        seen.append((_count(world, t.entries), _count(world, t.disclosures)))

    fetches = {scope: scope.__dict__["fetch"] for scope in (SummaryScope, MessageScope)}
    openings = Vault.open_sections

    def fetching(original: Callable[..., Any]) -> Callable[..., Any]:
        def fetch(*arguments: Any) -> Any:
            look()
            return original(*arguments)

        return fetch

    def opening(vault: Vault, sections: Sequence[Any]) -> Any:
        look()
        return openings(vault, sections)

    with (
        swapped(SummaryScope, "fetch", fetching(fetches[SummaryScope])),
        swapped(MessageScope, "fetch", fetching(fetches[MessageScope])),
        swapped(Vault, "open_sections", opening),
    ):
        for ask in _use_cases(world).values():
            entries, links = _count(world, t.entries), _count(world, t.disclosures)
            ask()
            assert seen, "nothing was fetched: this question tries nothing"
            assert all(e > entries and k > links for e, k in seen), "opened before its entry was committed"
            seen.clear()


def check_what_people_do_needs_its_entry(world: World) -> None:
    """Decisions on holds, facts, emergencies, assignments, explanations and the reading of words: where the entry cannot be
    written nothing is decided, recorded, opened or told."""
    for name, work in _deeds(world).items():
        for fault in ("append", "insert", "commit"):
            before, where = _state(world), f"{name}, {fault}"
            with unsealed() as opened, FAULTS[fault](world):
                try:
                    work()
                except Broken as error:
                    assert not leaks(f"{error} {error.message()}"), where
                else:
                    raise AssertionError(f"{where}: done without its entry")
            assert not [purpose for purpose in opened if purpose != "decision-facts"], f"{where}: opened {opened}"
            assert _state(world) == before, f"{where}: half of it is done"
        entries = _count(world, t.entries)
        work()
        assert _count(world, t.entries) == entries + 1, f"{name}: not one entry"


def check_what_sides_do_with_a_message_needs_its_entry(world: World) -> None:
    """Where the entry of an answer, a redirect, a transfer, a taking back, a number or an order cannot be written, nothing of
    it is done."""
    for name, prepare in exchange_deeds(world).items():
        work = prepare()
        for fault in ("append", "insert", "commit"):
            before, where = everything(world), f"{name}, {fault}"
            with FAULTS[fault](world):
                try:
                    work()
                except Broken as error:
                    assert not leaks(f"{error} {error.message()}"), where
                else:
                    raise AssertionError(f"{where}: done without its entry")
            assert everything(world) == before, f"{where}: half of it is done"
        entries = _count(world, t.entries)
        work()
        assert _count(world, t.entries) > entries, f"{name}: no entry"


def check_words_are_opened_after_their_entry(world: World) -> None:
    """When facts of a ruling or words of people are opened, another connection already sees the entry of the reading."""
    theirs = busy(world)
    seen: list[int] = []

    def looking(original: Callable[..., Any]) -> Callable[..., Any]:
        def opening(*arguments: Any) -> Any:
            seen.append(_count(world, t.entries))
            return original(*arguments)

        return opening

    person = PersonNamed(ref="Chibis-1")
    dpo = world.person("ngo.dpo")
    readings: dict[str, Callable[[], object]] = {
        "facts": lambda: read_facts(world.house, dpo, person, NOW),
        "a hold": lambda: open_hold(world.house, dpo, HoldId(theirs.holds[0]), NOW),
        "an emergency": lambda: open_emergency(world.house, dpo, theirs.emergency, NOW),
    }
    own, ngo = world.pseudonym("ngo"), world.system("ngo")
    keep_case_record(world.house, ngo, own, Said("scenario", "planned_support"), NOW)
    score_case(world.house, ngo, own, "complexity", dict.fromkeys(CRITERIA, 3), NOW)
    readings |= {
        "what is kept of a case": lambda: read_case_records(world.house, ngo, own, NOW),
        "scores": lambda: read_own_case(world.house, ngo, own, NOW),
        "loads": lambda: read_loads(world.house, world.person("ngo.head"), NOW),
    }
    with (
        swapped(Vault, "open_all_words", looking(Vault.open_all_words)),
        swapped(Vault, "open_facts", looking(Vault.open_facts)),
    ):
        for name, read in readings.items():
            entries = _count(world, t.entries)
            read()
            assert seen, f"{name}: nothing was opened, so this tries nothing"
            assert all(count > entries for count in seen), f"{name}: opened before its entry was committed"
            seen.clear()


def check_a_package_needs_its_entries(world: World) -> None:
    """A package rests on two entries, that of the reading and its own: without either there is no file, no row and no code.
    A code is told, and a receipt counts, with its entry only."""
    house, sender, message = world.house, world.system("school"), world.family.signal_id
    made = make_package(house, sender, message, NOW)
    secrets = open_secrets(house, made.package)
    assert secrets is not None
    receipt = receipt_code(secrets.receipt_key, made.package.id, 0, 0, made.package.outcomes[0])
    deeds: dict[str, Callable[[], object]] = {
        "a package": lambda: make_package(house, sender, message, NOW),
        "its code": lambda: tell_package_code(house, sender, message, made.package.id, NOW),
        "a receipt": lambda: receive_package_receipt(house, sender, message, receipt, NOW),
    }
    for name, deed in deeds.items():
        for kind in ENTRIES[name]:
            before = _packages(world)
            with swapped(SqlLog, "append", _failing_at(kind)):
                try:
                    deed()
                except Broken as error:
                    assert not leaks(f"{error} {error.message()}"), f"{name}, {kind}"
                else:
                    raise AssertionError(f"{name}: done without the entry {kind}")
            assert _packages(world) == before, f"{name}: half of it is done without the entry {kind}"
        entries = _count(world, t.entries)
        deed()
        assert _count(world, t.entries) >= entries + len(ENTRIES[name]), f"{name}: an entry is missing"


ENTRIES = {
    "a package": ("exchange.decided", "package.made"),
    "its code": ("exchange.decided", "package.code_told"),
    "a receipt": ("package.receipt",),
}


def _failing_at(kind: str) -> Callable[..., None]:
    append = SqlLog.append

    def fail(log: SqlLog, entry_id: Any, its_kind: str, *rest: Any) -> None:
        if its_kind == kind:
            _fails()
        append(log, entry_id, its_kind, *rest)

    return fail


def _packages(world: World) -> list[Any]:
    tables = (packages, package_receipts, t.receipts, t.messages)
    return [sorted(map(repr, world.rows(select(table)))) for table in tables]


CRITERIA = ("remoteness", "guardianship_tension", "lack_of_resources", "removal_risk", "substances")


def _deeds(world: World) -> dict[str, Callable[[], object]]:
    """What people and systems do and read, each once and with one entry."""
    house = world.house
    family = held_family(world, "deeds")
    fact, other = protect(world), act(world, "14785296311")
    look(world, family.case_id)
    look(world, world.family.case_id, "GUARDIANSHIP")
    hold, for_two = hold_of(world, family.child), hold_of(world, world.family.child, "RU-SK-139-1")
    declared = declare(world, family.case_id)
    adoption = {Category("ADP"): Effect.PERMIT}
    dpo, head, worker = (world.person(f"ngo.{name}") for name in ("dpo", "head", "worker"))
    timer = next(row.id for row in _terms(world) if row.about_kind == "message")
    return {
        "reading facts": lambda: read_facts(house, dpo, PersonNamed(ref="Chibis-1"), NOW),
        "opening a hold": lambda: open_hold(house, dpo, HoldId(hold.id), NOW),
        "opening an emergency": lambda: open_emergency(house, dpo, declared.id, NOW),
        "explaining": lambda: explain_access(
            house, dpo, world.pseudonym("ngo"), world.town.guardianship.ogrn, "CASE_MGMT", NOW
        ),
        "recording a fact": lambda: protect(world, "Chibis-1-2"),
        "a body's act": lambda: act(world, "11223344595"),
        "asking to end a fact": lambda: end_fact(house, worker, fact, FactDocument(reasons=REASONS), NOW),
        "ending a fact": lambda: end_fact(house, head, fact, FactDocument(reasons=REASONS), NOW),
        "a body ends its act": lambda: end_fact(
            house, world.system("guardianship"), FactId(other), FactDocument(number="1", on=NOW.date()), NOW
        ),
        "a yes": lambda: decide(world, "ngo.head", hold, {Category("ID"): Effect.PERMIT}),
        "the first of two": lambda: decide(world, "ngo.dpo", for_two, adoption),
        "the second of two": lambda: decide(world, "ngo.head", for_two, adoption),
        "declaring": lambda: declare(world, world.family.case_id),
        "reviewing": lambda: review_emergency(house, dpo, declared.id, "misuse", REASONS, NOW),
        "switching a term": lambda: switch_timer(house, head, "first-visit", NOW, on=True),
        "recording an event": lambda: record_practice_event(
            house, world.system("ngo"), world.pseudonym("ngo"), "signal_received", NOW
        ),
        "scoring": lambda: score_case(
            house, world.system("ngo"), world.pseudonym("ngo"), "complexity", dict.fromkeys(CRITERIA, 2), NOW
        ),
        "keeping a record": lambda: keep_case_record(
            house, world.system("ngo"), world.pseudonym("ngo"), Said("scenario", "planned_support"), NOW
        ),
        "reading what is kept": lambda: read_case_records(house, world.system("ngo"), world.pseudonym("ngo"), NOW),
        "reading loads": lambda: read_loads(house, head, NOW),
        "assigning": lambda: assign_case(house, head, world.pseudonym("ngo"), "ngo.worker", NOW),
        "closing a term": lambda: close_timer(house, _of(world, timer), timer, NOW),
    }


def _terms(world: World) -> list[Any]:
    return world.rows(select(t.timers).where(t.timers.c.due_at.is_not(None), t.timers.c.done_at.is_(None)))


def _of(world: World, timer_id: str) -> Any:
    (row,) = world.rows(select(t.timers).where(t.timers.c.id == timer_id))
    return next(
        world.system(place)
        for place in ("ngo", "centre", "school", "guardianship")
        if world.organisation(place).id == row.organisation_id
    )


def _state(world: World) -> list[Any]:
    """Everything that people decide, as it stands for another connection."""
    tables = (t.entries, t.recorded_facts, t.fact_events, t.holds, t.emergencies, t.notices, t.timers, t.assignments)
    tables += (
        p.practice_courses,
        p.practice_events,
        p.practice_timers,
        p.practice_settings,
        p.case_scores,
        case_records,
    )
    return [sorted(world.rows(select(table)), key=repr) for table in tables]


def check_a_refusal_has_its_entry(world: World) -> None:
    """A refusal is an answer too: its entry stands before the caller hears of it, also for what does not exist."""
    stranger = world.system("stranger")
    refusals: dict[str, tuple[type[MezhvedError], Callable[[], object]]] = {
        "a real case": (
            Unavailable,
            lambda: read_case_summary(world.house, stranger, world.pseudonym("stranger"), EVERYTHING, NOW),
        ),
        "an invented case": (Unavailable, lambda: read_case_summary(world.house, stranger, "z" * 52, EVERYTHING, NOW)),
        "a real message": (Unavailable, lambda: open_message(world.house, stranger, world.family.signal_id, NOW)),
        "a referral without consent": (
            Refused,
            lambda: submit_message(world.house, stranger, referral(world.town.stranger, world.town.ngo), NOW),
        ),
        "an emergency in a real case": (Unavailable, lambda: _declare(world, world.pseudonym("stranger"))),
        "an emergency in an invented case": (Unavailable, lambda: _declare(world, "z" * 52)),
        "an emergency where the kind is not listed": (Refused, lambda: _declare(world, world.pseudonym("ngo"), "ngo")),
        "an explanation of a foreign case": (
            Unavailable,
            lambda: explain_access(
                world.house, stranger, world.pseudonym("stranger"), world.town.ngo.ogrn, "CASE_MGMT", NOW
            ),
        ),
    }
    for name, (error, ask) in refusals.items():
        before = _count(world, t.entries)
        try:
            ask()
        except error:
            assert _count(world, t.entries) == before + 1, name
        else:
            raise AssertionError(name)
        expected = "access.explained" if name.startswith("an explanation") else "exchange.refused"
        assert world.entries()[-1].kind == expected, name


def _declare(world: World, case: str, place: str = "stranger") -> object:
    return declare_emergency(world.house, world.person(f"{place}.worker"), case, THREAT, NOW)


def _use_cases(world: World) -> dict[str, Callable[[], object]]:
    system = world.system("guardianship")
    return {
        "one summary": lambda: read_case_summary(world.house, system, world.pseudonym("guardianship"), EVERYTHING, NOW),
        "a page": lambda: read_case_summaries(world.house, system, EVERYTHING, None, 5, NOW),
        "a message": lambda: open_message(world.house, system, world.family.signal_id, NOW),
    }


def _questions(world: World) -> dict[str, Callable[[], Any]]:
    case = world.pseudonym("guardianship")
    return {
        "one summary": lambda: world.ask("guardianship", full(SUMMARY), id=case, purpose="CASE_MGMT").json(),
        "a page": lambda: world.ask("guardianship", full(SUMMARIES), first=5).json(),
        "a message": lambda: world.ask("guardianship", full(OPEN), id=world.family.signal_id).json(),
        "a refusal": lambda: _without_unavailable(
            world.ask("stranger", full(SUMMARY), id="z" * 52, purpose="CASE_MGMT").json()
        ),
    }


def _without_unavailable(answer: Any) -> Any:
    """A refusal must not be pronounced either: the only answer without an entry is that the gateway is broken."""
    codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
    return {} if "case_unavailable" in codes else answer


def _count(world: World, table: Any) -> int:
    (row,) = world.rows(select(func.count()).select_from(table))
    return int(row[0])


# --- what may fail ---------------------------------------------------------------------------------------------------


@contextmanager
def _failing_append(world: World) -> Iterator[None]:
    with swapped(SqlLog, "append", _fails):
        yield


@contextmanager
def _failing_link(world: World) -> Iterator[None]:
    with swapped(SqlLog, "link", _fails):
        yield


@contextmanager
def _failing_insert(world: World) -> Iterator[None]:
    """The database itself refuses the row."""

    def refuse(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("INSERT INTO entries"):
            raise OperationalError(statement, {}, Exception("disk full"))

    event.listen(world.engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        event.remove(world.engine, "before_cursor_execute", refuse)


@contextmanager
def _failing_commit(world: World) -> Iterator[None]:
    """All rows are written, and then the commit of the writing unit fails."""

    wrote: set[int] = set()

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("INSERT"):
            wrote.add(id(connection.connection.dbapi_connection))

    def refuse(connection: Any) -> None:
        if id(connection.connection.dbapi_connection) in wrote:
            raise OperationalError("COMMIT", {}, Exception("disk full"))

    event.listen(world.engine, "before_cursor_execute", note)
    event.listen(world.engine, "commit", refuse)
    try:
        yield
    finally:
        event.remove(world.engine, "commit", refuse)
        event.remove(world.engine, "before_cursor_execute", note)


def _fails(*_: object) -> None:
    raise OperationalError("INSERT", {}, Exception("disk full"))


FAULTS = {"append": _failing_append, "link": _failing_link, "insert": _failing_insert, "commit": _failing_commit}


def check_a_file_is_taken_after_its_entry(world: World) -> None:
    """From a page as from the API, by the recipient as by the sender: where the entry cannot be written, not a byte is opened;
    what was destroyed keeps its documents until their removal is on record."""
    message = with_documents(world)
    _, documents = list_documents(world.house, world.system("ngo"), message, NOW)
    document = next(one for one in documents if one.has_file)
    recipient, sender = session(world, "ngo.worker"), session(world, "centre.worker")
    page, file = f"/messages/{message}/documents/{document.id}", f"/messages/{message}/attachments/{document.id}"
    ways = {
        "page": lambda: on_a_page(world, recipient, page),
        "API": lambda: world.http.get(file, headers=world.headers("ngo")),
        "page of the sender": lambda: on_a_page(world, sender, page),
        "API for the sender": lambda: world.http.get(file, headers=world.headers("centre")),
    }
    for name, broken in FAULTS.items():
        for way, take in ways.items():
            if name == "link" and "sender" in way:
                continue  # nothing is ruled, so nothing is linked
            before = len(world.entries())
            with descriptions_opened() as opened, broken(world):
                answer = take()
            assert answer.status_code >= 400, f"{way}, {name}: taken without its entry"
            assert WORDS not in answer.content
            assert not opened, f"{way}, {name}: opened {opened}"
            assert len(world.entries()) == before
    for way, take in ways.items():
        assert take().content == WORDS, f"{way}: this tries nothing"
    world.house.vault._keys.destroy(document.subject_id, now=NOW, reason="срок")
    kept = world.rows(select(tables_attachments.attachments))
    for name in ("append", "insert", "commit"):
        with suppress(Exception), FAULTS[name](world):
            remove_documents(world.house, NOW)
        assert world.rows(select(tables_attachments.attachments)) == kept, f"{name}: removed without an entry"


def check_a_draft_of_another_is_opened_after_its_entry(world: World) -> None:
    """Who stands in for its author reads what was typed, once that is on record."""
    author, other = world.person("ngo.worker"), world.person("ngo.other")
    draft = new_id()
    keep_draft(world.house, author, draft, "compose", {"child_name": ["Чибис Имя"]}, NOW, kind="inquiry")
    day = NOW.date()
    record_absence(world.house, author, "ngo.worker", day, day, "ngo.other", NOW)
    for name in ("append", "insert", "commit"):
        with unsealed() as opened, suppress(Exception), FAULTS[name](world):
            open_draft(world.house, other, draft, NOW)
        assert opened == [], f"{name}: opened without its entry"
    assert open_draft(world.house, other, draft, NOW)[1] == {"child_name": ["Чибис Имя"]}, "this tries nothing"
    assert [row.kind for row in world.entries()].count("draft.opened") == 1


def check_own_lists_are_opened_after_their_entry(world: World) -> None:
    """Where the entry of reading, or of keeping, cannot be written, nothing of a list is opened, and nothing kept."""
    content = "№ дела;ФИО ребёнка\n1;Синтетов Иван\n".encode()
    faults = {name: fault for name, fault in FAULTS.items() if name != "link"}  # nothing is linked to them
    path, headers = "/files/csv?profile=families", world.headers("centre")
    for name, broken in faults.items():
        with broken(world):
            answer = world.http.post(path, content=content, headers=headers)
            assert answer.status_code >= 400, f"{name}: kept without its entry"
        assert world.rows(select(kept_records)) == [], name
    assert world.http.post(path, content=content, headers=headers).json()["kept"] == 1
    opened: list[str] = []
    before = Vault.open_drafts

    def looking(vault: Vault, sealed: Mapping[str, bytes]) -> Mapping[str, bytes]:
        opened.extend(sealed)
        return before(vault, sealed)

    for name, broken in faults.items():
        with swapped(Vault, "open_drafts", looking), broken(world):
            answer = world.http.get("/kept/families", headers=headers)
        assert answer.status_code >= 400, f"{name}: read without its entry"
        assert opened == [], f"{name}: opened without its entry"
    assert "Синтетов" in world.http.get("/kept/families", headers=headers).text, "this tries nothing"


def check_a_file_refused_or_rehearsed_has_its_entry(world: World) -> None:
    """What is refused for its signature, and what is only asked, is on record before it is answered."""
    refused_or_rehearsed(world, {name: fault for name, fault in FAULTS.items() if name != "link"})


def check_a_file_handed_in_or_returned_has_its_entry(world: World) -> None:
    """What waits to be taken step by step, and refused rows that leave, are on record before they are answered."""
    handed_in_or_returned(world, {name: fault for name, fault in FAULTS.items() if name != "link"})


CHECKS = (
    check_a_file_handed_in_or_returned_has_its_entry,
    check_a_file_refused_or_rehearsed_has_its_entry,
    check_a_draft_of_another_is_opened_after_its_entry,
    check_own_lists_are_opened_after_their_entry,
    check_an_unwritten_entry_is_an_error,
    check_the_entry_is_committed_before_anything_is_opened,
    check_a_refusal_has_its_entry,
    check_what_people_do_needs_its_entry,
    check_what_sides_do_with_a_message_needs_its_entry,
    check_words_are_opened_after_their_entry,
    check_a_file_is_taken_after_its_entry,
    check_a_package_needs_its_entries,
    check_an_export_needs_its_entries,
)
