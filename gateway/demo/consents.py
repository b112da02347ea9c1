"""Consents of a family: who agreed that who may see what, how it was signed, and what became of it.

A family agrees with a recipient for all its children at once; now and then one child is left out. Shares are those of
`SHARES`, counted in such agreements. A parent with doubtful standing (suspected, rights limited or terminated, an act under
СК ст. 64) signs the first consent of each child, so that every rule about signers has its case.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from gateway.demo.consent_terms import fits, terms_of
from gateway.demo.fixtures import ConsentFixture, OrganisationFixture
from gateway.demo.members import Member, years_before
from gateway.demo.person_sections import PASSPORT_AGE
from gateway.demo.shapes import Shape, has_consents
from gateway.demo.shares import SHARES, Deck
from schemas import categories as c
from schemas.ids import Category
from schemas.summary import ConsentDraft, SignerDraft

CASE_MANAGEMENT: Final = "CASE_MGMT"
REFERRAL: Final = "REFERRAL"

_JOINT_WORK: Final = (c.IDENTITY, c.CONTACT, c.WHEREABOUTS, c.FAMILY, c.LEGAL_STATUS, c.RISK, c.PLAN, c.HEALTH)
_CATEGORIES: Final[Mapping[str, tuple[Category, ...]]] = {
    "guardianship": (*_JOINT_WORK, c.PSYCHOLOGY, c.EDUCATION, c.SOCIO_ECONOMIC, c.IDENTIFIERS),
    "family_centre": (*_JOINT_WORK, c.PSYCHOLOGY, c.EDUCATION, c.SOCIO_ECONOMIC),
    "ngo": (*_JOINT_WORK, c.PSYCHOLOGY, c.EDUCATION, c.SOCIO_ECONOMIC),
    "school": (c.IDENTITY, c.CONTACT, c.FAMILY, c.RISK, c.PLAN, c.EDUCATION),
    "maternity_hospital": (c.IDENTITY, c.IDENTIFIERS, c.CONTACT, c.WHEREABOUTS, c.LEGAL_STATUS, c.HEALTH, c.PSYCHOLOGY),
    REFERRAL: (c.IDENTITY, c.CONTACT, c.WHEREABOUTS, c.FAMILY, c.RISK, c.PLAN, c.HEALTH, c.SOCIO_ECONOMIC),
}
_ABOUT_PARENTS: Final = frozenset(
    {c.IDENTITY, c.IDENTIFIERS, c.CONTACT, c.WHEREABOUTS, c.LEGAL_STATUS, c.HEALTH, c.PSYCHOLOGY, c.SOCIO_ECONOMIC}
)
_DOUBTFUL: Final = ("suspected_parent", "rights_limited", "rights_terminated", "conflict_of_interest")
SCHOOL_AGE: Final = 7
_LEFT_OUT: Final = 0.08  # how often one child is left out of an agreement
_RECEIVES_REFERRALS: Final = frozenset({"family_centre", "ngo"})


@dataclass(frozen=True, slots=True)
class _Agreement:
    number: int
    recipient: OrganisationFixture
    purpose: str
    state: str
    form: str | None
    defect: str | None

    def may_concern(self, member: Member) -> bool:
        """A school has to do with its pupils, a maternity hospital with a newborn and the mother."""
        match self.recipient.kind:
            case "school":
                return member.role == "child" and member.age >= SCHOOL_AGE
            case "maternity_hospital":
                return member.role == "mother" or member.age == 0
            case _:
                return True


class ConsentWriter:
    """Writes the consents of one family after another, so that the decks are met over all of them."""

    def __init__(self, seed: int, organisations: Sequence[OrganisationFixture]) -> None:
        self._rng = random.Random(f"{seed}/consents")  # noqa: S311  invented consents, nothing secret
        self._decks: dict[str, Deck[Any]] = {name: Deck(shares, self._rng) for name, shares in SHARES.items()}
        self._organisations = organisations
        self._seed = seed

    def consents_of(self, shape: Shape, members: Sequence[Member]) -> tuple[ConsentFixture, ...]:
        """Consents for each child who has been born, and for each adult who lives with the children."""
        if not has_consents(shape):
            return ()
        agreements = self._agreements(shape)
        adults = [member for member in members if member.role != "child"]
        found: list[ConsentFixture] = []
        for member in members:
            if member.born is None or not member.lives_with_children:
                continue
            concerned = [agreement for agreement in agreements if agreement.may_concern(member)]
            if member.role != "child":
                concerned = concerned[: self._decks["parent_consents"].deal()]
            elif len(concerned) > 1 and self._rng.random() < _LEFT_OUT:
                concerned = concerned[:-1]
            for number, agreement in enumerate(concerned):
                key = f"{member.ref}/consent-{number + 1}"
                found.append(self._consent(key, shape, member, adults, agreement))
        return tuple(found)

    def _agreements(self, shape: Shape) -> tuple[_Agreement, ...]:
        wanted = 1 if shape.variety is not None else 0
        count = self._decks["family_agreements"].deal(lambda number: number >= wanted)
        found: list[_Agreement] = []
        for number in range(count):
            recipient = self._recipient(shape, [agreement.recipient.key for agreement in found])
            referral = shape.stage == "intake_decision" or (
                recipient.kind in _RECEIVES_REFERRALS and self._rng.random() < 0.3  # noqa: PLR2004  a third of them
            )
            state = self._decks["consent_state"].deal(lambda card: fits(card, shape.days_open))
            found.append(
                _Agreement(
                    number=number,
                    recipient=recipient,
                    purpose=REFERRAL if referral else CASE_MANAGEMENT,
                    state="never_ends" if shape.is_("turned_18") else state,
                    form=self._decks["consent_form"].deal(),
                    defect=self._decks["consent_defect"].deal(),
                )
            )
        return tuple(found)

    def _recipient(self, shape: Shape, taken: Sequence[str]) -> OrganisationFixture:
        settled = shape.stage != "intake_decision"  # before that a consent is for a referral only
        possible = {
            "guardianship": settled,
            "school": settled and shape.ages[-1] >= SCHOOL_AGE,
            "maternity_hospital": settled and shape.ages[-1] <= 0 and shape.adults != "father",
        }

        def candidates(kind: str) -> list[OrganisationFixture]:
            free = [o for o in self._organisations if o.kind == kind and o.key not in (shape.holder.key, *taken)]
            near = [o for o in free if o.district == shape.district]
            return near if kind == "guardianship" else near or free

        kind = self._decks["consent_recipient"].deal(lambda kind: possible.get(kind, True) and bool(candidates(kind)))
        return self._rng.choice(candidates(kind))

    def _consent(
        self, key: str, shape: Shape, member: Member, adults: Sequence[Member], agreement: _Agreement
    ) -> ConsentFixture:
        assert member.born is not None
        together = random.Random(f"{self._seed}/{shape.key}/{agreement.number}")  # noqa: S311  the same for siblings
        row = REFERRAL if agreement.purpose == REFERRAL else agreement.recipient.kind
        categories = self._categories(row, member, together)
        days = min(shape.days_open, (shape.today - member.born).days)
        state = agreement.state if fits(agreement.state, days) else "active"
        terms = terms_of(key, shape.today, days=days, state=state, categories=categories, rng=together)
        objects = agreement.number == 0 and member.role == "child" and shape.is_("other_parent_objects")
        draft = ConsentDraft(
            subject_ref=member.ref,
            subject_kind="child" if member.role == "child" else "parent",
            birth_date=member.born.isoformat(),
            recipient_ogrn=agreement.recipient.ogrn,
            purpose=agreement.purpose,
            categories=categories,
            given_on=terms.given_on,
            valid_to=terms.valid_to,
            form=agreement.form,
            separate=agreement.defect != "not_separate",
            fields_complete=agreement.defect != "fields_incomplete",
            evidence_digest=None if agreement.defect == "no_evidence" else hashlib.sha256(key.encode()).hexdigest(),
            signers=self._signers(shape, member, adults, terms.given_on, first=agreement.number == 0),
            other_parent_objection=objects,
            objector_ref=adults[1].ref if objects else None,
        )
        given_at = datetime.combine(terms.given_on, time(9), UTC)
        return ConsentFixture(key, shape.holder.key, agreement.recipient.key, draft, given_at, terms.later)

    @staticmethod
    def _categories(row: str, member: Member, rng: random.Random) -> tuple[Category, ...]:
        about = [
            category
            for category in _CATEGORIES[row]
            if (category in _ABOUT_PARENTS if member.role != "child" else category != c.SOCIO_ECONOMIC)
        ]
        left_out = set(rng.sample(about[1:], rng.choice((0, 0, 1, 1, 2, 3))))
        return tuple(category for category in about if category not in left_out)

    def _signers(
        self, shape: Shape, member: Member, adults: Sequence[Member], given_on: date, *, first: bool
    ) -> tuple[SignerDraft, ...]:
        own = SignerDraft(who="self", verified=True)
        if member.role != "child" or shape.is_("emancipated"):
            return (own,)
        assert member.born is not None
        representative = self._representative(shape, member, adults, first=first)
        if member.born > years_before(given_on, PASSPORT_AGE):
            return (representative,)
        match self._decks["signatures_14_17"].deal():
            case "both":
                return (own, representative)
            case "minor":
                return (own,)
            case _:
                return (representative,)

    def _representative(self, shape: Shape, child: Member, adults: Sequence[Member], *, first: bool) -> SignerDraft:
        adult = adults[1] if first and shape.is_(*_DOUBTFUL) else adults[0]
        guardian = adult.role == "guardian"
        appointed = shape.today - timedelta(days=shape.days_open + 90)
        lapsed = shape.today - timedelta(days=10) if shape.is_("guardianship_lapsed") else None
        return SignerDraft(
            who=adult.role,
            holder_ref=adult.ref,
            rights=adult.rights,
            verified=not (first and shape.is_("authority_unverified")),
            valid_from=appointed if guardian else child.born,
            valid_to=lapsed,
        )
