"""The world that the laws are tried in: a real installation with one family whose every field carries a marker.

It is built once per store and copied for each test, so that a test may do to it what it likes.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from graphql import GraphQLEnumType, GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLScalarType
from sqlalchemy import Connection, Engine, event, select, text
from starlette.testclient import TestClient

from gateway.building import build_house
from gateway.exchange.relay import relay_once
from gateway.graphql.schema import schema
from gateway.install import install
from gateway.main import build_app
from gateway.oauth.keys import load_signing_key
from gateway.oauth.ports import RegisteredClient
from gateway.oauth.tokens import AccessTokens
from gateway.settings import Settings
from gateway.storage import tables as t
from gateway.use_cases.facts import Question
from gateway.use_cases.house import House
from gateway.use_cases.publish_case_summary import publish_case_summary
from gateway.use_cases.register_participants import SCOPES, register_client, register_person
from gateway.use_cases.sequence_log import sequence_log
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.values import Organisation, Requester
from schemas.categories import SECTION_CATEGORIES
from schemas.ids import CaseId, ClientId, ConsentId, MessageId, SubjectId
from schemas.summary import SummaryDraft
from tests.builders import NOW, Town, consent, referral, system_of, town

MARKERS = ("Чибис", "Chibis", "14785296311", "7990001122", "2017-01-15", "V-ЧБ")
"""Each stands in personal data of the family, and nowhere else."""
SERVICE_MARKERS = ("Zimorodok", "Зимородок")
"""Words of organisations about a case or message: open at rest by design, still nobody else's business."""
PASSWORD = "длинный пароль для проб"
PLACES = ("ngo", "guardianship", "centre", "school", "stranger")
STAFF = {
    "ngo": {"dpo": "dpo", "worker": "curator", "head": "head", "other": "curator"},
    "guardianship": {"dpo": "dpo", "worker": "guardianship_specialist", "head": "head"},
    "centre": {"dpo": "dpo", "worker": "curator", "head": "head"},
    "stranger": {"dpo": "dpo", "worker": "curator", "head": "head"},
}
"""Who works where: `ngo.dpo` is the login of the NGO's data-protection officer."""


def marked_sections() -> dict[str, object]:
    """A child whose fourteen sections are all recorded, a marker in each."""
    return {
        "identity": {"full_name": "Чибис Имя", "birth_date": "2017-01-15", "sex": "ChibisSex"},
        "identifiers": {
            "snils": "14785296311",
            "document": {"system": "Chibis", "type": "Чибис", "series": "V-ЧБ", "number": "777001", "issuer": "Чибис"},
        },
        "contact": {
            "phones": [{"number": "+7990001122", "whose": "Чибис"}, {"number": "+79900011223"}],
            "safe_contact": "Чибис",
        },
        "whereabouts": {"address": {"text": "Чибис, 1", "municipality": "Чибис-район"}},
        "legal_status": {
            "legal_status": {"code": "ChibisStatus", "document": "Чибис"},
            "guardianship_form": "ChibisForm",
        },
        "risk": {
            "level": "ChibisLevel",
            "factors": ["ChibisFactor"],
            "facts": [{"on": "2026-02-01", "source": "Чибис", "words": "Чибис"}],
        },
        "plan": {
            "stage": {"code": "ChibisStage", "since": "2026-01-10"},
            "scenario": "ChibisScenario",
            "goals": [{"goal": "Чибис", "state": "open"}],
            "steps": [{"who": "Чибис", "what": "Чибис", "state": "open"}],
        },
        "health": {"conditions": ["Чибис"], "recommendations": ["Чибис"], "support_type": "ChibisSupport"},
        "psychology": {"state": "Чибис", "conclusion": "Чибис"},
        "education": {"place": "Чибис", "attendance": "ChibisAttendance", "needs": ["Чибис"]},
        "socio_economic": {
            "income_and_work": {"code": "ChibisIncome", "text": "Чибис"},
            "documents_missing": ["ChibisPaper"],
        },
        "offences": {"record": {"code": "ChibisOffence", "relevance": "Чибис"}},
        "adoption": {"adoption": "Чибис"},
    }


