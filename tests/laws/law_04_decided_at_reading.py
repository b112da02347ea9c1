"""Law 4. Consents, authorities and ages are read at each request; the entry fixes the order, and a loser is ruled again.

Streams come later (one entry per batch). Replicas are played by a second house over the same stores.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.building import build_house
from gateway.exchange.relay import relay_once
from gateway.storage.facts import SqlFacts
from gateway.storage.log import SqlLog
from gateway.use_cases.assign_case import assign_case
from gateway.use_cases.disclose import Disclosed
from gateway.use_cases.facts import Question
from gateway.use_cases.make_package import make_package
from gateway.use_cases.open_message import open_message
from gateway.use_cases.read_case_summaries import read_case_summary
from gateway.use_cases.resolve_subjects import Named, resolve_subjects
from gateway.use_cases.review_emergency import review_emergency
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.tell_package_code import tell_package_code
from gateway.use_cases.withdraw_consent import withdraw_consent
from policies.ruling import Effect
from schemas.errors import Conflict, Contended, NotPermitted, Refused
from schemas.ids import Category, ConsentId
from schemas.lifecycle import State
from tests.builders import NOW, consent, publish, record
from tests.gateway.exchange.world import World as Exchange
from tests.gateway.exchange.world import child
from tests.laws.people import (
    REASONS,
    all_of,
    decide,
    declare,
    effects,
    elsewhere,
    held_family,
    held_message,
    hold_of,
    holds,
    look,
    protect,
    suspect,
)
from tests.laws.world import World, marked_message, swapped

ASKED = Question("CASE_MGMT", (Category("ID"), Category("LOC"), Category("HLT")))
READERS = 4
READINGS = 5


def check_a_loser_is_ruled_again(world: World) -> None:
    """A withdrawal that commits between the ruling and its entry stops the disclosure."""
    with _once_after(SqlFacts, "of_cases", lambda: _withdraw(world, world.family.consent_id)):
        answer = _read(world)
    assert _effect(answer, world.family.child) is Effect.DENY
    assert _rule(answer, world.family.child) == "RU-152-9-5"
    _check_order(world)


def check_a_message_is_ruled_again(world: World) -> None:
    """The same for what is opened from the queue, and for what is being sent."""
    given = consent(world.town, world.town.ngo, ref="Chibis-R2", purpose="REFERRAL", discloser=world.town.centre)
    draft = marked_message(world.town.centre, world.town.ngo, "Chibis-R2")
    with _once_after(SqlFacts, "of_sending", lambda: _withdraw(world, given, "centre")):
        try:
            submit_message(world.house, world.system("centre"), draft, NOW)
        except Refused as refused:
            assert refused.rule == "RU-152-9-5"
        else:
            raise AssertionError("sent on a consent that was withdrawn before its entry")
    referred = next(c for c in _consents(world, "REFERRAL") if c != given)
    with _once_after(SqlFacts, "of_message", lambda: _withdraw(world, referred, "centre")):
        opened = open_message(world.house, world.system("ngo"), world.family.referral_id, NOW)
    assert not any(s.ruling.effect.releases for person in opened.content.subjects for s in person.sections.values())
    _check_order(world)


def check_a_withdrawal_waits_for_an_entry_under_way(world: World) -> None:
    """Once the facts are checked, nobody can move them before the entry is committed: the order is the log's."""
    withdrawn = threading.Event()

    def withdraw() -> None:
        _withdraw(world, world.family.consent_id)
        withdrawn.set()

    thread = threading.Thread(target=withdraw)
    append = SqlLog.append

    def slow(log: SqlLog, *arguments: Any) -> None:
        if not thread.is_alive() and not withdrawn.is_set():
            thread.start()
            withdrawn.wait(0.4)
        append(log, *arguments)

    with swapped(SqlLog, "append", slow):
        answer = _read(world)
        thread.join(20)
    assert withdrawn.is_set()
    assert _effect(answer, world.family.child) is Effect.PERMIT
    _check_order(world)
    assert _effect(_read(world), world.family.child) is Effect.DENY


