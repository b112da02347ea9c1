"""Print the product's figures on this machine.

Each line names what is measured and, where there is one, the limit it stands against in the same run. Figures of a
shared machine move; the ratios move less.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

from sqlalchemy import event, insert

from gateway.storage import tables
from gateway.use_cases.facts import Question
from gateway.use_cases.read_case_summaries import read_case_summaries
from gateway.use_cases.submit_message import submit_message
from policies.engine import Engine
from policies.facts import ConsentFacts, Facts, SignerFacts
from policies.pack import shipped_pack
from schemas.categories import SECTION_CATEGORIES
from schemas.ids import new_id
from tests import builders


def seconds(work: Callable[[], object], repeats: int) -> float:
    """Median of `repeats` runs, in seconds."""
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return median(taken)


def ruling() -> None:
    """All fourteen categories of one subject."""
    engine = Engine(shipped_pack("ru"))
    consent = ConsentFacts(
        form="paper",
        recipients=frozenset({"r"}),
        purposes=frozenset({"CASE_MGMT"}),
        categories=frozenset(SECTION_CATEGORIES),
        by=(SignerFacts("mother"),),
    )
    facts = Facts("OOIP", "CASE_MGMT", builders.TODAY, org_id="r", source="NGO", consent=consent)
    engine.decide(facts)
    print(f"ruling, 14 categories, memoised: {seconds(lambda: engine.decide(facts), 2000) * 1e6:.1f} us")
    numbers = iter(range(1_000_000))
    fresh = seconds(lambda: engine.decide(replace(facts, org_id=f"r{next(numbers)}")), 100)
    print(f"ruling, 14 categories, never seen facts: {fresh * 1e3:.2f} ms")


def page(folder: Path) -> None:
    """A page of 50 cases with two subjects each, gated, on SQLite."""
    house = builders.sqlite_house(folder)
    town = builders.town(house)
    for number in range(50):
        ref = f"K-{number}"
        builders.publish(town, ref=ref, case=f"C-{number}", identifiers={"snils": f"112233{number:05d}"})
        builders.consent(town, town.guardianship, ref=ref)
    system = builders.system_of(town.guardianship)
    asked = Question("CASE_MGMT", SECTION_CATEGORIES)
    statements: list[str] = []
    for engine in (house.store.engine, house.vault._keys.engine):  # noqa: SLF001  the benchmark looks inside
        event.listen(engine, "before_cursor_execute", lambda _c, _u, text, *_: statements.append(text))
    read_case_summaries(house, system, asked, None, 50, builders.NOW)
    count = len([text for text in statements if not text.startswith(("BEGIN", "SAVEPOINT", "RELEASE"))])
    taken = seconds(lambda: read_case_summaries(house, system, asked, None, 50, builders.NOW), 5)
    print(
        f"page of 50 cases, 100 subjects: {taken * 1e3:.0f} ms, {count} statements in all (gate, entry, keys, content)"
    )


def submit(folder: Path) -> None:
    """Referrals with gate, sealed sections, entry and outbox, against a bare insert of a row with its commit."""
    house = builders.sqlite_house(folder)
    town = builders.town(house)
    builders.consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    system = builders.system_of(town.centre)
    count = 100
    start = time.perf_counter()
    for _ in range(count):
        submit_message(house, system, builders.referral(town.centre, town.ngo), builders.NOW)
    ours = count / (time.perf_counter() - start)

    def bare() -> None:
        with house.store.writing() as unit:
            unit.log._connection.execute(  # noqa: SLF001  the bare limit goes past the product
                insert(tables.imports).values(
                    id=new_id(),
                    organisation_id=town.ngo.id,
                    file_digest="0" * 64,
                    format="xml",
                    received_at=builders.NOW,
                    report={},
                )
            )

    start = time.perf_counter()
    for _ in range(count):
        bare()
    limit = count / (time.perf_counter() - start)
    print(f"submit on SQLite: {ours:.0f}/s; bare insert with commit: {limit:.0f}/s; ratio {ours / limit:.2f}")


def main() -> None:
    """Everything, in order."""
    ruling()
    with tempfile.TemporaryDirectory() as folder:
        page(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        submit(Path(folder))


if __name__ == "__main__":
    main()