def summary_draft(ref: str, case: str, *, sections: Mapping[str, object], **more: object) -> SummaryDraft:
    """A summary of one child, its sibling and their mother; FAM is one section that the children share."""
    return SummaryDraft.model_validate(
        {
            "case_ref": case,
            "as_of": "2026-03-01",
            "erase_after": "2027-03-01",
            "source": "Зимородок, наблюдение",
            "curator_name": "Зимородок Куратор",
            "curator_phone": "+70000000000",
            "subjects": [
                {"ref": ref, "kind": "child", "sections": dict(sections)},
                {
                    "ref": f"{ref}-2",
                    "kind": "child",
                    "sections": {"identity": {"full_name": "Чибис Второй", "birth_date": "2015-03-03"}},
                },
                {
                    "ref": f"{ref}-M",
                    "kind": "parent",
                    "sections": {"identity": {"full_name": "Чибис Мать", "birth_date": "1990-05-05"}},
                },
            ],
            "shared": [
                {
                    "about": [ref, f"{ref}-2"],
                    "sections": {"family": {"household": [{"role": "ChibisRole", "lives_together": True}]}},
                }
            ],
            **more,
        }
    )


@dataclass(frozen=True)
class Family:
    """What the world knows of its one marked family."""

    case_id: CaseId
    child: SubjectId
    sibling: SubjectId
    mother: SubjectId
    consent_id: ConsentId
    referral_id: MessageId
    signal_id: MessageId


@dataclass
class World:
    """An installation, its organisations and the family."""

    settings: Settings
    house: House
    town: Town
    family: Family
    _open: ExitStack = field(default_factory=ExitStack)
    _client: TestClient | None = None

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @property
    def engine(self) -> Engine:
        """The data store's."""
        return self.house.store.engine  # type: ignore[attr-defined,no-any-return]

    @property
    def key_engine(self) -> Engine:
        """The key store's."""
        return self.house.vault._keys.engine  # type: ignore[attr-defined,no-any-return]

    def organisation(self, place: str) -> Organisation:
        return getattr(self.town, place)  # type: ignore[no-any-return]

    def system(self, place: str, *roles: str) -> Requester:
        return system_of(self.organisation(place), *roles)

    def person(self, login: str) -> Requester:
        """A person of `STAFF`, by login."""
        with self.house.store.reading() as unit:
            found = unit.participants.person_by_login(login)
        assert found is not None, login
        return Requester(found.organisation_id, f"person:{found.id}", found.roles)

    def person_pseudonym(self, place: str, subject_id: SubjectId) -> str:
        """What an organisation calls a member of a family, or would call it."""
        return self.house.vault.subject_pseudonym(self.organisation(place).id, subject_id)

    def pseudonym(self, place: str, case_id: CaseId | None = None) -> str:
        return self.house.vault.case_pseudonym(self.organisation(place).id, case_id or self.family.case_id)

    # --- over HTTP ---------------------------------------------------------------------------------------------------

    @property
    def http(self) -> TestClient:
        """The application without its relay; its clock stands at NOW."""
        if self._client is None:
            app = build_app(self.settings, self.house, lambda: NOW, relay=False)
            client = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
            self._client = self._open.enter_context(client)
        return self._client

    def headers(self, place: str) -> dict[str, str]:
        tokens = AccessTokens(
            self.settings.issuer, self.settings.issuer, load_signing_key(self.settings.key_folder / "oauth.pem")
        )
        client = RegisteredClient(ClientId(f"client-{place}"), self.organisation(place).id, {}, frozenset(SCOPES), True)
        return {"Authorization": f"Bearer {tokens.issue(client, frozenset(SCOPES), NOW).token}"}

    def ask(self, place: str, query: str, **variables: object) -> Any:
        """The HTTP answer to a GraphQL operation."""
        return self.http.post("/graphql", json={"query": query, "variables": variables}, headers=self.headers(place))

    def close(self) -> None:
        self._open.close()
        self.engine.dispose()
        self.key_engine.dispose()

    # --- looking behind ----------------------------------------------------------------------------------------------

    def rows(self, statement: Any) -> list[Any]:
        """Rows over a connection of its own: only what is committed."""
        with self.engine.connect() as connection:
            return list(connection.execute(statement))

    def entries(self) -> list[Any]:
        """All entries in the order of their positions."""
        return self.rows(select(t.entries).order_by(t.entries.c.position))

    def disclosures(self) -> list[Any]:
        return self.rows(
            select(t.disclosures, t.entries.c.position)
            .join(t.entries, t.entries.c.id == t.disclosures.c.entry_id)
            .order_by(t.entries.c.position)
        )


