"""What a body records by law about a person holds in every file about that person, and nobody learns of the others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from gateway.exchange.relay import relay_once
from gateway.storage import tables as t
from gateway.use_cases.end_fact import end_fact
from gateway.use_cases.house import House
from gateway.use_cases.publish_case_summary import Published, publish_case_summary
from gateway.use_cases.read_facts import FactsRead, read_facts
from gateway.use_cases.review_fact import review_fact
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.values import Organisation, RecordedFact
from schemas.errors import BadInput, Unavailable
from schemas.facts import PersonNamed
from schemas.ids import SubjectId
from schemas.summary import SummaryDraft
from tests.builders import NOW, Town, child_sections, consent, organisation, publish, referral, system_of
from tests.gateway.facts_world import (
    ACT,
    BY_SNILS,
    CHILD,
    COURT,
    MOTHER_SNILS,
    NUMBER,
    REASONS,
    SNILS,
    document,
    entries,
    put,
    read,
    rows,
    staff,
)

OTHER = {"identifiers": {"snils": "11223344594"}, "birth_date": "2017-01-15"}


def publish_at(
    house: House, holder: Organisation, ref: str = "D-1", *, snils: str | None = SNILS, mother: str | None = None
) -> Published:
    """A file of another organisation about the same child."""
    sections = child_sections()
    del sections["identifiers"]
    if snils:
        sections["identifiers"] = {"snils": snils}
    named = {"full_name": "Мать Вымышленная", "birth_date": "1990-05-05"}
    adult: dict[str, object] = {"identity": named, **({"identifiers": {"snils": mother}} if mother else {})}
    draft = {
        "case_ref": ref,
        "as_of": "2026-03-01",
        "erase_after": "2027-03-01",
        "source": "наблюдение",
        "curator_name": "Куратор",
        "curator_phone": "+70000000000",
        "subjects": [
            {"ref": ref, "kind": "child", "sections": sections},
            {"ref": f"{ref}-M", "kind": "parent", "sections": adult},
        ],
    }
    return publish_case_summary(house, system_of(holder), SummaryDraft.model_validate(draft), NOW, synthetic=True)


def known(house: House, holder: Organisation, ref: str, now: Any = NOW) -> FactsRead:
    """What the holder's system sees recorded about its own child."""
    return read_facts(house, system_of(holder), PersonNamed(ref=ref), now)


def names(found: FactsRead) -> list[str]:
    return [fact.fact.fact for fact in found.facts]


def in_force(house: House, subject_id: SubjectId) -> list[RecordedFact]:
    with house.store.reading() as unit:
        return list(unit.recorded_facts.in_force([subject_id], NOW))


def test_an_act_by_snils_holds_in_every_file_about_the_child_and_ends_there(town: Town) -> None:
    house = town.house
    published = publish(town)
    at_centre = publish_at(house, town.centre)
    publish_at(house, town.school, "S-1", snils="11223344594")
    consent(town, town.school)
    consent(town, town.guardianship, ref="D-1", discloser=town.centre, signers=[{"who": "mother", "verified": True}])
    body = staff(house, town.guardianship, "guardianship_specialist")
    made = put(house, body, "rights_terminated", BY_SNILS, document=ACT, about_who="mother")
    assert names(known(house, town.ngo, "K-1")) == names(known(house, town.centre, "D-1")) == ["rights_terminated"]
    assert names(known(house, town.school, "S-1")) == [], "another child"
    assert read(house, town.school, published)["ID"] == ("D", "RU-SK-71-1")
    assert read(house, town.guardianship, at_centre)["ID"] == ("D", "RU-SK-71-1")
    (entry,) = entries(house)
    assert (entry["as"], entry["organisation"]) == ("body", town.guardianship.id), "one entry, whatever the files"

    end_fact(house, body, made.fact_id, document(**ACT), NOW)
    assert names(known(house, town.ngo, "K-1")) == names(known(house, town.centre, "D-1")) == []
    assert read(house, town.school, published)["ID"] == ("P", "RU-152-9-1")
    assert read(house, town.guardianship, at_centre)["ID"] == ("P", "RU-152-9-1")
    with house.store.reading() as unit:
        kinds = [notice.kind for notice in unit.notices.of(town.ngo.id, ["dpo"], 10)]
    assert sorted(kinds) == ["fact.ended", "fact.recorded"]


