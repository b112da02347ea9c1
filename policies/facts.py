"""Facts: everything a ruling may rest on, as one plain value. Who knows which fact is the gateway's business.

The names are those of the worked cases (`packs/*/cases.json`), so that a case file reads as facts without translation.
A value is hashable: the pure decision may be memoised on it, the facts themselves never are.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from schemas.categories import SECTION_CATEGORIES
from schemas.ids import Category


@dataclass(frozen=True, slots=True)
class SignerFacts:
    """One signature: `who` is self, mother, father or guardian; `rights` full, limited or terminated."""

    who: str
    rights: str = "full"
    verified: bool = True
    suspected: bool = False
    sk64: bool = False
    minor_parent_under16: bool = False


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """The governing consent as it stands at the moment of decision. `form` None means: not in written form."""

    status: str = "active"
    form: str | None = None
    separate: bool = True
    given_on: date | None = None
    valid_to: date | None = None
    recipients: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()
    categories: frozenset[Category] = frozenset()
    by: tuple[SignerFacts, ...] = ()
    other_parent_objection: bool = False
    objector_suspected: bool = False
    fields_complete: bool = True
    evidence: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """One question to the pack: may these categories of this subject go to this organisation for this purpose?

    `today` is the decision date in the recipient's zone. `age` is in full years on that date; None is unknown and
    never makes a ruling milder.
    """

    org: str
    purpose: str
    today: date
    org_id: str = ""
    source: str = ""
    sub: str = ""
    trigger: str = ""
    subject: str = "child"
    age: int | None = 9
    requested: tuple[Category, ...] = field(default=SECTION_CATEGORIES)
    consent: ConsentFacts | None = None
    direct_threat: bool | None = None  # None: no emergency is claimed
    authority_by: str = ""
    authority_formal: bool = False
    who: str = ""
    suspected: bool = False
    rep_rights: str = "full"
    sk64_act: bool = False
    ipr_open: bool = False
    named_in_plan: bool = False
    in_plan: bool = True
    location_protected: bool = False
    ooip_is_rep: bool = False
    onward: bool = False
    adopters_written_consent: bool = False
    role: str = "caseworker"
    assigned: bool = True
    agreement: bool = True
    org_country: str = "RU"
    storage_country: str = "RU"
    channel: str = ""
    categories_unspecified: bool = False
    min_cell: int = 0
    deidentified: bool = False
    accepted: bool = False
    emancipated: bool = False

    def canonical(self) -> dict[str, Any]:
        """The facts as JSON, without identities: a replay needs to know that the recipient is named, not who it is."""
        named = replace(
            self,
            org_id=_RECIPIENT if self.org_id else "",
            consent=replace(
                self.consent,
                recipients=frozenset(
                    _RECIPIENT if known == self.org_id else _OTHER for known in self.consent.recipients
                ),
            )
            if self.consent
            else None,
        )
        plain: dict[str, Any] = _plain(asdict(named))
        return plain


_RECIPIENT = "recipient"
_OTHER = "other"


def _plain(value: Any) -> Any:  # noqa: ANN401  anything that a fact may be
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
