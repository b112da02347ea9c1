"""Files under the laws: what one brings is taken once (9), what is refused or only asked is on record (2)."""

from __future__ import annotations

import io
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from pydantic import BaseModel
from sqlalchemy import select

from adapters.documents.writer import write_document, write_documents
from gateway.storage.tables import messages
from gateway.storage.tables_imports import import_jobs
from gateway.use_cases import import_run
from gateway.use_cases.file_records import need_nothing
from gateway.use_cases.hand_in_file import begin_import
from gateway.use_cases.import_values import BY_OPERATOR, LEASE, Handed
from gateway.use_cases.read_imports import read_import
from gateway.use_cases.receive_file import FileReceipt, receive_file
from gateway.use_cases.register_certificate import require_signatures
from gateway.use_cases.run_imports import run_import
from gateway.use_cases.values import Requester
from schemas.authority import AuthorityDraft
from schemas.summary import ConsentDraft, SummaryDraft
from tests.builders import NOW, referral
from tests.gateway.signed.world import registered, signer_of
from tests.laws.world import World, leaks, marked_message

Crashes = Callable[[World, Callable[[], object]], Iterator[Any]]
Until = Callable[[Any, World, Callable[[], object]], None]


def taken_once(world: World, crashes: Crashes, until: Until) -> None:
    """Wherever the taking of a summary, a consent or an authority breaks off, the file that is sent again takes it once."""
    before = Counter(row.kind for row in world.entries())
    for kind, made in _DOCUMENTS.items():
        tried = 0
        for crash in crashes(world, partial(_take, world, made(world, "count"))):
            tried += 1
            document = made(world, f"{tried}")
            until(crash, world, partial(_take, world, document))
            first, again = _take(world, document), _take(world, document)
            assert again.repeated == 1, f"{kind}, {crash}: taken again"
            assert first.applied[0].id == again.applied[0].id
        assert tried > 10, f"{kind}: this tries too little"
        kept = Counter(row.kind for row in world.entries())[kind] - before[kind]
        assert kept == tried + 1, f"{kind}: {kept} entries of {tried + 1} documents"


def imported_once(world: World, crashes: Crashes, until: Until) -> None:
    """Wherever the taking of a file step by step breaks off, whoever takes it up after the lease goes on: each of its records
    becomes one message, and its end is on record once."""
    desk = _Importing(world)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_run, "STEP", 2)
        counted = desk.hand_in()
        rounds = list(crashes(world, desk.run))
        desk.check(counted)
        assert len(rounds) > 50, "this tries too little"
        for crash in rounds[::2]:
            made = desk.hand_in()
            until(crash, world, desk.run)
            desk.now += LEASE * 60
            desk.run()
            desk.check(made, f"{crash}")


@dataclass
class _Importing:
    """A school's operator and whoever takes the files."""

    world: World
    now: datetime = NOW

    @property
    def who(self) -> Requester:
        return Requester(self.world.town.school.id, "operator:cli")

    def hand_in(self) -> tuple[str, list[str]]:
        town = self.world.town
        drafts = [referral(town.school, town.guardianship, type="signal", trigger="threat") for _ in range(3)]
        handed = Handed("xml", "referrals", came_by=BY_OPERATOR)
        receiver = begin_import(self.world.house, self.who, handed, self.now, max_bytes=10**7)
        receiver.feed(write_documents(drafts))
        return receiver.finish(self.now).id, [draft.operation_id for draft in drafts]

    def run(self) -> None:
        run_import(self.world.house, lambda: self.now)

    def check(self, made: tuple[str, list[str]], crash: str = "") -> None:
        import_id, operations = made
        one = read_import(self.world.house, self.who, import_id)
        assert (one.state, one.position.settled, one.position.accepted) == ("done", 3, 3), f"{crash}: {one}"
        known = select(messages.c.operation_id).where(messages.c.operation_id.in_(operations))
        assert sorted(row.operation_id for row in self.world.rows(known)) == sorted(operations), (
            f"{crash}: lost or doubled"
        )
        ends = [row for row in self.world.entries() if row.kind == "file.received" and import_id.encode() in row.body]
        assert len(ends) == 1, f"{crash}: {len(ends)} entries of its end"


def _take(world: World, document: BaseModel) -> FileReceipt:
    content = io.BytesIO(write_document(document))
    return receive_file(world.house, world.system("ngo"), content, "xml", NOW, need=need_nothing)