def test_changing_it_changes_every_file(town: Town) -> None:
    house = town.house
    publish(town)
    publish_at(house, town.centre)
    kdn = system_of(town.stranger)
    plan = {"document": ACT, "until": NOW.date() + timedelta(days=100)}
    first = put(house, kdn, "ipr_open", BY_SNILS, **plan, organisations=[town.ngo.ogrn])
    put(house, kdn, "ipr_open", BY_SNILS, **plan, organisations=[town.school.ogrn], replaces=first.fact_id)
    for holder, ref in ((town.ngo, "K-1"), (town.centre, "D-1")):
        (fact,) = known(house, holder, ref).facts
        assert set(fact.fact.participants) == {town.stranger.id, town.school.id}
        assert fact.organisations == (), "whom it names is told to who recorded it"
    (its,) = read_facts(house, kdn, None, NOW).facts
    assert its.organisations == (town.stranger.ogrn, town.school.ogrn)


@pytest.mark.parametrize("how", ["published", "sent", "consented", "recorded by another body"])
def test_a_file_that_comes_later_has_it_from_its_first_moment(town: Town, how: str) -> None:
    house = town.house
    put(house, system_of(town.guardianship), "suspected", BY_SNILS, document=ACT, about_who="mother")
    if how == "published":
        publish_at(house, town.centre)
    elif how == "sent":
        duty = {"type": "signal", "trigger": "threat", "statute": "120-ФЗ ст. 9"}
        draft = referral(town.centre, town.guardianship, "D-1", **duty)
        submit_message(house, system_of(town.centre), draft, NOW)
        relay_once(house, NOW)
    elif how == "consented":
        named = {"identifiers": BY_SNILS["identifiers"]}
        consent(town, town.school, ref="D-1", discloser=town.centre, **named)
    else:
        another = organisation(house, "guardianship", "Опека другого района (тест)")
        put(house, system_of(another), "emancipated", {**BY_SNILS, "ref": "D-1"}, document=ACT)
        assert sorted(names(known(house, another, "D-1"))) == ["emancipated", "suspected"]
        return
    (fact,) = known(house, town.centre, "D-1").facts
    assert (fact.fact.fact, fact.fact.about_who) == ("suspected", "mother")
    assert fact.fact.set_by == town.guardianship.id
    timer = next(row for row in rows(house, t.timers) if row.about == fact.fact.id)
    assert (timer.timer, timer.organisation_id) == ("P-07", town.centre.id), "its holder reviews it in its own file"


def test_a_person_named_later_gives_what_was_recorded_before_to_the_others(town: Town) -> None:
    """A body that knew the child by its own number alone, and learns the SNILS."""
    house = town.house
    publish(town)
    publish_at(house, town.guardianship, "O-1", snils=None)
    put(house, system_of(town.guardianship), "emancipated", {"ref": "O-1"}, document=ACT)
    assert names(known(house, town.ngo, "K-1")) == []
    publish_at(house, town.guardianship, "O-1")
    assert names(known(house, town.ngo, "K-1")) == ["emancipated"]
    publish_at(house, town.guardianship, "O-1")
    assert names(known(house, town.ngo, "K-1")) == ["emancipated"], "once"


