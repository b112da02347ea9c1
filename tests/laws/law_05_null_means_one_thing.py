"""Law 5. The rule comes first: an empty section says whether it is withheld, held or not recorded, and a refusal never
tells. A quiet rule reads neutral to the requester wherever it may look; the holder reads the true one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select

from gateway.evidence.entry import commitment
from gateway.exchange.relay import relay_once
from gateway.storage import tables as t
from gateway.use_cases.appoint_deputy import appoint_deputy
from gateway.use_cases.disclose import true_rulings
from gateway.use_cases.end_fact import end_fact
from gateway.use_cases.escalate import escalate
from gateway.use_cases.explain_access import explain_access
from gateway.use_cases.open_message import open_message
from gateway.use_cases.publish_case_summary import publish_case_summary
from gateway.use_cases.read_holds import open_hold, read_holds
from gateway.use_cases.read_log import read_log
from gateway.use_cases.read_notices import read_notices
from gateway.use_cases.read_timers import close_timer
from gateway.use_cases.record_fact import record_fact
from gateway.use_cases.review_emergency import open_emergency, read_emergencies, review_emergency
from gateway.use_cases.sequence_log import sequence_log
from gateway.use_cases.values import DisclosureRow, Requester
from policies.case_files import parse_cases
from policies.decider import PackDecider
from policies.pack import shipped_pack
from policies.ruling import Effect
from schemas.errors import MezhvedError
from schemas.facts import FactDocument, FactDraft
from schemas.ids import CaseId, Category, EntryId, HoldId, OrganisationId
from tests.builders import NOW, consent, record
from tests.laws.people import QUIET as QUIET_HOLD
from tests.laws.people import Held, decide, declare, held_family, held_message, hold_of, holds, look, protect
from tests.laws.world import (
    ASKED_HOLDS,
    EXPLAIN,
    FACTS,
    OPEN,
    PROOF,
    STAFF,
    SUMMARIES,
    SUMMARY,
    TIMERS,
    World,
    all_fields,
    full,
    marked_sections,
    summary_draft,
)

RELEASING = {"RELEASED", "MASKED"}
QUIET = "POL-LOC-1"
PAGE = "query ($purpose: String!) { caseSummaries(purpose: $purpose, first: 10) %s }"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}")
_PSEUDONYM = re.compile(r"\b[a-z2-7]{52}\b")
_LINK = DisclosureRow(
    EntryId(""), CaseId(""), None, b"", None, OrganisationId(""), "", "", "", None, {}, (), False, NOW
)


def check_every_null_has_one_meaning(world: World) -> None:
    """Data are null exactly where a ruling withholds, or where it releases and says why there is nothing."""
    _publish_half_recorded(world)
    seen = set()
    for answer in _answers(world):
        for section in _sections(answer):
            effect, absence, data = section["access"]["effect"], section["absence"], section["data"]
            seen.add((effect, absence, data is None))
            if effect in RELEASING:
                assert (data is None) == (absence is not None), section
            else:
                assert data is None, section
                assert absence is None, f"a refusal tells whether data exist: {section}"
            assert all(section["access"][part] for part in ("rule", "title")), section
            assert effect in RELEASING or section["access"]["remedy"], "what would change it"
    # The family was made so that every kind of answer occurs.
    for kind in (
        ("RELEASED", None, False),
        ("RELEASED", "NOT_RECORDED", True),
        ("RELEASED", "NOT_USED", True),
        ("WITHHELD", None, True),
    ):
        assert kind in seen, f"{kind} was never seen: this tries too little"


def check_a_refusal_is_the_same_whether_data_exist(world: World) -> None:
    """What is withheld reads the same for a child with the category recorded and for one without."""
    published = _publish_half_recorded(world)
    answer = world.ask(
        "guardianship", full(SUMMARY), id=world.pseudonym("guardianship", published.case_id), purpose="CASE_MGMT"
    )
    recorded, bare, *_ = answer.json()["data"]["caseSummary"]["subjects"]
    for name in ("offences", "adoption", "identifiers", "legalStatus"):
        one, other = recorded["sections"][name], bare["sections"][name]
        assert one["access"]["effect"] not in RELEASING, name
        assert {**one, "about": None} == {**other, "about": None}, name


def check_a_quiet_rule_reads_neutral(world: World) -> None:
    """Where whereabouts are protected the requester reads a neutral reason everywhere; entry and DPO have the true one."""
    plain = world.ask("guardianship", full(SUMMARY), id=world.pseudonym("guardianship"), purpose="CASE_MGMT").json()
    _protect(world)
    answer = world.ask("guardianship", full(SUMMARY), id=world.pseudonym("guardianship"), purpose="CASE_MGMT")
    child = answer.json()["data"]["caseSummary"]["subjects"][0]["sections"]
    access = child["whereabouts"]["access"]
    neutral = {text.id: text for text in shipped_pack("ru").neutral.values()}
    assert access["effect"] not in RELEASING
    assert (access["rule"], access["citation"], access["title"]) == (
        "NOT_RELEASED",
        "",
        neutral["NOT_RELEASED"].title_ru,
    )
    assert access["obligations"] == []
    _check_silent(answer.text)
    for page in (full(SUMMARIES),):
        _check_silent(world.ask("guardianship", page, first=10).text)
    # The true rule stands in the links the holder's DPO reads, and in the holder's explanation.
    entry_id = answer.json()["data"]["caseSummary"]["entryId"]
    explained = world.ask(
        "ngo", full(EXPLAIN), id=world.pseudonym("ngo"), to=world.town.guardianship.ogrn, purpose="CASE_MGMT"
    ).json()
    told = [c for s in explained["data"]["explain"]["subjects"] for c in s["categories"] if c["category"] == "LOC"]
    assert any(category["rule"] == QUIET and category["quiet"] for category in told)
    log = read_log(world.house, world.system("ngo", "dpo"), NOW)
    assert any(row.entry_id == entry_id and row.rulings["LOC"][1].startswith(QUIET) for row in log.rows)
    # What the neutral answer does not touch stays as it was.
    before = plain["data"]["caseSummary"]["subjects"][0]["sections"]
    assert {k: v for k, v in child.items() if k != "whereabouts"} == {
        k: v for k, v in before.items() if k != "whereabouts"
    }


def check_held_says_by_when(world: World) -> None:
    """What is held says by when a person decides, and nothing else does: whether it is the requester's first question, it
    has been passed on, or somebody else has to say yes too. Whether anything is recorded is not told."""
    held_family(world, "loud")
    quiet = held_family(world, "quiet", QUIET_HOLD)
    sent, _ = held_message(world, "part", contact=None)
    (hold,) = holds(world, message_id=sent.message.id)
    yes = decide(world, "centre.head", hold, {Category("ID"): Effect.PERMIT}).hold
    relay_once(world.house, NOW)
    for purpose in ("CASE_MGMT", "GUARDIANSHIP"):
        for _ in range(2):
            found = [
                section
                for case in world.ask("guardianship", PAGE % all_fields("CaseSummaryPage"), purpose=purpose).json()[
                    "data"
                ]["caseSummaries"]["items"]
                for section in _sections(case)
            ]
            _check_held(found)
            assert any(section["access"]["effect"] == "HELD" for section in found), purpose
    passed = max(row.due_at for row in holds(world))
    escalate(world.house, passed)
    case = world.pseudonym("guardianship", quiet.case_id)
    later = world.ask("guardianship", full(SUMMARY), id=case, purpose="CASE_MGMT").json()["data"]["caseSummary"]
    _check_held(_sections(later))
    assert all(
        datetime.fromisoformat(section["access"]["decidedBy"]) > passed
        for section in _sections(later)
        if section["access"]["effect"] == "HELD"
    )
    opened = world.ask("ngo", full(OPEN), id=sent.message.id).json()["data"]["openMessage"]
    _check_held(_sections(opened))
    # A yes to a message ends by itself. What waits then says the same of what the message has and of what it has not.
    assert yes.valid_to is not None
    over = open_message(world.house, world.system("ngo"), sent.message.id, yes.valid_to)
    (child,) = over.content.subjects
    waiting = {c: s for c, s in child.sections.items() if s.ruling.effect is Effect.HOLD}
    assert {"ID", "CON"} <= set(waiting), "of the two one was written"
    assert len({(s.decided_by, s.content, s.absence) for s in waiting.values()}) == 1, "a date tells what was written"


def _check_held(found: list[Any]) -> None:
    for section in found:
        is_held = section["access"]["effect"] == "HELD"
        assert (section["access"]["decidedBy"] is not None) is is_held, section
        if is_held:
            assert (section["data"], section["absence"]) == (None, None), section
            assert section["access"]["basis"] is None
            assert section["access"]["retainUntil"] is None


def check_quiet_holds_read_alike(world: World, twin: World) -> None:
    """Two installations that differ only in which quiet rule holds (a suspected signer, another parent's objection) answer
    the requester with the same bytes: at first, after a term has passed, after a yes to a part, and after a no."""
    for place, refused in (("first", False), ("second", True)):
        families = [
            held_family(world, place, QUIET_HOLD),
            held_family(twin, place, None, other_parent_objection=True),
        ]
        answers = [_as_the_requester_sees(*pair) for pair in zip((world, twin), families, strict=True)]
        assert answers[0] == answers[1]
        said = ((QUIET_HOLD, "harm"), ("RU-SK-61-1", "ask_family"))
        for one, family, (rule, reason) in zip((world, twin), families, said, strict=True):
            hold = hold_of(one, family.child, rule)
            escalate(one.house, hold.due_at)
            decide(one, "ngo.dpo", hold, None if refused else {Category("ID"): Effect.PERMIT}, reason=reason)
        answers = [_as_the_requester_sees(*pair) for pair in zip((world, twin), families, strict=True)]
        assert answers[0] == answers[1]
        for answer in answers[0]:
            _check_silent(answer)
            assert "RU-SK-61-1" not in answer


def _as_the_requester_sees(world: World, family: Held) -> list[str]:
    """Everything the guardianship body can ask about a family, without identifiers."""
    case = world.pseudonym("guardianship", family.case_id)
    person = {"pseudonym": world.person_pseudonym("guardianship", family.child)}
    answers = [
        world.ask("guardianship", query, **variables).text
        for query, variables in (
            (full(SUMMARY), {"id": case, "purpose": "CASE_MGMT"}),
            (full(SUMMARY), {"id": case, "purpose": "GUARDIANSHIP"}),
            (full(TIMERS), {}),
            (full(FACTS), {"person": person}),
        )
    ]
    asked = world.ask("guardianship", full(ASKED_HOLDS)).json()["data"]["askedHolds"]
    notices = [n.kind for name in ("worker", "head") for n in read_notices(world.house, _staff(world, name))]
    # Of one moment they stand in the order of their random identifiers.
    answers += sorted(_PSEUDONYM.sub("<name>", _ID.sub("<id>", json.dumps(hold))) for hold in asked) + sorted(notices)
    answers += [_proof(world, "guardianship", json.loads(answers[0])["data"]["caseSummary"]["entryId"])]
    return [_PSEUDONYM.sub("<name>", _ID.sub("<id>", answer)) for answer in answers]


def _staff(world: World, name: str) -> Requester:
    return world.person(f"guardianship.{name}")


def check_neither_a_system_nor_the_requester_decides(world: World) -> None:
    """A decision is a person's of the holder, or an agreed deputy's: never a program's, never that of the organisation that
    asked, which must not even read the quiet rule, and never twice the same person's where two must agree."""
    look(world, world.family.case_id, "GUARDIANSHIP")
    hold = hold_of(world, world.family.child, "RU-SK-139-1")
    head = world.person("ngo.head")
    for login in ("guardianship.head", "centre.head"):
        appoint_deputy(world.house, head, login, NOW)
    yes = {Category("ADP"): Effect.PERMIT}
    for who in (world.system("ngo"), world.system("ngo", "administrator"), world.person("centre.head")):
        assert _code(lambda who=who: open_hold(world.house, who, HoldId(hold.id), NOW)) == "hold_unavailable"
    decide(world, "ngo.dpo", hold, yes)
    assert _code(lambda: decide(world, "ngo.dpo", hold, yes)) == "second_person_required"
    asking = world.person("guardianship.head")
    assert not [shown for shown in read_holds(world.house, asking, NOW) if shown.hold.id == hold.id]
    assert _code(lambda: open_hold(world.house, asking, HoldId(hold.id), NOW)) == "hold_unavailable"
    assert _code(lambda: decide(world, "guardianship.head", hold, yes)) == "hold_unavailable"
    assert [shown.mine for shown in read_holds(world.house, world.person("centre.head"), NOW)] == [True]
    assert decide(world, "centre.head", hold, yes).hold.state == "released"
    # What two people lift, one does not, nor does a system; and no system says that somebody has reviewed.
    protected = protect(world)
    for who in (world.system("ngo"), world.person("ngo.worker")):
        end = partial(end_fact, world.house, who, protected, FactDocument(reasons="слова"), NOW)
        if who.person_id is not None:
            assert not end().ended
        assert _code(end) == "second_person_required"
    draft = {"fact": "location_protected", "person": {"ref": "Chibis-1"}, "replaces": protected, "until": NOW.date()}
    replaced = partial(record_fact, world.house, world.person("ngo.worker"), FactDraft.model_validate(draft), NOW)
    assert _code(replaced) == "second_person_required", "one person made it end by a replacement"
    family = held_family(world, "suspected", QUIET_HOLD)
    declared = declare(world, family.case_id)
    for row in world.rows(select(t.timers).where(t.timers.c.about_kind != "message")):
        place = next(place for place in ("ngo", "guardianship") if world.organisation(place).id == row.organisation_id)
        for who in (world.system(place), world.person(f"{place}.dpo")):
            assert _code(lambda who=who, row=row: close_timer(world.house, who, row.id, NOW)) == "review_not_yours"
    review = partial(review_emergency, world.house, world.system("ngo"), declared.id, "justified", "слова", NOW)
    assert _code(review) == "review_not_yours"


def _code(work: Callable[[], object]) -> str:
    try:
        work()
    except MezhvedError as error:
        return error.code
    return ""


def check_a_proof_says_what_was_told(world: World) -> None:
    """The proof of an entry, which both sides get, names no quiet rule, no obligation of the holder and nobody whom the
    requester did not see; what it commits to instead opens with the links, for whoever has their salt."""
    suspicious = held_family(world, "suspicious", QUIET_HOLD)
    _protect(world)
    sent = world.ask("ngo", full(OPEN), id=world.family.referral_id).json()["data"]["openMessage"]
    for case_id in (world.family.case_id, suspicious.case_id):
        case = world.pseudonym("guardianship", case_id)
        answer = world.ask("guardianship", full(SUMMARY), id=case, purpose="CASE_MGMT").json()["data"]["caseSummary"]
        body = json.loads(_proof(world, "guardianship", answer["entryId"]))
        (item,) = body["items"]
        told = [
            {c: section["access"] for c, section in person["sections"].items() if section is not None}
            for person in answer["subjects"]
        ]
        assert len(item["subjects"]) == len(told), "a proof counts the family"
        rules = {rule for subject in item["subjects"] for _, rule in subject["rulings"].values()}
        assert rules == {
            access["rule"] for person in told for access in [*person.values(), answer["curator"]["access"]]
        }
        owed = [code for subject in item["subjects"] for code in subject["obligations"]]
        assert list(world.house.pack.told(owed)) == owed, "a proof names what concerns the holder alone"
        links = [row for row in world.disclosures() if row.entry_id == answer["entryId"]]
        assert any(rule in {QUIET, QUIET_HOLD} for row in links for _, rule in row.rulings.values())
        rows = [replace(_LINK, subject_id=r.subject_id, rulings=r.rulings, obligations=r.obligations) for r in links]
        assert item["rulings"] == commitment(links[0].salt, true_rulings(rows))
    _check_silent(_proof(world, "ngo", sent["entryId"]))
    # An explanation, which names the true rules, is the holder's alone; so is what its people decided.
    case = world.pseudonym("ngo", suspicious.case_id)
    to = world.town.guardianship
    explained = explain_access(world.house, world.person("ngo.dpo"), case, to.ogrn, "CASE_MGMT", NOW)
    decided = decide(world, "ngo.dpo", hold_of(world, suspicious.child, QUIET_HOLD))
    for entry_id in (explained.entry_id, decided.entry_id):
        assert _proof(world, "ngo", entry_id)
        assert not _proof(world, "guardianship", entry_id), "the other organisation has the true rule"


def check_no_proof_tells_where_somebody_is(world: World) -> None:
    """Where whereabouts are protected, nothing that the declarer of an emergency reads, or proves, names the holder."""
    _protect(world)
    declared = declare(world, world.family.case_id)
    proof = _proof(world, "guardianship", declared.entry_id)
    answers = [
        proof,
        *(
            repr(read_emergencies(world.house, world.person(f"guardianship.{who}"), NOW)[0].holder)
            for who in STAFF["guardianship"]
        ),
        repr(open_emergency(world.house, world.person("guardianship.dpo"), declared.id, NOW).holder),
        world.ask("guardianship", full(SUMMARY), id=world.pseudonym("guardianship"), purpose="EMERGENCY").text,
    ]
    assert json.loads(proof)["emergency"] == declared.id
    for answer in answers:
        assert world.town.ngo.name.encode("unicode_escape").decode() not in answer
        assert world.town.ngo.name not in answer
        assert world.town.ngo.id not in answer
    mine = read_emergencies(world.house, world.person("ngo.dpo"), NOW)
    assert mine[0].holder == world.town.ngo.name


def _proof(world: World, place: str, entry_id: str) -> str:
    """The body of the entry that an organisation can prove, or nothing."""
    sequence_log(world.house, NOW)
    answer = world.ask(place, PROOF, id=entry_id).json()
    if answer.get("errors"):
        assert answer["errors"][0]["extensions"]["code"] == "entry_unavailable", answer
        return ""
    return json.dumps(json.loads(json.loads(answer["data"]["entryProof"])["data"])["body"], ensure_ascii=False)


def check_the_shown_rule_of_every_quiet_policy_is_neutral(world: World) -> None:
    """All quiet policies of the pack, over the worked cases that reach them."""
    pack = shipped_pack("ru")
    quiet = {rule.policy for rule in pack.rules.values() if rule.quiet}
    decider, reached = PackDecider("ru"), set()
    for case in (case for name, text in pack.case_files.items() for case in parse_cases(text, name)):
        for ruling in decider.decide(case.facts).by_category.values():
            if ruling.policy in quiet:
                reached.add(ruling.policy)
                assert ruling.shown == pack.neutral[ruling.effect]
                assert ruling.true.id == ruling.rule != ruling.shown.id
    assert reached, "no worked case reaches a quiet policy"


def _check_silent(text: str) -> None:
    told = [word for word in (QUIET, QUIET_HOLD, "защищ", "ST_ALERT", "LOC_PROTECTED", "suspected") if word in text]
    assert not told, f"a quiet rule is told: {told}"


def _protect(world: World) -> None:
    record(world.house, world.family.child, "location_protected", world.town.ngo)


def _publish_half_recorded(world: World) -> Any:
    """One child with all sections but PSY and EDU, one almost bare; HLT is not used by this practice."""
    sections = {k: v for k, v in marked_sections().items() if k not in {"psychology", "education", "health"}}
    sections["identifiers"] = {"document": {"system": "Chibis", "type": "Чибис", "number": "Чибис"}}
    published = publish_case_summary(
        world.house, world.system("ngo"), summary_draft("half", "half", sections=sections, not_used=["HLT"]), NOW
    )
    signers = [{"who": "mother", "holder_ref": "half-M", "verified": True}]
    categories = ["ID", "CON", "LOC", "FAM", "RSK", "PLN", "HLT", "PSY", "EDU", "SOC"]
    for ref, birth in (("half", "2017-01-15"), ("half-2", "2015-03-03")):
        consent(world.town, world.town.guardianship, ref=ref, birth_date=birth, signers=signers, categories=categories)
    return published


def _answers(world: World) -> list[Any]:
    page = world.ask("guardianship", full(SUMMARIES), first=10).json()["data"]["caseSummaries"]["items"]
    signal = world.ask("guardianship", full(OPEN), id=world.family.signal_id).json()["data"]["openMessage"]
    referral = world.ask("ngo", full(OPEN), id=world.family.referral_id).json()["data"]["openMessage"]
    return [*page, signal, referral]


def _sections(answer: Any) -> list[Any]:
    found = [section for person in answer["subjects"] for section in person["sections"].values()]
    assert all(section is not None for section in found), "asked, but not answered"
    return found


CHECKS = (
    check_every_null_has_one_meaning,
    check_a_refusal_is_the_same_whether_data_exist,
    check_a_quiet_rule_reads_neutral,
    check_held_says_by_when,
    check_neither_a_system_nor_the_requester_decides,
    check_a_proof_says_what_was_told,
    check_no_proof_tells_where_somebody_is,
)
TWINS = (check_quiet_holds_read_alike,)
STORELESS = (check_the_shown_rule_of_every_quiet_policy_is_neutral,)
