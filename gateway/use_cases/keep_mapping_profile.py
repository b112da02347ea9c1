"""How an organisation's own tables are read: a profile of its own over one of the product, in versions, each with its entry.

A profile has headings, codes and defaults, and nothing of a person: its words are checked as every word is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from adapters.tables.overlay import load_overlay
from adapters.tables.profile import BUILT_IN, Profile, built_in
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.intake_values import StoredProfile
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, NotPermitted
from schemas.ids import OrganisationId
from schemas.nameless import require_no_person

MOST_PROFILES: Final = 50


def write_profile(house: House, requester: Requester, text: str, now: datetime) -> StoredProfile:
    """Keep a new version of a profile (YAML). The same text again changes nothing.

    Raises NotPermitted (not_for_overseers), BadInput (profile_invalid, profile_unknown, profiles_too_many), NotNameless.
    """
    overlay = load_overlay(text)
    overlay.profile()
    said = (
        *overlay.columns,
        *(word for given in overlay.values.values() for word in given),
        *overlay.defaults.values(),
    )
    # As headings are compared, in small letters: «Кот» is a column, «Примерова Анна» is somebody.
    require_no_person({f"profile: {number}": word.casefold() for number, word in enumerate(said, start=1)})
    return _write(house, requester, overlay.name, overlay.text(), now)


def withdraw_profile(house: House, requester: Requester, name: str, now: datetime) -> StoredProfile:
    """Files are not read by it any more: what was taken stays, what waits is refused when its turn comes. Under the same name a
    new version may be kept later.

    Raises NotPermitted (not_for_overseers), BadInput (profile_unknown, profile_withdrawn).
    """
    with house.store.reading() as unit:
        _own(unit, requester.organisation_id, name)
    return _write(house, requester, name, "", now)


def read_profiles(house: House, requester: Requester) -> Sequence[StoredProfile]:
    """The profiles of one's organisation, newest versions."""
    with house.store.reading() as unit:
        return _living(unit, requester.organisation_id)


def read_withdrawn(house: House, requester: Requester) -> Sequence[StoredProfile]:
    """The names that were withdrawn and not kept again, with when and by whom."""
    with house.store.reading() as unit:
        return [one for one in unit.mapping_profiles.newest(requester.organisation_id) if one.is_withdrawn]


@dataclass(frozen=True, slots=True)
class ProfileHistory:
    """All versions of a profile, the newest first, and how many files wait to be read by it."""

    versions: Sequence[StoredProfile]
    waiting: int

    @property
    def newest(self) -> StoredProfile:
        """As it is now."""
        return self.versions[0]


def read_history(house: House, requester: Requester, name: str) -> ProfileHistory:
    """Raises BadInput (profile_unknown)."""
    with house.store.reading() as unit:
        found = unit.mapping_profiles.versions(requester.organisation_id, name)
        if not found:
            raise BadInput("profile_unknown", known=_known(unit, requester.organisation_id))
        return ProfileHistory(found, unit.imports.count_read_by(requester.organisation_id, name))


def profile_named(unit: Unit, organisation_id: OrganisationId, name: str) -> Profile:
    """A profile of the product, or one of the organisation's own. Raises BadInput (profile_unknown, profile_withdrawn)."""
    if name in BUILT_IN:
        return built_in(name)
    return load_overlay(_own(unit, organisation_id, name).content).profile()


def require_profile(unit: Unit, organisation_id: OrganisationId, name: str) -> None:
    """Raises BadInput (profile_unknown, profile_withdrawn) for a profile by which nothing is read."""
    if name not in BUILT_IN:
        _own(unit, organisation_id, name)


def _own(unit: Unit, organisation_id: OrganisationId, name: str) -> StoredProfile:
    newest = {profile.name: profile for profile in unit.mapping_profiles.newest(organisation_id)}
    if name not in newest:
        raise BadInput("profile_unknown", known=_known(unit, organisation_id))
    if newest[name].is_withdrawn:
        raise BadInput("profile_withdrawn", name=name, known=_known(unit, organisation_id))
    return newest[name]


def _living(unit: Unit, organisation_id: OrganisationId) -> list[StoredProfile]:
    return [profile for profile in unit.mapping_profiles.newest(organisation_id) if not profile.is_withdrawn]


def _known(unit: Unit, organisation_id: OrganisationId) -> str:
    return ", ".join((*BUILT_IN, *(profile.name for profile in _living(unit, organisation_id))))


def _write(house: House, requester: Requester, name: str, content: str, now: datetime) -> StoredProfile:
    if requester.role == "dpo":
        raise NotPermitted("not_for_overseers")
    with house.store.writing() as unit:
        unit.facts.lock(f"profiles:{requester.organisation_id}")
        newest = {profile.name: profile for profile in unit.mapping_profiles.newest(requester.organisation_id)}
        before = newest.get(name)
        if before is not None and before.content == content:
            return before
        if before is None and len(newest) >= MOST_PROFILES:
            raise BadInput("profiles_too_many", most=MOST_PROFILES)
        version = before.version + 1 if before else 1
        made = StoredProfile(requester.organisation_id, name, version, now, requester.actor, content)
        unit.mapping_profiles.add(made)
        append_entry(
            unit,
            EventKind.PROFILE_CHANGED,
            {
                "organisation": requester.organisation_id,
                "actor": requester.actor,
                "name": name,
                "version": made.version,
                "digest": hashlib.sha256(content.encode()).hexdigest(),
            },
            now,
        )
    return made