def test_who_is_named_by_ones_own_number_and_snils_is_found_by_it_from_then_on(town: Town) -> None:
    house = town.house
    publish(town)
    publish_at(house, town.guardianship, "O-1", snils=None)
    both = {"ref": "O-1", "identifiers": BY_SNILS["identifiers"]}
    put(house, system_of(town.guardianship), "emancipated", both, document=ACT)
    assert names(known(house, town.ngo, "K-1")) == ["emancipated"]
    publish_at(house, town.centre)
    assert names(known(house, town.centre, "D-1")) == ["emancipated"]


def test_a_person_seen_in_a_case_is_named_by_pseudonym_and_the_act_holds_everywhere_too(town: Town) -> None:
    house = town.house
    published = publish(town)
    publish_at(house, town.centre)
    consent(town, town.guardianship)
    pseudonym = house.vault.subject_pseudonym(town.guardianship.id, published.subjects[0])
    body = system_of(town.guardianship)
    made = put(house, body, "emancipated", {"pseudonym": pseudonym}, document=ACT)
    assert names(known(house, town.ngo, "K-1")) == names(known(house, town.centre, "D-1")) == ["emancipated"]
    end_fact(house, body, made.fact_id, document(**ACT), NOW)
    assert names(known(house, town.ngo, "K-1")) == names(known(house, town.centre, "D-1")) == []


def test_the_adult_of_an_act_is_the_one_of_each_file(town: Town) -> None:
    house = town.house
    published = publish(town, identifiers={"snils": "11223344595"})
    other = publish_at(house, town.centre, mother=MOTHER_SNILS)
    own = publish_at(house, town.guardianship, "O-1", mother=MOTHER_SNILS)
    act = {"document": ACT, "about_who": "mother", "about": {"identifiers": {"snils": MOTHER_SNILS}}}
    put(house, system_of(town.guardianship), "sk64_act", BY_SNILS, **act)
    about = {s: in_force(house, s)[0].about_id for s in (own.subjects[0], other.subjects[0], published.subjects[0])}
    assert about == {
        own.subjects[0]: own.subjects[1],
        other.subjects[0]: other.subjects[1],
        published.subjects[0]: None,  # its mother has no SNILS there: the word stands for her
    }
    consent(town, town.school)
    consent(
        town, town.school, ref="D-1", discloser=town.centre,
        signers=[{"who": "mother", "holder_ref": "D-1-M", "verified": True}],
    )  # fmt: skip
    for case in (published, other):
        assert read(house, town.school, case)["ID"] == ("D", "RU-SK-64-2")


def test_an_adult_named_from_the_holders_case_is_the_one_of_that_file(town: Town) -> None:
    """The body names the child by SNILS, in a file of its own, and the mother as the holder's summary showed her."""
    house = town.house
    published = publish(town)
    consent(town, town.guardianship)
    mother = house.vault.subject_pseudonym(town.guardianship.id, published.subjects[1])
    act = {"document": ACT, "about_who": "mother", "about": {"pseudonym": mother}}
    put(house, system_of(town.guardianship), "sk64_act", BY_SNILS, **act)
    assert [fact.about_id for fact in in_force(house, published.subjects[0])] == [published.subjects[1]]


def test_an_adult_that_a_body_names_for_the_first_time_is_an_adult(town: Town) -> None:
    house = town.house
    act = {"document": ACT, "about_who": "mother", "about": {"identifiers": {"snils": MOTHER_SNILS}}}
    put(house, system_of(town.guardianship), "rights_limited", BY_SNILS, **act)
    assert sorted(row.kind for row in rows(house, t.subjects)) == ["child", "parent"]


def test_a_holder_with_the_courts_copy_ends_its_own_copy_alone(town: Town) -> None:
    house = town.house
    publish(town)
    publish_at(house, town.centre)
    body = system_of(town.guardianship)
    made = put(house, body, "rights_terminated", BY_SNILS, document=ACT, about_who="mother")
    (mine,) = known(house, town.ngo, "K-1").facts
    with pytest.raises(BadInput, match="fact_needs"):
        end_fact(house, system_of(town.ngo), mine.fact.id, document(**ACT), NOW)
    end_fact(house, system_of(town.ngo), mine.fact.id, document(**COURT), NOW)
    assert names(known(house, town.ngo, "K-1")) == []
    assert names(known(house, town.centre, "D-1")) == ["rights_terminated"]
    assert in_force(house, _own_child(house, town.guardianship)), "the body's own file"
    assert (entries(house)[-1]["change"], entries(house)[-1]["as"]) == ("ended", "holder")
    end_fact(house, body, made.fact_id, document(**ACT), NOW)
    assert names(known(house, town.centre, "D-1")) == []