def furnish(settings: Settings) -> tuple[Town, Family]:
    """Fill an empty installation."""
    for _ in install(settings):
        pass
    house = build_house(settings)
    made = town(house)
    draft = summary_draft("Chibis-1", "Chibis-C1", sections=marked_sections())
    published = publish_case_summary(house, system_of(made.ngo), draft, NOW, synthetic=True)
    child, sibling, mother = published.subjects
    given = consent(made, made.guardianship, ref="Chibis-1")
    consent(
        made,
        made.guardianship,
        ref="Chibis-1-2",
        birth_date="2015-03-03",
        signers=[{"who": "mother", "holder_ref": "Chibis-1-M", "verified": True}],
    )
    consent(made, made.ngo, ref="Chibis-R", purpose="REFERRAL", discloser=made.centre)
    sent = [
        submit_message(house, system_of(sender), marked_message(sender, recipient, **more), NOW, synthetic=True).message
        for sender, recipient, more in (
            (made.centre, made.ngo, {}),
            (made.school, made.guardianship, {"type": "signal", "trigger": "threat", "statute": "Зимородок 120"}),
        )
    ]
    relay_once(house, NOW)
    sequence_log(house, NOW)
    for place in PLACES:
        house.vault.case_pseudonym(getattr(made, place).id, published.case_id)  # its key is made, so copies share it
        register_client(house, f"client-{place}", getattr(made, place).id, place, {}, SCOPES, NOW)
    for place, people in STAFF.items():
        for name, role in people.items():
            register_person(
                house, getattr(made, place).id, f"{place}.{name}", name, PASSWORD, [role], NOW, synthetic=True
            )
    house.store.engine.dispose()  # type: ignore[attr-defined]
    house.vault._keys.engine.dispose()  # type: ignore[attr-defined]
    family = Family(published.case_id, child, sibling, mother, given, sent[0].id, sent[1].id)
    return replace(made, house=None), family  # type: ignore[arg-type]


def marked_message(sender: Organisation, recipient: Organisation, ref: str = "Chibis-R", **changes: object) -> Any:
    """A message whose every field carries a marker; about another child than the world's, without its identifiers."""
    sections = marked_sections()
    names = ["identity", "contact", "whereabouts"] + (["identifiers"] if ref == "Chibis-R" else [])
    person = {"kind": "child", "ref": ref, **{name: sections[name] for name in names}}
    return referral(
        sender,
        recipient,
        **{
            "persons": [person],
            "concerns": ["ChibisConcern"],
            "statement": "Чибис, слова",
            "requested_action": "Чибис, просьба",
            "services": ["ChibisService"],
            "reg_number": "Zimorodok-7",
            **changes,
        },
    )


def open_world(settings: Settings, made: Town, family: Family) -> World:
    """The world over an installation that has been furnished (or copied)."""
    house = build_house(settings)
    return World(settings, house, replace(made, house=house), family)


def copied(source: Path, target: Path) -> None:
    """Key files and, where the stores are embedded, the stores."""
    shutil.copytree(source, target, dirs_exist_ok=True)


# --- questions -------------------------------------------------------------------------------------------------------

EVERYTHING = Question("CASE_MGMT", SECTION_CATEGORIES)


def _fields(kind: Any) -> str:
    while isinstance(kind, GraphQLNonNull | GraphQLList):
        kind = kind.of_type
    if isinstance(kind, GraphQLScalarType | GraphQLEnumType):
        return ""
    assert isinstance(kind, GraphQLObjectType)
    return "{ " + " ".join(f"{name} {_fields(value.type)}" for name, value in kind.fields.items()) + " }"


def all_fields(type_name: str) -> str:
    """A selection of everything that a type of the API has."""
    return _fields(schema._schema.type_map[type_name])


