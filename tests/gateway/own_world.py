"""An organisation that has something of everything, for the export of all its own data; with a stranger's beside each."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from gateway.exchange.relay import relay_once
from gateway.storage.blobs import DirectoryBlobs
from gateway.use_cases.end_fact import end_fact
from gateway.use_cases.export_own import begin_export
from gateway.use_cases.file_records import need_nothing
from gateway.use_cases.hand_message import hand_over
from gateway.use_cases.house import House
from gateway.use_cases.keep_agenda import add_to_agenda, make_agenda
from gateway.use_cases.keep_draft import keep_draft
from gateway.use_cases.open_message import open_message
from gateway.use_cases.pause_timer import pause_timer, resume_timer
from gateway.use_cases.publish_service import publish_service
from gateway.use_cases.receive_file import receive_file
from gateway.use_cases.receive_upload import begin_upload
from gateway.use_cases.score_case import score_case
from gateway.use_cases.stream_export import stream_export
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.values import Organisation, Requester
from gateway.use_cases.withdraw_consent import withdraw_consent
from schemas.directory import ServiceDraft
from schemas.facts import FactDocument
from schemas.ids import ConsentId, MessageId, new_id
from schemas.joint import AgendaDraft
from tests.adapters.attachment_files import pdf
from tests.builders import NOW, Town, consent, publish, referral, system_of
from tests.gateway.facts_world import login, put, staff
from tests.gateway.practice_world import Team, make_team

VECTORS = Path(__file__).parents[1] / "vectors" / "tables"
EARLIER = "Прежнее имя Вымышленное"
FILE = b"%PDF-1.4\n% svoy fayl\n" + pdf()[9:]
FOREIGN_FILE = b"%PDF-1.4\n% chuzhoy fayl\n" + pdf()[9:]
DRAFT = "Черновик Незаконченный"
REASONS = "Свои причины решения"
CRITERIA = ("remoteness", "guardianship_tension", "lack_of_resources", "removal_risk", "substances")
NOTE = "Своя заметка при передаче"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Full:
    """`team` has everything; `head` exports it."""

    team: Team
    head: Requester
    message: MessageId
    active: ConsentId
    blobs: Path

    @property
    def house(self) -> House:
        return self.team.house

    @property
    def owner(self) -> Organisation:
        return self.team.organisation

    def parts(self, form: str, who: Requester | None = None) -> dict[str, bytes]:
        """The files of a whole archive."""
        who = who or self.head
        export = begin_export(self.house, who, form, NOW)
        content = b"".join(stream_export(self.house, who, export.id, lambda: NOW))
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.testzip() is None
            return {name: archive.read(name) for name in archive.namelist()}


def fill(town: Town, folder: Path) -> Full:
    """Earlier versions of a summary, facts, a score, a term that stood still, a message with its documents, consents in force
    and withdrawn, own lists, a draft, a service."""
    town = replace(town, house=replace(town.house, blobs=DirectoryBlobs(folder / "blobs")))
    house = town.house
    team = make_team(town)
    # The one that `make_team` published is the earlier version by now.
    old = {"full_name": EARLIER, "birth_date": "2017-01-15", "sex": "F"}
    publish(team.town, ref=team.ref, identity=old)
    publish(team.town, ref=team.ref)
    _facts(team)
    team.on()
    team.record("signal_received")
    (visit, *_) = (row for row in team.running() if not row.reminder and row.due_at > NOW)
    pause_timer(house, team.curator, visit.id, "family_away", NOW)
    resume_timer(house, team.curator, visit.id, NOW + DAY)
    score_case(house, team.curator, team.case, "complexity", dict.fromkeys(CRITERIA, 3), NOW)
    active = consent(team.town, town.centre, ref=team.ref, purpose="REFERRAL")
    gone = consent(team.town, town.school, ref=team.ref)
    withdraw_consent(house, system_of(team.organisation), gone, NOW)
    message = _sent(team.town, team.organisation, town.centre, team.ref, FILE)
    consent(town, team.organisation, ref="F-1", purpose="REFERRAL", discloser=town.centre)
    _sent(town, town.centre, team.organisation, "F-1", FOREIGN_FILE)
    relay_once(house, NOW)
    _notes(team)
    for profile in ("families", "signals"):
        content = io.BytesIO((VECTORS / f"{profile}.xlsx").read_bytes())
        receive_file(house, team.curator, content, "xlsx", NOW, need=need_nothing, profile=profile)
    keep_draft(house, team.curator, new_id(), "compose", {"child_name": [DRAFT]}, NOW, kind="inquiry")
    service = ServiceDraft.model_validate(
        {"name": "Услуга Вымышленная", "kinds": ["psychology"], "territories": ["45000000"], "apply_by": ["phone"]}
    )
    publish_service(house, system_of(team.organisation), service, NOW)
    return Full(team, staff(house, team.organisation, "head"), message, active, folder / "blobs")


def _facts(team: Team) -> None:
    house, head = team.house, staff(team.house, team.organisation, "head")
    ended = put(house, head, "location_protected", {"ref": team.ref})
    end_fact(house, head, ended.fact_id, FactDocument(reasons=REASONS), NOW)
    court = {"number": "17-Чибис", "on": "2026-02-20", "copy_digest": "c" * 64}
    put(house, head, "rights_limited", {"ref": team.ref}, about={"ref": f"{team.ref}-M"}, document=court)


def _notes(team: Team) -> None:
    """A message that came goes from hand to hand with a note; an agenda with the case."""
    house, colleague = team.house, staff(team.house, team.organisation, "curator")
    with house.store.reading() as unit:
        (came,) = unit.messages.queue(team.organisation.id, "inbox", None, 2, NOW)
    open_message(house, team.curator, came.id, NOW)
    hand_over(house, team.curator, came.id, login(house, colleague), "shift", NOW, NOTE)
    meeting = {
        "operation_id": new_id(),
        "at": (NOW + DAY).isoformat(),
        "place": "Зал собраний",
        "topic": "Итоги месяца",
    }
    agenda = make_agenda(house, team.curator, AgendaDraft.model_validate(meeting), NOW)
    add_to_agenda(house, team.curator, agenda.id, team.case, NOW)


def _sent(town: Town, sender: Organisation, recipient: Organisation, ref: str, content: bytes) -> MessageId:
    operation = new_id()
    receiver = begin_upload(town.house, system_of(sender), operation, "pdf", NOW)
    receiver.feed(content)
    upload = receiver.finish(NOW)
    documents: list[dict[str, Any]] = [
        {"category": "ID", "document_type": "birth_certificate", "issued_on": "2020-02-02", "upload": upload.id},
        {"category": "HLT", "document_type": "other", "sha256": "d" * 64},
    ]
    draft = referral(sender, recipient, ref=ref, operation_id=operation, attachments=documents)
    return submit_message(town.house, system_of(sender), draft, NOW, synthetic=True).message.id


def named(files: dict[str, bytes], ending: str) -> Iterator[bytes]:
    """The files of an archive whose names end so."""
    return (content for name, content in sorted(files.items()) if name.endswith(ending))