def test_a_holder_ends_in_its_file_alone_what_a_body_recorded_right_there(town: Town) -> None:
    """The body knew the person from the holder's case: that file has the fact itself, the others have copies."""
    house = town.house
    published = publish(town)
    publish_at(house, town.centre)
    consent(town, town.guardianship)
    pseudonym = house.vault.subject_pseudonym(town.guardianship.id, published.subjects[0])
    body = system_of(town.guardianship)
    made = put(house, body, "rights_terminated", {"pseudonym": pseudonym}, document=ACT, about_who="mother")
    end_fact(house, system_of(town.ngo), made.fact_id, document(**COURT), NOW)
    assert names(known(house, town.ngo, "K-1")) == []
    assert names(known(house, town.centre, "D-1")) == ["rights_terminated"]
    publish_at(house, town.school, "S-1")
    assert names(known(house, town.school, "S-1")) == ["rights_terminated"], "and comes to later files"
    assert end_fact(house, body, made.fact_id, document(**ACT), NOW).ended, "the body ends the rest"
    assert names(known(house, town.centre, "D-1")) == names(known(house, town.school, "S-1")) == []


def test_a_holder_does_not_end_what_is_only_a_bodys(town: Town) -> None:
    house = town.house
    publish(town)
    put(house, system_of(town.guardianship), "placement", BY_SNILS, document=ACT)
    (mine,) = known(house, town.ngo, "K-1").facts
    for who in (system_of(town.ngo), staff(house, town.ngo, "head"), staff(house, town.ngo, "dpo")):
        with pytest.raises(Exception, match="fact_not_yours"):
            end_fact(house, who, mine.fact.id, document(**COURT), NOW)


def test_each_holder_reviews_a_bodys_suspicion_in_its_own_file(town: Town) -> None:
    house = town.house
    publish(town)
    publish_at(house, town.centre)
    put(house, system_of(town.guardianship), "suspected", BY_SNILS, document=ACT, about_who="father")
    waiting = {row.organisation_id for row in rows(house, t.timers)}
    assert waiting == {town.ngo.id, town.centre.id, town.guardianship.id}
    (mine,) = known(house, town.ngo, "K-1").facts
    review_fact(house, staff(house, town.ngo, "head"), mine.fact.id, document(), NOW)
    assert {row.organisation_id for row in rows(house, t.timers) if row.done_at is None} == waiting - {town.ngo.id}


@pytest.mark.parametrize("first", ["the body", "the file"])
def test_a_file_that_begins_while_a_body_records_misses_nothing(town: Town, first: str) -> None:
    """One of the two is stopped between its last statement and its commit; meanwhile the other begins."""
    house = town.house
    body = system_of(town.guardianship)
    acts = {
        "the body": lambda: put(house, body, "rights_limited", BY_SNILS, document=ACT, about_who="mother"),
        "the file": lambda: publish_at(house, town.centre),
    }
    slow, fast = (threading.Thread(target=acts[name], daemon=True) for name in (first, *acts.keys() - {first}))
    written, at_its_commit, go_on = threading.Event(), threading.Event(), threading.Event()

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if threading.current_thread() is slow and statement.startswith("INSERT INTO subjects"):
            written.set()

    def stop(_connection: Any) -> None:
        if threading.current_thread() is slow and written.is_set() and not at_its_commit.is_set():
            at_its_commit.set()
            go_on.wait(20)

    engine = house.store.engine  # type: ignore[attr-defined]
    event.listen(engine, "before_cursor_execute", hear)
    event.listen(engine, "commit", stop)
    slow.start()
    assert at_its_commit.wait(20)
    fast.start()
    fast.join(0.5)  # it waits for the other, or has passed by it
    go_on.set()
    for thread in (slow, fast):
        thread.join(20)
        assert not thread.is_alive()
    assert names(known(house, town.centre, "D-1")) == ["rights_limited"]


