"""Law 3. What the ruling does not release is not decrypted; what nobody asked is not even ruled."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from gateway.exchange.relay import relay_once
from gateway.storage import tables as t
from gateway.use_cases.assign_case import assign_case
from gateway.use_cases.facts import Question
from gateway.use_cases.keep_case_record import keep_case_record
from gateway.use_cases.open_message import open_message
from gateway.use_cases.publish_case_summary import publish_case_summary
from gateway.use_cases.read_attachment import list_documents, read_attachment
from gateway.use_cases.read_case_records import read_case_records
from gateway.use_cases.read_case_summaries import SummaryScope, read_case_summary
from gateway.use_cases.values import Requester
from policies.case_records import Said
from policies.ruling import Effect
from schemas.categories import SECTION_CATEGORIES
from schemas.errors import NotPermitted, Unavailable
from schemas.ids import Category, PersonId, new_id
from tests.builders import NOW, consent, record
from tests.gateway.facts_world import staff
from tests.laws.documents import descriptions_opened, with_documents
from tests.laws.exchanges import exchange_deeds
from tests.laws.exported import check_an_export_opens_only_what_leaves
from tests.laws.people import decide, effects, held_family, held_message, hold_of, holds, look
from tests.laws.world import SUMMARY, World, decrypted, marked_sections, summary_draft, swapped, unsealed

SUBSETS = st.lists(st.sampled_from(SECTION_CATEGORIES), min_size=1, unique=True)


def check_exactly_the_released_is_opened(world: World, examples: int = 12) -> None:
    """For any two consents of siblings and any question: the seals that are opened are those of released sections."""

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(first=SUBSETS, second=SUBSETS, asked=SUBSETS)
    def holds(first: list[Category], second: list[Category], asked: list[Category]) -> None:
        _check_family(world, first, second, asked)

    # A parent without any consent and a sibling with less are in every family, so one category is released for one
    # member and withheld from another.
    _check_family(world, ["ID", "FAM", "PLN"], ["EDU"], ["ID", "FAM", "PLN", "HLT"])
    holds()


def _check_family(world: World, first: list[str], second: list[str], asked: list[str]) -> None:
    ref = new_id()
    # Without identifiers, by which it would be the marked child itself.
    sections = {name: section for name, section in marked_sections().items() if name != "identifiers"}
    draft = summary_draft(ref, ref, sections=sections)
    published = publish_case_summary(world.house, world.system("ngo"), draft, NOW)
    signers = [{"who": "mother", "holder_ref": f"{ref}-M", "verified": True}]
    for child, birth, categories in ((ref, "2017-01-15", first), (f"{ref}-2", "2015-03-03", second)):
        consent(
            world.town, world.town.guardianship, ref=child, birth_date=birth, categories=categories, signers=signers
        )
    fetched: set[str] = set()
    fetch = SummaryScope.fetch

    def fetching(*arguments: Any) -> Any:
        found = fetch(*arguments)
        fetched.update(section.category for section in found)
        return found

    with decrypted() as opened, swapped(SummaryScope, "fetch", fetching):
        disclosed = read_case_summary(
            world.house,
            world.system("guardianship"),
            world.pseudonym("guardianship", published.case_id),
            Question("CASE_MGMT", tuple(Category(c) for c in asked)),
            NOW,
        )
    (case,) = disclosed.cases
    released = {
        (category, subject.id)
        for subject in case.subjects
        for category, section in subject.sections.items()
        if section.ruling.effect.releases
    }
    # A section that siblings share is released only where it is released for each of them.
    on_file = _sections(world, published.case_id)
    expected = {(c, subjects) for c, subjects in on_file if all((c, subject) in released for subject in subjects)}
    assert set(opened) == expected
    assert len(opened) == len(expected), "a seal was opened twice"
    wanted = {category for category, _ in released}
    assert fetched <= wanted, f"sealed sections of {fetched - wanted} were fetched"
    if "FAM" in asked:  # the strictest of the two consents
        assert ("FAM" in wanted) is ("FAM" in first and "FAM" in second)
    (link, *_) = [row for row in world.disclosures() if row.entry_id == disclosed.entry_id]
    assert set(link.rulings) == set(asked), "ruled what was not asked"


def check_a_message_is_opened_only_where_released(world: World) -> None:
    """What was sent may be withheld at the reading: the address is on file, and once it is protected it stays sealed."""
    for protected in (False, True):
        if protected:
            (subject,) = world.rows(
                select(t.message_subjects).where(t.message_subjects.c.message_id == world.family.referral_id)
            )
            record(world.house, subject.subject_id, "location_protected", world.town.centre)
        with decrypted() as opened:
            message = open_message(world.house, world.system("ngo"), world.family.referral_id, NOW)
        (child,) = message.content.subjects
        released = {category for category, section in child.sections.items() if section.ruling.effect.releases}
        assert ("LOC" in released) is not protected
        with world.house.store.reading() as unit:
            on_file = {category for _, category in unit.messages.contents(world.family.referral_id)}
        assert "LOC" in on_file
        assert {category for category, _ in opened} == released & on_file


def check_a_redirect_opens_nothing(world: World) -> None:
    """What goes on to another goes on sealed: the gateway reads none of it, and the new recipient what its own ruling gives."""
    work = exchange_deeds(world)["a redirect"]()
    with decrypted() as opened:
        work()
    assert opened == []
    (onward,) = world.rows(select(t.messages).where(t.messages.c.redirects_id.is_not(None)))
    relay_once(world.house, NOW)
    with decrypted() as opened:
        open_message(world.house, Requester(onward.recipient_id, "client:test"), onward.id, NOW)
    assert {category for category, _ in opened} >= {"ID"}


def check_what_is_held_is_not_opened(world: World) -> None:
    """What waits for a person stays sealed; a yes opens what it names and nothing else, a no opens nothing."""
    family = held_family(world, "held")

    def reading() -> tuple[dict[str, str], set[str]]:
        with decrypted() as opened:
            answer = look(world, family.case_id)
        return dict(effects(answer, family.child)), {category for category, _ in opened}

    before, opened = reading()
    held = {category for category, effect in before.items() if effect == "R"}
    assert len(held) > 5, "too little is held"
    assert opened == set()
    hold = hold_of(world, family.child)
    assert set(hold.categories) == held
    decide(world, "ngo.head", hold, {Category("ID"): Effect.PERMIT, Category("LOC"): Effect.MASK})
    after, opened = reading()
    assert (after["ID"], after["LOC"]) == ("P", "M")
    assert opened == {"ID", "LOC"}
    assert not [category for category in held - {"ID", "LOC"} if after[category] != "D"]

    refused = held_family(world, "refused")
    look(world, refused.case_id)
    decide(world, "ngo.head", hold_of(world, refused.child))
    with decrypted() as opened_then:
        answer = look(world, refused.case_id)
    assert set(effects(answer, refused.child).values()) == {"D"}
    assert not opened_then


def check_a_held_message_is_not_opened(world: World) -> None:
    """A message that waits is kept sealed and is nobody's to open; after a yes to a part, only that part is."""
    sent, _ = held_message(world, "waits")
    relay_once(world.house, NOW)
    with decrypted() as opened:
        try:
            open_message(world.house, world.system("ngo"), sent.message.id, NOW)
        except Unavailable:
            pass
        else:
            raise AssertionError("a message that waits was opened by its recipient")
        (hold,) = holds(world, message_id=sent.message.id)
        decide(world, "centre.head", hold, {Category("ID"): Effect.PERMIT})
    assert not opened, "deciding opens nothing"
    relay_once(world.house, NOW)
    with decrypted() as opened:
        message = open_message(world.house, world.system("ngo"), sent.message.id, NOW)
    (child,) = message.content.subjects
    released = {category for category, section in child.sections.items() if section.ruling.effect.releases}
    assert {category for category, _ in opened} == released == {"ID"}


