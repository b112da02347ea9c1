"""The post of alerts, and the thread that makes steps of chains and sends what waits.

A thread of its own: a mail server that is slow keeps no message from its recipient.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import orjson
import structlog

from gateway.exchange.mail import Mail
from gateway.exchange.rounds import Rounds
from gateway.exchange.sms import Sms
from gateway.settings import Settings
from gateway.use_cases.house import House
from gateway.use_cases.ports_queues import Letter, Post, Posted
from gateway.use_cases.send_alerts import BATCH, CLAIM, send_alerts
from gateway.use_cases.watch_queue import watch_queue
from schemas.errors import Broken

CONSOLE = "-"
OFF = Posted(False, "channel_off", final=True)

log = structlog.get_logger()


class Channel(Protocol):
    """Sends one letter. Never raises."""

    def send(self, letter: Letter) -> Posted: ...


@dataclass(frozen=True, slots=True)
class ToFile:
    """For a demonstration: each letter is a line of JSON in a file, or on standard output."""

    path: str

    def send(self, letter: Letter) -> Posted:
        """Nothing leaves the machine."""
        line = orjson.dumps({"channel": letter.channel, "to": letter.address, "text": letter.text}) + b"\n"
        try:
            if self.path == CONSOLE:
                sys.stdout.write(line.decode())
            else:
                with Path(self.path).open("ab") as file:
                    file.write(line)
        except OSError:
            return Posted(False, "file_not_writable", final=True)
        return Posted(True, "written")


class Channels:
    """`ports_queues.Post`: each letter by its channel, all of a batch at once."""

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        self._channels = channels

    def send(self, letters: Sequence[Letter]) -> Sequence[Posted]:
        """Every letter has its outcome, also where a server answers so slowly that it is no longer waited for."""
        if not letters:
            return []
        pool = ThreadPoolExecutor(max_workers=BATCH, thread_name_prefix="alert")
        waiting = [pool.submit(self._one, letter) for letter in letters]
        longest = CLAIM.total_seconds() / 2
        try:
            return [_outcome(found.result, longest) for found in waiting]
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _one(self, letter: Letter) -> Posted:
        channel = self._channels.get(letter.channel)
        return channel.send(letter) if channel else OFF


def _outcome(result: Callable[[float], Posted], seconds: float) -> Posted:
    try:
        return result(seconds)
    except Exception as error:  # noqa: BLE001  a defect of a channel must not stop the others
        log.error("alerts.channel_failed", error=type(error).__name__)  # noqa: TRY400  its text may quote an address
        return Posted(False, "channel_failed")


def channels_of(settings: Settings) -> Channels:
    """The channels that are set; those that are not are off. Raises Broken (secret_missing) for a file that cannot be
    read."""
    if settings.alert_file:
        return Channels({"email": ToFile(settings.alert_file), "sms": ToFile(settings.alert_file)})
    found: dict[str, Channel] = {}
    if settings.smtp_host:
        found["email"] = Mail(
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_security,
            settings.smtp_from or f"mezhved@{settings.smtp_host}",
            settings.smtp_user,
            _secret(settings.smtp_password_file, "SMTP_PASSWORD_FILE"),
            settings.alert_seconds,
        )
    if settings.sms_url:
        token = _secret(settings.sms_token_file, "SMS_TOKEN_FILE")
        found["sms"] = Sms(settings.sms_url, token, settings.alert_seconds)
    return Channels(found)


def _secret(path: str, name: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip() if path else ""
    except (OSError, UnicodeDecodeError):
        raise Broken("secret_missing", name=f"MEZHVED_{name}") from None


def alert_once(house: House, post: Post, now: datetime) -> int:
    """One round: steps of chains, then what waits to be sent."""
    return watch_queue(house, now) + send_alerts(house, post, now)


class Alerting(Rounds):
    """A thread that does so until told to stop."""

    name = "alerts"

    def __init__(self, house: House, post: Post, seconds: float, clock: Callable[[], datetime]) -> None:
        super().__init__(seconds)
        self._house, self._post, self._clock = house, post, clock

    def once(self) -> None:
        """One round."""
        alert_once(self._house, self._post, self._clock())
