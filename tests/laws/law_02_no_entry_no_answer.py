"""Law 2. The entry of a disclosure or a refusal is committed before the first byte of the answer leaves.

Streams of batches come later, with their own entry per batch; there is none to try yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from gateway.storage import tables as t
from gateway.storage.log import SqlLog
from gateway.use_cases.open_message import MessageScope, open_message
from gateway.use_cases.read_case_summaries import SummaryScope, read_case_summaries, read_case_summary
from gateway.use_cases.submit_message import submit_message
from gateway.vault.vault import Vault
from schemas.errors import MezhvedError, Refused, Unavailable
from tests.builders import NOW, referral
from tests.laws.world import EVERYTHING, OPEN, SUMMARIES, SUMMARY, World, decrypted, full, leaks, swapped


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
    }
    for name, (error, ask) in refusals.items():
        before = _count(world, t.entries)
        try:
            ask()
        except error:
            assert _count(world, t.entries) == before + 1, name
        else:
            raise AssertionError(name)
        assert world.entries()[-1].kind == "exchange.refused", name


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

CHECKS = (
    check_an_unwritten_entry_is_an_error,
    check_the_entry_is_committed_before_anything_is_opened,
    check_a_refusal_has_its_entry,
)
