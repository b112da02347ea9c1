"""The store: units of work over one engine. The only way to a transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import StatementError

from gateway.storage.agendas import SqlAgendas
from gateway.storage.alerts import SqlAlerts
from gateway.storage.attachments import SqlAttachments
from gateway.storage.case_records import SqlCaseRecords
from gateway.storage.certificates import SqlCertificates
from gateway.storage.consents import SqlConsents
from gateway.storage.deliveries import SqlDeliveries
from gateway.storage.delivery_events import SqlDeliveryEvents
from gateway.storage.directory import SqlDirectory
from gateway.storage.drafts import SqlDrafts
from gateway.storage.emergencies import SqlEmergencies
from gateway.storage.endpoints import SqlEndpoints
from gateway.storage.engine import close_with, open_engine, transaction, translated
from gateway.storage.exports import SqlExports
from gateway.storage.facts import SqlFacts
from gateway.storage.families import SqlFamilies
from gateway.storage.holds import SqlHolds
from gateway.storage.imports import SqlImports
from gateway.storage.intake import SqlKeptRecords, SqlMappingProfiles
from gateway.storage.joint import SqlJointDecisions
from gateway.storage.log import SqlLog
from gateway.storage.messages import SqlMessages
from gateway.storage.notices import SqlNotices, SqlTimers
from gateway.storage.packages import SqlPackages
from gateway.storage.packs import SqlPacks
from gateway.storage.participants import SqlParticipants
from gateway.storage.practices import SqlPractices
from gateway.storage.queues import SqlQueues
from gateway.storage.recorded_facts import SqlRecordedFacts
from gateway.storage.seal_keys import SqlSealKeys
from gateway.storage.summaries import SqlSummaries
from gateway.storage.taken import SqlTaken


class SqlUnit:
    """One transaction and its repositories."""

    def __init__(self, connection: Connection) -> None:
        self.participants = SqlParticipants(connection)
        self.families = SqlFamilies(connection)
        self.consents = SqlConsents(connection)
        self.facts = SqlFacts(connection)
        self.recorded_facts = SqlRecordedFacts(connection)
        self.holds = SqlHolds(connection)
        self.emergencies = SqlEmergencies(connection)
        self.notices = SqlNotices(connection)
        self.timers = SqlTimers(connection)
        self.packs = SqlPacks(connection)
        self.summaries = SqlSummaries(connection)
        self.messages = SqlMessages(connection)
        self.log = SqlLog(connection)
        self.queues = SqlQueues(connection)
        self.alerts = SqlAlerts(connection)
        self.directory = SqlDirectory(connection)
        self.practices = SqlPractices(connection)
        self.drafts = SqlDrafts(connection)
        self.case_records = SqlCaseRecords(connection)
        self.attachments = SqlAttachments(connection)
        self.seal_keys = SqlSealKeys(connection)
        self.certificates = SqlCertificates(connection)
        self.endpoints = SqlEndpoints(connection)
        self.delivery_events = SqlDeliveryEvents(connection)
        self.deliveries = SqlDeliveries(connection)
        self.packages = SqlPackages(connection)
        self.exports = SqlExports(connection)
        self.joint = SqlJointDecisions(connection)
        self.agendas = SqlAgendas(connection)
        self.taken = SqlTaken(connection)
        self.imports = SqlImports(connection)
        self.kept_records = SqlKeptRecords(connection)
        self.mapping_profiles = SqlMappingProfiles(connection)


class SqlStore:
    """`gateway.use_cases.ports.Store` on SQLite or PostgreSQL."""

    def __init__(self, url: str, pool_size: int = 8) -> None:
        self.engine: Engine = open_engine(url, pool_size)
        close_with(self, self.engine)

    @contextmanager
    def reading(self) -> Iterator[SqlUnit]:
        """A consistent view."""
        with self._unit(writing=False) as unit:
            yield unit

    @contextmanager
    def writing(self) -> Iterator[SqlUnit]:
        """A unit of work: commits at the end of the block, rolls back when it raises."""
        with self._unit(writing=True) as unit:
            yield unit

    @contextmanager
    def _unit(self, *, writing: bool) -> Iterator[SqlUnit]:
        try:
            with transaction(self.engine, writing=writing) as connection:
                yield SqlUnit(connection)
        except StatementError as error:  # of the driver, or before it: a value that no column takes
            raise translated(error) from None  # the driver's text may quote values: it goes no further (law 8)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()