def check_readers_and_a_withdrawal_at_once(world: World) -> None:
    """Whatever the threads do, no release stands in the log after the withdrawal."""
    assert _effect(_read(world), world.family.child) is Effect.PERMIT
    failed: list[BaseException] = []
    begin = threading.Barrier(READERS + 1)

    def run(work: Callable[[], object]) -> Callable[[], None]:
        def body() -> None:
            try:
                begin.wait(20)
                work()
            except BaseException as error:  # noqa: BLE001  told to the test below
                failed.append(error)

        return body

    def read() -> None:
        for _ in range(READINGS):
            try:
                _read(world)
            except Contended:
                continue

    works = [read] * READERS + [lambda: _withdraw(world, world.family.consent_id)]
    threads = [threading.Thread(target=run(work)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed, failed
    _check_order(world)
    assert _effect(_read(world), world.family.child) is Effect.DENY


def check_nothing_is_remembered(world: World) -> None:
    """Between two equal questions each kind of fact changes; the second answer knows, on every replica."""
    replica = build_house(world.settings)
    try:
        for category, change in _changes(world).items():
            for house in (world.house, replica):
                assert _effect(_read(world, house), world.family.child, category) is Effect.PERMIT
            change()
            for house in (world.house, replica):
                assert _effect(_read(world, house), world.family.child, category) is not Effect.PERMIT
    finally:
        replica.store.engine.dispose()  # type: ignore[attr-defined]
        replica.vault._keys.engine.dispose()  # type: ignore[attr-defined]


def check_the_age_clock_runs(world: World) -> None:
    """Nothing is written, only `now` moves: the fourteenth birthday, the end of the term, the end of an authority."""
    publish(
        world.town,
        ref="born",
        case="C-2",
        identity={"full_name": "Проба", "birth_date": "2012-06-10"},
        identifiers=None,
    )
    consent(world.town, world.town.guardianship, ref="born", birth_date="2012-06-10")
    publish(world.town, ref="lapsing", case="C-3", identifiers=None)
    consent(
        world.town,
        world.town.guardianship,
        ref="lapsing",
        signers=[{"who": "guardian", "verified": True, "valid_to": "2026-05-01"}],
    )
    before, after = ("2026-06-09", "2026-06-10"), ("2026-05-01", "2026-05-02")
    for ref, (last, first) in {"born": before, "lapsing": after, "Chibis-1": ("2026-12-31", "2027-01-01")}.items():
        subject = _subject(world, ref)
        assert _effect(_page(world, last), subject) is Effect.PERMIT, ref
        assert _effect(_page(world, first), subject) is not Effect.PERMIT, ref


def check_a_yes_is_looked_up_at_each_request(world: World) -> None:
    """What people decided is a fact like any other: it counts from its entry to the end of its term, on every replica, for
    the one who asked and the purpose that was asked for."""
    family = held_family(world, "yes")
    with elsewhere(world) as replica:
        houses = (world.house, replica)
        for house in houses:
            assert effects(look(world, family.case_id, house=house), family.child)["ID"] == "R"
        decided = decide(world, "ngo.head", hold_of(world, family.child), {Category("ID"): Effect.PERMIT}).hold
        assert decided.valid_to is not None
        for house in houses:
            now = effects(look(world, family.case_id, house=house), family.child)
            assert (now["ID"], now["CON"]) == ("P", "D")
        last, over = decided.valid_to - timedelta(microseconds=1), decided.valid_to
        for house in houses:
            assert effects(look(world, family.case_id, now=last, house=house), family.child)["ID"] == "P"
            assert effects(look(world, family.case_id, now=over, house=house), family.child)["ID"] == "R"
    # Nobody else has it, and it is no answer to another question.
    school = [{"who": "mother", "holder_ref": "yes-M", "verified": False}]
    consent(world.town, world.town.school, ref="yes", signers=school)
    question, case = Question("CASE_MGMT", (Category("ID"),)), world.pseudonym("school", family.case_id)
    answer = read_case_summary(world.house, world.system("school"), case, question, NOW)
    assert effects(answer, family.child)["ID"] == "R"
    assert effects(look(world, family.case_id, "GUARDIANSHIP"), family.child)["ID"] == "R"


def check_a_code_of_a_package_is_told_by_the_rules_of_the_moment(world: World) -> None:
    """A file that has left is closed as long as its code was not told; after a withdrawal it is not, and no other is made."""
    exchange = Exchange(world.town)
    consent_id = consent(world.town, world.town.centre, "K-boxed", "REFERRAL")
    draft = exchange.draft(
        "referral", "ngo", "centre", persons=[{**child("referral"), "ref": "K-boxed"}], requested_action="Помощь"
    )
    message = submit_message(world.house, exchange.system("ngo"), draft, NOW).message
    relay_once(world.house, NOW)
    sender = exchange.system("ngo")
    made = make_package(world.house, sender, message.id, NOW)
    assert tell_package_code(world.house, sender, message.id, made.package.id, NOW) == made.code
    withdraw_consent(world.house, sender, consent_id, NOW)
    for deed in (
        lambda: tell_package_code(world.house, sender, message.id, made.package.id, NOW),
        lambda: make_package(world.house, sender, message.id, NOW),
    ):
        try:
            deed()
        except Conflict as error:
            assert error.code in {"package_outdated", "package_empty"}, error.code
        else:
            raise AssertionError("told, or made, on a consent that was withdrawn")


def check_a_withdrawal_beats_a_yes(world: World) -> None:
    """Withdrawn before the entry, whether before or after the ruling, a consent gives nothing, whatever people said."""
    for number, between in enumerate((False, True)):
        family = held_family(world, f"beaten-{number}")
        look(world, family.case_id)
        decide(world, "ngo.head", hold_of(world, family.child), {Category("ID"): Effect.PERMIT})
        assert effects(look(world, family.case_id), family.child)["ID"] == "P"
        if between:
            with _once_after(SqlFacts, "of_cases", lambda given=family.consent_id: _withdraw(world, given)):
                answer = look(world, family.case_id)
        else:
            _withdraw(world, family.consent_id)
            answer = look(world, family.case_id)
        assert _effect(answer, family.child) is Effect.DENY
        assert _rule(answer, family.child) == "RU-152-9-5"
    _check_order(world)


def check_a_decision_and_a_fact_move_a_ruling(world: World) -> None:
    """A no that is entered between a ruling and its entry, or a fact, or the end of an emergency: the loser is ruled again."""
    family = held_family(world, "moved")
    assert effects(look(world, family.case_id), family.child)["ID"] == "R"
    hold = hold_of(world, family.child)
    with _once_after(SqlFacts, "of_cases", lambda: decide(world, "ngo.head", hold)):
        assert effects(look(world, family.case_id), family.child)["ID"] == "D"
    plain = held_family(world, "plain", rule=None)
    with _once_after(SqlFacts, "of_cases", lambda: protect(world, "plain")):
        assert effects(look(world, plain.case_id), plain.child)["LOC"] == "D"
    with _once_after(SqlFacts, "of_cases", lambda: suspect(world, plain)):
        assert effects(look(world, plain.case_id), plain.child)["ID"] == "R"
    case = world.pseudonym("guardianship", plain.case_id)

    def assign() -> None:
        assign_case(world.house, world.person("guardianship.head"), case, "guardianship.head", NOW)

    question = Question("GUARDIANSHIP", (Category("ID"),))
    with _once_after(SqlFacts, "of_cases", assign):
        answer = read_case_summary(world.house, world.person("guardianship.worker"), case, question, NOW)
    assert _rule(answer, plain.child) == "POL-ROLE-3", "read by somebody who does not work on the case any more"
    declared = declare(world, plain.case_id)
    assert effects(look(world, plain.case_id, "EMERGENCY"), plain.child)["ID"] == "P"
    dpo = world.person("guardianship.dpo")

    def misuse() -> None:
        review_emergency(world.house, dpo, declared.id, "misuse", REASONS, NOW)

    with _once_after(SqlFacts, "of_cases", misuse):
        assert effects(look(world, plain.case_id, "EMERGENCY"), plain.child)["ID"] == "D"


def check_a_misuse_stops_what_is_being_declared(world: World) -> None:
    """After a misuse nothing that the person opened of the case stays open, and what it declares at that moment, about any
    case, is refused."""
    one, two = (held_family(world, ref, rule=None) for ref in ("one", "two"))
    first, _ = declare(world, one.case_id), declare(world, one.case_id)
    dpo = world.person("ngo.dpo")

    def misuse() -> None:
        review_emergency(world.house, dpo, first.id, "misuse", REASONS, NOW)

    # SQLite has one writer: there the moment is between the facts and the unit that writes.
    with _once_after(SqlFacts, "of_cases", misuse) if world.is_sqlite else _once_before(SqlFacts, "unchanged", misuse):
        try:
            declare(world, two.case_id)
        except NotPermitted as refused:
            assert refused.code == "emergency_suspended"
        else:
            raise AssertionError("declared by somebody who may not any more")
    assert effects(look(world, one.case_id, "EMERGENCY"), one.child)["ID"] == "D", "a second declaration still opens it"
    assert effects(look(world, two.case_id, "EMERGENCY"), two.child)["ID"] == "D"


def check_a_message_that_waited_is_ruled_when_it_goes(world: World) -> None:
    """A yes to a message whose consent was withdrawn while it waited sends nothing, and the sender is told that it failed."""
    sent, given = held_message(world, "waited")
    (hold,) = holds(world, message_id=sent.message.id)
    _withdraw(world, given, "centre")
    decide(world, "centre.head", hold, all_of(hold))
    relay_once(world.house, NOW)
    with world.house.store.reading() as unit:
        message = unit.messages.get(sent.message.id, world.town.centre.id, NOW)
        to_recipient = unit.messages.get(sent.message.id, world.town.ngo.id, NOW)
    assert message is not None
    assert message.state is State.FAILED
    assert to_recipient is None, "its recipient learns that there was one"
    answered, _ = held_message(world, "answered")
    (hold,) = holds(world, message_id=answered.message.id)
    decide(world, "centre.head", hold, all_of(hold))
    relay_once(world.house, NOW)
    opened = open_message(world.house, world.system("ngo"), answered.message.id, NOW)
    (child,) = opened.content.subjects
    assert child.sections[Category("ID")].ruling.effect is Effect.PERMIT


def _changes(world: World) -> dict[str, Callable[[], object]]:
    def protect() -> None:
        record(world.house, world.family.child, "location_protected", world.town.ngo)

    # The protected address first: after the withdrawal nothing is left to see.
    return {"LOC": protect, "ID": lambda: _withdraw(world, world.family.consent_id)}


def _read(world: World, house: Any = None) -> Disclosed:
    return read_case_summary(
        house or world.house, world.system("guardianship"), world.pseudonym("guardianship"), ASKED, NOW
    )


def _page(world: World, day: str) -> Disclosed:
    from gateway.use_cases.read_case_summaries import read_case_summaries

    now = datetime.fromisoformat(f"{day}T09:00:00").replace(tzinfo=UTC)
    return read_case_summaries(world.house, world.system("guardianship"), ASKED, None, 50, now)


def _withdraw(world: World, consent_id: ConsentId, holder: str = "ngo") -> None:
    withdraw_consent(world.house, world.system(holder), consent_id, NOW)


def _effect(answer: Disclosed, subject_id: str, category: str = "ID") -> Effect:
    return _section(answer, subject_id, category).ruling.effect


def _rule(answer: Disclosed, subject_id: str, category: str = "ID") -> str:
    return str(_section(answer, subject_id, category).ruling.rule)


def _section(answer: Disclosed, subject_id: str, category: str) -> Any:
    found = [s for case in answer.cases for s in case.subjects if s.id == subject_id]
    (subject,) = found
    return subject.sections[Category(category)]


def _subject(world: World, ref: str) -> str:
    with world.house.store.reading() as unit:
        (found,) = resolve_subjects(world.house, unit, world.town.ngo.id, [Named("child", ref)])
    assert not found.is_new
    return found.subject_id


def _consents(world: World, purpose: str) -> list[ConsentId]:
    from sqlalchemy import select

    from gateway.storage import tables as t

    return [row.id for row in world.rows(select(t.consents.c.id).where(t.consents.c.purpose == purpose))]


def _check_order(world: World) -> None:
    """In the order of the log, no disclosure by a consent stands after the withdrawal of that consent."""
    withdrawn: set[str] = set()
    withdrawals = iter(_withdrawals(world))
    rows = {row.id: [d for d in world.disclosures() if d.entry_id == row.id] for row in world.entries()}
    for entry in world.entries():
        if entry.kind == "consent.withdrawn":
            withdrawn.add(next(withdrawals))
        for link in rows[entry.id]:
            # HELD and WITHHELD release nothing; the curator's contact is not about the family.
            if link.consent_id in withdrawn:
                assert not link.released, f"released at {entry.position} by a consent withdrawn before"


def _withdrawals(world: World) -> list[str]:
    from sqlalchemy import select

    from gateway.storage import tables as t

    events = t.consent_events
    return [
        row.consent_id
        for row in world.rows(select(events).where(events.c.kind == "withdrawn").order_by(events.c.recorded_at))
    ]


def _once_after(owner: type, name: str, deed: Callable[[], object]) -> AbstractContextManager[None]:
    """Do something right after the first call of a reader, before the caller goes on."""
    return _once(owner, name, deed, before=False)


def _once_before(owner: type, name: str, deed: Callable[[], object]) -> AbstractContextManager[None]:
    """The same right before it."""
    return _once(owner, name, deed, before=True)


@contextmanager
def _once(owner: type, name: str, deed: Callable[[], object], *, before: bool) -> Iterator[None]:
    original = owner.__dict__[name]
    failed: list[BaseException] = []
    done = threading.Event()

    def elsewhere() -> None:
        try:
            deed()
        except BaseException as error:  # noqa: BLE001  told to the test below
            failed.append(error)

    def meanwhile() -> None:
        if not done.is_set():
            done.set()
            worker = threading.Thread(target=elsewhere)  # another thread, as another request would be
            worker.start()
            worker.join(20)

    def gathering(*arguments: Any) -> Any:
        if before:
            meanwhile()
        found = original(*arguments)
        meanwhile()
        return found

    with swapped(owner, name, gathering):
        yield
    assert done.is_set(), f"{name} was not called: this tries nothing"
    assert not failed, failed


CHECKS = (
    check_a_loser_is_ruled_again,
    check_a_message_is_ruled_again,
    check_a_withdrawal_waits_for_an_entry_under_way,
    check_readers_and_a_withdrawal_at_once,
    check_nothing_is_remembered,
    check_the_age_clock_runs,
    check_a_yes_is_looked_up_at_each_request,
    check_a_withdrawal_beats_a_yes,
    check_a_code_of_a_package_is_told_by_the_rules_of_the_moment,
    check_a_decision_and_a_fact_move_a_ruling,
    check_a_misuse_stops_what_is_being_declared,
    check_a_message_that_waited_is_ruled_when_it_goes,
)
