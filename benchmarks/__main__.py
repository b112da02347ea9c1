"""Print the product's figures on this machine.

Each line names what is measured and, where there is one, the limit it stands against in the same run. Figures of a
shared machine move; the ratios move less.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median

import httpx2
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import event, insert

from benchmarks import files, imports, queues, submit
from gateway.exchange.addresses import Networks
from gateway.exchange.dispatch import Dispatcher
from gateway.exchange.relay import relay_once
from gateway.exchange.webhook import WebhookCarrier
from gateway.key_files import DeliveryKey
from gateway.storage import tables
from gateway.use_cases.delivery_terms import DeliveryTerms
from gateway.use_cases.delivery_values import Transport
from gateway.use_cases.describe_delivery import event_document
from gateway.use_cases.facts import Question
from gateway.use_cases.house import House
from gateway.use_cases.publish_case_summary import publish_case_summary
from gateway.use_cases.read_case_summaries import read_case_summaries
from gateway.use_cases.register_endpoint import register_endpoint
from gateway.use_cases.submit_message import submit_message
from policies.engine import Engine
from policies.facts import ConsentFacts, Facts, SignerFacts
from policies.pack import shipped_pack
from schemas.categories import SECTION_CATEGORIES
from schemas.ids import new_id
from schemas.summary import SummaryDraft
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
    """All fourteen categories of one subject; the limits are those that the product set itself for two cores."""
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
    print(f"ruling, 14 categories, memoised: {seconds(lambda: engine.decide(facts), 2000) * 1e6:.1f} us (limit 15 us)")
    numbers = iter(range(1_000_000))
    fresh = seconds(lambda: engine.decide(replace(facts, org_id=f"r{next(numbers)}")), 100)
    print(f"ruling, 14 categories, never seen facts: {fresh * 1e3:.2f} ms (limit 6 ms)")


STORED_CONSENTS = (1_000, 1_000_000)
CONSENTS_PER_SUBJECT = 10


def page(folder: Path, stored: int) -> None:
    """A page of 50 cases with three subjects each, gated, on SQLite, with so many consents of other families stored."""
    house = builders.sqlite_house(folder, durable=True)
    town = builders.town(house)
    for number in range(50):
        _family(town, number)
    _other_consents(house, town, stored)
    system = builders.system_of(town.guardianship)
    asked = Question("CASE_MGMT", SECTION_CATEGORIES)
    said: list[tuple[str, str]] = []
    engines = {"data": house.store.engine, "keys": house.vault._keys.engine}  # type: ignore[attr-defined]  # noqa: SLF001  past the ports
    for name, engine in engines.items():
        event.listen(engine, "before_cursor_execute", lambda _c, _u, text, *_, name=name: said.append((name, text)))
    read_case_summaries(house, system, asked, None, 50, builders.NOW)
    spoken = [(name, text) for name, text in said if not text.startswith(("BEGIN", "SAVEPOINT", "RELEASE"))]
    # The gate's own statements are those before the transaction of the entry begins to write.
    begins = next(n for n, (name, text) in enumerate(said) if name == "data" and text.startswith("BEGIN IMMEDIATE"))
    gate = [text for name, text in said[:begins] if name == "data" and not text.startswith("BEGIN")]
    taken = seconds(lambda: read_case_summaries(house, system, asked, None, 50, builders.NOW), 5)
    print(
        f"page of 50 cases x 3 subjects, {stored} other consents stored: {len(gate)} statements of the gate, "
        f"{len(spoken)} in all (gate, entry, keys, content), {taken * 1e3:.0f} ms"
    )


def _family(town: builders.Town, number: int) -> None:
    ref = f"K-{number}"
    sections = {name: value for name, value in builders.child_sections().items() if name != "identifiers"}
    draft = SummaryDraft.model_validate(
        {
            "case_ref": f"C-{number}",
            "as_of": "2026-03-01",
            "erase_after": "2027-03-01",
            "source": "наблюдение куратора",
            "curator_name": "Куратор Тестовый",
            "curator_phone": "+70000000000",
            "subjects": [
                {"ref": ref, "kind": "child", "sections": sections},
                {"ref": f"{ref}-2", "kind": "child", "sections": sections},
                {"ref": f"{ref}-M", "kind": "parent", "sections": {"identity": {"full_name": "Мать Вымышленная"}}},
            ],
        }
    )
    publish_case_summary(town.house, builders.system_of(town.ngo), draft, builders.NOW, synthetic=True)
    for child in (ref, f"{ref}-2"):
        builders.consent(
            town, town.guardianship, ref=child, signers=[{"who": "mother", "holder_ref": f"{ref}-M", "verified": True}]
        )


def _other_consents(house: House, town: builders.Town, stored: int) -> None:
    """Consents of other families, put on file past the use cases: only their number matters here."""
    families = max(1, stored // CONSENTS_PER_SUBJECT)
    subjects = [new_id() for _ in range(families)]
    with house.store.writing() as unit:
        connection = unit.consents._connection  # type: ignore[attr-defined]  # noqa: SLF001  as above
        connection.execute(
            insert(tables.subjects),
            [
                {
                    "id": subject,
                    "registered_by": town.centre.id,
                    "kind": "child",
                    "decision_facts": b"",
                    "registered_at": builders.NOW,
                    "synthetic": True,
                }
                for subject in subjects
            ],
        )
        for start in range(0, stored, 50_000):
            connection.execute(
                insert(tables.consents),
                [_consent(town, subjects[n % families]) for n in range(start, min(stored, start + 50_000))],
            )


def _consent(town: builders.Town, subject: str) -> dict[str, object]:
    return {
        "id": new_id(),
        "subject_id": subject,
        "discloser_id": town.centre.id,
        "recipient_id": town.guardianship.id,
        "purpose": "CASE_MGMT",
        "categories": ["ID"],
        "given_on": builders.TODAY,
        "form": "paper",
        "separate": True,
        "fields_complete": True,
        "objection": False,
        "recorded_at": builders.NOW,
    }


def deliver(folder: Path) -> None:
    """Deliveries claimed, signed, posted to a local endpoint and settled, against a bare loop of an HTTP client that posts the
    same bodies to the same endpoint one after the other."""
    count = 400
    house = builders.sqlite_house(folder, durable=True)
    town = builders.town(house)
    with _endpoint() as url:
        register_endpoint(house, town.guardianship.id, "webhook", url, "benchmark", builders.NOW, plain_http=True)
        key = DeliveryKey.of(Ed25519PrivateKey.generate())
        made = {Transport.WEBHOOK: WebhookCarrier(key, Networks.parse("127.0.0.0/8"))}
        dispatcher = Dispatcher(house, lambda: dict(made), DeliveryTerms(), 0.1, lambda: builders.NOW)
        dispatcher.once()  # the challenge
        system = builders.system_of(town.school)
        for _ in range(count):
            draft = builders.referral(town.school, town.guardianship, type="signal", trigger="threat")
            submit_message(house, system, draft, builders.NOW)
        while relay_once(house, builders.NOW):
            pass
        start = time.perf_counter()
        settled = dispatcher.once()
        ours = settled.done / (time.perf_counter() - start)
        with house.store.reading() as unit:
            event = unit.deliveries.rows("all", 1)[0].event
        body = rfc8785.dumps(event_document(event))
        with httpx2.Client() as client:
            start = time.perf_counter()
            for _ in range(count):
                client.post(url, content=body, headers={"Content-Type": "application/json"})
            bare = count / (time.perf_counter() - start)
    assert settled.done == count
    print(
        f"deliveries by webhook from SQLite: {ours:.0f}/s; bare HTTP client loop: {bare:.0f}/s; "
        f"ratio {ours / bare:.2f} (limit at least 0.3)"
    )


@contextmanager
def _endpoint() -> Iterator[str]:
    """An HTTP server in a process of its own that answers a challenge and takes everything."""
    process = subprocess.Popen([sys.executable, "-c", _SERVER], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/in"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


_SERVER = """
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        content = body.get("challenge", "").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"""


def main() -> None:
    """Everything, in order."""
    ruling()
    for stored in STORED_CONSENTS:
        with tempfile.TemporaryDirectory() as folder:
            page(Path(folder), stored)
    submit.main()
    queues.main()
    files.main()
    imports.main()
    with tempfile.TemporaryDirectory() as folder:
        deliver(Path(folder))


if __name__ == "__main__":
    main()
