"""Facts drawn at random: what the properties of the pack are tested with."""

from __future__ import annotations

from dataclasses import fields
from datetime import date

from hypothesis import strategies as st

from policies.engine import Engine
from policies.facts import ConsentFacts, Facts, SignerFacts
from policies.pack import shipped_pack
from schemas.categories import SECTION_CATEGORIES

PACK = shipped_pack("ru")
ENGINE = Engine(PACK)
TODAY = date(2026, 3, 1)
KINDS = sorted(PACK.tables.kinds)
PURPOSES = sorted(PACK.tables.purposes)
CONSENT_PURPOSES = [code for code in PURPOSES if PACK.tables.lane(code) == "consent"]
OTHER_PURPOSES = [code for code in PURPOSES if PACK.tables.lane(code) != "consent"]
CATEGORIES = tuple(PACK.tables.categories)
FORMS = ("paper", "qes", "nes", "checkbox", None)

signers = st.builds(
    SignerFacts,
    who=st.sampled_from(["self", "mother", "father", "guardian"]),
    rights=st.sampled_from(["full", "full", "full", "limited", "terminated"]),
    verified=st.booleans(),
    suspected=st.booleans(),
    sk64=st.booleans(),
    minor_parent_under16=st.booleans(),
)
consents = st.builds(
    ConsentFacts,
    status=st.sampled_from(["active", "active", "active", "withdrawn", "invalidated"]),
    form=st.sampled_from(FORMS),
    separate=st.booleans(),
    given_on=st.none() | st.dates(date(2024, 1, 1), TODAY),
    valid_to=st.none() | st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    recipients=st.sets(st.sampled_from(["A", "B"])).map(frozenset),
    purposes=st.sets(st.sampled_from(CONSENT_PURPOSES)).map(frozenset),
    categories=st.sets(st.sampled_from(CATEGORIES)).map(frozenset),
    by=st.lists(signers, max_size=3).map(tuple),
    other_parent_objection=st.booleans(),
    objector_suspected=st.booleans(),
    fields_complete=st.booleans(),
    evidence=st.booleans(),
)
# Signed and in force, so that a property about releases meets many of them.
good_consents = st.builds(
    ConsentFacts,
    form=st.sampled_from(["paper", "checkbox"]),
    given_on=st.just(date(2026, 1, 10)),
    recipients=st.just(frozenset({"A"})),
    purposes=st.just(frozenset(CONSENT_PURPOSES)),
    categories=st.sets(st.sampled_from(SECTION_CATEGORIES), min_size=8).map(frozenset),
    by=st.sampled_from(
        [(SignerFacts("mother"),), (SignerFacts("self"), SignerFacts("mother")), (SignerFacts("self"),)]
    ),
    fields_complete=st.booleans(),
)


any_consent = st.none() | good_consents | consents


def facts_for(purposes, consent=any_consent):
    """Facts for one of `purposes`, past the gates more often than not."""
    flags = {field.name: st.booleans() for field in fields(Facts) if field.type == "bool"}
    rarely = st.sampled_from([True] * 9 + [False])
    flags |= {"agreement": rarely, "assigned": rarely, "categories_unspecified": rarely.map(lambda flag: not flag)}
    return st.builds(
        Facts,
        org=st.sampled_from(KINDS),
        org_id=st.sampled_from(["A", "A", "B"]),
        source=st.sampled_from(KINDS),
        purpose=st.sampled_from(purposes),
        today=st.just(TODAY),
        sub=st.sampled_from(["", "placement"]),
        trigger=st.sampled_from(["", *PACK.tables.routes]),
        subject=st.sampled_from(["child", "parent"]),
        age=st.none() | st.integers(0, 40),
        requested=st.just(CATEGORIES),
        consent=consent,
        direct_threat=st.sampled_from([None, True, False]),
        authority_by=st.sampled_from(["", "court", "control", "prosecutor"]),
        who=st.sampled_from(["", "self", "rep"]),
        rep_rights=st.sampled_from(["full", "limited", "terminated"]),
        role=st.sampled_from(["caseworker"] * 5 + ["dpo", "admin"]),
        org_country=st.sampled_from(["RU"] * 9 + ["FI"]),
        storage_country=st.sampled_from(["RU"] * 9 + ["DE"]),
        channel=st.sampled_from([""] * 9 + ["foreign_messenger"]),
        min_cell=st.integers(0, 20),
        **flags,
    )
