"""Law 10. Instants are UTC-aware and passed in; no rule reads the clock by itself."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta

import time_machine
from sqlalchemy import select

from gateway.storage import tables as t
from gateway.use_cases.escalate import escalate
from gateway.use_cases.read_case_summaries import read_case_summary
from policies.ruling import Effect
from schemas.ids import Category
from tests.builders import NOW
from tests.laws import sources
from tests.laws.people import QUIET, decide, declare, effects, held_family, hold_of, look
from tests.laws.world import EVERYTHING, World

RULED = (
    "schemas",
    "consent",
    "policies",
    "adapters",
    "gateway/use_cases",
    "gateway/evidence",
    "gateway/exchange",
    "gateway/vault",
    "gateway/storage",
    "gateway/oauth",
    "gateway/graphql",
    "gateway/rest",
    "gateway/web",
    "gateway/edge.py",
)
CLOCKS = {
    "now",
    "utcnow",
    "today",
    "fromtimestamp",
    "utcfromtimestamp",
    "localtime",
    "gmtime",
    "time",
    "time_ns",
    "monotonic",
    "perf_counter",
}
CLOCK_OWNERS = {"datetime", "date", "time"}
EXCEPTED = {
    # When a key was made is bookkeeping that no rule reads; a clock may be given.
    "gateway/storage/keys.py": 1,
}
"""Places that may read the clock, with how often."""


def check_no_rule_reads_the_clock(world: World | None = None) -> None:
    """Only the outermost layer knows what time it is: `building.utc_now`, commands and the demo."""
    for path, tree in sources.trees(*RULED):
        read = [node.lineno for node in ast.walk(tree) if _reads_clock(node)]
        assert len(read) <= EXCEPTED.get(path, 0), f"{path} reads the clock at lines {read}"
        for module, name in sources.imports(tree):
            assert (module, name) != ("gateway.building", "utc_now"), f"{path} takes the clock itself"
            assert not (module == "time" and name), f"{path} imports {name} from time"


def check_no_instant_is_naive(world: World | None = None) -> None:
    """Every instant that is made from parts has a zone."""
    for path, tree in sources.trees(*RULED):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "datetime":
                zoned = any(keyword.arg == "tzinfo" for keyword in node.keywords) or len(node.args) > 7
                assert zoned, f"{path}:{node.lineno} makes a naive instant"


def check_only_now_moves_a_ruling(world: World) -> None:
    """On another day of the wall clock the same `now` gives the same answer; another `now` gives another."""

    def answer(now: datetime) -> list[tuple[str, str, str]]:
        case = world.pseudonym("guardianship")
        (found,) = read_case_summary(world.house, world.system("guardianship"), case, EVERYTHING, now).cases
        return [
            (c, s.ruling.effect.value, s.ruling.rule) for subject in found.subjects for c, s in subject.sections.items()
        ]

    here = answer(NOW)
    for wall in (datetime(2019, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)):
        with time_machine.travel(wall, tick=True):
            assert answer(NOW) == here, f"the ruling changed with the wall clock ({wall.year})"
    assert answer(datetime(2027, 6, 1, tzinfo=UTC)) != here, "the term of the consent has ended"
    (entry,) = [e for e in world.entries() if e.recorded_at == datetime(2027, 6, 1, tzinfo=UTC)]
    assert b'"at":"2027-06-01T00:00:00.000000Z"' in entry.body


def check_only_now_moves_a_term(world: World) -> None:
    """Terms of holds, decisions, emergencies, reviews and facts run from the `now` that was given, on the calendar of the
    pack; nothing is passed on, ends or is late because the wall clock says so."""
    found = []
    for number, wall in enumerate((datetime(2019, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC))):
        with time_machine.travel(wall, tick=True):
            found.append(_terms(world, f"term-{number}"))
    assert found[0] == found[1], "a term depends on the wall clock"
    due, passed_on, valid, ends, review, suspicion = found[0]
    assert NOW < due < passed_on, "a term begins with the instant that is given"
    assert due == datetime(2026, 3, 3, 21, 0, tzinfo=UTC), "one working day: Tuesday 3 March, to its end in Moscow"
    assert valid > due
    assert (ends - NOW, review - NOW) == (timedelta(hours=24), timedelta(hours=24))
    assert suspicion > NOW


def _terms(world: World, ref: str) -> tuple[datetime, ...]:
    family = held_family(world, ref, QUIET)
    look(world, family.case_id)
    hold = hold_of(world, family.child, QUIET)
    just_before = hold.due_at - timedelta(microseconds=1)
    escalate(world.house, just_before)
    assert hold_of(world, family.child, QUIET).step == 0, "passed on before its term"
    escalate(world.house, hold.due_at)
    later = hold_of(world, family.child, QUIET)
    assert later.step == 1, "not passed on although its term has ended"
    decided = decide(world, "ngo.head", later, {Category("ID"): Effect.PERMIT}).hold
    declared = declare(world, family.case_id)
    before, after = declared.ends_at - timedelta(microseconds=1), declared.ends_at
    assert effects(look(world, family.case_id, "EMERGENCY", now=before), family.child)["ID"] == "P"
    assert effects(look(world, family.case_id, "EMERGENCY", now=after), family.child)["ID"] == "D"
    (suspicion,) = world.rows(select(t.recorded_facts).filter_by(fact="suspected", subject_id=family.child))
    assert decided.valid_to is not None
    return hold.due_at, later.due_at, decided.valid_to, declared.ends_at, declared.review_by, suspicion.review_by


def _reads_clock(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in CLOCK_OWNERS
        and not (node.func.attr == "fromtimestamp" and node.args and not _reads_clock(node.args[0]))
    )


CHECKS = (check_only_now_moves_a_ruling, check_only_now_moves_a_term)
STORELESS = (check_no_rule_reads_the_clock, check_no_instant_is_naive)
