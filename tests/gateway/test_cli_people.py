"""What people decide at the command line, each under their own login: holds, deputies, emergencies."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.building import build_house, utc_now
from gateway.settings import Settings
from gateway.use_cases.register_participants import register_person
from tests.builders import consent, town
from tests.gateway.holds_world import ask, holds, open_office
from tests.gateway.test_cli import Done, mezhved

PASSWORD = "длинный пароль для проб"
PEOPLE = {
    "ngo": ("head", "dpo", "curator"),
    "guardianship": ("curator", "dpo"),
    "centre": ("psychologist",),
}


@dataclass
class Place:
    """An installation with something to decide."""

    home: Path
    case: str
    hold: str
    for_two: str
    run: Callable[..., Done]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    assert mezhved(tmp_path, "migrate").returncode == 0
    house = build_house(Settings(home=tmp_path))
    made = town(house)
    office = open_office(made)
    consent(made, made.guardianship, ref="K-1-M", subject_kind="parent", signers=[{"who": "self"}])
    for name, roles in PEOPLE.items():
        for role in roles:
            register_person(house, getattr(made, name).id, f"{name}.{role}", role, PASSWORD, [role], utc_now())
    ask(office, categories=["ID", "LOC"], now=utc_now())
    ask(office, "GUARDIANSHIP", ["ADP"], now=utc_now())
    one = next(h for h in holds(house) if h.persons == 1)
    two = next(h for h in holds(house) if h.persons == 2 and h.subject_id == office.child)
    case = house.vault.case_pseudonym(made.guardianship.id, office.case_id)
    house.store.engine.dispose()  # type: ignore[attr-defined]
    house.vault._keys.engine.dispose()  # type: ignore[attr-defined]
    (tmp_path / "words").write_text("Причина словами, для держателя", "utf-8")
    (tmp_path / "threat").write_text("Отец угрожает ребёнку прямо сейчас", "utf-8")

    def run(login: str, *arguments: str, words: str = "") -> Done:
        more = ("--words", str(tmp_path / words)) if words else ()
        return mezhved(tmp_path, *arguments, "--login", login, *more, stdin=PASSWORD + "\n")

    return Place(tmp_path, case, one.id, two.id, run)


def test_a_hold_is_listed_shown_and_decided(place: Place) -> None:
    listed = place.run("ngo.head", "hold", "list")
    assert listed.returncode == 0, listed.stderr
    assert place.hold in listed.stdout
    shown = place.run("ngo.head", "hold", "show", place.hold)
    said = json.loads(shown.stdout[shown.stdout.index("{") :])
    assert (said["rule"], said["categories"], said["decided"]) == ("RU-152-9-4", {"ID": "P", "LOC": "P"}, None)
    assert said["facts"]["consent"]["by"][0]["verified"] is False
    for login, arguments, code in (
        ("ngo.curator", ("--release", "ID=P"), "hold_not_yours"),
        ("guardianship.dpo", ("--release", "ID=P"), "hold_unavailable"),
        ("ngo.head", ("--release", "ADP=P"), "hold_categories"),
        ("ngo.head", ("--release", "ID=X"), "field_invalid"),
        ("ngo.head", (), "reason_required"),
    ):
        refused = place.run(login, "hold", "decide", place.hold, *arguments, words="words")
        assert (refused.returncode, code in refused.stderr) == (2, True), refused.stderr
    done = place.run("ngo.head", "hold", "decide", place.hold, "--release", "ID=P", "--release", "LOC=M", words="words")
    assert (done.returncode, "released" in done.stdout) == (0, True), done.stderr
    again = place.run("ngo.head", "hold", "decide", place.hold, "--reason", "harm", words="words")
    assert "hold_decided" in again.stderr
    assert place.hold in place.run("ngo.head", "hold", "list", "--state", "released").stdout
    assert "Причина словами" in place.run("ngo.head", "hold", "show", place.hold).stdout


def test_two_people_decide_the_second_an_agreed_deputy_elsewhere(place: Place) -> None:
    assert "head_only" in place.run("ngo.dpo", "hold", "deputy", "centre.psychologist").stderr
    assert place.run("ngo.head", "hold", "deputy", "centre.psychologist").returncode == 0
    yes = ("hold", "decide", place.for_two, "--release", "ADP=P")
    assert "waiting" in place.run("ngo.dpo", *yes, words="words").stdout
    assert "second_person_required" in place.run("ngo.dpo", *yes, words="words").stderr
    assert place.for_two in place.run("centre.psychologist", "hold", "list").stdout
    assert "released" in place.run("centre.psychologist", *yes, words="words").stdout
    assert "not_a_deputy" in place.run("ngo.head", "hold", "deputy", "ngo.curator", "--end").stderr


def test_an_emergency_is_declared_shown_reviewed_and_its_declarer_restored(place: Place) -> None:
    declare = ("emergency", "declare", place.case)
    declared = place.run("guardianship.curator", *declare, words="threat")
    assert (declared.returncode, "EMERGENCY" in declared.stdout) == (0, True), declared.stderr
    listed = place.run("ngo.dpo", "emergency", "list").stdout
    emergency_id = next(word for word in listed.split() if len(word) == 36)
    assert "review_not_yours" in place.run("ngo.curator", "emergency", "show", emergency_id).stderr
    assert "угрожает" in place.run("ngo.dpo", "emergency", "show", emergency_id).stdout
    review = ("emergency", "review", emergency_id, "--outcome")
    assert "outcome_unknown" in place.run("ngo.dpo", *review, "maybe", words="words").stderr
    reviewed = place.run("ngo.dpo", *review, "misuse", words="words")
    assert (reviewed.returncode, "угрожает" in reviewed.stdout) == (0, True), reviewed.stderr
    assert "Причина словами" in place.run("guardianship.dpo", "emergency", "show", emergency_id).stdout
    assert "emergency_suspended" in place.run("guardianship.curator", *declare, words="threat").stderr
    assert "person_unknown" in mezhved(place.home, "user", "restore", "nobody").stderr
    assert mezhved(place.home, "user", "restore", "guardianship.curator").returncode == 0
    assert place.run("guardianship.curator", *declare, words="threat").returncode == 0


def test_a_wrong_password_and_a_file_that_is_not_there_decide_nothing(place: Place) -> None:
    arguments = ("hold", "decide", place.hold, "--release", "ID=P", "--login", "ngo.head", "--words")
    wrong = mezhved(place.home, *arguments, str(place.home / "words"), stdin="не тот\n")
    missing = mezhved(place.home, *arguments, str(place.home / "nothing"), stdin=PASSWORD + "\n")
    assert (wrong.returncode, missing.returncode) == (2, 2)
    assert "file_unreadable" in missing.stderr
    assert place.hold in place.run("ngo.head", "hold", "list").stdout
