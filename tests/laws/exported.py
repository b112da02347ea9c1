"""Checks of exports, for the laws that they belong to: one door, an entry first, what is withheld stays closed, and a foreign
case that answers as an invented one."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from gateway.storage import tables as t
from gateway.storage.log import SqlLog
from gateway.storage.tables_exports import export_parts, exports
from gateway.use_cases.export_case import export_case
from gateway.use_cases.export_own import begin_export, cancel_export, next_part
from gateway.use_cases.export_thread import export_thread
from gateway.use_cases.stream_export import stream_export
from gateway.use_cases.values import Requester
from gateway.vault.vault import Vault
from schemas.errors import Broken, MezhvedError
from schemas.exports import FORMS
from schemas.ids import MessageId, new_id
from tests.builders import NOW
from tests.laws.documents import WORDS, descriptions_opened, with_documents
from tests.laws.world import World, decrypted, leaks, statements, swapped

FOREIGN = ("Чибис, слова", "Чибис, просьба", "ChibisConcern", "ChibisService")
"""In the message that the centre sent to the NGO, and in nothing of the NGO's own."""


def unpacked(content: bytes) -> bytes:
    """What is readable in a file: of an archive all its files."""
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


def case_of(world: World, who: Requester, place: str, form: str, purpose: str = "CASE_MGMT") -> bytes:
    """The case of the family as a file."""
    return unpacked(export_case(world.house, who, world.pseudonym(place), purpose, form, NOW).file.content)


def whole(world: World, form: str, login: str = "ngo.head") -> bytes:
    """All own data of the NGO, or of whose head this is."""
    head = world.person(login)
    export = begin_export(world.house, head, form, NOW)
    return unpacked(b"".join(stream_export(world.house, head, export.id, lambda: NOW)))


# --- 1 ---------------------------------------------------------------------------------------------------------------


def check_an_export_holds_only_what_is_released(world: World) -> None:
    """A file of a case or a thread has what its reader would be answered; a stranger gets none; and a holder's whole export has
    nothing that another organisation wrote, and no file that it sent."""
    with_documents(world)
    for form in FORMS:
        case = case_of(world, world.system("guardianship"), "guardianship", form)
        assert leaks(case, ("Чибис Имя",)), f"{form}: the consented part is released, or this tries nothing"
        assert not leaks(case, ("14785296311", "777001", "ChibisOffence")), f"{form}: {leaks(case)}"
        made = export_thread(world.house, world.system("ngo"), world.family.referral_id, form, NOW)
        thread = unpacked(made.file.content)
        assert leaks(thread, ("Чибис-район",)), f"{form}: the masked address is released, or this tries nothing"
        assert not leaks(thread, ("Чибис, 1", *FOREIGN[:1])), f"{form}: a masked section is whole"
        assert not leaks(made.file.name), made.file.name
        own = whole(world, form)
        assert leaks(own, ("14785296311", "ChibisOffence")), f"{form}: the holder's own, or this tries nothing"
        assert not leaks(own, FOREIGN), f"{form}: {leaks(own, FOREIGN)} is somebody else's"
        assert WORDS not in own, f"{form}: a file that came"
        assert WORDS in whole(world, form, "centre.head"), f"{form}: its sender's own, or this tries nothing"
    for name, answer in _answers_to_a_stranger(world):
        assert not leaks(answer), f"{name} has {leaks(answer)}"


def _answers_to_a_stranger(world: World) -> Iterator[tuple[str, bytes]]:
    headers = world.headers("stranger")
    begun = begin_export(world.house, world.person("ngo.head"), "csv", NOW)
    cases = [*(world.pseudonym(place) for place in ("stranger", "ngo", "guardianship")), world.family.case_id]
    for case in cases:
        body = {"case": case, "purpose": "CASE_MGMT", "form": "fhir"}
        yield "case", world.http.post("/exports/cases", json=body, headers=headers).content
    for message in (world.family.referral_id, world.family.signal_id):
        body = {"message": message, "form": "fhir"}
        yield "thread", world.http.post("/exports/threads", json=body, headers=headers).content
    for path in ("", "/archive", "/cancel"):
        ask = world.http.post if path else world.http.get
        yield path, ask(f"/exports/own/{begun.id}{path}", headers=headers).content
    cancel_export(world.house, world.person("ngo.head"), begun.id, NOW)


# --- 2 ---------------------------------------------------------------------------------------------------------------


def check_an_export_needs_its_entries(world: World) -> None:
    """Without the entry of the reading nothing is opened, without that of the file nothing leaves; of a stream this holds for
    each of its parts, before the bytes of that part."""
    house, head = world.house, world.person("ngo.head")
    export = begin_export(house, head, "csv", NOW)
    assert next_part(house, head, export.id, NOW).kind == "organisation"  # type: ignore[union-attr]
    deeds: dict[str, tuple[Callable[[], object], tuple[str, ...]]] = {
        "a case": (
            lambda: case_of(world, world.system("guardianship"), "guardianship", "xml"),
            ("exchange.decided", "export.made"),
        ),
        "one's own case": (lambda: case_of(world, world.system("ngo"), "ngo", "xml"), ("export.read", "export.made")),
        "a thread": (
            lambda: export_thread(house, world.system("ngo"), world.family.referral_id, "xml", NOW),
            ("exchange.decided", "export.made"),
        ),
        "a part": (lambda: next_part(house, head, export.id, NOW, 2), ("export.read", "export.made")),
    }
    for name, (deed, kinds) in deeds.items():
        for kind in kinds:
            before = _kept(world)
            with decrypted() as opened, _failing_at(kind):
                try:
                    deed()
                except Broken as error:
                    assert not leaks(f"{error} {error.message()}"), f"{name}, {kind}"
                else:
                    raise AssertionError(f"{name}: left without the entry {kind}")
            assert kind == "export.made" or not opened, f"{name}: opened without the entry {kind}"
            assert _kept(world) == before, f"{name}: half of it is on file without the entry {kind}"
        entries = _count(world)
        deed()
        assert _count(world) >= entries + len(kinds), f"{name}: an entry is missing"
    cancel_export(house, head, export.id, NOW)
    with_documents(world)
    sender = world.person("centre.head")
    _opened_after_its_entry(world, sender, begin_export(house, sender, "xml", NOW).id)
    _each_part_before_its_bytes(world, head)


