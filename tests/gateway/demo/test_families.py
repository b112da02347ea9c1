"""The demo's families: the same for a seed, valid, agreeing in themselves, of every required kind, and nobody real."""

import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from consent.records import ConsentEventKind, ConsentStatus, fold
from gateway.demo.families import COUNT, families, with_variety
from gateway.demo.names import name_groups
from gateway.demo.organisations import by_key
from gateway.demo.people import people
from gateway.demo.places import okrugs, read_streets
from gateway.demo.shares import BEFORE_CONSENT, MINIMUM, SHARES, STAGES, VARIETIES, Deck
from gateway.demo.themes import themes
from schemas import categories as c
from schemas.codes import CONCERNS, SEXES, code_lists
from schemas.identifiers import is_birth_series, is_snils
from schemas.sections import SUMMARY_SECTIONS, summary_fields

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = date(2026, 3, 2)
SEEDS = (1, 7, 2026)


@pytest.fixture(scope="module", params=SEEDS)
def made(request):
    return families(request.param, NOW)


def age(subject, today=TODAY):
    """Full years; -1 for an unborn child."""
    born = subject.sections.identity.birth_date
    if len(born) == 7:
        return -1
    year, month, day = (int(part) for part in born.split("-"))
    return today.year - year - ((today.month, today.day) < (month, day))


def subjects(made):
    return [subject for family in made for subject in family.summary.subjects]


def sections(family):
    """Pairs of the refs a section is about and the section, shared ones too."""
    found = [((s.ref,), cat, sec) for s in family.summary.subjects for cat, sec in s.sections.by_category().items()]
    return found + [(g.about, cat, sec) for g in family.summary.shared for cat, sec in g.sections.by_category().items()]


def plan(family):
    return next(section for _, category, section in sections(family) if category == c.PLAN)


# --- the same seed, the same families ---------------------------------------------------------------------------------

DIGEST = (
    "import hashlib; from datetime import UTC, datetime; from gateway.demo.families import families\n"
    "found = families(7, datetime(2026, 3, 2, 9, tzinfo=UTC), 120)\n"
    "text = ''.join(f.summary.model_dump_json() + repr(f.facts) + ''.join(c.draft.model_dump_json() for c in f.consents)"
    " for f in found)\n"
    "print(hashlib.sha256(text.encode()).hexdigest())"
)


def digest_with_hash_seed(seed):
    run = subprocess.run(
        [sys.executable, "-c", DIGEST], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
    )
    return run.stdout


def test_a_seed_gives_the_same_families_in_every_process():
    one, two = digest_with_hash_seed("1"), digest_with_hash_seed("2")
    assert len(one.strip()) == 64
    assert one == two


def test_a_seed_gives_the_same_families_again_and_another_seed_others():
    one, again, other = (families(seed, NOW, MINIMUM) for seed in (7, 7, 8))
    assert one == again
    assert one != other


def test_there_are_two_hundred_and_not_fewer_than_hold_all_varieties(made):
    assert len(made) == COUNT == 200
    assert [family.key for family in made] == [f"family-{number:03d}" for number in range(1, 201)]
    assert len(families(1, NOW, MINIMUM)) == MINIMUM
    with pytest.raises(ValueError, match="at least"):
        families(1, NOW, MINIMUM - 1)


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        families(1, datetime(2026, 3, 2, 9))  # noqa: DTZ001  that is the case


