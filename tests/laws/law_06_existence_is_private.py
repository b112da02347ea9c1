"""Law 6. Without a recorded relation a real case is answered exactly as an invented one, and costs the same.

Timing is promised by a stated statistical test of its own, which comes later. What is compared here are bytes and
statements.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gateway.exchange.relay import relay_once
from gateway.use_cases.publish_case_summary import publish_case_summary
from gateway.use_cases.sign_in import sign_in
from gateway.use_cases.submit_message import submit_message
from gateway.web.session import FORM_TOKEN, SESSION_COOKIE, form_token
from schemas.ids import new_id
from tests.builders import NOW, consent
from tests.laws.world import (
    ACCEPT,
    MESSAGE,
    MESSAGES,
    OPEN,
    ORGANISATIONS,
    PASSWORD,
    REJECT,
    SUMMARIES,
    SUMMARY,
    WITHDRAW,
    World,
    full,
    marked_message,
    marked_sections,
    statements,
    summary_draft,
)

_ENTRY = re.compile(r'"entryId":\s*"[0-9a-f-]{36}"')
_VARYING_HEADERS = {"date"}


def check_a_real_case_answers_as_an_invented_one(world: World) -> None:
    """Same status, headers and body; same statements in the same order; one entry either way."""
    for name, ask in _questions_about_cases(world).items():
        _check_alike(world, name, ask, real=world.pseudonym("stranger"), invented=_invented_pseudonym(world))


def check_a_foreign_message_answers_as_an_invented_one(world: World) -> None:
    """The same for messages of others: in the API and in the pages."""
    for name, ask in _questions_about_messages(world).items():
        for real in (world.family.signal_id, world.family.referral_id):
            _check_alike(world, name, ask, real=real, invented=new_id())


def check_a_foreign_consent_answers_as_an_invented_one(world: World) -> None:
    """Nobody withdraws, or learns of, a consent that another organisation holds."""

    def ask(identifier: str) -> Any:
        return world.ask("stranger", WITHDRAW, id=identifier)

    answers = [_comparable(ask(identifier)) for identifier in (world.family.consent_id, new_id())]
    assert answers[0] == answers[1]


def check_only_what_one_may_see_changes_an_answer(world: World, twin: World, examples: int = 12) -> None:
    """Two installations that differ only in what the requester may not see answer every question with the same bytes."""
    unseen = _add_what_nobody_here_may_see(twin)
    for place in ("stranger", "guardianship"):
        pool = [
            *(world.pseudonym(place), world.pseudonym("ngo"), world.family.case_id, world.family.signal_id),
            *(world.family.referral_id, world.family.consent_id, "z" * 52, ""),
            *(twin.pseudonym(place, case) for case in unseen["cases"]),
            *unseen["messages"],
        ]
        questions = st.one_of(
            st.tuples(
                st.just(full(SUMMARY)),
                st.fixed_dictionaries(
                    {"id": st.sampled_from(pool), "purpose": st.sampled_from(["CASE_MGMT", "SIGNAL"])}
                ),
            ),
            st.tuples(
                st.just(full(SUMMARIES)),
                st.fixed_dictionaries({"first": st.integers(1, 3), "after": st.sampled_from([None, *pool])}),
            ),
            st.tuples(
                st.just(full(MESSAGES)),
                st.fixed_dictionaries(
                    {
                        "box": st.sampled_from(["INBOX", "OUTBOX"]),
                        "first": st.integers(1, 3),
                        "after": st.sampled_from([None, *pool]),
                    }
                ),
            ),
            st.tuples(
                st.sampled_from([full(MESSAGE), full(OPEN), ACCEPT, REJECT, WITHDRAW]),
                st.fixed_dictionaries({"id": st.sampled_from(pool)}),
            ),
            st.just((ORGANISATIONS, {})),
        )

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(place=st.just(place), asked=st.lists(questions, min_size=2, max_size=4))
        def holds(place: str, asked: list[tuple[str, dict[str, Any]]]) -> None:
            for query, variables in asked:
                one, other = (_comparable(w.ask(place, query, **variables)) for w in (world, twin))
                assert one == other, f"{place}: {query.split('(')[0]} {variables}"

        holds()
        # Every unseen thing as a name and as a cursor, whatever chance drew.
        for name in [*unseen["messages"], *(twin.pseudonym(place, case) for case in unseen["cases"])]:
            for query, variables in (
                (full(MESSAGES), {"box": "INBOX", "first": 2, "after": name}),
                (full(MESSAGE), {"id": name}),
                (full(OPEN), {"id": name}),
                (full(SUMMARY), {"id": name, "purpose": "CASE_MGMT"}),
                (full(SUMMARIES), {"first": 2, "after": name}),
            ):
                one, other = (_comparable(w.ask(place, query, **variables)) for w in (world, twin))
                assert one == other, f"{place}: {query.split('(')[0]} {variables}"


def _add_what_nobody_here_may_see(twin: World) -> dict[str, list[Any]]:
    """Another family, a consent that names a third organisation, messages between others."""
    sections = {name: section for name, section in marked_sections().items() if name != "identifiers"}
    cases = [
        publish_case_summary(
            twin.house, twin.system(holder), summary_draft("unseen", "unseen", sections=sections), NOW
        ).case_id
        for holder in ("ngo", "centre")
    ]
    # About the very child that the guardianship body may see, another consent names the school.
    consent(
        twin.town,
        twin.town.school,
        ref="Chibis-1",
        signers=[{"who": "mother", "holder_ref": "Chibis-1-M", "verified": True}],
    )
    consent(
        twin.town,
        twin.town.ngo,
        ref="unseen",
        discloser=twin.town.centre,
        purpose="REFERRAL",
        signers=[{"who": "mother", "holder_ref": "unseen-M", "verified": True}],
    )
    later = NOW + timedelta(hours=1)  # after all that may be seen, so that as a cursor it would begin a page
    sent = [
        submit_message(
            twin.house, twin.system("centre"), marked_message(twin.town.centre, twin.town.ngo, "unseen"), later
        ).message.id
        for _ in range(2)
    ]
    relay_once(twin.house, later)
    return {"cases": cases, "messages": sent}


def _questions_about_cases(world: World) -> dict[str, Callable[[str], Any]]:
    return {
        "caseSummary": lambda case: world.ask("stranger", full(SUMMARY), id=case, purpose="CASE_MGMT"),
        "caseSummary for a signal": lambda case: world.ask("stranger", full(SUMMARY), id=case, purpose="SIGNAL"),
        "caseSummary, one field": lambda case: world.ask(
            "stranger", SUMMARY % "{ version }", id=case, purpose="CASE_MGMT"
        ),
        "a page after it": lambda case: world.ask("stranger", full(SUMMARIES), first=1, after=case),
        "the log about it": _page(world, lambda case: f"/log?case={case}", login="stranger.dpo"),
    }


def _questions_about_messages(world: World) -> dict[str, Callable[[str], Any]]:
    def deed(name: str) -> Callable[[str], Any]:
        return _page(world, lambda message: f"/messages/{message}/{name}", post=True)

    return {
        "message": lambda message: world.ask("stranger", full(MESSAGE), id=message),
        "openMessage": lambda message: world.ask("stranger", full(OPEN), id=message),
        "acceptMessage": lambda message: world.ask("stranger", ACCEPT, id=message),
        "rejectMessage": lambda message: world.ask("stranger", REJECT, id=message),
        "queue after it": lambda message: world.ask("stranger", full(MESSAGES), box="INBOX", first=5, after=message),
        "page of it": _page(world, lambda message: f"/messages/{message}"),
        "receipt of it": _page(world, lambda message: f"/referrals/{message}/sent"),
        "page of the queue after it": _page(world, lambda message: f"/queue?after={message}"),
        "opening on a page": deed("open"),
        "accepting on a page": deed("accept"),
    }


def _page(
    world: World, path: Callable[[str], str], *, post: bool = False, login: str = "stranger.worker"
) -> Callable[[str], Any]:
    token = sign_in(world.house, login, PASSWORD, NOW).token
    cookies = {"Cookie": f"{SESSION_COOKIE}={token}"}

    def ask(identifier: str) -> Any:
        address = path(identifier)
        if post:
            return world.http.post(address, data={FORM_TOKEN: form_token(token)}, headers=cookies)
        return world.http.get(address, headers=cookies)

    return ask


def _check_alike(world: World, name: str, ask: Callable[[str], Any], *, real: str, invented: str) -> None:
    ask(real), ask(invented)  # keys of the organisation are made and statements compiled
    seen = []
    for identifier in (real, invented):
        before = len(world.entries())
        with statements(world) as heard:
            answer = ask(identifier)
        seen.append((_comparable(answer, identifier), heard.shapes, len(world.entries()) - before))
    (answer, shapes, entries), (other_answer, other_shapes, other_entries) = seen
    assert answer == other_answer, f"{name}: the answer differs"
    assert entries == other_entries, f"{name}: {entries} and {other_entries} entries"
    assert shapes == other_shapes, f"{name}: {len(shapes)} and {len(other_shapes)} statements, or of another shape"
    if name.startswith(("caseSummary", "openMessage")):
        assert entries == 1, f"{name}: the attempt has {entries} entries"


def _comparable(answer: Any, identifier: str = "") -> tuple[int, dict[str, str], str]:
    """Status, headers and body, without date, entry id and the identifier that was asked for."""
    headers = {k: v for k, v in answer.headers.items() if k not in _VARYING_HEADERS}
    body = answer.text.replace(identifier, "<asked>") if identifier else answer.text
    return (
        answer.status_code,
        {k: v.replace(identifier, "<asked>") if identifier else v for k, v in headers.items() if k != "content-length"},
        _ENTRY.sub("<entry>", body),
    )


def _invented_pseudonym(world: World) -> str:
    return "".join(chr(ord("a") + n % 26) for n in range(52))


CHECKS = (
    check_a_real_case_answers_as_an_invented_one,
    check_a_foreign_message_answers_as_an_invented_one,
    check_a_foreign_consent_answers_as_an_invented_one,
)
TWINS = (check_only_what_one_may_see_changes_an_answer,)
