"""The codes of data categories that the shared language itself must name.

The pack says what a category means in law (`policies/packs/*/categories.yaml`); here stand only the codes that a
section, a message field or an identifier is filed under. A pack that does not know one of them refuses to load.
"""

from __future__ import annotations

from typing import Final

from schemas.ids import Category

IDENTITY: Final = Category("ID")
IDENTIFIERS: Final = Category("IDN")
CONTACT: Final = Category("CON")
WHEREABOUTS: Final = Category("LOC")
FAMILY: Final = Category("FAM")
LEGAL_STATUS: Final = Category("LEG")
RISK: Final = Category("RSK")
PLAN: Final = Category("PLN")
HEALTH: Final = Category("HLT")
PSYCHOLOGY: Final = Category("PSY")
EDUCATION: Final = Category("EDU")
SOCIO_ECONOMIC: Final = Category("SOC")
OFFENCES: Final = Category("OFF")
ADOPTION: Final = Category("ADP")
CASE_WORKER: Final = Category("WRK")
REPORTER: Final = Category("REP")
LOG_METADATA: Final = Category("META")

SECTION_CATEGORIES: Final = (
    IDENTITY,
    IDENTIFIERS,
    CONTACT,
    WHEREABOUTS,
    FAMILY,
    LEGAL_STATUS,
    RISK,
    PLAN,
    HEALTH,
    PSYCHOLOGY,
    EDUCATION,
    SOCIO_ECONOMIC,
    OFFENCES,
    ADOPTION,
)
"""The fourteen categories a summary is made of, in the order in which people read them."""

MESSAGE_CATEGORIES: Final = (*SECTION_CATEGORIES, REPORTER)
"""What a message may carry: the same, and who told of a signal."""

SECTION_NAMES: Final[dict[Category, str]] = {
    IDENTITY: "identity",
    IDENTIFIERS: "identifiers",
    CONTACT: "contact",
    WHEREABOUTS: "whereabouts",
    FAMILY: "family",
    LEGAL_STATUS: "legal_status",
    RISK: "risk",
    PLAN: "plan",
    HEALTH: "health",
    PSYCHOLOGY: "psychology",
    EDUCATION: "education",
    SOCIO_ECONOMIC: "socio_economic",
    OFFENCES: "offences",
    ADOPTION: "adoption",
    REPORTER: "reporter",
}
"""What a section is called in GraphQL (camelCase there), in pages and in code."""
