"""Law 1. Personal data leave only through `disclose`; every surface calls it.

Not yet there, so not tried here: webhooks, subscriptions, exports of a whole holder.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from rich.console import Console

from gateway import cli_files
from gateway.use_cases.sign_in import sign_in
from gateway.web.session import FORM_TOKEN, SESSION_COOKIE, form_token
from schemas.errors import MezhvedError
from tests.builders import NOW
from tests.laws import sources
from tests.laws.world import (
    ACCEPT,
    MESSAGE,
    MESSAGES,
    OPEN,
    ORGANISATIONS,
    PASSWORD,
    PREVIEW,
    PROOF,
    REJECT,
    SUBMIT,
    SUMMARIES,
    SUMMARY,
    WITHDRAW,
    World,
    full,
    leaks,
    marked_message,
    swapped,
)

DOOR = "gateway/use_cases/disclose.py"
OPENERS = {
    "open_sections": {DOOR},
    "open_decision_facts": {DOOR},  # the age, before any ruling; it never leaves
    "open_facts": {"gateway/use_cases/read_holds.py"},  # facts without identities, for who decides what is held
    "open_all_facts": {"gateway/use_cases/replay_decisions.py"},  # the same, ruled again and never shown
    "open_words": {  # what staff wrote about a decision of their own organisation
        "gateway/use_cases/read_facts.py",
        "gateway/use_cases/review_emergency.py",
    },
    "open_section": set(),
    "open_shared_section": set(),
}
"""What opens a seal, and who may call it. The vault's own modules define them."""
READERS_OF_SEALED = {"gateway/use_cases/read_case_summaries.py", "gateway/use_cases/open_message.py"}
"""Scopes that `disclose` is given: only it calls their `fetch`."""
GATED_BY_PARTS = {
    "gateway/use_cases/submit_message.py",  # the content comes from the sender and goes into the store
    "gateway/use_cases/declare_emergency.py",  # whether the pack would open anything; the content is read by the door
    "gateway/use_cases/explain_access.py",  # what would be ruled, and no content
}
"""What rules and records by the parts of the door. None of them opens a seal."""
EDGES = (
    "gateway/graphql",
    "gateway/rest",
    "gateway/web",
    "gateway/exchange",
    "gateway/edge.py",
    "gateway/cli_files.py",
    "gateway/cli_people.py",
)
EDGE_MAY_READ = {"participants", "log"}
"""Repositories an edge may touch by itself: organisations, staff and systems; checkpoints. None holds a family's data."""
RELAY = "gateway/exchange/relay.py"  # moves messages without looking into them