def _summary(world: World, ref: str) -> SummaryDraft:
    del world
    return SummaryDraft.model_validate(
        {
            "case_ref": f"file-{ref}",
            "as_of": "2026-03-01",
            "erase_after": "2027-03-01",
            "source": "наблюдение куратора",
            "curator_name": "Куратор Тестовый",
            "curator_phone": "+70000000000",
            "subjects": [{"ref": f"file-{ref}", "kind": "child", "sections": {"identity": {"sex": "F"}}}],
        }
    )


def _consent(world: World, ref: str) -> ConsentDraft:
    return ConsentDraft.model_validate(
        {
            "subject_ref": f"file-{ref}",
            "subject_kind": "child",
            "recipient_ogrn": world.town.guardianship.ogrn,
            "purpose": "CASE_MGMT",
            "categories": ["ID"],
            "given_on": "2026-03-01",
            "signers": [{"who": "mother", "verified": True}],
        }
    )


def _authority(world: World, ref: str) -> AuthorityDraft:
    del world
    number = uuid.uuid5(uuid.NAMESPACE_URL, ref)
    return AuthorityDraft.model_validate(
        {
            "authority_id": str(number),
            "subject_ref": f"file-{ref}",
            "subject_kind": "child",
            "who": "guardian",
            "holder_ref": f"guardian-{ref}",
            "verified": True,
        }
    )


_DOCUMENTS: Mapping[str, Callable[[World, str], BaseModel]] = {
    "summary.published": _summary,
    "consent.recorded": _consent,
    "authority.recorded": _authority,
}


def handed_in_or_returned(world: World, faults: Mapping[str, Callable[..., Any]]) -> None:
    """A file that is handed in, and refused rows that go back: each is on record before it is answered, and where the record
    cannot be written nothing waits and nothing leaves."""
    headers = {**world.headers("school"), "Prefer": "respond-async"}
    town = world.town
    draft = referral(town.school, town.guardianship, type="signal", trigger="threat")
    wrong = draft.model_copy(update={"recipient_ogrn": "1027700999994"})

    def each(kind: str, act: Callable[[], Any]) -> Any:
        before = world.entries()
        for name, fault in faults.items():
            broken: AbstractContextManager[object] = fault(world)
            with broken:
                answer = act()
            assert answer.status_code >= 500, f"{kind}, {name}: answered without its entry"
            assert len(world.entries()) == len(before), f"{kind}, {name}: half of it"
            assert not world.rows(select(import_jobs.c.id).where(import_jobs.c.state == "waiting")), f"{kind}, {name}"
        done = act()
        assert [row.kind for row in world.entries()[len(before) :]] == [kind]
        return done

    content = write_document(wrong)
    address = each("file.handed_in", lambda: world.http.post("/files/xml", content=content, headers=headers)).headers[
        "location"
    ]
    run_import(world.house, lambda: NOW)
    back = each("file.returned", lambda: world.http.post(f"{address}/refused", headers=world.headers("school")))
    assert wrong.operation_id in back.text, "this tries nothing"


def refused_or_rehearsed(world: World, faults: Mapping[str, Callable[..., Any]]) -> None:
    """A file that is refused for its signature, and one that only asks what would be refused: each is on record before it is
    answered, and where the record cannot be written there is no answer."""
    draft = marked_message(world.town.school, world.town.guardianship, "file", type="signal", trigger="threat")
    content, headers = write_document(draft), world.headers("school")

    def send(query: str = "") -> Any:
        return world.http.post(f"/files/xml{query}", content=content, headers=headers)

    def each(kind: str, query: str, answered: Callable[[Any], bool]) -> None:
        before = world.entries()
        for name, fault in faults.items():
            broken: AbstractContextManager[object] = fault(world)
            with broken:
                answer = send(query)
            assert answer.status_code >= 500, f"{kind}, {name}: answered without its entry"
            assert not leaks(answer.text)
            assert len(world.entries()) == len(before), f"{kind}, {name}: half of it"
        assert answered(send(query)), f"{kind}: this tries nothing"
        assert [row.kind for row in world.entries()[len(before) :]] == [kind]

    each("file.received", "?rehearsal=true", lambda answer: bool(answer.json()["rehearsal"]))
    school = world.organisation("school")
    registered(world.house, school, signer_of(school))
    require_signatures(world.house, school.id, True, "test", NOW, by_operator=True)
    each("file.refused", "", lambda answer: answer.json()["code"] == "signature_missing")
