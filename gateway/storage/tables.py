"""Tables of the data store. Identifiers are random text; personal data stand only in sealed columns.

What a column may hold: ids, codes, instants, counts, digests, sealed bytes. The exceptions are words of organisations
and staff (names, service phones, logins), which are not data of the families.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from gateway.storage.columns import Instant, Json

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id(name: str = "id", *, key: bool = False) -> Column[str]:
    return Column(name, String(64), primary_key=key, nullable=False)


def _ref(name: str, target: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, String(64), ForeignKey(target), nullable=nullable)


# --- who takes part --------------------------------------------------------------------------------------------------

organisations = Table(
    "organisations",
    metadata,
    _id(key=True),
    Column("kind", String(40), nullable=False),
    Column("name", Text, nullable=False),
    Column("ogrn", String(15), nullable=False, unique=True),
    Column("inn", String(12)),
    Column("district", String(100)),
    Column("practice", String(40)),
    Column("country", String(2), nullable=False),
    Column("registers", Json, nullable=False),  # entries in registers: ["442-FZ", "120-FZ-8.2"]
    Column("agreement_from", Date),
    Column("agreement_to", Date),
    Column("zone", String(40), nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Column("rkn_number", String(40)),  # in the register of operators of Roskomnadzor (RU-152-22-1)
    Column("storage_country", String(2), nullable=False),
)

people = Table(
    "people",
    metadata,
    _id(key=True),
    _ref("organisation_id", "organisations.id"),
    Column("login", String(100), nullable=False, unique=True),
    Column("display_name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Column("emergency_suspended_at", Instant),  # may not declare an emergency after a misuse (POL-BRK-1)
)

deputies = Table(
    "deputies",
    metadata,
    _id(key=True),
    _ref("organisation_id", "organisations.id"),  # whose holds the person may decide as the second of two
    _ref("person_id", "people.id"),
    Column("from_at", Instant, nullable=False),
    Column("to_at", Instant),
    Index("ix_deputies_organisation_id", "organisation_id"),
)

person_roles = Table(
    "person_roles",
    metadata,
    Column("person_id", String(64), ForeignKey("people.id"), primary_key=True),
    Column("role", String(40), primary_key=True),
)

assignments = Table(
    "assignments",
    metadata,
    _id(key=True),
    _ref("person_id", "people.id"),
    _ref("case_id", "cases.id"),
    Column("from_at", Instant, nullable=False),
    Column("to_at", Instant),
    _ref("organisation_id", "organisations.id"),  # whose member of staff: each organisation assigns its own
    Column("assigned_by", Text, nullable=False),
    Column("salt", LargeBinary, nullable=False),  # opens the commitments of its entries
    Index("ix_assignments_case_id_person_id", "case_id", "person_id"),
)

clients = Table(
    "clients",
    metadata,
    _id(key=True),
    _ref("organisation_id", "organisations.id"),
    Column("name", Text, nullable=False),
    Column("jwks", Json, nullable=False),
    Column("scopes", Json, nullable=False),
    Column("active", Boolean, nullable=False),
)

seen_assertions = Table(
    "seen_assertions",
    metadata,
    Column("client_id", String(64), primary_key=True),
    Column("jti_digest", String(64), primary_key=True),
    Column("expires_at", Instant, nullable=False, index=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_digest", String(64), primary_key=True),
    _ref("person_id", "people.id"),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
)

# --- families and cases ----------------------------------------------------------------------------------------------

subjects = Table(
    "subjects",
    metadata,
    _id(key=True),
    _ref("registered_by", "organisations.id"),
    Column("kind", String(10), nullable=False),
    Column("decision_facts", LargeBinary, nullable=False),  # sealed: birth date and emancipation, read at each decision
    Column("registered_at", Instant, nullable=False),
    Column("synthetic", Boolean, nullable=False),
    CheckConstraint("kind IN ('child', 'parent')", name="kind"),
)

cases = Table(
    "cases",
    metadata,
    _id(key=True),
    _ref("holder_id", "organisations.id"),
    Column("practice", String(40)),
    Column("opened_at", Instant, nullable=False),
    Column("ended_at", Instant),  # it went to another holder, or a new case took its place
    _ref("inherits_id", "cases.id", nullable=True),
    Index("ix_cases_holder_id", "holder_id"),
)

case_subjects = Table(
    "case_subjects",
    metadata,
    Column("case_id", String(64), ForeignKey("cases.id"), primary_key=True),
    Column("subject_id", String(64), ForeignKey("subjects.id"), primary_key=True),
    Column("ordinal", Integer, nullable=False),
    Index("ix_case_subjects_subject_id", "subject_id"),
)

fact_versions = Table(
    "fact_versions",
    metadata,
    Column("key", String(80), primary_key=True),  # "subject:…", "organisation:…", "case:…", "person:…", "message:…"
    Column("version", Integer, nullable=False),
)

recorded_facts = Table(
    "recorded_facts",
    metadata,
    _id(key=True),
    _ref("subject_id", "subjects.id"),
    _ref("about_id", "subjects.id", nullable=True),  # the parent that an act about the child names
    Column("about_who", String(20)),  # mother, father, guardian: where that parent has no file of its own
    Column("fact", String(40), nullable=False),
    Column("value", Text),
    Column("participants", Json, nullable=False),  # organisations that the fact names
    Column("from_at", Instant, nullable=False),
    Column("to_at", Instant),
    _ref("set_by", "organisations.id"),
    Column("evidence_digest", String(64)),
    Column("everywhere", Boolean, nullable=False),  # holds in every file about the same person
    Column("origin_id", String(64)),  # the fact of another organisation's file about the same person that this copies
    Column("review_by", Instant),
    Column("lift_asked_by", Text),  # the first of two who end it
    Index("ix_recorded_facts_subject_id", "subject_id"),
    Index("ix_recorded_facts_origin_id", "origin_id"),
    Index("ix_recorded_facts_set_by", "set_by"),
)

fact_organisations = Table(  # `participants` by organisation: the relation that a duty fact makes is looked up here
    "fact_organisations",
    metadata,
    Column("fact_id", String(64), ForeignKey("recorded_facts.id"), primary_key=True),
    Column("organisation_id", String(64), ForeignKey("organisations.id"), primary_key=True),
    Index("ix_fact_organisations_organisation_id", "organisation_id"),
)

fact_events = Table(
    "fact_events",
    metadata,
    _id(key=True),
    _ref("fact_id", "recorded_facts.id"),
    Column("kind", String(20), nullable=False),
    Column("at", Instant, nullable=False),
    _ref("organisation_id", "organisations.id"),
    Column("actor", Text, nullable=False),
    _ref("entry_id", "entries.id"),
    Column("evidence_digest", String(64)),
    Column("salt", LargeBinary, nullable=False),  # opens the commitment of the entry
    Column("sealed", LargeBinary),  # number and date of the document, and reasons in words: sealed with the subject
    Index("ix_fact_events_fact_id", "fact_id"),
)

authorities = Table(
    "authorities",
    metadata,
    _id(key=True),
    _ref("child_id", "subjects.id"),
    _ref("holder_id", "subjects.id", nullable=True),  # the parent or guardian, where it has a file of its own
    Column("who", String(20), nullable=False),
    Column("rights", String(20), nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("evidence_digest", String(64)),
    Index("ix_authorities_child_id", "child_id"),
)

consents = Table(
    "consents",
    metadata,
    _id(key=True),
    _ref("subject_id", "subjects.id"),
    _ref("discloser_id", "organisations.id"),
    _ref("recipient_id", "organisations.id"),
    Column("purpose", String(40), nullable=False),
    Column("categories", Json, nullable=False),
    Column("given_on", Date, nullable=False),
    Column("valid_to", Date),
    Column("form", String(20)),
    Column("separate", Boolean, nullable=False),
    Column("fields_complete", Boolean, nullable=False),
    Column("evidence_digest", String(64)),
    _ref("objection_by", "subjects.id", nullable=True),
    Column("objection", Boolean, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Index("ix_consents_subject_id", "subject_id"),
    Index("ix_consents_recipient_id_subject_id", "recipient_id", "subject_id"),
)

consent_signers = Table(
    "consent_signers",
    metadata,
    Column("consent_id", String(64), ForeignKey("consents.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("who", String(20), nullable=False),
    _ref("authority_id", "authorities.id", nullable=True),  # none for the subject's own signature
)

consent_events = Table(
    "consent_events",
    metadata,
    _id(key=True),
    _ref("consent_id", "consents.id"),
    Column("kind", String(20), nullable=False),
    Column("effective_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("categories", Json),
    Column("valid_to", Date),
    Column("evidence_digest", String(64)),
    Index("ix_consent_events_consent_id", "consent_id"),
)

# --- what is exchanged -----------------------------------------------------------------------------------------------

summaries = Table(
    "summaries",
    metadata,
    _id(key=True),
    _ref("case_id", "cases.id"),
    Column("version", Integer, nullable=False),
    Column("current", Boolean, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("erase_after", Date, nullable=False),
    Column("source", Text, nullable=False),
    Column("curator_name", Text, nullable=False),
    Column("curator_phone", Text, nullable=False),
    Column("sharing", Json, nullable=False),  # [[category, [subject ids]], …]: sections about several siblings
    Column("not_used", Json, nullable=False),  # categories that this practice does not use
    UniqueConstraint("case_id", "version"),
)

sections = Table(
    "sections",
    metadata,
    _id(key=True),
    _ref("case_id", "cases.id"),
    _ref("summary_id", "summaries.id", nullable=True),
    _ref("message_id", "messages.id", nullable=True),
    Column("category", String(10), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    # Of a copy that goes on in another message: the place it was sealed for. It is never opened to be copied.
    Column("sealed_case", String(64)),
    Column("sealed_as", String(64)),
    Index("ix_sections_summary_id_category", "summary_id", "category"),
    Index("ix_sections_message_id_category", "message_id", "category"),
    CheckConstraint("(summary_id IS NULL) <> (message_id IS NULL)", name="one_owner"),
)

section_subjects = Table(
    "section_subjects",
    metadata,
    Column("section_id", String(64), ForeignKey("sections.id"), primary_key=True),
    Column("subject_id", String(64), ForeignKey("subjects.id"), primary_key=True),
    Column("wrapped_key", LargeBinary),  # only for a section that siblings share
)

threads = Table(
    "threads",
    metadata,
    _id(key=True),
    Column("opened_at", Instant, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    _id(key=True),
    _ref("thread_id", "threads.id"),
    _ref(
        "case_id", "cases.id"
    ),  # of the sender's files; of a message that names nobody, its own empty one or its thread's
    Column("type", String(40), nullable=False),
    Column("lane", String(20), nullable=False),
    _ref("sender_id", "organisations.id"),
    _ref("recipient_id", "organisations.id"),
    Column("operation_id", String(64), nullable=False),
    Column("digest", String(64), nullable=False),  # over the draft, keyed: repeats are recognised without keeping it
    Column("purpose", String(40), nullable=False),
    Column("trigger", String(40)),
    Column("statute", Text),
    Column("urgency", String(20), nullable=False),
    Column("reg_number", Text),
    Column("reg_on", Date),
    Column("created_at", Instant),  # the sender's own time; submitted_at is ours
    _ref("answers_id", "messages.id", nullable=True),
    _ref("corrects_id", "messages.id", nullable=True),
    _ref("redirects_id", "messages.id", nullable=True),  # what the first recipient passed on
    Column("agenda_id", String(64)),
    Column("incoming_number", Text),  # вх. № of the recipient; reg_number is исх. № of the sender
    Column("incoming_on", Date),
    Column("sealed_words", LargeBinary),  # what people read and nobody else; of nobody, and sealed nevertheless
    Column("state", String(20), nullable=False),
    Column("submitted_at", Instant, nullable=False),
    Column("delivered_at", Instant),  # null: it has not come, and its recipient knows nothing of it
    Column("reason", String(40)),
    Column("alternatives", Json, nullable=False),
    Column("notes", Json, nullable=False),  # of a recall: which summary and by when to erase; never a personal datum
    Column("claims", Json, nullable=False),
    Column("held", Boolean, nullable=False),  # all of it waits for a person of the sender: not in the outbox yet
    UniqueConstraint("sender_id", "operation_id"),
    Index("ix_messages_thread_id", "thread_id"),
    Index("ix_messages_case_id_recipient_id", "case_id", "recipient_id"),
    Index("ix_messages_agenda_id", "agenda_id"),
    Index("ix_messages_recipient_id_submitted_at", "recipient_id", "submitted_at"),
    Index("ix_messages_operation_id", "operation_id"),  # answers in files name a message by it
    Index("ix_messages_sender_id_submitted_at", "sender_id", "submitted_at"),
)

message_subjects = Table(
    "message_subjects",
    metadata,
    Column("message_id", String(64), ForeignKey("messages.id"), primary_key=True),
    Column("subject_id", String(64), ForeignKey("subjects.id"), primary_key=True),
    Column("ordinal", Integer, nullable=False),
    Column("sent", Boolean, nullable=False),  # false while all about this person waits for somebody to decide
    Index("ix_message_subjects_subject_id", "subject_id"),
)

receipts = Table(
    "receipts",
    metadata,
    _id(key=True),
    _ref("message_id", "messages.id"),
    Column("ordinal", Integer, nullable=False),
    Column("event", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("at", Instant, nullable=False),
    _ref("organisation_id", "organisations.id", nullable=True),  # none: the gateway itself
    Column("actor", Text, nullable=False),
    Column("attested_by", String(10), nullable=False),
    Column("reason", String(40)),
    Column("sealed_words", LargeBinary),
    Column("signature", Text),  # the partner's own, over what it says (JWS), where it has a key
    UniqueConstraint("message_id", "ordinal"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    _ref("message_id", "messages.id"),
    Column("available_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("done_at", Instant),
    Index("ix_outbox_done_at_available_at", "done_at", "available_at"),
)

# --- what waits for a person -----------------------------------------------------------------------------------------


def _waiting_once(name: str, condition: str, *more: str) -> Index:
    where = text(condition)
    columns = (*more, "subject_id", "recipient_id", "purpose", "rule")
    return Index(name, *columns, unique=True, sqlite_where=where, postgresql_where=where)


holds = Table(
    "holds",
    metadata,
    _id(key=True),
    _ref("case_id", "cases.id"),
    _ref("subject_id", "subjects.id"),
    _ref("holder_id", "organisations.id"),
    _ref("recipient_id", "organisations.id"),
    _ref("message_id", "messages.id", nullable=True),  # none: a published summary was asked for
    Column("purpose", String(40), nullable=False),
    Column("rule", String(40), nullable=False),
    Column("quiet", Boolean, nullable=False),
    Column("categories", Json, nullable=False),  # {category: effect after a yes}
    Column("asked_by", Text, nullable=False),
    _ref("entry_id", "entries.id"),
    Column("opened_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("chain", Json, nullable=False),  # roles that decide, one after the other
    Column("salt", LargeBinary, nullable=False),  # opens the commitments of its entries
    Column("step", Integer, nullable=False),
    Column("persons", Integer, nullable=False),  # how many must agree
    Column("state", String(20), nullable=False),
    Column("first_by", Text),
    Column("first_release", Json),  # {category: effect}; what the first of two agreed to
    Column("sealed_first", LargeBinary),
    Column("decided_at", Instant),
    Column("decided_by", Text),
    Column("reason", String(40)),
    Column("sealed_reason", LargeBinary),
    Column("decision", Json, nullable=False),  # {category: effect}; what was released
    Column("valid_to", Instant),
    Index("ix_holds_holder_id_state", "holder_id", "state"),
    Index("ix_holds_recipient_id_opened_at", "recipient_id", "opened_at"),
    Index("ix_holds_subject_id_recipient_id", "subject_id", "recipient_id"),
    # One question waits once, whoever asks it at the same moment; about a message and about a published summary.
    _waiting_once("uq_holds_waiting_summary", "state = 'waiting' AND message_id IS NULL"),
    _waiting_once("uq_holds_waiting_message", "state = 'waiting'", "message_id"),
)

emergencies = Table(
    "emergencies",
    metadata,
    _id(key=True),
    _ref("case_id", "cases.id"),
    _ref("organisation_id", "organisations.id"),  # of the declarer
    _ref("person_id", "people.id"),
    _ref("holder_id", "organisations.id"),
    _ref("entry_id", "entries.id"),
    Column("declared_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("review_by", Instant, nullable=False),
    Column("sealed_words", LargeBinary, nullable=False),
    _ref("sealed_with", "subjects.id"),
    Column("salt", LargeBinary, nullable=False),  # opens the commitments of its entries
    Column("state", String(20), nullable=False),  # open, justified, misuse
    Column("reviewed_at", Instant),
    Column("reviewed_by", Text),
    Column("sealed_review", LargeBinary),
    Index("ix_emergencies_case_id_organisation_id", "case_id", "organisation_id"),
    Index("ix_emergencies_holder_id", "holder_id"),
)

notices = Table(
    "notices",
    metadata,
    _id(key=True),
    _ref("organisation_id", "organisations.id"),
    Column("role", String(40), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("about", String(64), nullable=False),  # a hold, an emergency, a fact, a timer: never a person of a family
    Column("at", Instant, nullable=False),
    Column("seen_at", Instant),
    Column("seen_by", Text),
    Index("ix_notices_organisation_id_at", "organisation_id", "at"),
)

timers = Table(
    "timers",
    metadata,
    _id(key=True),
    Column("timer", String(20), nullable=False),
    _ref("organisation_id", "organisations.id"),  # who must act
    Column("about_kind", String(20), nullable=False),
    Column("about", String(64), nullable=False),
    Column("starts", String(20), nullable=False),  # at once, or when the message is delivered
    Column("started_at", Instant),
    Column("due_at", Instant),
    Column("done_at", Instant),
    Column("done_by", Text),
    Column("breached_at", Instant),
    UniqueConstraint("timer", "about_kind", "about", "organisation_id"),
    Index("ix_timers_organisation_id_due_at", "organisation_id", "due_at"),
    Index("ix_timers_done_at_due_at", "done_at", "due_at"),
)

packs = Table(
    "packs",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("pack", String(20), nullable=False),
    Column("version", String(80), nullable=False),
    Column("since", Instant, nullable=False),
    Column("files", LargeBinary, nullable=False),  # the whole pack, so that a decision can be replayed by its own rules
)

# --- evidence --------------------------------------------------------------------------------------------------------

entries = Table(
    "entries",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("tree_index", Integer, unique=True),  # null until the sequencer has placed the entry
    Column("kind", String(40), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("leaf_hash", LargeBinary, nullable=False),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("tree_size", Integer, primary_key=True),
    Column("root_hash", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    Column("frontier", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
)

disclosures = Table(
    "disclosures",
    metadata,
    _id(key=True),
    Column("entry_id", String(64), ForeignKey("entries.id"), nullable=False),
    Column("case_id", String(64), nullable=False),  # no foreign key: it may be a decoy (law 6)
    Column("subject_id", String(64)),
    Column("salt", LargeBinary, nullable=False),  # opens the commitments of the entry
    Column("discloser_id", String(64)),
    Column("recipient_id", String(64), nullable=False),
    Column("actor", Text, nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("scope", String(20), nullable=False),
    Column("consent_id", String(64)),
    Column("rulings", Json, nullable=False),  # {category: [effect, rule]}
    Column("obligations", Json, nullable=False),
    Column("released", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Column("pack_digest", String(64)),
    Column("retain_until", Date),  # by when the recipient erases or returns (RU-152-5-5)
    Column("sealed_facts", LargeBinary),  # canonical facts without identities, for replay; sealed with the subject
    Index("ix_disclosures_case_id_at", "case_id", "at"),
    Index("ix_disclosures_subject_id_recipient_id", "subject_id", "recipient_id"),
    Index("ix_disclosures_entry_id", "entry_id"),
)

bookmarks = Table(  # how far a round went through the log
    "bookmarks",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("open", Boolean, nullable=False),  # it is not at its end
)

# --- the key store, a database of its own ----------------------------------------------------------------------------

key_metadata = MetaData(naming_convention=metadata.naming_convention)

subject_keys = Table(
    "subject_keys",
    key_metadata,
    Column("subject_id", String(64), primary_key=True),
    Column("wrapped", LargeBinary),  # null once destroyed
    Column("created_at", Instant, nullable=False),
    Column("destroyed_at", Instant),
    Column("reason", Text),
    Index("ix_subject_keys_destroyed_at", "destroyed_at"),
)

organisation_keys = Table(
    "organisation_keys",
    key_metadata,
    Column("organisation_id", String(64), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
)

service_keys = Table(
    "service_keys",
    key_metadata,
    Column("name", String(40), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
)

blind_indexes = Table(
    "blind_indexes",
    key_metadata,
    Column("kind", String(20), primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("subject_id", String(64), primary_key=True),
    Index("ix_blind_indexes_subject_id", "subject_id"),
)