SUMMARY = "query ($id: ID!, $purpose: String!) { caseSummary(caseId: $id, purpose: $purpose) %s }"
SUMMARIES = (
    'query ($first: Int!, $after: String) { caseSummaries(purpose: "CASE_MGMT", first: $first, after: $after) %s }'
)
MESSAGES = "query ($box: Box!, $first: Int!, $after: ID) { messages(box: $box, first: $first, after: $after) %s }"
MESSAGE = "query ($id: ID!) { message(id: $id) %s }"
OPEN = "mutation ($id: ID!) { openMessage(id: $id) %s }"
ACCEPT = "mutation ($id: ID!) { answerMessage(id: $id, event: ACCEPT) { id state } }"
REJECT = (
    'mutation ($id: ID!) { answerMessage(id: $id, event: REJECT, answer: {reason: "NO_CAPACITY", noneBecause:'
    ' "none_known"}) { id state } }'
)
REDIRECT = (
    'mutation ($id: ID!, $target: ID!) { redirectMessage(id: $id, target: $target, answer: {reason: "OTHER"})'
    " { id state } }"
)
REGISTER = 'mutation ($id: ID!) { registerIncoming(id: $id, number: "1", on: "2026-03-02") { id } }'
WITHDRAW_SUMMARY = "mutation ($id: ID!) { withdrawSummary(caseId: $id) }"
REOPEN = "mutation ($id: ID!) { reopenCase(caseId: $id) }"
INHERITED = "query ($id: ID!) { inheritedCases(caseId: $id) }"
ECHOES = "query ($id: ID!) { lookupEchoes(caseId: $id) %s }"
NAME_SUBJECT = "mutation ($id: ID!, $ref: String!) { nameSubject(subject: $id, ref: $ref) }"
WITHDRAW = "mutation ($id: ID!) { withdrawConsent(consentId: $id) { entryId recalled } }"
PREVIEW = (
    "mutation ($input: SubmitMessageInput!) { previewMessage(input: $input) "
    "{ sendable people { categories { category access { effect rule } } } } }"
)
SUBMIT = (
    "mutation ($input: SubmitMessageInput!) { submitMessage(input: $input) "
    "{ repeated message { id operationId state regNumber } } }"
)
PROOF = "query ($id: ID!) { entryProof(id: $id) }"
FACTS = "query ($person: PersonNamedInput) { facts(person: $person) %s }"
RECORD_FACT = "mutation ($input: RecordFactInput!) { recordFact(input: $input) { id entryId } }"
END_FACT = 'mutation ($id: ID!) { endFact(id: $id, document: {reasons: "слова"}) { ended entryId } }'
ASKED_HOLDS = "{ askedHolds %s }"
RECORD_EVENT = 'mutation($id: ID!) { recordPracticeEvent(caseId: $id, event: "signal_received") { stage entryId } }'
PAUSE_TIMER = 'mutation($id: ID!) { pauseTimer(id: $id, reason: "family_away") }'
CASE_RECORDS = "query ($id: ID!) { caseRecords(caseId: $id) %s }"
LOADS = "{ loads %s }"
KEEP_RECORD = (
    "mutation ($id: ID!, $code: String!) "
    "{ keepCaseRecord(input: {caseId: $id, kind: SCENARIO, code: $code}) { entryId } }"
)
BOARD = "{ timerBoard %s }"
TIMERS = "{ timers %s }"
EXPLAIN = (
    "query ($id: ID!, $to: String!, $purpose: String!) "
    "{ explain(caseId: $id, organisationOgrn: $to, purpose: $purpose) %s }"
)
DECLARE = (
    "mutation ($id: ID!, $words: String!, $login: String!) "
    "{ declareEmergency(caseId: $id, words: $words, declarerLogin: $login) { id endsAt reviewBy entryId } }"
)
ASSIGN = "mutation ($id: ID!, $login: String!) { assignCase(caseId: $id, login: $login) }"
ASSIGNED = "query ($id: ID!) { assigned(caseId: $id) { login name } }"
CLOSE_TIMER = "mutation ($id: ID!) { closeTimer(id: $id) }"
ORGANISATIONS = "{ organisations { id name kind ogrn } }"