def _opened_after_its_entry(world: World, head: Requester, export_id: str) -> None:
    seen: list[str] = []
    number, before = 1, _count(world)

    def heard(name: str) -> Callable[..., Any]:
        real = getattr(Vault, name)

        def opening(vault: Vault, what: Any, *rest: Any) -> Any:
            if what:
                seen.append(name)
                assert _count(world) > before, f"part {number}: {name} before its entry was committed"
            return real(vault, what, *rest)

        return opening

    with ExitStack() as stack:
        for name in ("open_sections", "open_all_words", "open_drafts", "open_file", "open_decision_facts"):
            stack.enter_context(swapped(Vault, name, heard(name)))
        while next_part(world.house, head, export_id, NOW, number) is not None:
            number, before = number + 1, _count(world)
    assert {"open_sections", "open_all_words", "open_file"} <= set(seen), f"only {seen}, so this tries little"


def _each_part_before_its_bytes(world: World, head: Requester) -> None:
    export = begin_export(world.house, head, "xml", NOW)
    seen = 0
    for chunk in stream_export(world.house, head, export.id, lambda: NOW):
        if b".sha256" in chunk and b"manifest" not in chunk:
            seen += 1
            made = [entry for entry in _made(world) if entry["export"] == export.id]
            assert len(made) == seen, f"part {seen} left before its entry, or others were read before it was taken"
    assert seen > 1, "one part is no stream"


def _made(world: World) -> list[dict[str, Any]]:
    rows = world.rows(select(t.entries.c.body).where(t.entries.c.kind == "export.made"))
    return [json.loads(bytes(row.body))["body"] for row in rows]


def _count(world: World) -> int:
    (row,) = world.rows(select(func.count()).select_from(t.entries))
    return int(row[0])


def _kept(world: World) -> list[list[str]]:
    return [sorted(map(repr, world.rows(select(table)))) for table in (exports, export_parts)]


@contextmanager
def _failing_at(kind: str) -> Iterator[None]:
    append = SqlLog.append

    def fail(log: SqlLog, entry_id: Any, its_kind: str, *rest: Any) -> None:
        if its_kind == kind:
            raise OperationalError("INSERT", {}, Exception("disk full"))
        append(log, entry_id, its_kind, *rest)

    with swapped(SqlLog, "append", fail):
        yield


# --- 3 ---------------------------------------------------------------------------------------------------------------


def check_an_export_opens_only_what_leaves(world: World) -> None:
    """Of a case exactly what the ruling releases is opened; of one's own everything but what no program lets out; for whoever
    may not read content, nothing."""
    with decrypted() as opened:
        case_of(world, world.system("guardianship"), "guardianship", "csv")
    assert opened, "something is released, or this tries nothing"
    assert not {"IDN", "OFF", "ADP"} & {category for category, _ in opened}
    with decrypted() as opened:
        case_of(world, world.person("guardianship.dpo"), "guardianship", "csv")
        export_thread(world.house, world.person("guardianship.dpo"), world.family.signal_id, "csv", NOW)
    assert not opened, f"an overseer's file opened {opened}"
    with_documents(world)
    with descriptions_opened() as documents:
        whole(world, "csv")
    assert not [place for place in documents if place.startswith(("file:", "attachment:"))], "documents that came"
    with decrypted() as opened:
        whole(world, "csv")
    categories = {category for category, _ in opened}
    assert {"ID", "IDN", "OFF", "HLT"} <= categories
    assert not {"ADP", "REP"} & categories, "no program lets this out by itself"


# --- 6 ---------------------------------------------------------------------------------------------------------------


def check_an_export_of_a_foreign_case_answers_as_invented(world: World) -> None:
    """Same answer, same statements in the same order, one entry: whether or not there is such a case or such a message."""
    who = world.system("stranger")
    houses = world.house

    def case(name: str) -> Callable[[], object]:
        return lambda: export_case(houses, who, name, "CASE_MGMT", "csv", NOW)

    def thread(name: str) -> Callable[[], object]:
        return lambda: export_thread(houses, who, MessageId(name), "csv", NOW)

    pairs = {
        "case": (case(world.pseudonym("stranger")), case("z" * 52)),
        "thread": (thread(world.family.signal_id), thread(new_id())),
    }
    for name, tries in pairs.items():
        found = []
        for attempt in tries:
            before = _count(world)
            with statements(world) as heard:
                said = _said(attempt)
            found.append((said, heard.shapes, _count(world) - before))
        assert found[0] == found[1], f"{name}: a real one differs from an invented one"
        assert found[0][2] == 1, f"{name}: not one entry"


def _said(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except MezhvedError as error:
        return f"{error.code} {error.message()} {error.remedy()}"
    raise AssertionError("a stranger was given a file")