@settings(max_examples=5, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(seed=st.integers(0, 10**6), day=st.dates(date(2025, 1, 1), date(2032, 12, 31)) | st.just(date(2028, 2, 29)))
def test_any_seed_on_any_day_gives_valid_families_with_every_variety(seed, day):
    made = families(seed, datetime(day.year, day.month, day.day, 9, tzinfo=UTC))
    assert {name: len(with_variety(made, name)) for name in {v.name for v in VARIETIES}} == {
        v.name: v.count for v in VARIETIES
    }
    assert_dates_agree(made, day)
    assert_no_identifier_is_shared(made)


# --- every required kind ----------------------------------------------------------------------------------------------


def household(family):
    return [s.ref.split("/")[1] for s in family.adults]


def ages(family):
    return [age(child) for child in family.children]


def facts(family):
    return {fact.fact for fact in family.facts}


def rights(family):
    return {signer.rights for consent in family.consents for signer in consent.draft.signers}


def adult_words(family):
    return {adult.sections.legal_status.legal_status.code for adult in family.adults}


def birthday_is_today(family):
    return any(child.sections.identity.birth_date[5:] == TODAY.isoformat()[5:] for child in family.children)


def born_on(family):
    return [child.sections.identity.birth_date for child in family.children]


def missing_registration(family):
    return all(s.sections.whereabouts.registered is None for s in family.summary.subjects if s.sections.whereabouts)


REQUIRED = {
    "one parent": lambda f: len(f.adults) == 1 and household(f)[0] in {"mother", "father"},
    "a father alone": lambda f: household(f) == ["father"],
    "two parents together": lambda f: (
        {"full"} == rights(f) and len({str(a.sections.whereabouts) for a in f.adults}) == 1 and len(f.adults) == 2
    ),
    "two parents apart": lambda f: len({str(a.sections.whereabouts) for a in f.adults}) == 2,
    "a grandmother as guardian": lambda f: household(f) == ["guardian"] and "guardian_by_act" in adult_words(f),
    "a suspected parent": lambda f: "suspected" in facts(f),
    "a protected address": lambda f: "location_protected" in facts(f),
    "no registration": missing_registration,
    "a parent with limited rights": lambda f: "rights_limited" in adult_words(f) and "limited" in rights(f),
    "a parent with terminated rights": lambda f: "rights_terminated" in adult_words(f) and "terminated" in rights(f),
    "a parent under 16": lambda f: any(0 < age(adult) < 16 for adult in f.adults),
    "foreign citizenship": lambda f: any(a.sections.identifiers.document.type == "10" for a in f.adults),
    "an unborn child": lambda f: -1 in ages(f),
    "an unborn child with an older one": lambda f: -1 in ages(f) and len(ages(f)) > 1,
    "a newborn": lambda f: 0 in ages(f),
    "a child who is 14 today": lambda f: 14 in ages(f) and birthday_is_today(f),
    "a child who is 15 today": lambda f: 15 in ages(f) and birthday_is_today(f),
    "a child of 17": lambda f: 17 in ages(f),
    "a former child of 18": lambda f: 18 in ages(f),
    "an emancipated minor": lambda f: bool(f.emancipated),
    "one child": lambda f: len(f.children) == 1,
    "five children": lambda f: len(f.children) == 5,
    "twins": lambda f: len(set(born_on(f))) < len(f.children),
    "an act on a conflict of interest": lambda f: "sk64_act" in facts(f),
    "guardianship body as representative": lambda f: "ooip_is_rep" in facts(f),
    "an individual prevention plan": lambda f: "ipr_open" in facts(f),
    "an objection of the other parent": lambda f: any(con.draft.other_parent_objection for con in f.consents),
    "an unverified authority": lambda f: any(not s.verified for con in f.consents for s in con.draft.signers),
    "a lapsed authority": lambda f: any(s.valid_to for con in f.consents for s in con.draft.signers),
    "a child's own signature": lambda f: any(
        s.who == "self" for con in f.consents if con.draft.subject_kind == "child" for s in con.draft.signers
    ),
    "no SNILS": lambda f: any(s.sections.identifiers and not s.sections.identifiers.snils for s in f.summary.subjects),
    "no patronymic": lambda f: any(
        s.sections.identity.full_name and len(s.sections.identity.full_name.split()) == 2 for s in f.summary.subjects
    ),
    "a name that is not Slavic": lambda f: (
        any((s.sections.identity.full_name or "  ").split()[1:2] == ["Айдар"] for s in f.summary.subjects)
        or group_of(f) != "slavic"
    ),
    "a level of risk": lambda f: any(ch.sections.risk.level in {"low", "medium", "high"} for ch in f.children),
    "no level, on principle": lambda f: all(ch.sections.risk.level == "not_used_in_this_practice" for ch in f.children),
    "a consent from before separate documents": lambda f: any(not con.draft.separate for con in f.consents),
    "a consent by checkbox": lambda f: any(con.draft.form == "checkbox" for con in f.consents),
    "a consent not in written form": lambda f: any(con.draft.form is None for con in f.consents),
    "a consent without evidence": lambda f: any(con.draft.evidence_digest is None for con in f.consents),
    "a consent for a referral": lambda f: any(con.draft.purpose == "REFERRAL" for con in f.consents),
}


@pytest.mark.parametrize("kind", REQUIRED)
def test_every_required_kind_of_family_is_there_and_not_every_family_is_of_it(made, kind):
    found = [family.key for family in made if REQUIRED[kind](family)]
    assert 0 < len(found) < len(made)


def test_children_are_of_all_ages(made):
    assert {a for family in made for a in ages(family)} == set(range(-1, 19))


def test_cases_stand_at_every_stage_of_every_share_and_practice(made):
    assert {family.stage for family in made} == set(STAGES)
    for practice, share in SHARES["practice"].items():
        assert abs(sum(f.practice == practice for f in made) - 2 * share) <= 4, practice
    assert all(plan(family).stage.code == family.stage for family in made)
    for stage, share in SHARES["stage"].items():
        assert abs(sum(f.stage == stage for f in made) - 2 * share) <= 4, stage


def test_holders_work_by_the_practice_and_take_cases_in_turn(made):
    assert all(by_key()[family.holder].practice == family.practice for family in made)
    assert {f.holder for f in made} == {o.key for o in by_key().values() if o.practice}
    centres = Counter(f.holder for f in made if f.practice == "moscow").values()
    assert max(centres) - min(centres) <= 1


def test_a_family_lives_in_the_district_of_its_centre_and_of_its_guardianship_body(made):
    for family in made:
        assert by_key()[family.holder].district in (None, family.district)
        assert by_key()[family.guardianship].district == family.district
        homes = [s.sections.whereabouts.address for s in family.summary.subjects if s.sections.whereabouts]
        assert all(f", {family.district}, " in home.text for home in homes)
        assert all(home.municipality.split(",")[0] in okrugs()[family.district][1] for home in homes)


def test_the_curator_is_of_the_holder(made):
    staff = {person.key: person for person in people()}
    for family in made:
        curator = staff[family.curator]
        assert curator.organisation == family.holder
        assert "curator" in curator.roles
        assert family.summary.curator_name.startswith(curator.display_name)
        assert family.summary.curator_phone == curator.service_phone


# --- the sections -----------------------------------------------------------------------------------------------------


def test_all_fourteen_categories_appear_and_the_rare_ones_rarely(made):
    seen = Counter(category for family in made for _, category, _ in sections(family))
    assert seen.keys() == set(SUMMARY_SECTIONS)
    assert seen[c.ADOPTION] == 2
    assert 4 <= seen[c.OFFENCES] <= 8


def test_a_section_is_about_whom_its_table_says(made):
    for family in made:
        kinds = {subject.ref: subject.kind for subject in family.summary.subjects}
        for about, category, section in sections(family):
            filled = section.model_dump(exclude_defaults=True)
            for row in summary_fields()[category]:
                if row.field in filled:
                    assert {kinds[ref] for ref in about} <= row.about, row.field


def test_siblings_share_the_composition_of_the_family_and_the_plan(made):
    for family in made:
        per_child = [{c.FAMILY, c.PLAN} & child.sections.by_category().keys() for child in family.children]
        if len(family.children) == 1:
            assert (per_child, family.summary.shared) == ([{c.FAMILY, c.PLAN}], ())
        else:
            (shared,) = family.summary.shared
            assert shared.about == tuple(child.ref for child in family.children)
            assert shared.sections.by_category().keys() == {c.FAMILY, c.PLAN}
            assert not any(per_child)


def test_codes_come_from_the_code_lists(made):
    lists = code_lists()
    for subject in subjects(made):
        part = subject.sections
        if part.identity.sex:
            assert part.identity.sex in lists[SEXES]
        if part.identifiers:
            assert part.identifiers.document.type in lists[part.identifiers.document.system]
        if part.risk:
            assert set(part.risk.factors) <= lists[CONCERNS].keys()


def test_an_ngo_keeps_no_records_of_offences_and_says_so(made):
    for family in made:
        ngo = by_key()[family.holder].kind == "ngo"
        assert (c.OFFENCES in family.summary.not_used) == ngo
        assert not (ngo and any(category == c.OFFENCES for _, category, _ in sections(family)))


def test_a_plan_grows_with_the_stage(made):
    for family in made:
        course, place = plan(family), STAGES.index(family.stage)
        assert bool(course.steps) == (place >= STAGES.index("plan_agreed"))
        assert bool(course.goals) == (place >= STAGES.index("case_opened"))
        assert (course.outcome is not None) == (place >= STAGES.index("case_closed"))
        assert course.timers


def test_goals_are_about_the_ages_and_adults_of_the_family(made):
    by_goal = {goal: theme for theme in themes() for goal in theme.goals if "{" not in goal}
    for family in made:
        chosen = [by_goal[goal.goal] for goal in plan(family).goals if goal.goal in by_goal]
        assert all(any(theme.fits_age(a) for a in ages(family)) for theme in chosen)
    texts = " ".join(step.what + step.who for family in made for step in plan(family).steps)
    assert "{" not in texts
    lone_fathers = [f for f in made if household(f) == ["father"]]
    assert not any("мам" in f.summary.model_dump_json().lower() for f in lone_fathers)


def assert_dates_agree(made, today):
    """Nothing lies in the future, before a birth, or after the summary's own date."""
    for family in made:
        summary = family.summary
        assert family.opened_on < today
        assert family.opened_on <= summary.as_of < today < summary.erase_after
        for _, category, section in sections(family):
            if category == c.PLAN:
                assert family.opened_on <= section.stage.since <= summary.as_of
                assert all(family.opened_on <= review.on <= summary.as_of for review in section.reviews)
            if category == c.RISK:
                assert all(family.opened_on <= fact.on <= summary.as_of for fact in section.facts)
        for subject in summary.subjects:
            part = subject.sections.identifiers
            if part and part.document.issued_on:
                assert subject.sections.identity.birth_date <= part.document.issued_on.isoformat() <= today.isoformat()
        for consent in family.consents:
            assert family.opened_on <= consent.draft.given_on < today
            assert consent.draft.birth_date < consent.draft.given_on.isoformat()
            assert consent.draft.valid_to is None or consent.draft.given_on < consent.draft.valid_to
            assert all(e.effective_at > consent.given_at and e.effective_at.date() < today for e in consent.later)
        youngest_adult = min(age(adult, today) for adult in family.adults)
        assert youngest_adult - max(age(child, today) for child in family.children) >= 15


def test_dates_agree(made):
    assert_dates_agree(made, TODAY)


# --- names ------------------------------------------------------------------------------------------------------------


def group_of(family):
    texts = [s.sections.identity.full_name for s in family.adults]
    return next(
        name
        for name, group in name_groups().items()
        if all(t.split()[0] in {form for s in group.surnames for form in (s.male, s.female)} for t in texts)
        and all(t.split()[1] in {*group.male, *group.female} for t in texts)
    )


def test_names_agree_in_gender_and_children_are_named_after_their_family(made):
    for family in made:
        group = name_groups()[group_of(family)]
        by_form = {form: s for s in group.surnames for form in (s.male, s.female)}
        given_by = {form: father for father, pair in group.male.items() for form in pair}
        named = [s for s in family.summary.subjects if s.sections.identity.full_name]
        for subject in named:
            identity = subject.sections.identity
            surname, given, *patronymic = identity.full_name.split()
            assert by_form[surname].of(identity.sex) == surname
            assert given in (group.male if identity.sex == "M" else group.female)
            assert all(form == group.male[given_by[form]][identity.sex == "F"] for form in patronymic)
        adults = {by_form[adult.sections.identity.full_name.split()[0]] for adult in family.adults}
        fathers = [a.sections.identity.full_name.split()[1] for a in family.adults if a.ref.endswith("/father")]
        for child in family.children:
            if child.sections.identity.full_name:
                surname, _, *patronymic = child.sections.identity.full_name.split()
                assert by_form[surname] in adults
                assert [given_by[form] for form in patronymic] == fathers or not fathers


def test_every_written_surname_ends_as_its_gender_does():
    for group in name_groups().values():
        for surname in group.surnames:
            if surname.male != surname.female:
                endings = [("ов", "ова"), ("ев", "ева"), ("ёв", "ёва"), ("ин", "ина"), ("ын", "ына")]
                endings += [("ский", "ская"), ("ской", "ская"), ("ый", "ая"), ("ой", "ая")]
                assert any(
                    surname.male.endswith(m) and surname.female == surname.male.removesuffix(m) + f for m, f in endings
                ), surname
        for male, female in group.male.values():
            assert male.endswith("ич")
            assert female.endswith(("вна", "чна", "шна"))


# --- nobody real ------------------------------------------------------------------------------------------------------


def assert_no_identifier_is_shared(made):
    people_ = [s.sections for s in subjects(made) if s.sections.identity.full_name]
    for values in (
        [p.identifiers.snils for p in people_ if p.identifiers.snils],
        [(p.identifiers.document.type, p.identifiers.document.series, p.identifiers.document.number) for p in people_],
        [phone.number for p in people_ if p.contact for phone in p.contact.phones],
        [s.ref for s in subjects(made)],
        [consent.key for family in made for consent in family.consents],
    ):
        assert len(values) == len(set(values)) > 100


def test_no_two_people_share_an_identifier(made):
    assert_no_identifier_is_shared(made)


def test_identifiers_are_right_and_from_ranges_that_are_never_issued(made):
    for subject in subjects(made):
        part = subject.sections.identifiers
        if part is None:
            assert age(subject) == -1
            continue
        if part.snils:
            assert part.snils.startswith("9")
            assert is_snils(part.snils)
        document = part.document
        if document.type == "21":
            assert document.series.startswith("00")
            assert (len(document.series), len(document.number)) == (4, 6)
        if document.type == "03":
            assert is_birth_series(document.series)
            assert document.number.startswith("90")
        grown = age(subject) > 14
        assert (document.type in {"21", "10"}) == grown


def test_everything_is_marked_as_synthetic(made):
    for family in made:
        assert family.synthetic
        assert "синтетические" in family.summary.source
        for subject in family.summary.subjects:
            for phone in subject.sections.contact.phones if subject.sections.contact else ():
                assert phone.number.startswith("+7 (000) ")
            place = subject.sections.whereabouts
            for address in filter(None, (place.address, place.registered)) if place else ():
                assert "(синтетический адрес)" in address.text
                assert "адрес защищён" in address.text or any(street in address.text for street in read_streets())


def test_only_where_whereabouts_are_protected_does_the_family_live_in_a_shelter(made):
    for family in made:
        hidden = {fact.subject for fact in family.facts if fact.fact == "location_protected"}
        sheltered = {
            s.ref
            for s in family.summary.subjects
            if s.sections.whereabouts and "адрес защищён" in s.sections.whereabouts.address.text
        }
        assert hidden - {s.ref for s in family.summary.subjects if not s.sections.whereabouts} == sheltered


# --- consents ---------------------------------------------------------------------------------------------------------


def test_nobody_signs_before_the_first_visit_is_over(made):
    for family in made:
        if family.stage in BEFORE_CONSENT:
            assert not family.consents
        if family.stage == "intake_decision":
            assert {consent.draft.purpose for consent in family.consents} <= {"REFERRAL"}


def test_consents_come_to_what_the_table_of_shares_says(made):
    states = Counter()
    for family in made:
        for consent in family.consents:
            state = fold(consent.record(), consent.events, NOW)
            expired = state.status is ConsentStatus.ACTIVE and state.is_expired(TODAY)
            states["expired" if expired else state.status.value] += 1
            states["last day"] += state.valid_to == TODAY
            states["limited"] += state.categories < consent.record().categories
            states["reconfirmed"] += any(e.kind is ConsentEventKind.RECONFIRMED for e in consent.later)
    total = sum(len(family.consents) for family in made)
    assert 500 < total < 900
    asked = SHARES["consent_state"]
    for state in ("expired", "withdrawn", "invalidated", "limited", "reconfirmed"):
        assert abs(100 * states[state] / total - asked[state]) <= 6, state
        assert states[state]
    assert states["last day"]
    running = asked["active"] + asked["last_day"] + asked["limited"] + asked["reconfirmed"]
    assert abs(100 * states["active"] / total - running) <= 8


def test_a_consent_names_one_recipient_of_the_directory_and_never_the_holder(made):
    kinds = Counter()
    for family in made:
        for consent in family.consents:
            recipient = by_key()[consent.recipient]
            assert recipient.ogrn == consent.draft.recipient_ogrn
            assert consent.recipient != consent.discloser == family.holder
            assert recipient.kind != "guardianship" or consent.recipient == family.guardianship
            kinds[recipient.kind] += 1
        per_subject = [(consent.draft.subject_ref, consent.recipient) for consent in family.consents]
        assert len(per_subject) == len(set(per_subject))
    assert kinds.keys() == SHARES["consent_recipient"].keys()


def test_a_consent_lists_categories_that_a_summary_has_about_such_a_subject(made):
    for family in made:
        for consent in family.consents:
            assert consent.draft.categories[0] == c.IDENTITY
            for category in consent.draft.categories:
                assert any(consent.draft.subject_kind in row.about for row in summary_fields()[category])


def test_signers_are_members_of_the_family_with_the_right_that_they_have(made):
    for family in made:
        parts = {s.ref: s.sections for s in family.summary.subjects}
        for consent in family.consents:
            draft = consent.draft
            for signer in draft.signers:
                if signer.who == "self":
                    given = draft.given_on.isoformat()
                    years = int(given[:4]) - int(draft.birth_date[:4]) - (given[5:] < draft.birth_date[5:])
                    assert draft.subject_kind == "parent" or years >= 14
                    continue
                assert signer.holder_ref == f"{family.key}/{signer.who}"
                status = parts[signer.holder_ref].legal_status.legal_status.code
                expected = {"rights_limited": "limited", "rights_terminated": "terminated"}.get(status, "full")
                assert signer.rights == expected
            if draft.subject_kind == "parent":
                assert [signer.who for signer in draft.signers] == ["self"]


def test_some_mother_named_the_guardianship_body_and_the_consent_runs(made):
    for family in made:
        for consent in family.consents:
            by_mother = [signer.who for signer in consent.draft.signers] == ["mother"]
            runs = fold(consent.record(), consent.events, NOW)
            if by_mother and consent.recipient == family.guardianship and runs.status is ConsentStatus.ACTIVE:
                return
    pytest.fail("no family for the demo's story")


def test_facts_name_members_of_the_family_and_organisations_of_the_directory(made):
    for family in made:
        refs = {subject.ref for subject in family.summary.subjects}
        for fact in family.facts:
            assert {fact.subject, fact.about or fact.subject} <= refs
            assert {fact.set_by, *fact.participants} <= by_key().keys()
            assert fact.fact != "ipr_open" or {family.holder, family.guardianship, fact.set_by} <= {*fact.participants}
            assert (fact.about is not None) == (fact.fact in {"suspected", "sk64_act"})


# --- decks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHARES)
def test_a_deck_deals_exactly_its_shares(name):
    import random

    deck = Deck(SHARES[name], random.Random(3))
    assert Counter(deck.deal() for _ in range(100)) == Counter({k: v for k, v in SHARES[name].items() if v})


def test_a_card_that_does_not_fit_is_kept_for_the_next():
    import random

    deck = Deck({"a": 50, "b": 50}, random.Random(3))
    assert {deck.deal(lambda card: card == "a") for _ in range(50)} == {"a"}
    assert {deck.deal() for _ in range(50)} == {"b"}
