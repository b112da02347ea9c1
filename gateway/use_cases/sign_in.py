"""Sign in to the pages: login and password, a session that ends. Sign-ins of overseers are entries of the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.evidence.events import EventKind
from gateway.oauth.passwords import new_session_token, session_digest, verify_password
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.values import Person, Requester
from schemas.errors import NotAuthenticated

SESSION_HOURS = 10
OVERSEERS = frozenset({"dpo", "administrator"})


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The token goes into the cookie; only its digest is kept."""

    token: str
    person: Person


def sign_in(house: House, login: str, password: str, now: datetime) -> SignedIn:
    """Raises NotAuthenticated (sign_in_failed), the same for an unknown login and a wrong password."""
    with house.store.reading() as unit:
        person = unit.participants.person_by_login(login.strip().lower())
    known = person if person is not None and person.active else None
    verify_password(known.password_hash if known else None, password)
    assert known is not None  # verify_password raises alike for nobody and for a wrong password
    token = new_session_token()
    with house.store.writing() as unit:
        unit.participants.add_session(token.digest, known.id, now, now + timedelta(hours=SESSION_HOURS))
        if known.roles & OVERSEERS:
            append_entry(
                unit,
                EventKind.PERSON_SIGNED_IN,
                {"organisation": known.organisation_id, "person": known.id, "roles": sorted(known.roles)},
                now,
            )
    return SignedIn(token.secret, known)


def session_requester(house: House, token: str, now: datetime) -> tuple[Requester, Person]:
    """Whose session it is. Raises NotAuthenticated (session_ended)."""
    with house.store.reading() as unit:
        person = unit.participants.session_person(session_digest(token), now)
    if person is None:
        raise NotAuthenticated("session_ended")
    return Requester(person.organisation_id, f"person:{person.id}", person.roles), person


def sign_out(house: House, token: str) -> None:
    """End the session; harmless when it has ended."""
    with house.store.writing() as unit:
        unit.participants.end_session(session_digest(token))