# --- what the others are told ----------------------------------------------------------------------------------------


def test_a_holder_reads_which_act_it_is_and_no_word_of_the_body(town: Town) -> None:
    house = town.house
    publish(town)
    given = {"document": {**ACT, "reasons": REASONS}, "about_who": "father"}
    body = staff(house, town.guardianship, "guardianship_specialist")
    put(house, body, "suspected", BY_SNILS, **given)
    publish_at(house, town.centre)
    for holder, ref in ((town.ngo, "K-1"), (town.centre, "D-1")):
        (fact,) = known(house, holder, ref).facts
        (told,) = fact.events
        assert fact.set_by == town.guardianship.name
        assert fact.person == house.vault.subject_pseudonym(holder.id, fact.fact.subject_id)
        assert told.document == {"number": NUMBER, "on": "2026-02-20"}
        assert not told.is_own
    own = {"identifiers": BY_SNILS["identifiers"]}
    (mine,) = read_facts(house, body, PersonNamed.model_validate(own), NOW).facts
    assert mine.events[0].document == {"number": NUMBER, "on": "2026-02-20", "reasons": REASONS}


def test_what_is_written_into_a_file_from_outside_is_read_there_without_its_words(town: Town) -> None:
    house = town.house
    published = publish(town)
    consent(town, town.centre)
    pseudonym = house.vault.subject_pseudonym(town.centre.id, published.subjects[0])
    shelter = staff(house, town.centre, "curator")
    put(house, shelter, "location_protected", {"pseudonym": pseudonym}, document={"reasons": REASONS})
    (fact,) = known(house, town.ngo, "K-1").facts
    assert fact.events[0].document == {"number": None, "on": None}
    (its,) = read_facts(house, shelter, PersonNamed(pseudonym=pseudonym), NOW).facts
    assert its.events[0].document == {"number": None, "on": None, "reasons": REASONS}


def test_where_whereabouts_are_protected_nobody_elses_name_is_told(town: Town) -> None:
    house = town.house
    published = publish(town)
    consent(town, town.centre)
    put(house, system_of(town.guardianship), "emancipated", BY_SNILS, document=ACT)
    assert [fact.set_by for fact in known(house, town.ngo, "K-1").facts] == [town.guardianship.name]
    pseudonym = house.vault.subject_pseudonym(town.centre.id, published.subjects[0])
    put(house, system_of(town.centre), "location_protected", {"pseudonym": pseudonym})
    put(house, system_of(town.ngo), "location_protected", CHILD)
    by = {fact.fact.set_by: fact.set_by for fact in known(house, town.ngo, "K-1").facts}
    assert by == {
        town.ngo.id: town.ngo.name,
        town.centre.id: house.pack.kind_title("family_centre"),
        town.guardianship.id: house.pack.kind_title("guardianship"),
    }
    (its,) = read_facts(house, system_of(town.centre), None, NOW).facts
    assert its.set_by == town.centre.name


# --- and the body --------------------------------------------------------------------------------------------------