def check_what_is_not_selected_is_not_asked(world: World) -> None:
    """The question is the selection: only it is ruled, recorded and opened."""
    selections = {
        "subjects { sections { identity { data { fullName } } } }": {"ID"},
        "subjects { sections { health { access { effect } } plan { data { scenario } } } }": {"HLT", "PLN"},
        "curator { name }": {"WRK"},
        "version": set(),
        "subjects { sections { identity @include(if: false) { data { sex } } risk { data { level } } } }": {"RSK"},
    }
    for selection, categories in selections.items():
        with decrypted() as opened:
            answer = world.ask(
                "guardianship",
                SUMMARY % f"{{ entryId {selection} }}",
                id=world.pseudonym("guardianship"),
                purpose="CASE_MGMT",
            ).json()
        entry_id = answer["data"]["caseSummary"]["entryId"]
        (entry,) = [e for e in world.entries() if e.id == entry_id]
        assert set(json.loads(entry.body)["body"]["asked"]) == categories, selection
        assert {category for category, _ in opened} <= categories, selection


def _sections(world: World, case_id: str) -> set[tuple[str, tuple[str, ...]]]:
    rows = world.rows(
        select(t.sections.c.id, t.sections.c.category, t.section_subjects.c.subject_id)
        .join(t.section_subjects)
        .where(t.sections.c.case_id == case_id)
        .order_by(t.section_subjects.c.subject_id)
    )
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for row in rows:
        _, subjects = found.get(row.id, (row.category, ()))
        found[row.id] = (row.category, (*subjects, row.subject_id))
    return set(found.values())