def check_only_the_door_opens_seals(world: World | None = None) -> None:
    """No module but the door calls what opens, and no module but its scopes fetches what is sealed."""
    for path, tree in sources.trees("gateway"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in OPENERS and not path.startswith("gateway/vault/"):
                assert path in OPENERS[node.attr], f"{path}:{node.lineno} calls {node.attr}"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "sections":
                assert path in READERS_OF_SEALED, f"{path}:{node.lineno} fetches sealed sections"
            if isinstance(node, ast.Attribute) and node.attr == "fetch":
                assert path == DOOR, f"{path}:{node.lineno} fetches through a scope"
        for module, name in sources.imports(tree):
            if module == "gateway.use_cases.disclose" and name in {"rule", "record"}:
                assert path in GATED_BY_PARTS, f"{path} uses a part of the door: {name}"


def check_edges_reach_no_store_and_no_key(world: World | None = None) -> None:
    """An edge parses, calls a use case and renders: it imports no store and no vault, and reads no family's rows."""
    for path, tree in sources.trees(*EDGES):
        for module, _ in sources.imports(tree):
            assert not module.startswith(("gateway.storage", "gateway.vault", "sqlalchemy")), f"{path} imports {module}"
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "unit":
                allowed = EDGE_MAY_READ | ({"messages"} if path == RELAY else set())
                assert node.attr in allowed, f"{path}:{node.lineno} reads unit.{node.attr}"


def check_a_stranger_learns_nothing(world: World) -> None:
    """No answer of any surface to an unrelated organisation has a word of the family."""
    for name, content in answers_to_a_stranger(world):
        assert not leaks(content), f"{name} has {leaks(content)}"


def check_a_recipient_learns_only_what_is_released(world: World) -> None:
    """A related organisation gets no word of what its ruling withholds, on any surface."""
    answer = world.ask("guardianship", full(SUMMARY), id=world.pseudonym("guardianship"), purpose="CASE_MGMT")
    assert leaks(answer.content, ("Чибис Имя",)), "the consented part is released"
    assert not leaks(answer.content, ("14785296311", "777001", "ChibisOffence"))
    for person in answer.json()["data"]["caseSummary"]["subjects"]:
        for section in person["sections"].values():
            assert section["access"]["effect"] in {"RELEASED", "MASKED"} or section["data"] is None
    opened = world.ask("guardianship", full(OPEN), id=world.family.signal_id)
    assert leaks(opened.content, ("Чибис, слова",)), "the words of a signal travel"
    assert not leaks(opened.content, ("14785296311", "777001", "V-ЧБ", "ChibisFactor"))


def answers_to_a_stranger(world: World) -> list[tuple[str, bytes]]:
    """Everything an unrelated organisation can ask, about everything real that it might have heard of."""
    family = world.family
    cases = [world.pseudonym(place) for place in ("stranger", "ngo", "guardianship")] + [family.case_id]
    messages = [family.referral_id, family.signal_id]
    found: list[tuple[str, bytes]] = []

    def asked(name: str, query: str, **variables: object) -> None:
        found.append((name, world.ask("stranger", query, **variables).content))

    for case in cases:
        asked("caseSummary", full(SUMMARY), id=case, purpose="CASE_MGMT")
        asked("caseSummaries", full(SUMMARIES), first=10, after=case)
    asked("caseSummary of another purpose", full(SUMMARY), id=cases[0], purpose="SIGNAL")
    for box in ("INBOX", "OUTBOX"):
        asked("messages", full(MESSAGES), box=box, first=10)
        asked("messages after", full(MESSAGES), box=box, first=10, after=messages[0])
    for message in messages:
        for name, query in (
            ("message", full(MESSAGE)),
            ("openMessage", full(OPEN)),
            ("acceptMessage", ACCEPT),
            ("rejectMessage", REJECT),
        ):
            asked(name, query, id=message)
    asked("withdrawConsent", WITHDRAW, id=family.consent_id)
    asked("organisations", ORGANISATIONS)
    for entry in world.entries():
        asked("entryProof", PROOF, id=entry.id)
    # What it sends itself about the same child tells it nothing of what others hold.
    own = marked_message(world.town.stranger, world.town.guardianship, "own", type="signal", trigger="threat")
    known = {"kind": "child", "ref": "own", "identifiers": {"snils": "14785296311"}, "identity": {"fullName": "Имя"}}
    message = {
        "operationId": own.operation_id,
        "type": "signal",
        "trigger": "threat",
        "persons": [known],
        "statement": "Слова",
    }
    for name, query in (("previewMessage", PREVIEW), ("submitMessage", SUBMIT)):
        asked(name, query, input={**message, "recipientOgrn": world.town.guardianship.ogrn})
    table = "СНИЛС;Фамилия\n147-852-963 11;Имя\n".encode("cp1251")
    for form, content in (("xml", b"<a/>"), ("csv", table)):
        answer = world.http.post(f"/files/{form}", content=content, headers=world.headers("stranger"))
        found.append((f"/files/{form}", answer.content))
    found += _pages(world, "stranger.worker", [*messages, family.consent_id], cases[:1], [])
    found += _pages(world, "stranger.dpo", messages[:1], cases, [e.id for e in world.entries()][-6:])
    found += _exports(world, messages)
    return found


def _pages(
    world: World, login: str, messages: list[Any], cases: list[Any], entries: list[Any]
) -> list[tuple[str, bytes]]:
    token = sign_in(world.house, login, PASSWORD, NOW).token
    cookies = {"Cookie": f"{SESSION_COOKIE}={token}"}
    paths = ["/queue", "/queue?box=outbox", "/log", "/referrals/new", f"/queue?after={messages[0]}"]
    paths += [f"/messages/{message}" for message in messages]
    paths += [f"/referrals/{message}/sent" for message in messages]
    paths += [f"/log?case={case}" for case in cases]
    paths += [f"/log/entries/{entry}/proof" for entry in entries]
    found = [(path, world.http.get(path, headers=cookies).content) for path in paths]
    for message in messages:
        for deed in ("open", "accept", "reject"):
            path = f"/messages/{message}/{deed}"
            found.append(
                (
                    path,
                    world.http.post(
                        path, data={FORM_TOKEN: form_token(token), "reason": "NO_CAPACITY"}, headers=cookies
                    ).content,
                )
            )
    return found


def _exports(world: World, messages: list[Any]) -> list[tuple[str, bytes]]:
    target = Path(world.settings.home) / "export.json"
    found = []
    for message in messages:
        try:
            with swapped(cli_files, "build_house", lambda settings: world.house):
                cli_files.export_message(
                    world.settings, message, world.town.stranger.ogrn, "stranger.worker", target, Console(quiet=True)
                )
        except MezhvedError as error:
            found.append(("export", f"{error} {error.message()} {error.remedy()}".encode()))
        if target.exists():
            found.append(("export", target.read_bytes()))
    return found


CHECKS = (check_a_stranger_learns_nothing, check_a_recipient_learns_only_what_is_released)
STORELESS = (check_only_the_door_opens_seals, check_edges_reach_no_store_and_no_key)