def full(query: str) -> str:
    """The query with everything selected that its type has."""
    kind = {
        SUMMARY: "CaseSummaryNode",
        SUMMARIES: "CaseSummaryPage",
        ECHOES: "LookupEcho",
        MESSAGES: "MessagePage",
        MESSAGE: "MessageNode",
        OPEN: "OpenedMessageNode",
        FACTS: "FactNode",
        ASKED_HOLDS: "AskedHoldNode",
        TIMERS: "TimerNode",
        EXPLAIN: "ExplainedNode",
        BOARD: "BoardPage",
        CASE_RECORDS: "CaseRecordsNode",
        LOADS: "LoadsNode",
    }
    return query % all_fields(kind[query])


# --- watching --------------------------------------------------------------------------------------------------------


@dataclass
class Statements:
    """What was said to the stores, in order: which store, the statement's text, its parameters."""

    said: list[tuple[str, str, Any]] = field(default_factory=list)

    @property
    def shapes(self) -> list[tuple[str, str]]:
        return [(store, statement) for store, statement, _ in self.said]


@contextmanager
def statements(world: World, before: Callable[[Connection, str], None] | None = None) -> Iterator[Statements]:
    """Record every statement to both stores; `before` may raise to play a crash."""
    heard = Statements()
    listeners: list[tuple[Engine, Callable[..., None]]] = []
    for name, engine in (("data", world.engine), ("keys", world.key_engine)):

        def hear(
            connection: Connection,
            cursor: Any,
            statement: str,
            parameters: Any,
            context: Any,
            executemany: bool,
            name: str = name,
        ) -> None:
            heard.said.append((name, statement, parameters))
            if before is not None:
                before(connection, statement)

        event.listen(engine, "before_cursor_execute", hear)
        listeners.append((engine, hear))
    try:
        yield heard
    finally:
        for engine, hear in listeners:
            event.remove(engine, "before_cursor_execute", hear)


@contextmanager
def swapped(owner: Any, name: str, value: Any) -> Iterator[None]:
    """One attribute replaced for a while; works for classes, modules and frozen values."""
    before = owner.__dict__[name] if isinstance(owner, type) else getattr(owner, name)
    if isinstance(owner, type):
        setattr(owner, name, value)
    else:
        object.__setattr__(owner, name, value)
    try:
        yield
    finally:
        if isinstance(owner, type):
            setattr(owner, name, before)
        else:
            object.__setattr__(owner, name, before)


@contextmanager
def _seals(note: Callable[[str, tuple[str, ...]], object]) -> Iterator[None]:
    from gateway.vault.envelope import SealingKey

    original = SealingKey.open

    def watched(self: SealingKey, blob: bytes, purpose: str, *place: str) -> bytes:
        plain = original(self, blob, purpose, *place)
        note(purpose, place)
        return plain

    with swapped(SealingKey, "open", watched):
        yield


@contextmanager
def unsealed() -> Iterator[list[str]]:
    """Lists what every seal that is really opened is for: section, words, ruled-facts, decision-facts. Keys are not told."""
    opened: list[str] = []

    def note(purpose: str, place: tuple[str, ...]) -> None:
        if not purpose.startswith("wrapped-key"):
            opened.append(purpose)

    with _seals(note):
        yield opened


@contextmanager
def decrypted() -> Iterator[list[tuple[str, tuple[str, ...]]]]:
    """Lists the sections whose seal is really opened: (category, subjects)."""
    opened: list[tuple[str, tuple[str, ...]]] = []

    def note(purpose: str, place: tuple[str, ...]) -> None:
        if purpose == "section":
            opened.append((place[1], tuple(place[4:])))

    with _seals(note):
        yield opened


def leaks(content: str | bytes, markers: tuple[str, ...] = MARKERS + SERVICE_MARKERS) -> list[str]:
    """Markers that stand in an answer, also where JSON writes them with escapes."""
    found = content.encode() if isinstance(content, str) else content
    spellings = {
        m: (m.encode(), m.encode("ascii", "backslashreplace"), m.encode("utf-16-le"), m.encode("utf-16-be"))
        for m in markers
    }
    return [m for m, forms in spellings.items() if any(form in found for form in forms)]


def vacuum_copy(connection: Connection) -> list[str]:
    """Every value of every table of a store, as text (PostgreSQL)."""
    names = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
    return [
        str(value) for name in names for value in connection.execute(text(f'SELECT x::text FROM "{name}" x')).scalars()
    ]
