"""Whatever identifier of somebody else's a system sends, the answer is that of an invented one, to the byte."""

from __future__ import annotations

import pytest

from gateway.demo import queries
from gateway.exchange.relay import relay_once
from gateway.use_cases.sequence_log import sequence_log
from gateway.use_cases.submit_message import submit_message
from schemas.ids import new_id
from tests.builders import NOW, consent, publish, referral, system_of
from tests.gateway.conftest import Running

OPERATIONS = {
    "message": "query($id: ID!) { message(id: $id) { state sender } }",
    "open": queries.OPEN,
    "accept": queries.ACCEPT,
    "acknowledge": "mutation($id: ID!) { answerMessage(id: $id, event: ACKNOWLEDGE) { state } }",
    "reject": 'mutation($id: ID!) { answerMessage(id: $id, event: REJECT, answer: {reason: "OTHER"}) { state } }',
    "page after": "query($id: ID) { messages(first: 5, after: $id) { next items { id } } }",
    "withdraw": queries.WITHDRAW,
    "proof": "query($id: ID!) { entryProof(id: $id) }",
    "summary": queries.SUMMARY,
    "summaries after": queries.SUMMARIES.replace("$after: String", "$id: String").replace(
        "after: $after", "after: $id"
    ),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_stranger_learns_nothing_by_guessing_right(running: Running, name: str) -> None:
    town = running.town
    published = publish(town)
    given = consent(town, town.guardianship)
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    sent = submit_message(town.house, system_of(town.centre), referral(town.centre, town.ngo), NOW).message
    relay_once(town.house, NOW)
    running.caller(town.guardianship).graphql(queries.SUMMARIES)
    with town.house.store.reading() as unit:
        entry = unit.log.disclosures(town.ngo.id, None, 1)[0].entry_id
    sequence_log(town.house, NOW)
    real = {
        "withdraw": given,
        "proof": entry,
        "summary": town.house.vault.case_pseudonym(town.guardianship.id, published.case_id),
        "summaries after": town.house.vault.case_pseudonym(town.guardianship.id, published.case_id),
    }.get(name, sent.id)
    invented = "a" * 52 if name.startswith("summar") else new_id()
    for stranger in (town.stranger, town.school):
        caller = running.caller(stranger)
        answers = [caller.graphql(OPERATIONS[name], {"id": identifier}) for identifier in (real, invented)]
        first, second = ((a.status_code, a.json().get("errors"), _bare(a.json().get("data"))) for a in answers)
        assert first == second


def _bare(data: object) -> object:
    """Without the ids of entries, which are new at each request."""
    if isinstance(data, dict):
        return {key: _bare(value) for key, value in data.items() if key != "entryId"}
    return data