def check_documents_that_are_withheld_stay_closed(world: World) -> None:
    """A document of a masked category is not decrypted, neither it nor what it is, on the page of the message, in the list or
    asked for by its own name."""
    message = with_documents(world)
    with world.house.store.reading() as unit:
        kept = {one.id: one for one in unit.attachments.of_message(message, list(SECTION_CATEGORIES))}
    closed = {name for name, one in kept.items() if one.category == "LOC"}
    assert closed
    assert len(kept) == 3
    ways = (
        lambda: open_message(world.house, world.system("ngo"), message, NOW, with_documents=True),
        lambda: list_documents(world.house, world.system("ngo"), message, NOW),
        *(
            lambda name=name: read_attachment(world.house, world.system("ngo"), message, name, NOW)  # type: ignore[misc]
            for name in kept
        ),
    )
    with descriptions_opened() as opened:
        for way in ways:
            with suppress(Unavailable):
                way()
    assert opened, "nothing was opened: this tries nothing"
    assert not [place for place in opened if place.rpartition(":")[2] in closed], "what is withheld was opened"


def check_what_is_kept_is_not_opened_for_who_may_not_read_it(world: World) -> None:
    """Nothing of what a holder keeps of a case is opened for others of its people, for another organisation, or for who does
    not work on a case that others work on."""
    house, own = world.house, world.pseudonym("ngo")
    keep_case_record(house, world.system("ngo"), own, Said("scenario", "permanent_support"), NOW)
    with unsealed() as opened:
        assert read_case_records(house, world.system("ngo"), own, NOW).until is not None
    assert "words" in opened, "it is opened for who keeps it, or this tries nothing"

    def refused(askers: dict[str, tuple[Requester, str]]) -> None:
        for name, (who, case) in askers.items():
            with unsealed() as opened:
                try:
                    read_case_records(house, who, case, NOW)
                except (NotPermitted, Unavailable):
                    assert not opened, f"{name}: opened {opened}"
                else:
                    raise AssertionError(f"{name} read it")

    refused(
        {
            "a lawyer": (staff(house, world.town.ngo, "lawyer"), own),
            "an overseer": (world.person("ngo.dpo"), own),
            "a body": (world.system("guardianship"), world.pseudonym("guardianship")),
            "a stranger": (world.system("stranger"), world.pseudonym("stranger")),
        }
    )
    worker = staff(house, world.town.ngo, "curator")
    with house.store.reading() as unit:
        person = unit.participants.person(PersonId(worker.person_id or ""))
    assert person is not None
    assign_case(house, world.person("ngo.head"), own, person.login, NOW)
    refused({"a curator of other cases": (staff(house, world.town.ngo, "curator"), own)})


CHECKS = (
    check_an_export_opens_only_what_leaves,
    check_what_is_kept_is_not_opened_for_who_may_not_read_it,
    check_exactly_the_released_is_opened,
    check_a_message_is_opened_only_where_released,
    check_what_is_not_selected_is_not_asked,
    check_what_is_held_is_not_opened,
    check_a_held_message_is_not_opened,
    check_a_redirect_opens_nothing,
    check_documents_that_are_withheld_stay_closed,
)
