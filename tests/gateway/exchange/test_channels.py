"""E-mail and SMS over real sockets: taken, refused, down, slow; and the thread that sends."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from email import message_from_string
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import pytest

from gateway.exchange.alerts import Alerting, Channels, channels_of
from gateway.exchange.mail import Mail
from gateway.exchange.relay import relay_once
from gateway.exchange.sms import Sms
from gateway.settings import Settings
from gateway.use_cases.house import House
from gateway.use_cases.ports_queues import Letter, Posted
from schemas.errors import Broken
from tests.builders import NOW, town
from tests.gateway.exchange.servers import MailServer, SmsServer, running
from tests.gateway.queues_world import alerts, keep, send

SECONDS = 0.3
TEXT = "Новый сигнал, экстренно. Откройте межвед."


def letter(channel: str = "email", address: str = "first@example.org") -> Letter:
    return Letter("00000000-0000-4000-8000-0000000000aa", channel, address, "Межвед: есть сообщение", TEXT)


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with running(MailServer) as server:
        yield server


@pytest.fixture
def sms_server() -> Iterator[SmsServer]:
    with running(SmsServer) as server:
        yield server


def mail(port: int, **more: Any) -> Mail:
    given = {"security": "none", "sender": "mezhved@example.org", "user": "", "password": "", "seconds": SECONDS}
    return Mail("127.0.0.1", port, **{**given, **more})


def test_a_letter_arrives_as_it_was_written(mail_server: MailServer) -> None:
    assert mail(mail_server.port).send(letter()) == Posted(True, "mail_sent")
    (taken,) = mail_server.letters
    parsed = message_from_string(taken)
    assert str(make_header(decode_header(parsed["Subject"]))) == "Межвед: есть сообщение"
    assert parsed.get_payload(decode=True).decode().strip() == TEXT
    assert (parsed["To"], parsed["From"], parsed["Auto-Submitted"]) == (
        "first@example.org",
        "mezhved@example.org",
        "auto-generated",
    )
    assert parsed["Message-ID"] == "<00000000-0000-4000-8000-0000000000aa@mezhved.invalid>"


@pytest.mark.parametrize(
    ("answers", "more", "outcome"),
    [
        ({"RCPT": "550 no such mailbox"}, {}, Posted(False, "mail_refused", final=True)),
        ({"RCPT": "451 later"}, {}, Posted(False, "mail_refused")),
        ({"MAIL": "554 go away"}, {}, Posted(False, "mail_refused", final=True)),
        ({"DATA": "452 full"}, {}, Posted(False, "mail_refused")),
        ({"EHLO": "502 no", "HELO": "502 no"}, {}, Posted(False, "mail_refused", final=True)),
        ({}, {"user": "u", "password": "p"}, Posted(False, "mail_login_refused", final=True)),  # it offers no login
        (
            {},
            {"security": "starttls"},
            Posted(False, "mail_login_refused", final=True),
        ),  # it offers no TLS: nothing is sent
    ],
)
def test_what_a_server_says_becomes_a_code(
    mail_server: MailServer, answers: dict[str, str], more: dict[str, Any], outcome: Posted
) -> None:
    mail_server.answers = answers
    assert mail(mail_server.port, **more).send(letter()) == outcome
    assert mail_server.letters == []


def test_a_server_that_is_down_slow_or_speaks_no_tls(mail_server: MailServer) -> None:
    assert mail(1).send(letter()) == Posted(False, "mail_unreachable")
    found = mail(mail_server.port, security="tls").send(letter())
    assert (found.sent, found.outcome in {"mail_certificate", "mail_slow"}) == (False, True)
    mail_server.pause.clear()
    assert mail(mail_server.port).send(letter()) == Posted(False, "mail_slow")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Posted(True, "sms_sent")),
        (202, Posted(True, "sms_sent")),
        (400, Posted(False, "sms_refused", final=True)),
        (401, Posted(False, "sms_refused", final=True)),
        (429, Posted(False, "sms_refused")),
        (500, Posted(False, "sms_refused")),
        (302, Posted(False, "sms_refused")),  # it is not followed: the token goes nowhere else
    ],
)
def test_sms(sms_server: SmsServer, status: int, outcome: Posted) -> None:
    sms_server.status = status
    assert Sms(sms_server.url, "secret", SECONDS).send(letter("sms", "+70000000001")) == outcome
    assert sms_server.asked == [
        ({"id": letter().id, "to": "+70000000001", "text": TEXT}, "Bearer secret"),
    ]


def test_an_sms_gateway_that_is_down_or_slow(sms_server: SmsServer) -> None:
    assert Sms("http://127.0.0.1:1/", "", SECONDS).send(letter("sms")) == Posted(False, "sms_unreachable")
    assert Sms("no address", "", SECONDS).send(letter("sms")) == Posted(False, "sms_unreachable")
    sms_server.pause.clear()
    assert Sms(sms_server.url, "", SECONDS).send(letter("sms")) == Posted(False, "sms_slow")


def test_settings_make_the_channels(tmp_path: Path, mail_server: MailServer, sms_server: SmsServer) -> None:
    token = tmp_path / "token"
    token.write_text("secret\n")
    settings = Settings(
        smtp_host="127.0.0.1",
        smtp_port=mail_server.port,
        smtp_security="none",
        sms_url=sms_server.url,
        sms_token_file=str(token),
        alert_seconds=SECONDS,
    )
    made = channels_of(settings)
    sent = made.send([letter(), letter("sms", "+70000000001")])
    assert [posted.sent for posted in sent] == [True, True]
    assert sms_server.asked[0][1] == "Bearer secret"
    assert "From: mezhved@127.0.0.1" in mail_server.letters[0]
    assert channels_of(Settings()).send([letter()]) == [Posted(False, "channel_off", final=True)]
    with pytest.raises(Broken, match="secret_missing"):
        channels_of(Settings(sms_url="http://x", sms_token_file=str(tmp_path / "none")))


def test_a_demonstration_writes_and_sends_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "alerts.jsonl"
    made = channels_of(Settings(alert_file=str(path), smtp_host="mail.example.org"))
    assert [posted.outcome for posted in made.send([letter(), letter("sms", "+7 1")])] == ["written", "written"]
    lines = sorted(json.loads(line)["channel"] for line in path.read_text("utf-8").splitlines())
    assert lines == ["email", "sms"]
    channels_of(Settings(alert_file="-")).send([letter()])
    assert json.loads(capsys.readouterr().out) == {"channel": "email", "to": "first@example.org", "text": TEXT}
    assert channels_of(Settings(alert_file=str(tmp_path))).send([letter()]) == [
        Posted(False, "file_not_writable", final=True)
    ]


def test_a_channel_with_a_defect_stops_no_other() -> None:
    class Defect:
        def send(self, letter: Letter) -> Posted:
            raise RuntimeError(letter.address)

    class Good:
        def send(self, letter: Letter) -> Posted:
            return Posted(True, "fine")

    made = Channels({"email": Defect(), "sms": Good()})
    assert [posted.outcome for posted in made.send([letter(), letter("sms")])] == ["channel_failed", "fine"]
    assert made.send([]) == []


def _until(done: Callable[[], bool], seconds: float = 8) -> None:
    ends = time.monotonic() + seconds
    while not done() and time.monotonic() < ends:
        time.sleep(0.02)
    assert done()


def test_mail_that_is_down_leaves_sms_and_holds_up_no_message(
    sqlite_house: House, sms_server: SmsServer, mail_server: MailServer
) -> None:
    """The thread sends while a mail server hangs; deliveries go on meanwhile."""
    made = town(sqlite_house)
    keep(sqlite_house, made.guardianship)
    mail_server.pause.clear()
    post = Channels({"email": mail(mail_server.port, seconds=60), "sms": Sms(sms_server.url, "", SECONDS)})
    alerting = Alerting(sqlite_house, post, 0.02, lambda: NOW)
    sms_server.status = 500
    send(made)
    alerting.start()
    try:
        _until(lambda: len(sms_server.asked) >= 1)
        delivery = threading.Thread(target=lambda: (send(made, ref="K-2"), relay_once(sqlite_house, NOW)))
        delivery.start()
        delivery.join(20)
        assert not delivery.is_alive(), "it waits for the mail server, which answers nothing for a minute"
        assert not mail_server.pause.is_set()
    finally:
        mail_server.pause.set()
        alerting.stop()
    assert "sms_refused" in {alert.outcome for alert in alerts(sqlite_house, made.guardianship)}
