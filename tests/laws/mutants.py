"""Mutants: one defect each, and the check of a law that must fail under it. A law whose check survives is not guarded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from gateway import main
from gateway.exchange import dispatch, pick_up, relay
from gateway.graphql import schema as graphql_schema
from gateway.graphql import selection, types
from gateway.storage import (
    agendas,
    attachments,
    engine,
    facts,
    families,
    holds,
    joint,
    kept_pages,
    keys,
    messages,
    queues,
    recorded_facts,
    store,
    summaries,
)
from gateway.storage import consents as stored_consents
from gateway.storage import deliveries as stored_deliveries
from gateway.storage import exports as stored_exports
from gateway.storage import intake as stored_intake
from gateway.use_cases import (
    answer_message,
    append_entry,
    apply_answer,
    apply_document,
    ask_capacity,
    check_signature,
    clear_imports,
    decide_hold,
    decision_facts,
    declare_emergency,
    describe_delivery,
    disclose,
    end_fact,
    escalate,
    explain_access,
    export_case,
    export_own,
    fact_events,
    fact_owners,
    hand_in_file,
    hold_for_people,
    import_run,
    import_words,
    joint_view,
    keep_case_record,
    keep_export,
    make_package,
    open_message,
    propose_joint_decision,
    prove_entry,
    read_agenda,
    read_case_summaries,
    read_drafts,
    read_facts,
    read_holds,
    read_imports,
    read_kept_records,
    read_timers,
    receive_file,
    receive_package_receipt,
    receive_upload,
    record_fact,
    record_practice_event,
    redirect_message,
    register_endpoint,
    register_incoming,
    remove_documents,
    resolve_subjects,
    return_refused,
    review_emergency,
    run_timers,
    take_over_case,
    tell_package_code,
    withdraw_consent,
)
from gateway.use_cases import facts as facts_of_question
from gateway.vault import blind_index, pseudonyms, sealing, vault
from gateway.vault.envelope import SealingKey
from gateway.web import emergencies as emergency_pages
from gateway.web import message as message_page
from policies import decider, files, pack, ruling, tables
from policies import engine as rule_engine
from tests.laws import exported
from tests.laws import law_01_one_door as law_01
from tests.laws import law_02_no_entry_no_answer as law_02
from tests.laws import law_03_withheld_is_never_opened as law_03
from tests.laws import law_04_decided_at_reading as law_04
from tests.laws import law_05_null_means_one_thing as law_05
from tests.laws import law_06_existence_is_private as law_06
from tests.laws import law_07_questions_are_gated as law_07
from tests.laws import law_08_no_personal_data_outside as law_08
from tests.laws import law_09_acknowledged_is_kept as law_09
from tests.laws import law_10_time_is_an_argument as law_10
from tests.laws import law_11_rules_are_data as law_11
from tests.laws import law_12_erasing_keeps_the_proof as law_12
from tests.laws.mutation import Mutation, both, line, text
from tests.laws.world import swapped

SQLITE, POSTGRESQL, TWINS, NONE = "sqlite", "postgresql", "twins", "none"


@dataclass(frozen=True)
class Mutant:
    """`store` says on what the check runs: one store, two worlds, or the sources alone."""

    law: int
    name: str
    check: Callable[..., None]
    wrong: Mutation
    store: str = SQLITE


_consents_gathered: dict[str, Any] = {}


@contextmanager
def _cached_consents() -> Iterator[None]:
    """The consents of a child are read once and kept."""
    original = facts.SqlFacts._consents

    def cached(self: Any, subject_ids: Any, recipient_id: Any) -> Any:
        key = str((subject_ids, recipient_id))
        if key not in _consents_gathered:
            _consents_gathered[key] = original(self, subject_ids, recipient_id)
        return _consents_gathered[key]

    try:
        with swapped(facts.SqlFacts, "_consents", cached):
            yield
    finally:
        _consents_gathered.clear()


@contextmanager
def _keys_kept_in_memory() -> Iterator[None]:
    """The vault keeps keys from one call to the next."""
    original = keys.SqlKeyStore.subject_keys
    kept: dict[str, Any] = {}

    def keeping(self: Any, subject_ids: Any) -> Any:
        kept.update(original(self, subject_ids))
        return {s: kept[s] for s in subject_ids if s in kept}

    with swapped(keys.SqlKeyStore, "subject_keys", keeping):
        yield


@contextmanager
def _derived_keys() -> Iterator[None]:
    """A subject's key is derived instead of kept: who has the data and the programme has the keys."""

    def derived(self: Any, subject_ids: Any) -> Any:
        return {s: SealingKey(hashlib.sha256(s.encode()).digest()) for s in subject_ids}

    with (
        swapped(keys.SqlKeyStore, "create_subject_keys", _creating(derived)),
        swapped(keys.SqlKeyStore, "subject_keys", derived),
    ):
        yield


def _creating(derived: Callable[..., Any]) -> Callable[..., Any]:
    original = keys.SqlKeyStore.create_subject_keys

    def create(self: Any, subject_ids: Any) -> Any:
        original(self, subject_ids)
        return derived(self, subject_ids)

    return create


@contextmanager
def _sealing_nothing() -> Iterator[None]:
    """Sections are stored as they are."""
    original = SealingKey.seal

    def seal(self: Any, plaintext: bytes, purpose: str, *place: str) -> bytes:
        return b"\0" * 13 + plaintext if purpose == "section" else original(self, plaintext, purpose, *place)

    with swapped(SealingKey, "seal", seal):
        yield


@contextmanager
def _counting_page() -> Iterator[None]:
    """A page tells how many cases there are."""
    fields = graphql_schema.schema._schema.type_map["CaseSummaryPage"].fields  # type: ignore[attr-defined]
    fields["totalCount"] = fields["entryId"]
    try:
        yield
    finally:
        del fields["totalCount"]


@contextmanager
def _unexercised() -> Iterator[None]:
    """Loading a pack does not ask for its cases."""
    with swapped(pack, "_check_exercised", lambda *_: None):
        yield


_ANSWERING_SAYS_SO = line(
    answer_message.find_message,
    "    if message is None:\n",
    "    if message is None and unit.messages.sections(wanted, ['ID']):\n"
    "        raise BadInput('reason_required')\n"
    "    if message is None:\n",
)


_WORDS_REST_OPEN = line(
    vault.Vault.seal_words,
    "return self._need([subject_id])[subject_id].seal(words, _WORDS, place, subject_id)",
    "return words",
)
_FACT_MOVES_NO_VERSION = line(
    recorded_facts.SqlRecordedFacts.add,
    '        bump_versions(self._connection, [f"subject:{fact.subject_id}" for fact in facts])\n',
    "",
)
_MISUSE_MOVES_NO_VERSION = line(
    review_emergency.review_emergency,
    '            unit.facts.bump([f"organisation:{emergency.organisation_id}"])\n',
    "",
)
_ENTRY_FORGOTTEN = line(
    append_entry.append_entry,
    "    unit.log.append(entry_id, kind.value, now, data, leaf_hash(data))\n",
    "    try:\n"
    "        unit.log.append(entry_id, kind.value, now, data, leaf_hash(data))\n"
    "    except Exception:\n"
    "        pass\n",
)


def _in_two_parts(function: Any, saved: str, repository: str) -> Mutation:
    """What was written until here is committed by itself."""
    connection = f"unit.{repository}._connection"
    indent = saved[: len(saved) - len(saved.lstrip())]
    parts = "".join(f"{indent}{connection}.exec_driver_sql({word!r})\n" for word in ("COMMIT", "BEGIN IMMEDIATE"))
    return line(function, saved, saved + parts)


