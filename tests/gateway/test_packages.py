"""Packages of messages: what is in them, who makes them, what a code typed back does, and what it never does."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from gateway.exchange.relay import relay_once
from gateway.use_cases.answer_message import Answer
from gateway.use_cases.disclose import DisclosedCase
from gateway.use_cases.house import House
from gateway.use_cases.make_package import MOST
from gateway.use_cases.package_content import people_of
from gateway.use_cases.read_packages import read_packages
from gateway.use_cases.receive_package_receipt import MISSES_IN_ALL, MISSES_IN_WINDOW, WINDOW
from gateway.use_cases.tell_package_code import tell_package_code
from gateway.use_cases.values import Requester
from gateway.use_cases.verify_package import open_package
from gateway.use_cases.withdraw_consent import withdraw_consent
from schemas.errors import MezhvedError
from schemas.ids import MessageId, new_id
from schemas.lifecycle import Event, State
from schemas.messages import message_types
from schemas.package import OPENED, outcomes_of, split_outcome
from tests.builders import NOW, consent, system_of
from tests.gateway.package_world import Packages, packages

LATER = NOW + timedelta(days=2)


@pytest.fixture
def world(house: House) -> Packages:
    return packages(house)


@pytest.fixture
def here(sqlite_house: House) -> Packages:
    """For what does not depend on the store."""
    return packages(sqlite_house)


def entries(house: House, kind: str) -> list[dict[str, object]]:
    with house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        rows = connection.exec_driver_sql(f"SELECT body FROM entries WHERE kind = '{kind}' ORDER BY position").scalars()
        return [json.loads(bytes(row))["body"] for row in rows]


def code_of(error: pytest.ExceptionInfo[MezhvedError]) -> str:
    return error.value.code


def test_what_its_recipient_would_read_is_in_it_and_nothing_else(world: Packages) -> None:
    message_id = world.referral()
    opened = world.open(world.make(message_id))
    read = world.exchange.open("centre", message_id)
    assert isinstance(read.content, DisclosedCase)
    assert opened.content.people == people_of(world.house, read.content)
    text = opened.document.decode()
    assert "Проба Вымышленная Тестовна" in text
    assert "Измайлово" in text
    for withheld in ("Слова, которые не для всех", "ул. Вымышленная", "11223344595"):
        assert withheld not in text, withheld


def test_the_way_of_a_package(world: Packages) -> None:
    message_id = world.referral()
    made = world.make(message_id)
    assert world.message(message_id).state is State.DELIVERED, "made is not opened"
    first = world.receive(message_id, world.code(made, "opened", 1), LATER)
    assert (first.outcome, first.told_on, first.message.state) == (
        "opened",
        NOW.date() + timedelta(days=1),
        State.OPENED,
    )
    second = world.receive(message_id, world.code(made, "accept", 2), LATER)
    assert second.message.state is State.ACCEPTED
    said = [(r.event, r.attested_by, r.organisation_id, r.at) for r in world.message(message_id).receipts[2:]]
    ngo, centre = world.exchange.who("ngo").id, world.exchange.who("centre").id
    assert said == [
        (Event.DELIVER, "file", ngo, NOW),
        (Event.OPEN, "code", centre, LATER),
        (Event.ACCEPT, "code", centre, LATER),
    ]
    last = world.receive(message_id, world.code(made, "complete", 40), LATER + timedelta(days=60))
    assert last.message.state is State.COMPLETED
    assert [body["outcome"] for body in entries(world.house, "package.receipt")] == ["opened", "accept", "complete"]


def test_a_refusal_by_code_is_an_informed_one(world: Packages) -> None:
    message_id = world.referral()
    made = world.make(message_id)
    code = world.code(made, "reject/NO_CAPACITY/none_known")
    received = world.receive(message_id, f"{code[:4]} {code[4:8]}-{code[8:12]} {code[12:]}", words="Мест нет до мая")
    assert (received.message.state, received.message.reason) == (State.REJECTED, "NO_CAPACITY")
    (opened, rejected) = received.message.receipts[-2:]
    assert (opened.event, rejected.event, rejected.attested_by) == (Event.OPEN, Event.REJECT, "code")
    assert rejected.sealed_words is not None
    assert entries(world.house, "message.rejected")[0]["none_because"] == "none_known"


def test_a_body_that_is_not_the_right_one_has_named_another(world: Packages) -> None:
    """A code names nobody; that somebody was named it says. Who can name an organisation here names it."""
    message_id = world.referral()
    made = world.make(message_id)
    said = world.receive(message_id, world.code(made, "reject/OUT_OF_TERRITORY/named_by_letter"))
    assert said.message.state is State.REJECTED
    other = world.referral()
    world.exchange.open("centre", other)
    untold = Answer(reason="OUT_OF_TERRITORY", none_because="named_by_letter")
    with pytest.raises(MezhvedError, match="reason_unknown"):
        world.exchange.answer("centre", other, Event.REJECT, untold)
    assert len(made.package.outcomes) < 100, "two digits of a code"


def test_the_log_proves_the_very_file(world: Packages) -> None:
    message_id = world.referral()
    made = world.make(message_id)
    (body,) = entries(world.house, "package.made")
    assert (body["package"], body["message"]) == (made.package.id, message_id)
    assert body["sealed"] == made.package.sealed_sha256
    assert body["disclosure"] == made.package.entry_id
    (decided,) = [
        e for e in entries(world.house, "exchange.decided") if str(e["requester"]["actor"]).startswith("package:")
    ]  # type: ignore[index]
    assert decided["recipient"] == world.exchange.who("centre").id
    assert world.open(made).key_known


def test_the_clear_part_names_nobody(here: Packages) -> None:
    message_id = here.referral(reg_number="17-ДСП", reg_on="2026-03-01")
    made = here.make(message_id)
    data = re.search(rb'id="package">(.*?)</script>', made.file, re.DOTALL)
    assert data
    manifest = json.loads(data[1])["manifest"]
    (fields,) = [json.loads(line) for line in manifest.splitlines() if line.startswith("{")]
    assert set(fields) == {"v", "package", "made_at", "entry", "sealed_sha256", "iterations", "salt", "key"}
    ngo, centre = here.exchange.who("ngo"), here.exchange.who("centre")
    for word in (
        "Проба",
        "Вымышленн",
        "17-ДСП",
        ngo.name,
        centre.name,
        ngo.ogrn,
        centre.ogrn,
        ngo.id,
        centre.id,
        message_id,
    ):
        assert word.encode() not in made.file, word
    assert made.name == f"mezhved-{made.package.id}.html"


@pytest.mark.parametrize(("who", "code"), [("kdn", "message_unavailable"), ("centre", "message_not_yours")])
def test_only_the_sender_makes_one(world: Packages, who: str, code: str) -> None:
    message_id = world.referral()
    with pytest.raises(MezhvedError) as error:
        world.make(message_id, by=who)
    assert code_of(error) == code
    with pytest.raises(MezhvedError) as error:
        world.receive(message_id, "0" * 16, by=who)
    assert code_of(error) == code


def test_a_real_message_of_others_answers_as_an_invented_one(here: Packages) -> None:
    message_id = here.referral()
    made = here.make(message_id)
    stranger = here.exchange.system("kdn")
    for asked in (message_id, new_id()):
        for deed in (
            lambda asked=asked: read_packages(here.house, stranger, MessageId(asked), NOW),
            lambda asked=asked: tell_package_code(here.house, stranger, MessageId(asked), made.package.id, NOW),
            lambda asked=asked: here.receive(MessageId(asked), here.code(made), by="kdn"),
        ):
            with pytest.raises(MezhvedError) as error:
                deed()
            assert code_of(error) == "message_unavailable"


def test_an_overseer_makes_none(here: Packages) -> None:
    message_id = here.referral()
    with pytest.raises(MezhvedError) as error:
        from gateway.use_cases.make_package import make_package

        make_package(here.house, system_of(here.exchange.who("ngo"), "dpo"), message_id, NOW)
    assert code_of(error) == "not_for_overseers"


def test_the_operator_gets_the_file_and_not_the_code(here: Packages) -> None:
    message_id = here.referral()
    made = here.make(message_id, by=None)
    assert made.code is None
    assert made.package.made_by == "operator:cli"
    code = tell_package_code(here.house, here.exchange.system("ngo"), message_id, made.package.id, NOW)
    assert open_package(made.file, code).content.message == message_id
    assert here.receive(message_id, here.code(made), by=None).message.state is State.OPENED


@pytest.mark.parametrize("event", [Event.RECALL, Event.ENTER_IN_ERROR, Event.CANCEL])
def test_of_what_was_taken_back_none_is_made(here: Packages, event: Event) -> None:
    message_id = here.referral()
    made = here.make(message_id)
    reason = None if event is Event.RECALL else "mistake"
    from schemas import codes

    known = list(codes.code_lists()[codes.CANCEL_REASONS])
    here.exchange.answer("ngo", message_id, event, Answer(reason=known[0] if reason else None))
    for deed in (
        lambda: here.make(message_id),
        lambda: tell_package_code(here.house, here.exchange.system("ngo"), message_id, made.package.id, NOW),
    ):
        with pytest.raises(MezhvedError) as error:
            deed()
        assert code_of(error) == "package_message_over"
    assert not read_packages(here.house, here.exchange.system("ngo"), message_id, NOW).may_make


def test_none_is_made_before_the_message_came(here: Packages) -> None:
    here.exchange.grant("ngo", "centre", "REFERRAL")
    sent = here.exchange.send("referral", "ngo", "centre").message
    with pytest.raises(MezhvedError) as error:
        here.make(sent.id)
    assert code_of(error) == "package_not_yet"


def test_a_message_has_only_so_many(here: Packages, monkeypatch: pytest.MonkeyPatch) -> None:
    from gateway.use_cases import make_package

    monkeypatch.setattr(make_package, "MOST", 2)
    assert MOST > 2
    message_id = here.referral()
    here.make(message_id)
    here.make(message_id)
    with pytest.raises(MezhvedError) as error:
        here.make(message_id)
    assert code_of(error) == "package_many"


def test_after_a_withdrawal_nothing_is_made_and_no_code_is_told(world: Packages) -> None:
    """What the box holds was ruled when it was closed; the code is told by the rules of the moment."""
    town = world.exchange.town
    agreed = consent(town, town.centre, purpose="REFERRAL")
    message_id = world.referral()
    made = world.make(message_id)
    ngo = world.exchange.system("ngo")
    assert tell_package_code(world.house, ngo, message_id, made.package.id, NOW) == made.code
    for consent_id in {agreed, *_consents(world)}:
        withdraw_consent(world.house, ngo, consent_id, LATER)
    with pytest.raises(MezhvedError) as error:
        tell_package_code(world.house, ngo, message_id, made.package.id, LATER)
    assert code_of(error) == "package_outdated"
    with pytest.raises(MezhvedError) as error:
        world.make(message_id, LATER)
    assert code_of(error) == "package_empty"
    assert len(entries(world.house, "package.code_told")) == 1
    assert len(entries(world.house, "package.made")) == 1


def _consents(world: Packages) -> list[str]:
    with world.house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        ngo = world.exchange.who("ngo").id
        return list(connection.exec_driver_sql(f"SELECT id FROM consents WHERE discloser_id = '{ngo}'").scalars())


def test_the_recall_goes_by_file_too_and_stays_open_until_it_is_answered(world: Packages) -> None:
    message_id = world.referral()
    world.receive(message_id, world.code(world.make(message_id)))
    ngo = world.exchange.system("ngo")
    for consent_id in _consents(world):
        withdraw_consent(world.house, ngo, consent_id, LATER)
    relay_once(world.house, LATER)
    with world.house.store.reading() as unit:
        recalls = [m for m in unit.messages.queue(ngo.organisation_id, "outbox", None, 10, LATER) if m.type == "recall"]
        told = {notice.about for notice in unit.notices.of(ngo.organisation_id, {"head"}, 10)}
    recall = next(m for m in recalls if m.recipient_id == world.exchange.who("centre").id)
    assert recall.id in told
    assert read_packages(world.house, ngo, recall.id, LATER).by_file
    made = world.make(recall.id, LATER)
    opened = world.open(made)
    assert opened.content.people == ()
    assert {field.name for field in opened.content.notes} == {"categories", "erase_by"}
    assert made.package.outcomes == ("opened", "erase", "retain")
    assert world.receive(recall.id, world.code(made), LATER).message.state is State.OPENED
    code = world.code(made, "retain")
    with pytest.raises(MezhvedError) as error:
        world.receive(recall.id, code, LATER)
    assert code_of(error) == "statute_required"
    assert world.message(recall.id).state is State.OPENED
    kept = world.receive(recall.id, code, LATER, statute="125-ФЗ ст. 17")
    assert kept.message.state is State.COMPLETED
    assert not kept.again


def test_a_code_of_a_recalled_message_is_put_down_and_moves_nothing(world: Packages) -> None:
    message_id = world.referral()
    made = world.make(message_id)
    world.exchange.answer("ngo", message_id, Event.RECALL)
    received = world.receive(message_id, world.code(made), LATER)
    assert received.withdrawn
    assert received.message.state is State.RECALLED
    (kept,) = read_packages(world.house, world.exchange.system("ngo"), message_id, LATER).packages
    assert [receipt.outcome for receipt in kept.receipts] == ["opened"]


def test_a_code_counts_once(world: Packages) -> None:
    message_id = world.referral()
    made = world.make(message_id)
    assert not world.receive(message_id, world.code(made)).again
    before = world.message(message_id)
    again = world.receive(message_id, world.code(made, day=3), LATER)
    assert again.again
    assert world.message(message_id) == before
    assert len(entries(world.house, "package.receipt")) == 1


def test_two_packages_of_one_message_do_each_other_no_harm(world: Packages) -> None:
    message_id = world.referral()
    one, other = world.make(message_id), world.make(message_id, LATER)
    assert one.package.id != other.package.id
    assert world.receive(message_id, world.code(other, "accept")).message.state is State.ACCEPTED
    assert world.receive(message_id, world.code(one, "opened")).message.state is State.ACCEPTED
    assert world.receive(message_id, world.code(one, "accept")).message.state is State.ACCEPTED
    opened = [receipt for receipt in world.message(message_id).receipts if receipt.event is Event.OPEN]
    assert len(opened) == 1
    with pytest.raises(MezhvedError) as error:
        world.receive(message_id, world.code(one, "reject/NO_CAPACITY/none_known"))
    assert code_of(error) == "message_state_conflict"


def test_what_was_opened_on_a_page_stays_opened_once(world: Packages) -> None:
    message_id = world.referral()
    made = world.make(message_id)
    world.exchange.open("centre", message_id)
    assert world.receive(message_id, world.code(made)).message.state is State.OPENED
    assert [r.attested_by for r in world.message(message_id).receipts if r.event is Event.OPEN] == ["gateway"]


def test_codes_of_other_packages_messages_and_outcomes_fit_nothing(here: Packages) -> None:
    message_id, another = here.referral(), here.referral(operation_id=new_id())
    made, foreign = here.make(message_id), here.make(another)
    code = here.code(made, "accept")
    from gateway.partner.package_codes import check_digit

    forged = code[:3] + "00" + code[5:15]
    for wrong in (here.code(foreign, "accept"), forged + check_digit(forged)):
        with pytest.raises(MezhvedError) as error:
            here.receive(message_id, wrong)
        assert code_of(error) == "package_code_wrong"
    assert here.message(message_id).state is State.DELIVERED


def test_guessing_ends_and_is_in_the_log(world: Packages) -> None:
    from gateway.partner.package_codes import check_digit

    message_id = world.referral()
    made = world.make(message_id)
    right = world.code(made)
    wrong = right[:5] + f"{(int(right[5:15]) + 1) % 10**10:010d}"
    wrong += check_digit(wrong)
    for _ in range(MISSES_IN_WINDOW):
        with pytest.raises(MezhvedError) as error:
            world.receive(message_id, wrong)
        assert code_of(error) == "package_code_wrong"
    for typed in (wrong, right):
        with pytest.raises(MezhvedError) as error:
            world.receive(message_id, typed)
        assert code_of(error) == "package_codes_wait"
    misses = entries(world.house, "package.code_refused")
    assert len(misses) == MISSES_IN_WINDOW
    assert wrong not in json.dumps(misses)
    assert world.receive(message_id, right, NOW + WINDOW + timedelta(seconds=1)).message.state is State.OPENED


def test_a_slip_of_the_hand_is_no_guess(here: Packages) -> None:
    message_id = here.referral()
    right = here.code(here.make(message_id))
    slip = right[:-1] + str((int(right[-1]) + 1) % 10)
    for _ in range(MISSES_IN_WINDOW + 2):
        for typed, code in ((slip, "package_code_mistyped"), (right[:-1], "package_code_length")):
            with pytest.raises(MezhvedError) as error:
                here.receive(message_id, typed)
            assert code_of(error) == code
    assert here.receive(message_id, right).message.state is State.OPENED


def test_guessing_ends_for_good(here: Packages) -> None:
    message_id = here.referral()
    right = here.code(here.make(message_id))
    with here.house.store.writing() as unit:
        for number in range(MISSES_IN_ALL):
            unit.packages.add_miss(message_id, NOW - timedelta(days=1, seconds=number))
    with pytest.raises(MezhvedError) as error:
        here.receive(message_id, right)
    assert code_of(error) == "package_codes_closed"


def test_the_code_is_forgotten_once_it_is_of_no_use(world: Packages) -> None:
    message_id = world.referral()
    made = world.make(message_id)
    world.receive(message_id, world.code(made))
    with pytest.raises(MezhvedError) as error:
        tell_package_code(world.house, world.exchange.system("ngo"), message_id, made.package.id, LATER)
    assert code_of(error) == "package_opened"
    assert world.receive(message_id, world.code(made, "accept"), LATER).message.state is State.ACCEPTED


def test_without_the_key_of_the_message_no_code_counts(here: Packages) -> None:
    message_id = here.referral()
    made = here.make(message_id)
    code = here.code(made)
    here.house.vault._keys.destroy(message_id, now=NOW, reason="срок")  # type: ignore[attr-defined]
    with pytest.raises(MezhvedError) as error:
        here.receive(message_id, code)
    assert code_of(error) == "package_code_wrong"
    with pytest.raises(MezhvedError) as error:
        tell_package_code(here.house, here.exchange.system("ngo"), message_id, made.package.id, NOW)
    assert code_of(error) == "package_unavailable"


def test_a_message_without_a_family_travels_too(world: Packages) -> None:
    sent = world.exchange.send("inquiry", "ngo", "centre").message
    relay_once(world.house, NOW)
    made = world.make(sent.id)
    opened = world.open(made)
    assert opened.content.people == ()
    assert {"need", "district", "contact", "contact_phone"} <= {field.name for field in opened.content.notes}
    assert "Дежурный психолог" in opened.document.decode()
    assert world.receive(sent.id, world.code(made, "accept")).message.state is State.ACCEPTED


def test_who_opens_with_another_key_is_warned(here: Packages) -> None:
    from gateway.evidence.note import SigningKey

    made = here.make(here.referral())
    assert made.code
    with pytest.raises(MezhvedError) as error:
        open_package(made.file, made.code, SigningKey.generate("test.local/log").verifier())
    assert code_of(error) == "package_key_differs"
    assert not open_package(made.file, made.code).key_known


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'\\"made_at\\":\\"2026', b'\\"made_at\\":\\"2027'),
        (b"test.local/log ", b"test.local/gol "),
        (b'\\"entry\\":\\"', b'\\"entry\\":\\"0'),
    ],
)
def test_a_changed_manifest_shows_nothing(here: Packages, old: bytes, new: bytes) -> None:
    made = here.make(here.referral())
    assert made.code
    assert old in made.file
    with pytest.raises(MezhvedError) as error:
        open_package(made.file.replace(old, new), made.code)
    assert code_of(error) == "package_altered"


def test_what_can_be_said_by_a_code_fits_every_type() -> None:
    for kind in message_types().values():
        outcomes = outcomes_of(kind)
        assert outcomes[0] == OPENED
        assert len(outcomes) == len(set(outcomes)) <= 100
        for code in outcomes[1:]:
            event, reason, because = split_outcome(code)
            assert event in kind.events
            assert (reason is not None) == (event in {Event.REJECT, Event.DISAGREE})
            assert (because is not None) == (event is Event.REJECT)
    assert Event.ACCEPT not in {split_outcome(code)[0] for code in outcomes_of(message_types()["case_transfer"])}


def test_a_recipient_with_access_is_told_of(here: Packages) -> None:
    message_id = here.referral()
    assert not here.make(message_id).recipient_has_access
    here.exchange.declarer("centre", "worker")
    assert here.make(message_id).recipient_has_access


def test_a_person_of_the_sender_works_with_it(here: Packages) -> None:
    """A person who does not work on the case makes nothing of it."""
    from gateway.use_cases.make_package import make_package

    here.exchange.declarer("ngo", "one")
    here.exchange.declarer("ngo", "two")
    message_id = here.referral()
    with here.house.store.writing() as unit:
        one, two = (unit.participants.person_by_login(login) for login in ("one", "two"))
        assert one
        assert two
        unit.recorded_facts.assign(
            here.message(message_id).case_id, one.organisation_id, one.id, "test", b"s" * 16, NOW
        )
    mine = [Requester(p.organisation_id, f"person:{p.id}", frozenset({"curator"}), p.id) for p in (one, two)]
    assert make_package(here.house, mine[0], message_id, NOW).code
    with pytest.raises(MezhvedError) as error:
        make_package(here.house, mine[1], message_id, NOW)
    assert code_of(error) == "not_assigned"
