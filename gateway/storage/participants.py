"""Organisations, people, systems, sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from gateway.storage import tables as t
from gateway.storage.facts import bump_versions, registry_key
from gateway.use_cases.values import Client, Organisation, Person
from schemas.errors import Conflict
from schemas.ids import ClientId, OrganisationId, PersonId


def organisation_of(row: Row[Any]) -> Organisation:
    """One row of `organisations` as a value."""
    values = dict(row._mapping)  # noqa: SLF001  the documented way to a mapping
    return Organisation(**{**values, "registers": tuple(values["registers"])})


class SqlParticipants:
    """`ports.Participants`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_organisation(self, organisation: Organisation) -> None:
        try:
            with self._connection.begin_nested():
                self._connection.execute(
                    insert(t.organisations).values(
                        id=organisation.id,
                        kind=organisation.kind,
                        name=organisation.name,
                        ogrn=organisation.ogrn,
                        inn=organisation.inn,
                        district=organisation.district,
                        practice=organisation.practice,
                        country=organisation.country,
                        registers=list(organisation.registers),
                        agreement_from=organisation.agreement_from,
                        agreement_to=organisation.agreement_to,
                        zone=organisation.zone,
                        synthetic=organisation.synthetic,
                        rkn_number=organisation.rkn_number,
                        storage_country=organisation.storage_country,
                    )
                )
        except IntegrityError:
            raise Conflict("organisation_exists", ogrn=organisation.ogrn) from None
        bump_versions(self._connection, [f"organisation:{organisation.id}", registry_key(organisation.id)])

    def change_organisation(self, organisation: Organisation) -> None:
        # The version moves first: a disclosure that holds it finishes before this change, or is ruled again after it.
        bump_versions(self._connection, [f"organisation:{organisation.id}"])
        values = {**asdict(organisation), "registers": list(organisation.registers)}
        self._connection.execute(
            update(t.organisations).where(t.organisations.c.id == organisation.id).values(**values)
        )

    def organisation(self, organisation_id: OrganisationId) -> Organisation | None:
        row = self._connection.execute(select(t.organisations).where(t.organisations.c.id == organisation_id)).first()
        return organisation_of(row) if row else None

    def organisation_by_ogrn(self, ogrn: str) -> Organisation | None:
        row = self._connection.execute(select(t.organisations).where(t.organisations.c.ogrn == ogrn)).first()
        return organisation_of(row) if row else None

    def organisations(self) -> Sequence[Organisation]:
        rows = self._connection.execute(select(t.organisations).order_by(t.organisations.c.name, t.organisations.c.id))
        return [organisation_of(row) for row in rows]

    def add_person(self, person: Person) -> None:
        try:
            with self._connection.begin_nested():
                self._connection.execute(
                    insert(t.people).values(
                        id=person.id,
                        organisation_id=person.organisation_id,
                        login=person.login,
                        display_name=person.display_name,
                        password_hash=person.password_hash,
                        active=person.active,
                        synthetic=person.synthetic,
                    )
                )
        except IntegrityError:
            raise Conflict("login_taken") from None
        if person.roles:
            self._connection.execute(
                insert(t.person_roles), [{"person_id": person.id, "role": role} for role in sorted(person.roles)]
            )
        bump_versions(self._connection, [f"person:{person.id}"])

    def person_by_login(self, login: str) -> Person | None:
        return self._person(t.people.c.login == login)

    def person(self, person_id: PersonId) -> Person | None:
        return self._person(t.people.c.id == person_id)

    def people_of(self, organisation_id: OrganisationId) -> Sequence[Person]:
        rows = self._connection.execute(
            select(t.people, t.person_roles.c.role)
            .select_from(t.people.outerjoin(t.person_roles))
            .where(t.people.c.organisation_id == organisation_id, t.people.c.active)
            .order_by(t.people.c.login, t.person_roles.c.role)
        )
        grouped: dict[PersonId, list[Any]] = {}
        for row in rows:
            grouped.setdefault(row.id, []).append(row)
        return [_person_of(group) for group in grouped.values()]

    def people(self) -> Sequence[Person]:
        ids = self._connection.execute(select(t.people.c.id).order_by(t.people.c.login)).scalars().all()
        return [person for person_id in ids if (person := self._person(t.people.c.id == person_id))]

    def _person(self, condition: Any) -> Person | None:  # noqa: ANN401  a column expression
        rows = self._connection.execute(
            select(t.people, t.person_roles.c.role).select_from(t.people.outerjoin(t.person_roles)).where(condition)
        ).all()
        return _person_of(rows) if rows else None

    def add_client(self, client: Client) -> None:
        try:
            with self._connection.begin_nested():
                self._connection.execute(
                    insert(t.clients).values(
                        id=client.id,
                        organisation_id=client.organisation_id,
                        name=client.name,
                        jwks=dict(client.jwks),
                        scopes=list(client.scopes),
                        active=client.active,
                    )
                )
        except IntegrityError:
            raise Conflict("client_exists", client=client.id) from None

    def client(self, client_id: ClientId) -> Client | None:
        row = self._connection.execute(select(t.clients).where(t.clients.c.id == client_id)).first()
        if row is None:
            return None
        return Client(row.id, row.organisation_id, row.name, row.jwks, tuple(row.scopes), row.active)

    def remember_assertion(self, client_id: ClientId, jti_digest: str, expires_at: datetime, now: datetime) -> bool:
        seen = t.seen_assertions
        self._connection.execute(delete(seen).where(seen.c.expires_at < now))
        try:
            with self._connection.begin_nested():
                self._connection.execute(
                    insert(seen).values(client_id=client_id, jti_digest=jti_digest, expires_at=expires_at)
                )
        except IntegrityError:
            return False
        return True

    def add_session(self, token_digest: str, person_id: PersonId, now: datetime, expires_at: datetime) -> None:
        self._connection.execute(delete(t.sessions).where(t.sessions.c.expires_at < now))
        self._connection.execute(
            insert(t.sessions).values(
                token_digest=token_digest, person_id=person_id, created_at=now, expires_at=expires_at
            )
        )

    def session_person(self, token_digest: str, now: datetime) -> Person | None:
        session = t.sessions
        person_id = self._connection.execute(
            select(session.c.person_id).where(session.c.token_digest == token_digest, session.c.expires_at > now)
        ).scalar()
        person = self._person(t.people.c.id == person_id) if person_id else None
        return person if person and person.active else None

    def end_session(self, token_digest: str) -> None:
        self._connection.execute(delete(t.sessions).where(t.sessions.c.token_digest == token_digest))


def _person_of(rows: Sequence[Any]) -> Person:
    first = rows[0]
    return Person(
        id=first.id,
        organisation_id=first.organisation_id,
        login=first.login,
        display_name=first.display_name,
        password_hash=first.password_hash,
        roles=frozenset(row.role for row in rows if row.role),
        active=first.active,
        synthetic=first.synthetic,
        emergency_suspended_at=first.emergency_suspended_at,
    )