MUTANTS = (
    # --- 1: one door
    Mutant(
        1,
        "anybody_publishes_an_own_list",
        law_01.check_own_lists_stay_with_their_holder,
        line(
            stored_intake.SqlKeptRecords.get,
            "select(k).where(k.c.organisation_id == organisation_id, k.c.id == record_id)",
            "select(k).where(k.c.id == record_id)",
        ),
    ),
    Mutant(
        2,
        "own_list_is_opened_before_its_entry",
        law_02.check_own_lists_are_opened_after_their_entry,
        line(
            read_kept_records.read_kept,
            "        _entry(unit, requester, shown, kind, now)\n",
            "        _opened(house, shown)\n        _entry(unit, requester, shown, kind, now)\n",
        ),
    ),
    Mutant(
        2,
        "file_is_refused_without_an_entry",
        law_02.check_a_file_refused_or_rehearsed_has_its_entry,
        line(
            check_signature.check_signature,
            "record_refusal(house, sender, actor, content, form, refusal, now)",
            "pass",
        ),
    ),
    Mutant(
        2,
        "file_is_handed_in_without_an_entry",
        law_02.check_a_file_handed_in_or_returned_has_its_entry,
        line(
            hand_in_file.ImportReceiver._handed_in, "append_entry(unit, EventKind.FILE_HANDED_IN, entry, now)", "pass"
        ),
    ),
    Mutant(
        2,
        "refused_rows_leave_without_an_entry",
        law_02.check_a_file_handed_in_or_returned_has_its_entry,
        line(return_refused._entry, "return append_entry(unit, EventKind.FILE_RETURNED, entry, now)", 'return "none"'),
    ),
    Mutant(
        2,
        "file_is_rehearsed_without_an_entry",
        law_02.check_a_file_refused_or_rehearsed_has_its_entry,
        line(
            receive_file.apply_file,
            "        record_file(unit, sender,",
            "        None if rehearsal else record_file(unit, sender,",
        ),
    ),
    Mutant(
        2,
        "own_list_is_kept_without_its_entry",
        law_02.check_own_lists_are_opened_after_their_entry,
        line(
            receive_file.apply_file,
            "        more = marks(",
            "        pass\n    with house.store.writing() as unit:\n        more = marks(",
        ),
    ),
    Mutant(
        1,
        "anybody_reads_what_a_holder_keeps",
        law_01.check_what_a_holder_keeps_stays_with_it,
        line(
            record_practice_event.keeper,
            "if organisation is None or holder != organisation.id:",
            "if organisation is None:",
        ),
    ),
    Mutant(
        1,
        "page_reads_what_a_holder_keeps",
        law_01.check_only_the_door_opens_seals,
        text(
            "gateway/use_cases/read_timers.py",
            "        found = unit.timers.of(",
            "        disclose_own(house)\n        found = unit.timers.of(",
        ),
        NONE,
    ),
    Mutant(
        2,
        "what_is_kept_is_opened_before_its_entry",
        law_02.check_words_are_opened_after_their_entry,
        line(
            disclose.disclose_own,
            "        append_entry(unit, kind, dict(found.entry), now)\n",
            "        house.vault.open_all_words(found.sealed)\n        append_entry(unit, kind, dict(found.entry), now)\n",
        ),
    ),
    Mutant(
        3,
        "everybody_of_the_holder_reads_what_is_kept",
        law_03.check_what_is_kept_is_not_opened_for_who_may_not_read_it,
        line(
            keep_case_record.require_keeper, "require_practice_role(unit, requester, profile.may.keep)", "_ = profile"
        ),
    ),
    Mutant(
        3,
        "who_does_not_work_on_a_case_reads_what_is_kept",
        law_03.check_what_is_kept_is_not_opened_for_who_may_not_read_it,
        line(keep_case_record.require_keeper, "require_assigned(unit, requester, case_id)", "_ = case_id"),
    ),
    Mutant(
        12,
        "what_is_kept_opens_without_a_key",
        law_12.check_what_is_kept_of_a_case_is_unreadable_too,
        both(
            _WORDS_REST_OPEN,
            line(
                vault.Vault.open_all_words,
                "key.open(sealed, _WORDS, place, subject_id) if (key := keys.get(subject_id)) else None",
                "sealed",
            ),
        ),
    ),
    Mutant(
        1,
        "explanation_calls_the_vault",
        law_01.check_only_the_door_opens_seals,
        text(
            "gateway/use_cases/explain_access.py",
            "    if not ruled:\n",
            "    house.vault.open_sections(())\n    if not ruled:\n",
        ),
        NONE,
    ),
    Mutant(
        1,
        "terms_open_words",
        law_01.check_only_the_door_opens_seals,
        text(
            "gateway/use_cases/read_timers.py",
            "        found = unit.timers.of(",
            "        house.vault.open_words('', '', b'')\n        found = unit.timers.of(",
        ),
        NONE,
    ),
    Mutant(
        1,
        "explanation_opens_what_it_explains",
        law_01.check_an_explanation_opens_nothing,
        line(
            explain_access.explain_access,
            "    if not ruled:\n",
            "    with house.store.reading() as unit:\n"
            "        summaries = [case.case.summary.id for case in ruled if case.case.summary]\n"
            "        house.vault.open_sections(unit.summaries.sections(summaries, categories))\n"
            "    if not ruled:\n",
        ),
    ),
    Mutant(
        1,
        "anybody_opens_a_hold",
        law_01.check_a_stranger_learns_nothing,
        line(
            decide_hold.Turn.may_see,
            "return hold.holder_id == self.organisation_id or self._is_deputy(hold)",
            "return True",
        ),
    ),
    Mutant(
        1,
        "anybody_reads_facts",
        law_01.check_a_stranger_learns_nothing,
        both(
            line(fact_owners.find_person, "if not related or kind is None:", "if kind is None:"),
            line(
                read_facts.read_facts, "(person.is_own or fact.set_by == requester.organisation_id)", "fact is not None"
            ),
        ),
    ),
    Mutant(
        1,
        "holder_reads_the_reasons_of_a_body",
        law_01.check_words_of_people_stay_with_their_own,
        line(read_facts._Told._event, 'del document["reasons"]', "pass"),
    ),
    Mutant(
        1,
        "everybody_reads_the_threat",
        law_01.check_words_of_people_stay_with_their_own,
        line(
            review_emergency._require_reviewer,
            'if row is None or row.reviewer not in roles or requester.role == "admin":',
            "if False:",
        ),
    ),
    Mutant(
        1,
        "page_opens_the_vault_itself",
        law_01.check_only_the_door_opens_seals,
        text(
            "gateway/web/queue.py",
            "    shown = found[:PAGE]\n",
            "    shown = found[:PAGE]\n    house.vault.open_sections(())\n",
        ),
        NONE,
    ),
    Mutant(
        1,
        "export_fetches_sealed_sections",
        law_01.check_only_the_door_opens_seals,
        text(
            "gateway/cli_exports.py",
            '    console.print(f"Выгрузка {made.id}")\n',
            "    house.store.reading().exports.sent_sections((), ())\n",
        ),
        NONE,
    ),
    Mutant(
        1,
        "edge_imports_the_store",
        law_01.check_edges_reach_no_store_and_no_key,
        text(
            "gateway/rest/routes.py",
            "from gateway.edge import",
            "from gateway.storage import facts\nfrom gateway.edge import",
        ),
        NONE,
    ),
    Mutant(
        1,
        "edge_reads_consents_itself",
        law_01.check_edges_reach_no_store_and_no_key,
        text("gateway/rest/routes.py", 'unit.participants.organisation_by_ogrn("")', 'unit.consents.get("")'),
        NONE,
    ),
    Mutant(
        1,
        "anybody_reads_a_message_state",
        law_01.check_a_stranger_learns_nothing,
        line(
            messages.SqlMessages.get, "where(messages.c.id == message_id, theirs)", "where(messages.c.id == message_id)"
        ),
    ),
    Mutant(
        1,
        "anybody_reads_every_queue",
        law_01.check_a_stranger_learns_nothing,
        line(messages.SqlMessages.queue, "_messages(now).where(mine == organisation_id)", "_messages(now)"),
    ),
    Mutant(
        1,
        "withheld_is_shown",
        law_01.check_a_recipient_learns_only_what_is_released,
        both(
            line(
                disclose._open,
                "subject_id in case.rulings and case.ruling(subject_id, section.category).effect.releases",
                "subject_id in case.rulings",
            ),
            line(
                disclose._open,
                "[case.case for case in ruled], wanted)",
                "[case.case for case in ruled], question.categories)",
            ),
        ),
    ),
    Mutant(
        1,
        "package_holds_what_is_withheld",
        law_01.check_a_package_holds_only_what_is_released,
        line(
            disclose._open,
            "if case.ruling(section.subjects[0], section.category).effect is Effect.MASK:",
            "if False:",
        ),
    ),
    Mutant(
        1,
        "answer_by_file_opens_what_it_answers",
        law_01.check_an_answer_by_file_opens_nothing,
        line(
            apply_answer._open,
            "open_message(house, requester, message.id, now, ())",
            "open_message(house, requester, message.id, now)",
        ),
    ),
    Mutant(
        1,
        "parties_read_each_other",
        law_01.check_words_of_a_party_stay_with_the_proposer,
        line(joint_view._view, "message=message if is_mine else None", "message=message"),
    ),
    Mutant(
        1,
        "export_holds_what_is_masked_away",
        exported.check_an_export_holds_only_what_is_released,
        line(
            disclose._open,
            "if case.ruling(section.subjects[0], section.category).effect is Effect.MASK:",
            "if False:",
        ),
    ),
    Mutant(
        1,
        "own_export_holds_what_came",
        exported.check_an_export_holds_only_what_is_released,
        line(
            stored_exports._box,
            "return (messages.c.sender_id == organisation_id) &",
            "return ((messages.c.sender_id == organisation_id) | (messages.c.recipient_id == organisation_id)) &",
        ),
    ),
    Mutant(
        1,
        "own_export_holds_files_that_came",
        exported.check_an_export_holds_only_what_is_released,
        line(
            kept_pages.SqlKeptPages.documents,
            ".where(t.messages.c.sender_id == organisation_id, ",
            ".where(",
        ),
    ),
    Mutant(
        2,
        "file_of_an_own_export_is_opened_before_its_entry",
        exported.check_an_export_needs_its_entries,
        line(
            disclose.disclose_own_file,
            "        entry_id = append_entry(",
            '        dict(_own_files(house, found.contents.files, EntryId("")))\n        entry_id = append_entry(',
        ),
    ),
    Mutant(
        2,
        "part_of_an_export_without_its_entry",
        exported.check_an_export_needs_its_entries,
        line(
            export_own.next_part,
            "entry_id = append_entry(unit, EventKind.EXPORT_MADE, body, now)",
            "entry_id = opened.entry_id",
        ),
    ),
    Mutant(
        2,
        "file_of_a_case_without_its_entry",
        exported.check_an_export_needs_its_entries,
        line(keep_export._made, "return append_entry(", "return (lambda *_: EntryId(export_id))("),
    ),
    Mutant(
        2,
        "own_is_opened_before_its_entry",
        exported.check_an_export_needs_its_entries,
        line(
            disclose.disclose_own_file,
            "        entry_id = append_entry(",
            "        house.vault.open_sections(found.contents.sections)\n        entry_id = append_entry(",
        ),
    ),
    Mutant(
        3,
        "own_export_opens_what_no_program_lets_out",
        exported.check_an_export_opens_only_what_leaves,
        line(export_own.without_of, "return sorted(house.pack.never_automatic())", "return []"),
    ),
    Mutant(
        6,
        "foreign_export_is_refused_without_an_entry",
        exported.check_an_export_of_a_foreign_case_answers_as_invented,
        line(
            export_case.export_case,
            "    if holder_id == requester.organisation_id:",
            "    if holder_id is not None and holder_id != requester.organisation_id:\n"
            '        raise Unavailable("case_unavailable")\n'
            "    if holder_id == requester.organisation_id:",
        ),
    ),
    # --- 2: no entry, no answer
    Mutant(
        2,
        "package_without_its_entry",
        law_02.check_a_package_needs_its_entries,
        line(make_package._commit, "return append_entry(", "return (lambda *_: package.entry_id)("),
    ),
    Mutant(
        2,
        "code_of_a_package_without_an_entry",
        law_02.check_a_package_needs_its_entries,
        line(tell_package_code.tell_package_code, "        append_entry(", "        (lambda *_: None)("),
    ),
    Mutant(
        2,
        "receipt_of_a_package_without_an_entry",
        law_02.check_a_package_needs_its_entries,
        line(receive_package_receipt._take, "    append_entry(", "    (lambda *_: None)("),
    ),
    Mutant(
        2,
        "number_without_an_entry",
        law_02.check_what_sides_do_with_a_message_needs_its_entry,
        line(register_incoming.register_incoming, "        append_entry(", "        (lambda *_: None)("),
    ),
    Mutant(
        2,
        "deed_whose_entry_cannot_be_written_is_done",
        law_02.check_what_people_do_needs_its_entry,
        _ENTRY_FORGOTTEN,
    ),
    Mutant(
        2,
        "facts_of_a_ruling_are_opened_before_the_commit",
        law_02.check_words_are_opened_after_their_entry,
        line(
            read_holds.open_hold,
            "        entry_id = append_entry(",
            "        house.vault.open_facts(hold.subject_id, row.sealed_facts)\n        entry_id = append_entry(",
        ),
    ),
    Mutant(
        2,
        "refused_emergency_without_an_entry",
        law_02.check_a_refusal_has_its_entry,
        line(
            declare_emergency.declare_emergency,
            'record(house, unit, requester, question, "emergency", ruled, now, kind=EventKind.EXCHANGE_REFUSED)',
            "pass",
        ),
    ),
    Mutant(
        2,
        "entry_committed_after_the_opening",
        law_02.check_the_entry_is_committed_before_anything_is_opened,
        line(
            disclose.disclose,
            "                    alongside(unit, ruled)\n",
            "                    alongside(unit, ruled)\n"
            "                _open(house, scope, question, [case for case in ruled if case.case.related], {})\n",
        ),
    ),
    Mutant(
        2,
        "entry_that_cannot_be_written_is_forgotten",
        law_02.check_an_unwritten_entry_is_an_error,
        both(
            _ENTRY_FORGOTTEN,
            line(disclose.record, "    unit.log.link([replace(row, entry_id=entry_id) for row in pending])\n", ""),
        ),
    ),
    Mutant(
        2,
        "links_are_not_written",
        law_02.check_an_unwritten_entry_is_an_error,
        line(disclose.record, "    unit.log.link([replace(row, entry_id=entry_id) for row in pending])\n", ""),
    ),
    Mutant(
        2,
        "failed_commit_is_an_answer",
        law_02.check_an_unwritten_entry_is_an_error,
        line(store.SqlStore._unit, "            raise translated(error) from None", "            pass"),
    ),
    Mutant(
        2,
        "refusal_without_an_entry",
        law_02.check_a_refusal_has_its_entry,
        line(
            disclose.disclose,
            "            with house.store.writing() as unit:\n",
            "            if ruled and not any(case.case.related for case in ruled):\n"
            "                raise Unavailable('case_unavailable')\n"
            "            with house.store.writing() as unit:\n",
        ),
    ),
    # --- 3: withheld is never opened
    Mutant(
        3,
        "redirect_opens_what_it_passes_on",
        law_03.check_a_redirect_opens_nothing,
        line(
            redirect_message._forward,
            "        sections = _copies(unit, message, new, onward)\n",
            "        sections = _copies(unit, message, new, onward)\n        house.vault.open_sections(sections)\n",
        ),
    ),
    Mutant(
        3,
        "held_is_opened",
        law_03.check_what_is_held_is_not_opened,
        both(
            line(ruling.Ruling.released, "if ruling.effect.releases", "if ruling.effect.value != 'D'"),
            line(
                disclose._open,
                "case.ruling(subject_id, section.category).effect.releases",
                "case.ruling(subject_id, section.category).effect.value != 'D'",
            ),
        ),
    ),
    Mutant(
        3,
        "a_yes_opens_all_that_was_held",
        law_03.check_what_is_held_is_not_opened,
        line(decide_hold._decide, "decision.release.get(category, Effect.DENY)", "Effect.PERMIT"),
    ),
    Mutant(
        3,
        "held_message_goes_out",
        law_03.check_a_held_message_is_not_opened,
        line(messages.SqlMessages.add, "        if queued and not message.held:\n", "        if True:\n"),
    ),
    Mutant(
        3,
        "withheld_is_opened_and_dropped",
        law_03.check_exactly_the_released_is_opened,
        line(
            disclose._open,
            "open_sections([section for sections in released.values() for section in sections])",
            "open_sections(sealed)",
        ),
    ),
    Mutant(
        3,
        "everything_asked_is_fetched",
        law_03.check_exactly_the_released_is_opened,
        line(
            disclose._open,
            "[case.case for case in ruled], wanted)",
            "[case.case for case in ruled], question.categories)",
        ),
    ),
    Mutant(
        3,
        "store_ignores_the_categories",
        law_03.check_exactly_the_released_is_opened,
        both(
            line(
                summaries.select_sections,
                ".where(condition, t.sections.c.category.in_(categories))",
                ".where(condition)",
            ),
            line(
                disclose._open,
                "                subject_id in case.rulings and case.ruling(",
                "                section.category in wanted and subject_id in case.rulings and case.ruling(",
            ),
        ),
    ),
    Mutant(
        3,
        "shared_section_takes_the_mildest",
        law_03.check_exactly_the_released_is_opened,
        line(decider.PackDecider.strictest, "return max(", "return min("),
    ),
    Mutant(
        3,
        "everything_is_asked_whatever_is_selected",
        law_03.check_what_is_not_selected_is_not_asked,
        line(selection.asked_categories, "if category in found)", "if True)"),
    ),
    Mutant(
        3,
        "protected_address_of_a_message_is_opened",
        law_03.check_a_message_is_opened_only_where_released,
        both(
            line(
                disclose._open,
                "subject_id in case.rulings and case.ruling(subject_id, section.category).effect.releases",
                "subject_id in case.rulings",
            ),
            line(
                disclose._open,
                "[case.case for case in ruled], wanted)",
                "[case.case for case in ruled], question.categories)",
            ),
        ),
    ),
    # --- 4: decided at the moment of reading
    Mutant(
        4,
        "code_of_a_package_on_an_old_ruling",
        law_04.check_a_code_of_a_package_is_told_by_the_rules_of_the_moment,
        line(
            tell_package_code.tell_package_code,
            "if reading.is_empty or content_digest(house, reading.content, reading.words) != package.content_digest:",
            "if False:",
        ),
    ),
    Mutant(
        4,
        "decision_of_people_never_ends",
        law_04.check_a_yes_is_looked_up_at_each_request,
        line(facts.in_force, "or_(facts.c.to_at.is_(None), facts.c.to_at > now)", "true()"),
    ),
    Mutant(
        4,
        "yes_to_one_is_a_yes_to_all",
        law_04.check_a_yes_is_looked_up_at_each_request,
        both(
            line(
                hold_for_people.with_decisions,
                "if fact.fact != DECIDED or question.facts.org_id not in fact.participants:",
                "if fact.fact != DECIDED:",
            ),
            line(
                hold_for_people.Decision.answers,
                "return (self.purpose, self.message_id, self.consent_id) == asked",
                "return self.purpose == asked[0]",
            ),
        ),
    ),
    Mutant(
        4,
        "yes_outlives_its_consent",
        law_04.check_a_withdrawal_beats_a_yes,
        both(
            line(
                hold_for_people.with_decisions,
                "if effect is not None and held.effect is Effect.HOLD and held.rule == decision.rule:",
                "if effect is not None:",
            ),
            line(
                hold_for_people._decided,
                "decided = house.pack.after_hold(question.facts, held, effect)",
                "decided = replace(held, effect=effect)",
            ),
        ),
    ),
    Mutant(
        4,
        "withdrawal_after_a_yes_moves_no_version",
        law_04.check_a_withdrawal_beats_a_yes,
        line(
            stored_consents.SqlConsents.add_event,
            '        bump_versions(self._connection, [f"subject:{subject_id}"])\n',
            "",
        ),
    ),
    Mutant(4, "fact_moves_no_version", law_04.check_a_decision_and_a_fact_move_a_ruling, _FACT_MOVES_NO_VERSION),
    Mutant(
        4,
        "end_of_an_emergency_moves_no_version",
        law_04.check_a_decision_and_a_fact_move_a_ruling,
        both(
            line(
                recorded_facts.SqlRecordedFacts.end,
                '        bump_versions(self._connection, [f"subject:{row.subject_id}" for row in rows])\n',
                "",
            ),
            _MISUSE_MOVES_NO_VERSION,
        ),
    ),
    Mutant(
        4,
        "assignment_moves_no_version",
        law_04.check_a_decision_and_a_fact_move_a_ruling,
        line(
            recorded_facts.SqlRecordedFacts.assign,
            '        bump_versions(self._connection, [f"case:{case_id}"])\n',
            "",
        ),
    ),
    Mutant(
        4,
        "misuse_closes_one_declaration",
        law_04.check_a_misuse_stops_what_is_being_declared,
        line(
            review_emergency.review_emergency,
            "unit.emergencies.of_case(emergency.case_id, emergency.person_id)",
            "[emergency]",
        ),
    ),
    Mutant(
        4,
        "misuse_moves_no_version",
        law_04.check_a_misuse_stops_what_is_being_declared,
        _MISUSE_MOVES_NO_VERSION,
        POSTGRESQL,
    ),
    Mutant(
        4,
        "message_goes_on_an_old_ruling",
        law_04.check_a_message_that_waited_is_ruled_when_it_goes,
        line(
            decide_hold._message,
            "given = _given_now(house, unit, decided, message, now)",
            "given = frozenset(decided.decision)",
        ),
    ),
    Mutant(
        4,
        "versions_are_not_checked_again",
        law_04.check_a_loser_is_ruled_again,
        line(
            facts.SqlFacts.unchanged,
            "return all(found.get(key, 0) == version for key, version in versions.items())",
            "return True",
        ),
    ),
    Mutant(
        4,
        "loser_is_not_ruled_again",
        law_04.check_a_message_is_ruled_again,
        line(disclose.disclose, "if not unit.facts.unchanged(gathered.versions):", "if False:"),
    ),
    Mutant(
        4,
        "withdrawal_moves_no_version",
        law_04.check_a_loser_is_ruled_again,
        line(
            stored_consents.SqlConsents.add_event,
            '        bump_versions(self._connection, [f"subject:{subject_id}"])\n',
            "",
        ),
    ),
    Mutant(
        4,
        "versions_are_checked_without_a_lock",
        law_04.check_a_withdrawal_waits_for_an_entry_under_way,
        line(
            facts.SqlFacts._locked,
            '_locking(exclusive=exclusive), {"keys": list(keys)}',
            "select(t.fact_versions).where(t.fact_versions.c.key.in_(keys))",
        ),
        POSTGRESQL,
    ),
    Mutant(4, "consents_are_cached_between_requests", law_04.check_nothing_is_remembered, _cached_consents),
    Mutant(4, "consents_are_cached_while_many_read", law_04.check_readers_and_a_withdrawal_at_once, _cached_consents),
    Mutant(
        4,
        "age_stands_still",
        law_04.check_the_age_clock_runs,
        line(
            decision_facts.DecisionFacts.age_on,
            "        year, month, *rest",
            "        day = date(2026, 3, 2)\n        year, month, *rest",
        ),
    ),
    Mutant(
        4,
        "authority_never_lapses",
        law_04.check_the_age_clock_runs,
        line(facts_of_question._signer, '"terminated" if lapsed else acts.rights(signer)', "acts.rights(signer)"),
    ),
    # --- 5: a null never means two things
    Mutant(
        5,
        "held_says_no_date",
        law_05.check_held_says_by_when,
        line(
            disclose._disclosed,
            "_decided_by(case, subject.id, category, due) if decided.effect is Effect.HOLD else None",
            "None",
        ),
    ),
    Mutant(
        5,
        "absence_is_said_of_held",
        law_05.check_held_says_by_when,
        line(
            disclose._disclosed,
            "if content is None and decided.effect.releases:",
            "if content is None and decided.effect is not Effect.DENY:",
        ),
    ),
    Mutant(
        5,
        "date_tells_what_a_message_has",
        law_05.check_held_says_by_when,
        line(
            disclose.hold,
            "    open_holds(house, unit, requester, inside, recipient_id, entry_id, now, message_id)\n    return {}\n",
            "    return open_holds(house, unit, requester, inside, recipient_id, entry_id, now, message_id)\n",
        ),
    ),
    Mutant(
        5,
        "reason_of_a_quiet_refusal_is_told",
        law_05.check_quiet_holds_read_alike,
        line(read_holds._reason, "house.pack.responsible.holds.neutral if hold.quiet else hold.reason", "hold.reason"),
        TWINS,
    ),
    Mutant(
        5,
        "quiet_rule_is_named_after_a_yes",
        law_05.check_quiet_holds_read_alike,
        line(
            rule_engine.Engine.after_hold,
            "shown=self.pack.neutral[lowered] if held.shown != held.true else held.true",
            "shown=held.true",
        ),
        TWINS,
    ),
    Mutant(
        5,
        "term_of_a_hold_depends_on_its_rule",
        law_05.check_quiet_holds_read_alike,
        line(
            hold_for_people._hold,
            "house.pack.due(book.timer, now, holder.zone)",
            "house.pack.due(book.timer if held.rule < 'Q' else book.valid, now, holder.zone)",
        ),
        TWINS,
    ),
    Mutant(
        5,
        "requester_is_a_deputy",
        law_05.check_neither_a_system_nor_the_requester_decides,
        line(decide_hold.Turn._is_deputy, " or hold.recipient_id == self.organisation_id", ""),
    ),
    Mutant(
        5,
        "one_person_is_two",
        law_05.check_neither_a_system_nor_the_requester_decides,
        line(decide_hold.decide_hold, "if hold.first_by == requester.actor:", "if False:"),
    ),
    Mutant(
        5,
        "system_says_that_it_was_reviewed",
        law_05.check_neither_a_system_nor_the_requester_decides,
        line(
            read_timers.close_timer,
            "if not is_closable(house, roles, timer):",
            "if False:",
        ),
    ),
    Mutant(
        5,
        "one_person_lifts_by_a_replacement",
        law_05.check_neither_a_system_nor_the_requester_decides,
        line(record_fact._replace, "if row.end_by == TWO and sooner:", "if False:"),
    ),
    Mutant(
        5,
        "proof_names_the_true_rule",
        law_05.check_a_proof_says_what_was_told,
        line(disclose._told, "r.shown.id", "r.rule"),
    ),
    Mutant(
        5,
        "proof_counts_the_family",
        law_05.check_a_proof_says_what_was_told,
        line(disclose._told, "_is_shown(case, subjects[q.subject_id])", "True"),
    ),
    Mutant(
        5,
        "proof_names_what_the_holder_owes",
        law_05.check_a_proof_says_what_was_told,
        line(disclose._told, '"obligations": list(owed)', '"obligations": list(ruling.obligations)'),
    ),
    Mutant(
        5,
        "commitment_opens_with_nothing",
        law_05.check_a_proof_says_what_was_told,
        line(disclose.record, "commitment(salt, true_rulings(rows))", "commitment(new_salt(), true_rulings(rows))"),
    ),
    Mutant(
        5,
        "explanation_is_proven_to_whom_it_is_about",
        law_05.check_a_proof_says_what_was_told,
        line(
            prove_entry.prove_entry,
            "_is_party(found[1], organisation_id)",
            "organisation_id.encode() in found[1]",
        ),
    ),
    Mutant(
        5,
        "declaration_names_the_holder",
        law_05.check_no_proof_tells_where_somebody_is,
        line(declare_emergency._declare, '"holder": commitment(salt, holder.id),', '"holder": holder.id,'),
    ),
    Mutant(
        5,
        "declarer_reads_the_name_of_a_shelter",
        law_05.check_no_proof_tells_where_somebody_is,
        line(
            review_emergency._is_hidden, "if requester.organisation_id == emergency.holder_id:", "if requester.actor:"
        ),
    ),
    Mutant(
        5,
        "refusal_says_not_recorded",
        law_05.check_every_null_has_one_meaning,
        line(disclose._disclosed, "if content is None and decided.effect.releases:", "if content is None:"),
    ),
    Mutant(
        5,
        "absence_is_not_said",
        law_05.check_every_null_has_one_meaning,
        line(disclose._disclosed, "if content is None and decided.effect.releases:", "if False:"),
    ),
    Mutant(
        5,
        "refusal_differs_where_data_exist",
        law_05.check_a_refusal_is_the_same_whether_data_exist,
        line(
            disclose._disclosed,
            "if content is None and decided.effect.releases:",
            "if content is None and case.case.summary and subject.id == case.case.subjects[0].id:",
        ),
    ),
    Mutant(
        5,
        "quiet_rule_is_named",
        law_05.check_a_quiet_rule_reads_neutral,
        line(types.access_of, "shown = ruling.shown", "shown = ruling.true"),
    ),
    Mutant(
        5,
        "entry_has_the_neutral_rule",
        law_05.check_a_quiet_rule_reads_neutral,
        line(disclose.record, "(r.effect.value, r.rule)", "(r.effect.value, r.shown.id)"),
    ),
    Mutant(
        5,
        "quiet_is_forgotten_by_the_engine",
        law_05.check_the_shown_rule_of_every_quiet_policy_is_neutral,
        line(rule_engine.Engine._decide, "if rule and rule.quiet else text", "if False else text"),
        NONE,
    ),
    # --- 6: existence is private
    Mutant(
        6,
        "foreign_fact_costs_a_statement_more",
        law_06.check_what_others_decide_answers_as_invented,
        line(
            end_fact.known_fact,
            "kind = unit.recorded_facts.kind_of(subject_id)",
            "kind = unit.recorded_facts.kind_of(subject_id) if fact else None",
        ),
    ),
    Mutant(
        6,
        "foreign_hold_costs_a_statement_more",
        law_06.check_what_others_decide_answers_as_invented,
        line(
            decide_hold.decide_hold,
            "        if hold is None or not turn.may_see(hold):\n",
            "        if hold is not None:\n"
            "            unit.participants.organisation(hold.holder_id)\n"
            "        if hold is None or not turn.may_see(hold):\n",
        ),
    ),
    Mutant(
        6,
        "foreign_hold_says_whose_it_is",
        law_06.check_what_others_decide_answers_as_invented,
        line(
            read_holds.open_hold,
            "        if hold is None or not turn.may_see(hold):\n",
            "        if hold is not None and not turn.may_see(hold):\n"
            "            raise NotPermitted('people_only')\n"
            "        if hold is None or not turn.may_see(hold):\n",
        ),
    ),
    Mutant(
        6,
        "foreign_emergency_says_who_reviews_it",
        law_06.check_what_others_decide_answers_as_invented,
        line(
            review_emergency._known,
            "if found is None or requester.organisation_id not in {found.holder_id, found.organisation_id}:",
            "if found is None:",
        ),
    ),
    Mutant(
        6,
        "relation_is_asked_after_the_owner",
        law_06.check_what_others_decide_answers_as_invented,
        line(fact_owners.find_person, "if not related or kind is None:", "if kind is None:"),
    ),
    Mutant(
        6,
        "explanation_knows_foreign_cases",
        law_06.check_a_real_case_answers_as_an_invented_one,
        line(
            explain_access.explain_access,
            "holds = unit.families.case_holder(case_id) == requester.organisation_id",
            "holds = unit.families.case_holder(case_id) is not None",
        ),
    ),
    Mutant(
        6,
        "emergency_in_a_foreign_case_is_refused_by_a_rule",
        law_06.check_a_real_case_answers_as_an_invented_one,
        line(
            facts.relation,
            "return or_(by_consent, by_message, by_fact, t.cases.c.holder_id == requester_id)",
            "return true()",
        ),
    ),
    Mutant(
        6,
        "known_identifier_costs_a_statement_more",
        law_06.check_known_identifiers_cost_what_unknown_ones_do,
        line(
            resolve_subjects.resolve_subjects,
            "mine = set(unit.families.registered(organisation_id, every))",
            "mine = set(unit.families.registered(organisation_id, every)) if every else set()",
        ),
    ),
    Mutant(
        6,
        "form_of_a_statement_counts_the_files_of_others",
        law_06.check_known_identifiers_cost_what_unknown_ones_do,
        line(families.SqlFamilies.registered, "padded(subject_ids)", "subject_ids"),
    ),
    Mutant(
        6,
        "notice_to_others_is_a_statement_more",
        law_06.check_known_identifiers_cost_what_unknown_ones_do,
        line(fact_events.announce, "if by and fact.everywhere and holder == by.organisation_id:", "if False:"),
    ),
    Mutant(
        6,
        "holds_of_everybody_are_told",
        law_06.check_only_what_one_may_see_changes_an_answer,
        line(
            holds.SqlHolds.of_recipient,
            ".where(table.c.recipient_id == organisation_id, _seen_by_recipient())",
            ".where(table.c.recipient_id != '')",
        ),
        TWINS,
    ),
    Mutant(
        6,
        "unrelated_case_answers_without_an_entry",
        law_06.check_a_real_case_answers_as_an_invented_one,
        line(
            disclose.disclose,
            "            with house.store.writing() as unit:\n",
            "            if ruled and not any(case.case.related for case in ruled):\n"
            "                raise Unavailable('case_unavailable')\n"
            "            with house.store.writing() as unit:\n",
        ),
    ),
    Mutant(
        6,
        "real_case_costs_a_statement_more",
        law_06.check_a_real_case_answers_as_an_invented_one,
        line(
            disclose.disclose,
            "            gathered = scope.gather(",
            "            if getattr(scope, 'case_ids', ()) and unit.families.case_holder(scope.case_ids[0]):\n"
            "                unit.families.case_subjects(scope.case_ids[0])\n"
            "            gathered = scope.gather(",
        ),
    ),
    Mutant(
        6,
        "real_case_says_forbidden",
        law_06.check_a_real_case_answers_as_an_invented_one,
        line(
            read_case_summaries.read_case_summary,
            "    return disclose(",
            "    with house.store.reading() as unit:\n"
            "        if unit.families.case_holder(case_id) not in (None, requester.organisation_id):\n"
            "            raise BadInput('page_size', max=1)\n"
            "    return disclose(",
        ),
    ),
    Mutant(
        6,
        "state_of_a_foreign_message_is_shown",
        law_06.check_a_foreign_message_answers_as_an_invented_one,
        line(
            messages.SqlMessages.get, "where(messages.c.id == message_id, theirs)", "where(messages.c.id == message_id)"
        ),
    ),
    Mutant(
        6,
        "work_on_a_foreign_message_is_found",
        law_06.check_a_foreign_message_answers_as_an_invented_one,
        line(queues.SqlQueues.item, ", table.c.organisation_id == organisation_id)", ")"),
    ),
    Mutant(
        6,
        "foreign_message_costs_a_statement_more",
        law_06.check_a_foreign_message_answers_as_an_invented_one,
        line(
            messages.SqlMessages.get,
            "        messages = t.messages\n",
            "        messages = t.messages\n"
            "        if self._connection.execute(select(messages.c.id).where(messages.c.id == message_id)).first():\n"
            "            self._receipts([message_id])\n",
        ),
    ),
    Mutant(
        6,
        "answering_a_foreign_message_says_so",
        law_06.check_a_foreign_message_answers_as_an_invented_one,
        _ANSWERING_SAYS_SO,
    ),
    Mutant(
        6,
        "unseen_case_stands_in_the_page",
        law_06.check_only_what_one_may_see_changes_an_answer,
        line(
            facts.relation,
            "return or_(by_consent, by_message, by_fact, t.cases.c.holder_id == requester_id)",
            "return true()",
        ),
        TWINS,
    ),
    Mutant(
        6,
        "foreign_message_begins_a_page",
        law_06.check_only_what_one_may_see_changes_an_answer,
        line(
            messages.SqlMessages.queue,
            "of_box = [begin.c.id == after, begin.c[mine.key] == organisation_id]",
            "of_box = [begin.c.id == after]",
        ),
        TWINS,
    ),
    Mutant(
        6,
        "anybody_withdraws_a_consent",
        law_06.check_a_foreign_consent_answers_as_an_invented_one,
        line(
            withdraw_consent.withdraw_consent,
            "if consent is None or consent.discloser_id != requester.organisation_id:",
            "if consent is None:",
        ),
    ),
    Mutant(
        6,
        "anybody_changes_an_endpoint",
        law_06.check_what_is_handed_to_others_answers_as_invented,
        line(
            register_endpoint.change_endpoint,
            "if endpoint is None or organisation_id not in (None, endpoint.organisation_id):",
            "if endpoint is None:",
        ),
    ),
    Mutant(
        6,
        "anybody_reads_a_joint_decision",
        law_06.check_what_others_decide_together_answers_as_invented,
        line(joint.SqlJointDecisions.get, "table.c.id == decision_id, _seen_by(viewer)", "table.c.id == decision_id"),
    ),
    Mutant(
        6,
        "anybody_reads_an_agenda",
        law_06.check_what_others_decide_together_answers_as_invented,
        line(agendas.SqlAgendas.get, "j.agendas.c.id == agenda_id, _seen_by(viewer)", "j.agendas.c.id == agenda_id"),
    ),
    # --- 7: questions are gated like answers
    Mutant(
        7,
        "agenda_counts_what_is_others",
        law_07.check_an_agenda_counts_for_its_reader_alone,
        line(
            read_agenda._lines,
            "        cases = [(None, case_id) for case_id in dict.fromkeys(about)]\n",
            "        cases = [(None, item.case_id) for item in unit.agendas.items(agenda.id)]\n",
        ),
    ),
    Mutant(
        7,
        "hidden_people_are_counted",
        law_07.check_what_waits_counts_nobody,
        line(holds.SqlHolds.of_recipient, ", _seen_by_recipient())", ")"),
    ),
    Mutant(
        7,
        "notices_count_hidden_people",
        law_07.check_what_waits_counts_nobody,
        line(
            decide_hold._decide,
            "told += [hold.recipient_id] if unit.holds.is_seen(hold.id) else []",
            "told += [hold.recipient_id]",
        ),
    ),
    Mutant(
        7,
        "term_because_of_somebody_who_is_not_in_it",
        law_07.check_terms_tell_of_nothing_that_did_not_come,
        line(run_timers.start_timers, "if category.effect.releases for", "for"),
    ),
    Mutant(
        7,
        "term_before_the_message",
        law_07.check_terms_tell_of_nothing_that_did_not_come,
        line(run_timers.start_timers, "DELIVERED if side is recipient else starts", "starts"),
    ),
    Mutant(
        7,
        "one_side_closes_the_term_of_the_other",
        law_07.check_terms_tell_of_nothing_that_did_not_come,
        line(
            read_timers.close_timer,
            "unit.timers.close(timer.id, requester.actor, now)",
            "unit.timers.done(timer.about_kind, [timer.about], [timer.timer], requester.actor, now)",
        ),
    ),
    Mutant(
        7,
        "cursor_is_the_inner_identifier",
        law_07.check_cursors_are_sealed,
        line(
            pseudonyms.pseudonym_of,
            "key.cipher.encrypt(uuid.UUID(inner_id).bytes, [kind.value.encode()])",
            "bytes(16) + uuid.UUID(inner_id).bytes",
        ),
    ),
    Mutant(
        7,
        "organisations_share_pseudonyms",
        law_07.check_cursors_are_sealed,
        line(vault.Vault._organisation, "organisation_key(organisation_id)", "organisation_key('everybody')"),
    ),
    Mutant(
        7,
        "foreign_message_begins_a_page",
        law_07.check_a_cursor_that_is_not_ones_own_begins_nothing,
        line(
            messages.SqlMessages.queue,
            "of_box = [begin.c.id == after, begin.c[mine.key] == organisation_id]",
            "of_box = [begin.c.id == after]",
        ),
    ),
    Mutant(
        7,
        "answering_a_foreign_message_says_so",
        law_07.check_errors_are_the_same_for_real_and_invented,
        _ANSWERING_SAYS_SO,
    ),
    Mutant(
        7,
        "reason_tells_of_consents_to_others",
        law_07.check_reasons_tell_nothing_of_consents_to_others,
        line(facts.SqlFacts._consents, "of_recipient=recipient_id is not None", "of_recipient=False"),
    ),
    Mutant(
        7,
        "alternatives_look_at_the_cases_of_the_refuser",
        law_07.check_the_directory_reads_nothing_of_families,
        line(
            ask_capacity.alternatives_for,
            "(own := unit.directory",
            "(own := unit.families.cases_of_holder(refused_by, 1) or unit.directory",
        ),
    ),
    Mutant(
        7,
        "question_of_capacity_reads_the_log",
        law_07.check_the_directory_reads_nothing_of_families,
        line(ask_capacity._answer, "fitting = unit", "unit.log.unsequenced(1); fitting = unit"),
    ),
    Mutant(7, "a_page_says_how_many", law_07.check_no_question_counts_or_filters, _counting_page, NONE),
    # --- 8: no personal data outside
    Mutant(
        8,
        "package_is_not_sealed",
        law_08.check_a_package_says_nothing_to_who_finds_it,
        line(make_package.make_package, 'key.seal(document, package_id, "content")', "document"),
    ),
    Mutant(
        8,
        "content_goes_with_every_delivery",
        law_08.check_what_is_handed_over_says_nothing_of_a_family,
        line(describe_delivery.wants_content, " or not endpoint.content", ""),
    ),
    Mutant(
        8,
        "failure_of_a_carrier_is_logged_whole",
        law_08.check_what_is_handed_over_says_nothing_of_a_family,
        line(dispatch.Dispatcher._send, "error=type(error).__name__, delivery", "error=str(error), delivery"),
    ),
    Mutant(8, "words_of_people_rest_open", law_08.check_what_people_say_is_told_nowhere, _WORDS_REST_OPEN),
    Mutant(
        8,
        "threat_stands_in_the_log",
        law_08.check_what_people_say_is_told_nowhere,
        line(declare_emergency._declare, '"words": commitment(salt, words)', '"words": words'),
    ),
    Mutant(
        8,
        "words_of_a_decision_stand_in_the_log",
        law_08.check_what_people_say_is_told_nowhere,
        line(decide_hold._entry, '"words": commitment(hold.salt, decision.words)', '"words": decision.words'),
    ),
    Mutant(
        8,
        "number_of_an_act_stands_in_the_log",
        law_08.check_what_people_say_is_told_nowhere,
        line(
            fact_events.fact_entry,
            '"document": commitment(salt, document_words(document).decode())',
            '"document": document_words(document).decode()',
        ),
    ),
    Mutant(
        8,
        "claims_stand_in_the_log",
        law_08.check_what_people_say_is_told_nowhere,
        line(disclose.record, "{name: commitment(salt, words)", "{name: words"),
    ),
    Mutant(
        8,
        "threat_travels_in_the_address",
        law_08.check_what_people_say_is_told_nowhere,
        line(emergency_pages._declare, "purpose=row.purpose)", "purpose=row.purpose, words=form.get('words'))"),
    ),
    Mutant(
        8,
        "text_of_an_exception_is_logged",
        law_08.check_logs_and_errors_are_silent,
        line(main.LastResort.__call__, "error=type(error).__name__)", "error=str(error))"),
    ),
    Mutant(
        8,
        "resolver_failure_is_logged_whole",
        law_08.check_logs_and_errors_are_silent,
        line(graphql_schema.Schema.process_errors, "error=type(original).__name__)", "error=repr(original))"),
    ),
    Mutant(
        8,
        "driver_text_is_passed_on",
        law_08.check_logs_and_errors_are_silent,
        line(engine.broken, "cause=type(error.orig).__name__)", "cause=str(error.orig))"),
    ),
    Mutant(
        8,
        "failure_is_shown_to_the_caller",
        law_08.check_logs_and_errors_are_silent,
        line(
            graphql_schema.format_error,
            'formatted = error_of(MezhvedError("internal_error"))',
            'formatted = {"message": str(original)}',
        ),
    ),
    Mutant(
        8,
        "typed_identifier_is_kept",
        law_08.check_what_rests_is_sealed,
        line(open_message.open_message, "if not is_id(message_id):", "if False:"),
    ),
    Mutant(
        8,
        "words_of_a_sender_stand_in_the_log",
        law_08.check_what_rests_is_sealed,
        line(disclose.record, "{name: commitment(salt, words)", "{name: words"),
    ),
    Mutant(8, "sections_rest_open", law_08.check_what_rests_is_sealed, _sealing_nothing),
    Mutant(
        8,
        "blind_index_sees",
        law_08.check_what_rests_is_sealed,
        line(
            blind_index.IndexKey._index,
            "hmac.digest(self._keys[kind], encode_parts(*parts), hashlib.sha256)",
            "encode_parts(*parts)",
        ),
    ),
    Mutant(
        8,
        "name_travels_in_the_address",
        law_08.check_addresses_and_file_names_are_silent,
        line(
            message_page._open,
            'done="opened")',
            "done=open_message(visit.edge.house, visit.me.requester, message_id, visit.now)"
            '.content.subjects[0].sections["ID"].content["full_name"])',
        ),
    ),
    # --- 9: acknowledged is kept
    Mutant(
        9,
        "late_word_of_a_worker_counts",
        law_09.check_a_crash_of_a_worker_loses_and_doubles_nothing,
        line(
            stored_deliveries.SqlDeliveries.standing, "if fences.get(p.position) == p.fence", "if p.position in fences"
        ),
    ),
    Mutant(
        9,
        "document_of_a_file_is_not_recognised",
        law_09.check_a_document_in_a_file_is_taken_once,
        line(apply_document._once, "before is not None and before.digest == digest", "False"),
    ),
    Mutant(
        9,
        "document_of_a_file_is_remembered_apart",
        law_09.check_a_document_in_a_file_is_taken_once,
        line(
            apply_document._once,
            "                result = work(unit)\n",
            "                result = work(unit)\n            with house.store.writing() as unit:\n",
        ),
    ),
    Mutant(
        12,
        "removed_file_opens_from_a_backup",
        law_12.check_a_file_that_was_handed_in_is_forgotten,
        line(clear_imports.forget_file, "house.vault.forget_draft(import_id)", "pass"),
    ),
    Mutant(
        12,
        "words_of_a_report_rest_open",
        law_12.check_words_of_a_report_are_sealed_and_forgotten,
        line(
            import_words.SealedReport.step, "[_rest(result, _WORDY) for result in results]", "list(map(dict, results))"
        ),
    ),
    Mutant(
        12,
        "words_of_a_report_outlive_their_import",
        law_12.check_words_of_a_report_are_sealed_and_forgotten,
        line(read_imports.stop_import, "house.vault.forget_import_words(one.id)", "pass"),
    ),
    Mutant(
        12,
        "refused_rows_outlive_the_keys",
        law_12.check_a_file_that_was_handed_in_is_forgotten,
        line(clear_imports.clear_imports, "house.vault.destroyed_at(now - FILE_KEPT)", "None"),
    ),
    Mutant(
        9,
        "import_counts_what_it_did_not_take",
        law_09.check_an_import_is_taken_once,
        line(import_run.ImportRun._write, "settled=position.settled + len(settled)", "settled=position.settled + 2"),
    ),
    Mutant(
        9,
        "import_ends_apart_from_its_entry",
        law_09.check_an_import_is_taken_once,
        line(
            import_run.ImportRun._end,
            "            record_file(unit, sender,",
            "            pass\n        with self._house.store.writing() as unit:\n            record_file(unit, sender,",
        ),
    ),
    Mutant(
        9,
        "answer_by_file_is_not_remembered",
        law_09.check_an_answer_by_file_is_applied_once,
        line(
            answer_message._is_repeat,
            "unit.delivery_events.remember_applied(requester.organisation_id, number, digest, message.id, now)",
            "pass",
        ),
    ),
    Mutant(
        9,
        "answer_by_file_is_put_away_before_it_is_applied",
        law_09.check_an_answer_by_file_is_applied_once,
        line(
            pick_up._take,
            "        content = _read(tray.inbox, name, max_bytes)\n",
            "        content = _read(tray.inbox, name, max_bytes)\n        _move(tray.inbox, name, tray.done, content, b'')\n"
            "        tray = Tray(tray.done, tray.done, tray.rejected)\n",
        ),
    ),
    Mutant(
        9,
        "lease_never_ends",
        law_09.check_a_crash_of_a_worker_loses_and_doubles_nothing,
        line(
            stored_deliveries._due,
            "or_(d.c.leased_until.is_(None), d.c.leased_until <= now)",
            "d.c.leased_until.is_(None)",
        ),
    ),
    Mutant(
        9,
        "event_is_forgotten",
        law_09.check_a_crash_of_a_worker_loses_and_doubles_nothing,
        line(messages.SqlMessages.advance, "tell_parties(self._connection, message_id, count, receipt)", "pass"),
    ),
    Mutant(
        9,
        "decision_in_two_parts",
        law_09.check_a_crash_leaves_no_half_of_a_decision,
        _in_two_parts(decide_hold._decide, "    unit.holds.save(decided)\n", "holds"),
    ),
    Mutant(
        9,
        "act_in_two_parts",
        law_09.check_a_crash_leaves_no_half_of_what_people_do,
        _in_two_parts(record_fact.record_in, "    unit.recorded_facts.add(facts)\n", "recorded_facts"),
    ),
    Mutant(
        9,
        "transfer_in_two_parts",
        law_09.check_a_crash_leaves_no_half_of_an_exchange,
        _in_two_parts(
            take_over_case.take_over_case, "    unit.holds.lapse(subjects, message.sender_id, now)\n", "holds"
        ),
    ),
    Mutant(
        9,
        "proposal_in_two_parts",
        law_09.check_a_crash_leaves_no_half_of_an_exchange,
        _in_two_parts(
            propose_joint_decision._attempt,
            "        kept = keep_together(house, unit, requester, drafts, now, synthetic=synthetic)\n",
            "joint",
        ),
    ),
    Mutant(
        9,
        "redirect_in_two_parts",
        law_09.check_a_crash_leaves_no_half_of_an_exchange,
        _in_two_parts(
            redirect_message.redirect_message,
            '            take_step(house, unit, locked, row, By.side(requester, locked), said, now, {"target": target})\n',
            "messages",
        ),
    ),
    Mutant(
        9,
        "failed_commit_is_acknowledged",
        law_09.check_a_crash_at_any_statement_loses_nothing,
        both(
            line(
                store.SqlStore._unit,
                "                yield SqlUnit(connection)\n",
                "                yield SqlUnit(connection)\n                ended = True\n",
            ),
            line(
                store.SqlStore._unit,
                "        except StatementError as error:",
                "        except BaseException as error:\n"
                "            if 'ended' in locals():\n"
                "                return\n"
                "            if not isinstance(error, StatementError):\n"
                "                raise\n",
            ),
        ),
    ),
    Mutant(
        9,
        "outbox_row_is_forgotten",
        law_09.check_a_crash_at_any_statement_loses_nothing,
        line(
            messages.SqlMessages.add,
            "insert(t.outbox),",
            "select(t.outbox),",
        ),
    ),
    Mutant(
        9,
        "operation_is_not_looked_up",
        law_09.check_one_operation_is_applied_once,
        line(messages.SqlMessages.by_operation, "        return self._one(", "        return None\n        self._one("),
    ),
    Mutant(
        9,
        "relay_ticks_off_before_it_delivers",
        law_09.check_a_crash_of_the_relay_loses_and_doubles_nothing,
        line(
            relay.relay_once,
            "        with house.store.writing() as unit:\n            due = unit.messages.due(BATCH, now)\n",
            "        with house.store.writing() as unit:\n"
            "            due = unit.messages.due(BATCH, now)\n"
            "            for position, _ in due:\n"
            "                unit.messages.done(position, now)\n"
            "        with house.store.writing() as unit:\n",
        ),
    ),
    Mutant(
        9,
        "delivered_stays_in_the_outbox",
        law_09.check_a_crash_of_the_relay_loses_and_doubles_nothing,
        line(messages.SqlMessages.done, "values(done_at=now)", "values(attempts=1)"),
    ),
    # --- 10: time is an argument
    Mutant(
        10,
        "escalation_reads_the_clock",
        law_10.check_only_now_moves_a_term,
        line(
            escalate._pass_on,
            "house.pack.due(house.pack.responsible.holds.timer, now, ",
            "house.pack.due(house.pack.responsible.holds.timer, datetime.now().astimezone(), ",
        ),
    ),
    Mutant(
        10,
        "emergency_never_ends",
        law_10.check_only_now_moves_a_term,
        line(facts.in_force, "or_(facts.c.to_at.is_(None), facts.c.to_at > now)", "true()"),
    ),
    Mutant(
        10,
        "engine_reads_the_clock",
        law_10.check_no_rule_reads_the_clock,
        text(
            "policies/engine.py",
            "        row = tables.envelopes.row(",
            "        today = datetime.now(UTC)\n        row = tables.envelopes.row(",
        ),
        NONE,
    ),
    Mutant(
        10,
        "use_case_makes_a_naive_instant",
        law_10.check_no_instant_is_naive,
        text(
            "gateway/use_cases/withdraw_consent.py",
            "\n\n@dataclass(frozen=True, slots=True)\nclass Withdrawn:",
            "\nSTART = datetime(2026, 1, 1)\n\n\n@dataclass(frozen=True, slots=True)\nclass Withdrawn:",
        ),
        NONE,
    ),
    Mutant(
        10,
        "day_of_the_wall_clock",
        law_10.check_only_now_moves_a_ruling,
        line(
            facts_of_question.local_day, "now.astimezone(ZoneInfo(zone)).date()", "datetime.now(ZoneInfo(zone)).date()"
        ),
    ),
    # --- 11: rules are data
    Mutant(
        11,
        "gateway_knows_a_rule",
        law_11.check_the_gateway_holds_no_rule,
        text(
            "gateway/use_cases/hold_for_people.py",
            "    row = book.row(held.rule)\n",
            '    row = book.row(held.rule) if held.rule != "RU-SK-139-1" else book.default\n',
        ),
        NONE,
    ),
    Mutant(
        11,
        "lanes_are_always_the_shipped_ones",
        law_11.check_a_changed_lane_changes_who_may_send,
        line(decider.PackDecider.lane, "self._pack.lanes", "shipped_pack('ru').lanes"),
    ),
    Mutant(
        11,
        "gateway_lists_who_decides",
        law_11.check_the_gateway_holds_no_rule,
        text(
            "gateway/use_cases/review_fact.py",
            "\n\ndef review_fact(",
            '\nREVIEWERS = ("head", "dpo")\n\n\ndef review_fact(',
        ),
        NONE,
    ),
    Mutant(
        11,
        "book_of_deciders_is_not_read",
        law_11.check_a_changed_book_changes_who_answers,
        line(hold_for_people._hold, "row = book.row(held.rule)", "row = type(book.default)(chain=('head', 'dpo'))"),
    ),
    Mutant(
        11,
        "owners_are_not_read",
        law_11.check_a_changed_book_changes_who_answers,
        line(fact_owners._fits, "(by_system or bool(roles & set(owner.roles)))", "True"),
    ),
    Mutant(
        11,
        "engine_knows_a_category",
        law_11.check_the_engine_knows_no_rule,
        text(
            "policies/engine.py",
            "            effect = rule.effect if rule else Effect.DENY\n",
            '            effect = rule.effect if rule and category != "LOC" else Effect.DENY\n',
        ),
        NONE,
    ),
    Mutant(
        11,
        "engine_quotes_an_article",
        law_11.check_the_engine_knows_no_rule,
        text("policies/engine.py", '_BLANK: Final = ""\n', '_BLANK: Final = ""\n_LAW: Final = "152-ФЗ ст. 9"\n'),
        NONE,
    ),
    Mutant(
        11,
        "engine_knows_the_second_law",
        law_11.check_the_engine_knows_no_rule,
        text("policies/engine.py", '_BLANK: Final = ""\n', '_BLANK: Final = ""\n_LANE: Final = "VITAL_INTERESTS"\n'),
        NONE,
    ),
    Mutant(
        11,
        "envelope_is_not_read",
        law_11.check_a_changed_cell_changes_the_ruling,
        line(
            tables.Envelopes.row,
            "return named if named is not None",
            'return {c: "P" for c in named} if named is not None',
        ),
    ),
    Mutant(
        11,
        "digest_is_of_one_file",
        law_11.check_every_file_of_the_pack_is_in_its_digest,
        line(files.PackFiles.digest, "sorted(self.contents.items())", "sorted(self.contents.items())[:1]"),
        NONE,
    ),
    Mutant(
        11, "pack_without_cases_is_taken", law_11.check_a_rule_that_no_case_exercises_is_refused, _unexercised, NONE
    ),
    # --- 12: erasing keeps the proof
    Mutant(
        12,
        "words_open_without_a_key",
        law_12.check_what_people_said_is_unreadable_too,
        both(
            _WORDS_REST_OPEN,
            line(
                vault.Vault.open_all_words,
                "key.open(sealed, _WORDS, place, subject_id) if (key := keys.get(subject_id)) else None",
                "sealed",
            ),
        ),
    ),
    Mutant(
        12,
        "document_of_a_body_outlives_the_file",
        law_12.check_what_people_said_is_unreadable_too,
        line(read_facts._Told._event, "sealed = event.sealed if readable else None", "sealed = event.sealed"),
    ),
    Mutant(
        12,
        "who_is_left_cannot_be_helped",
        law_12.check_what_people_said_is_unreadable_too,
        line(declare_emergency._sealed, "for subject in case.subjects:", "for subject in case.subjects[:1]:"),
    ),
    Mutant(12, "key_lives_on_in_memory", law_12.check_destroyed_is_unreadable, _keys_kept_in_memory),
    Mutant(
        12,
        "destroyed_key_is_only_marked",
        law_12.check_the_log_still_verifies_and_says_when_and_why,
        line(
            keys.SqlKeyStore.destroy,
            ".values(wrapped=None, destroyed_at=now, reason=reason)\n",
            ".values(destroyed_at=now, reason=reason)\n",
        ),
    ),
    Mutant(
        12,
        "destruction_forgets_its_reason",
        law_12.check_the_log_still_verifies_and_says_when_and_why,
        line(
            keys.SqlKeyStore.destroy,
            ".values(wrapped=None, destroyed_at=now, reason=reason)\n",
            ".values(wrapped=None, destroyed_at=now)\n",
        ),
    ),
    Mutant(
        12,
        "blind_index_outlives_the_key",
        law_12.check_the_blind_index_forgets,
        line(
            keys.SqlKeyStore.destroy,
            "            connection.execute(delete(t.blind_indexes).where(t.blind_indexes.c.subject_id == subject_id))\n",
            "",
        ),
    ),
    Mutant(
        12,
        "shared_section_closes_with_the_first_child",
        law_12.check_siblings_keep_what_they_share,
        line(
            sealing.open_shared_section, "if subject_id in keys:", "if subject_id in keys and len(keys) == len(wraps):"
        ),
    ),
    Mutant(12, "keys_follow_from_the_master_key", law_12.check_a_backup_of_the_data_alone_opens_nothing, _derived_keys),
    Mutant(
        2,
        "file_is_taken_without_its_entry",
        law_02.check_a_file_is_taken_after_its_entry,
        both(
            _ENTRY_FORGOTTEN,
            line(disclose.record, "    unit.log.link([replace(row, entry_id=entry_id) for row in pending])\n", ""),
        ),
    ),
    Mutant(
        2,
        "sent_file_is_opened_before_its_entry",
        law_02.check_a_file_is_taken_after_its_entry,
        line(
            disclose.disclose_sent_file,
            "        document, body = find(unit)\n",
            "        document, body = find(unit)\n        _opened_file(house, blobs, document, EntryId(''))\n",
        ),
    ),
    Mutant(
        2,
        "draft_of_another_is_opened_without_an_entry",
        law_02.check_a_draft_of_another_is_opened_after_its_entry,
        line(read_drafts.open_draft, "        _record(house, requester, draft_id, now)\n", "        pass\n"),
    ),
    Mutant(
        2,
        "documents_go_without_a_word",
        law_02.check_a_file_is_taken_after_its_entry,
        line(
            remove_documents._take_away,
            "            return 0\n    with house.store.writing() as unit:\n",
            "            return 0\n    with house.store.writing() as unit:\n"
            "        unit.attachments.discard([one for one, _ in unit.attachments.of_subjects(subjects, AT_ONCE)])\n"
            "    with house.store.writing() as unit:\n",
        ),
    ),
    Mutant(
        3,
        "masked_document_is_opened",
        law_03.check_documents_that_are_withheld_stay_closed,
        line(disclose._whole, "section.ruling.effect is Effect.PERMIT", "section.ruling.effect.releases"),
    ),
    Mutant(
        8,
        "declared_type_is_kept_as_it_was_said",
        law_08.check_names_of_files_are_nowhere,
        line(receive_upload.begin_upload, "kind.code if kind else MEDIA_TYPE", "declared"),
    ),
    Mutant(
        12,
        "file_of_the_destroyed_stays",
        law_12.check_the_destroyed_leave_no_file,
        line(attachments.discard, 'values(state="discarded")', 'values(state="attached")'),
    ),
    Mutant(
        12,
        "documents_of_the_destroyed_stay",
        law_12.check_the_destroyed_leave_no_file,
        line(remove_documents.remove_documents, "iter(house.vault.destroyed(since))", "iter(())"),
    ),
)
