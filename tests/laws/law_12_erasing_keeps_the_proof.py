"""Law 12. Destroying a subject's keys makes its data unreadable, also in backups; the log still verifies.

The use case that destroys, its entry (`key.destroyed`) and the replay of destructions at a restore come later. Here the
key store destroys, and what follows from it is tried.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from adapters.documents.writer import write_document
from gateway.evidence.verify import examine, parse_key
from gateway.storage import tables as t
from gateway.storage import tables_attachments
from gateway.storage.keys import SqlKeyStore
from gateway.storage.migrate import migrate
from gateway.storage.tables_imports import import_jobs, import_steps
from gateway.storage.tables_records import case_records
from gateway.use_cases.clear_imports import clear_imports
from gateway.use_cases.end_fact import end_fact
from gateway.use_cases.hand_in_file import begin_import
from gateway.use_cases.import_values import BY_OPERATOR, Handed
from gateway.use_cases.keep_case_record import keep_case_record
from gateway.use_cases.open_message import open_message
from gateway.use_cases.prove_entry import export_log
from gateway.use_cases.publish_case_summary import publish_case_summary
from gateway.use_cases.read_attachment import list_documents
from gateway.use_cases.read_case_records import read_case_records
from gateway.use_cases.read_case_summaries import read_case_summary
from gateway.use_cases.read_facts import read_facts
from gateway.use_cases.read_holds import open_hold
from gateway.use_cases.read_imports import read_import, read_import_report, stop_import
from gateway.use_cases.remove_documents import remove_documents
from gateway.use_cases.replay_decisions import replay_decisions
from gateway.use_cases.resolve_subjects import Named, resolve_subjects
from gateway.use_cases.return_refused import return_refused
from gateway.use_cases.review_emergency import open_emergency, review_emergency
from gateway.use_cases.run_imports import run_import
from gateway.use_cases.sequence_log import sequence_log
from gateway.use_cases.values import Requester
from gateway.vault.errors import KeyAbsent
from gateway.vault.keys import load_master_key
from gateway.vault.vault import Vault
from policies.case_records import Said
from schemas.errors import DocumentRejected
from schemas.facts import FactDocument, PersonNamed
from schemas.ids import Category, FactId, HoldId, SectionId, new_id
from schemas.sections import Identifiers
from tests.builders import NOW, referral
from tests.laws.documents import upload, with_documents
from tests.laws.people import REASONS, THREAT, busy, decide, declare, effects, holds, look
from tests.laws.world import EVERYTHING, World, decrypted, marked_sections, summary_draft

REASON = "срок хранения истёк"


def check_destroyed_is_unreadable(world: World) -> None:
    """Summaries and messages of a destroyed subject have no content and its age is unknown; its siblings keep theirs."""
    before = _summary(world)
    assert before[world.family.child]["FAM"].content, "the shared section is there"
    assert before[world.family.sibling]["FAM"].content
    (message_subject,) = [
        row.subject_id
        for row in world.rows(
            select(t.message_subjects).where(t.message_subjects.c.message_id == world.family.signal_id)
        )
    ]
    facts = next(row for row in world.disclosures() if row.subject_id == world.family.child and row.sealed_facts)
    assert world.house.vault.open_facts(world.family.child, facts.sealed_facts)

    for subject in (world.family.child, message_subject):
        world.house.vault._keys.destroy(subject, now=NOW, reason=REASON)

    with decrypted() as opened:
        after = _summary(world)
    for section in after.get(world.family.child, {}).values():
        assert section.content is None, "a destroyed subject still speaks"
    assert not [c for c, subjects in opened if subjects == (world.family.child,)], "a seal of the destroyed was opened"
    assert after[world.family.sibling]["ID"].content, "the sibling lost what is its own"
    assert world.house.vault.open_facts(world.family.child, facts.sealed_facts) is None, (
        "the facts of rulings still open"
    )
    assert not world.house.vault.open_decision_facts(
        {world.family.child: _decision_facts(world, world.family.child)}
    ), "its age is still known"
    message = open_message(world.house, world.system("guardianship"), world.family.signal_id, NOW)
    assert not [s for person in message.content.subjects for s in person.sections.values() if s.content]
    # Nothing new can be sealed for it either.
    try:
        place = (SectionId(new_id()), Category("ID"), (world.family.child,), b"{}")
        world.house.vault.seal(world.family.case_id, [place])
    except KeyAbsent:
        pass
    else:
        raise AssertionError("sealed under a destroyed key")


def check_siblings_keep_what_they_share(world: World) -> None:
    """The key of a shared section is wrapped for each child: one wrap fewer does not close it for the others."""
    section = _shared(world)
    assert set(section.subjects) == {world.family.child, world.family.sibling}
    plain = world.house.vault.open_sections([section])
    for subject in section.subjects:
        assert section.wraps[subject]
    world.house.vault._keys.destroy(world.family.child, now=NOW, reason=REASON)
    assert world.house.vault.open_sections([section]) == plain
    world.house.vault._keys.destroy(world.family.sibling, now=NOW, reason=REASON)
    assert world.house.vault.open_sections([section]) == {}


def check_the_blind_index_forgets(world: World) -> None:
    """Nobody finds a destroyed subject by reference, SNILS or certificate."""
    named = Named("child", "Chibis-1", Identifiers.model_validate({"snils": "14785296311"}))
    for gone in (False, True):
        with world.house.store.reading() as unit:
            (found,) = resolve_subjects(world.house, unit, world.town.ngo.id, [named])
        assert found.is_new is gone
        rows = _key_rows(world, select(t.blind_indexes).where(t.blind_indexes.c.subject_id == world.family.child))
        assert bool(rows) is not gone
        world.house.vault._keys.destroy(world.family.child, now=NOW, reason=REASON)


def check_the_log_still_verifies_and_says_when_and_why(world: World) -> None:
    """The tree, its checkpoints and old proofs hold after the destruction; the destruction itself is on record."""
    sequence_log(world.house, NOW)
    known = len(world.entries())
    world.house.vault._keys.destroy(world.family.child, now=NOW, reason=REASON)
    _summary(world)
    sequence_log(world.house, NOW)
    target = Path(world.settings.home) / "log.jsonl"
    target.write_text("".join(export_log(world.house)), "utf-8")
    files = [target] + ([Path(world.settings.home) / "mezhved.sqlite"] if world.is_sqlite else [])
    verifier = world.house.log_key.verifier()
    key = parse_key(verifier.encode())
    assert key is not None
    for file in files:
        report = examine(file, [key])
        assert report.holds, f"{file.name}: {report.findings}"
        assert report.entries == len(world.entries()) > known
    (destroyed,) = [row for row in world.house.vault._keys.destroyed() if row.subject_id == world.family.child]
    assert (destroyed.at, destroyed.reason) == (NOW, REASON)
    (row,) = _key_rows(world, select(t.subject_keys).where(t.subject_keys.c.subject_id == world.family.child))
    assert row.wrapped is None, "the key is only marked, not gone"
    # The decisions about it are still there to be seen, and their commitments still open by the salt.
    assert [d for d in world.disclosures() if d.subject_id == world.family.child]


def check_what_people_said_is_unreadable_too(world: World) -> None:
    """Reasons, numbers of acts, threats, words of reviews and the facts of rulings end with the keys; that something was
    decided, when and by whom stands in the log, which verifies. Nobody else of the family loses anything."""
    theirs = busy(world)
    dpo, system = world.person("ngo.dpo"), world.system("ngo")
    review_emergency(world.house, dpo, theirs.emergency, "justified", REASONS, NOW)
    hold = next(HoldId(row.id) for row in holds(world, subject_id=theirs.family.child, state="released"))
    persons = [PersonNamed(ref=ref) for ref in ("busy", "Chibis-1")]

    def read() -> tuple[list[Any], Any, Any]:
        facts = [known for person in persons for known in read_facts(world.house, system, person, NOW).facts]
        opened = open_hold(world.house, dpo, hold, NOW)
        emergency = open_emergency(world.house, dpo, theirs.emergency, NOW)
        documents = [event.document for known in facts for event in known.events]
        return documents, (opened.facts, opened.first_words, opened.words), (emergency.words, emergency.review)

    documents, said, emergency = read()
    assert all(documents), "reasons and numbers are read"
    assert (said[0] is not None, said[2], emergency) == (True, REASONS, (THREAT, REASONS))
    known = len(world.entries())
    for subject in (theirs.family.child, world.family.child):
        world.house.vault._keys.destroy(subject, now=NOW, reason=REASON)
    pseudonyms = [world.person_pseudonym("ngo", s) for s in (theirs.family.child, world.family.child)]
    persons[:] = [PersonNamed(pseudonym=name) for name in pseudonyms]
    documents, said, emergency = read()
    assert documents, "the facts themselves still stand, by their identifiers"
    own = [document for document in documents if document is not None]
    assert not own, f"still read: {own}"
    assert said == (None, None, None)
    assert emergency == (None, None)
    # What was decided may still be decided, ended and declared: the proof goes on.
    (protected,) = world.rows(select(t.recorded_facts).filter_by(fact="location_protected"))
    end_fact(world.house, world.person("ngo.worker"), FactId(protected.id), FactDocument(reasons=REASONS), NOW)
    for_two = next(row for row in holds(world, state="waiting") if row.first_by)
    decide(world, "ngo.head", for_two)
    try:
        declared = declare(world, world.family.case_id)
    except KeyAbsent:
        raise AssertionError("who is left of the family cannot be helped") from None
    assert open_emergency(world.house, dpo, declared.id, NOW).words == THREAT, (
        "sealed with whoever of the family is left"
    )
    assert effects(look(world, world.family.case_id, "EMERGENCY"), world.family.sibling)["ID"] == "P"
    replayed = replay_decisions(world.house, NOW, lambda digest: None)
    assert replayed.destroyed > 0
    sequence_log(world.house, NOW)
    target = Path(world.settings.home) / "log.jsonl"
    target.write_text("".join(export_log(world.house)), "utf-8")
    key = parse_key(world.house.log_key.verifier().encode())
    assert key is not None
    report = examine(target, [key])
    assert report.holds, report.findings
    assert report.entries == len(world.entries()) > known


def check_a_backup_of_the_data_alone_opens_nothing(world: World) -> None:
    """With the data store and even the master key, but without the key store, no blob opens."""
    sections = {name: section for name, section in marked_sections().items() if name != "identifiers"}
    published = publish_case_summary(
        world.house, world.system("ngo"), summary_draft("new", "new", sections=sections), NOW
    )
    sealed = [section for section in _all_sections(world) if section.case_id == published.case_id]
    assert len(sealed) > 10
    plain = world.house.vault.open_sections(sealed)
    for section in sealed:
        assert plain[section.id] not in section.sealed
    keys = SqlKeyStore(
        f"sqlite:///{world.settings.home / 'restored.sqlite'}",
        load_master_key(world.settings.key_folder / "master.key"),
    )
    try:
        migrate(keys.engine, "keys")
        vault = Vault(keys)
        assert vault.open_sections(sealed) == {}
        subjects = {
            row.id: row.decision_facts for row in world.rows(select(t.subjects)) if row.id in published.subjects
        }
        assert vault.open_decision_facts(subjects) == {}
    finally:
        keys.engine.dispose()


def _summary(world: World) -> dict[str, Any]:
    answer = read_case_summary(
        world.house, world.system("guardianship"), world.pseudonym("guardianship"), EVERYTHING, NOW
    )
    (case,) = answer.cases
    return {subject.id: subject.sections for subject in case.subjects}


def _decision_facts(world: World, subject_id: str) -> bytes:
    (row,) = world.rows(select(t.subjects).where(t.subjects.c.id == subject_id))
    return bytes(row.decision_facts)


def _all_sections(world: World) -> list[Any]:
    summaries = [row.id for row in world.rows(select(t.summaries))]
    messages = [row.id for row in world.rows(select(t.messages))]
    categories = [row.category for row in world.rows(select(t.sections.c.category).distinct())]
    with world.house.store.reading() as unit:
        found = list(unit.summaries.sections(summaries, categories))
        for message in messages:
            found += unit.messages.sections(message, categories)
    return found


def _shared(world: World) -> Any:
    (section,) = [section for section in _all_sections(world) if len(section.subjects) > 1]
    return section


def _key_rows(world: World, statement: Any) -> list[Any]:
    with world.key_engine.connect() as connection:
        return list(connection.execute(statement))


def check_the_destroyed_leave_no_file(world: World) -> None:
    """Files of a destroyed subject are unreadable at once, and removed; others keep theirs; that, when and why is on record."""
    message = with_documents(world)
    _, documents = list_documents(world.house, world.system("ngo"), message, NOW)
    subject, folder = documents[0].subject_id, world.settings.attachments_folder
    waiting = upload(world, new_id())
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 3
    world.house.vault._keys.destroy(subject, now=NOW, reason=REASON)
    assert list_documents(world.house, world.system("ngo"), message, NOW)[1] == ()
    remove_documents(world.house, NOW)
    left = [path.name for path in folder.rglob("*") if path.is_file()]
    assert left == [waiting], "files of the destroyed are left, or another's is gone"
    assert not world.rows(select(tables_attachments.attachments)), "what they were is left"
    (entry,) = [row for row in world.entries() if row.kind == "attachment.removed"]
    assert message.encode() in entry.body
    sequence_log(world.house, NOW)
    target = Path(world.settings.home) / "log.jsonl"
    target.write_text("".join(export_log(world.house)), "utf-8")
    key = parse_key(world.house.log_key.verifier().encode())
    assert key is not None
    assert examine(target, [key]).holds


def check_what_is_kept_of_a_case_is_unreadable_too(world: World) -> None:
    """What a holder keeps of a case ends with whom it is about; that something was kept, when and by whom stays in the log."""
    house, ngo, case = world.house, world.system("ngo"), world.pseudonym("ngo")
    for said in (Said("scenario", "permanent_support"), Said("spending", year=2026, roubles=1)):
        keep_case_record(house, ngo, case, said, NOW)
    parts = read_case_records(house, ngo, case, NOW).records
    assert {record.kind for record in parts if record.value} == {"scenario", "spending"}
    (subject,) = {row.sealed_with for row in world.rows(select(case_records))}
    house.vault._keys.destroy(subject, now=NOW, reason=REASON)
    found = read_case_records(house, ngo, case, NOW)
    assert [record.value for record in found.records] == [None, None]
    assert found.until is None, "what follows from it is not told either"
    assert {standing.code: standing.value for standing in found.norms}["budget"] is None
    kept = [entry for entry in world.entries() if entry.kind == "case.record_kept"]
    assert len(kept) == len(found.records), "that it was kept still stands"


def check_a_file_that_was_handed_in_is_forgotten(world: World) -> None:
    """Removed, it opens for nobody, not even from a backup of the data and the folder; while its refused rows wait, it goes
    with the keys of whoever may stand in it. What became of its records still stands."""
    house, who = world.house, Requester(world.town.school.id, "operator:cli")
    wrong = referral(world.town.school, world.town.guardianship, type="signal", trigger="threat")
    content = write_document(wrong.model_copy(update={"recipient_ogrn": "1027700999994"}))
    handed = Handed("xml", "referrals", came_by=BY_OPERATOR)

    def take() -> str:
        receiver = begin_import(house, who, handed, NOW, max_bytes=10**6)
        receiver.feed(content)
        import_id = receiver.finish(NOW).id
        run_import(house, lambda: NOW)
        assert b"".join(return_refused(house, who, import_id, NOW).parts), "this tries nothing"
        return import_id

    def is_gone(import_id: str) -> bool:
        try:
            b"".join(return_refused(house, who, import_id, NOW).parts)
        except DocumentRejected as refusal:
            return refusal.code == "import_file_gone"
        return False

    removed = take()
    folder = world.settings.attachments_folder
    (row,) = world.rows(select(import_jobs).where(import_jobs.c.id == removed))
    backup = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    stop_import(house, who, removed)
    assert not [path for path in backup if path.exists()], "its bytes are left"
    for path, sealed in backup.items():
        path.write_bytes(sealed)
    with world.engine.begin() as connection:
        connection.execute(update(import_jobs).where(import_jobs.c.id == removed).values(wrapped_key=row.wrapped_key))
    assert is_gone(removed), "a backup of the data opens what was removed"
    waits = take()
    assert clear_imports(house, NOW) == 0
    house.vault._keys.destroy(world.family.child, now=NOW, reason=REASON)
    clear_imports(house, NOW)
    assert is_gone(waits), "whose keys are destroyed may stand in it"
    assert read_import(house, who, waits).rejected == 1


def check_words_of_a_report_are_sealed_and_forgotten(world: World) -> None:
    """Headings are the sender's own words, and a name may stand in one: in the store nobody reads it, and it is gone when its
    import is removed, for a backup of the data too."""
    house, who, secret = world.house, Requester(world.town.school.id, "operator:cli"), "Секретов"
    content = f"Дата;От кого;Содержание сигнала;{secret} Пётр\n30.02.2026;аноним;Случай;был\n".encode()
    receiver = begin_import(house, who, Handed("csv", "signals", came_by=BY_OPERATOR), NOW, max_bytes=10**6)
    receiver.feed(content)
    import_id = receiver.finish(NOW).id
    run_import(house, lambda: NOW)
    rows = repr([world.rows(select(table)) for table in (import_jobs, import_steps)])
    assert import_id in rows
    assert secret not in rows, "a heading rests in the clear"
    assert secret in repr(read_import_report(house, who, import_id).report.as_dict()), "this tries nothing"
    stop_import(house, who, import_id)
    assert secret not in repr(read_import_report(house, who, import_id).report.as_dict())
    assert house.vault.import_words(import_id) is None, "a backup of the data opens the words"


CHECKS = (
    check_words_of_a_report_are_sealed_and_forgotten,
    check_a_file_that_was_handed_in_is_forgotten,
    check_what_is_kept_of_a_case_is_unreadable_too,
    check_destroyed_is_unreadable,
    check_siblings_keep_what_they_share,
    check_the_blind_index_forgets,
    check_the_log_still_verifies_and_says_when_and_why,
    check_a_backup_of_the_data_alone_opens_nothing,
    check_what_people_said_is_unreadable_too,
    check_the_destroyed_leave_no_file,
)