@contextmanager
def statements(house: House) -> Iterator[list[str]]:
    """Every statement to both stores."""
    said: list[str] = []
    engines = (house.store.engine, house.vault._keys.engine)  # type: ignore[attr-defined]

    def hear(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        said.append(statement.split(" (", maxsplit=1)[0].split(" IN ", maxsplit=1)[0])

    for engine in engines:
        event.listen(engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", hear)


def _own_child(house: House, owner: Organisation) -> SubjectId:
    return next(row.id for row in rows(house, t.subjects) if row.registered_by == owner.id and row.kind == "child")


PLAN = {"until": NOW.date(), "organisations": ()}


@pytest.mark.parametrize("fact", ["rights_terminated", "suspected", "placement", "ipr_open"])
def test_a_body_cannot_tell_whether_there_are_other_files(town: Town, fact: str) -> None:
    """The same number and order of statements, and an answer of the same shape: recorded for the first time (it begins a
    file of its own), again, replaced and ended."""
    house = town.house
    publish(town)
    publish_at(house, town.centre)
    body = system_of(town.stranger if fact == "ipr_open" else town.guardianship)
    more = {"document": ACT}
    if fact == "ipr_open":
        more |= {"until": NOW.date() + timedelta(days=9), "organisations": [town.ngo.ogrn]}
    elif fact != "placement":
        more |= {"about_who": "mother"}
    put(house, body, fact, {"identifiers": {"snils": "15566677788"}}, **more)
    read_facts(house, body, None, NOW)  # keys of organisations are made
    heard = []
    for child in (BY_SNILS, OTHER):
        with statements(house) as said:
            first = put(house, body, fact, child, **more)
            put(house, body, fact, child, **more)
            second = put(house, body, fact, child, **more, replaces=first.fact_id)
            ended = end_fact(house, body, second.fact_id, document(**ACT), NOW)
            found = read_facts(house, body, PersonNamed.model_validate({"identifiers": child["identifiers"]}), NOW)
        assert ended.ended
        heard.append((said, [(known.fact.fact, known.set_by, len(known.events)) for known in found.facts]))
    assert heard[0] == heard[1]
    assert len(in_force(house, _own_child(house, town.ngo))) == 1, "the one that was recorded again is there"


def test_reading_takes_as_many_statements_for_many_copies_as_for_one(town: Town) -> None:
    house = town.house
    publish_at(house, town.centre)
    said_of = []
    for fact, more in (("placement", {}), ("emancipated", {}), ("rights_limited", {"about_who": "mother"})):
        put(house, system_of(town.guardianship), fact, BY_SNILS, document=ACT, **more)
        known(house, town.centre, "D-1")  # keys of organisations are made
        with statements(house) as said:
            found = known(house, town.centre, "D-1")
        said_of.append((len(found.facts), len(said)))
    assert said_of == [(number, said_of[0][1]) for number in (1, 2, 3)]


def test_who_registers_a_child_cannot_tell_whether_there_are_other_files(town: Town) -> None:
    house = town.house
    publish(town)
    publish_at(house, town.school, "S-0", snils="15566677788")
    heard = []
    for ref, snils in (("S-1", "11223344595"), ("S-2", "11223344594")):
        with statements(house) as said:
            publish_at(house, town.school, ref, snils=snils)
        heard.append(said)
    assert heard[0] == heard[1]


def test_a_fact_of_somebody_else_is_as_unknown_as_none(town: Town) -> None:
    house = town.house
    published = publish(town)
    made = put(house, system_of(town.ngo), "location_protected", CHILD)
    foreign = house.vault.subject_pseudonym(town.school.id, published.subjects[0])  # genuine, and yet no relation
    school = system_of(town.school)
    heard = []
    for fact_id, pseudonym in ((made.fact_id, foreign), ("00000000-0000-4000-8000-000000000000", "z" * 52)):
        with statements(house) as said:
            for act in (
                lambda fact_id=fact_id: end_fact(house, school, fact_id, document(), NOW),
                lambda named=pseudonym: put(house, school, "location_protected", {"pseudonym": named}),
                lambda named=pseudonym: read_facts(house, school, PersonNamed(pseudonym=named), NOW),
            ):
                with pytest.raises(Unavailable, match="unavailable"):
                    act()
        heard.append(said)
    assert heard[0] == heard[1]
