"""What the log records: the closed vocabulary of entry kinds, `subject.verb-in-past`.

A kind is permanent: it may be added, never renamed or reused, because entries outlive the program that wrote them.
`docs/evidence.md` lists them with these same words; a test compares.
"""

from __future__ import annotations

from enum import Enum
from typing import Self


class EventKind(str, Enum):  # noqa: UP042  a StrEnum cannot carry `meaning` beside its value
    """The kind of an entry; `meaning` says when it is written."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    def __str__(self) -> str:
        return str(self.value)

    EXCHANGE_DECIDED = (
        "exchange.decided",
        "a request for personal data was ruled, and at least one category was released or masked; committed before the answer",
    )
    EXCHANGE_REFUSED = (
        "exchange.refused",
        "a request for personal data was ruled, and nothing was released; also for identifiers that do not exist",
    )
    LOOKUP_MADE = "lookup.made", "somebody looked for a subject by an identifier or by name and birth date"
    SUMMARY_PUBLISHED = "summary.published", "a holder published a version of a case summary, or a correction of one"
    MESSAGE_SUBMITTED = "message.submitted", "a message was taken from its sender and acknowledged"
    MESSAGE_DELIVERED = "message.delivered", "a message lies in its recipient's queue"
    MESSAGE_OPENED = "message.opened", "a person or system of the recipient opened a message"
    ATTACHMENT_OPENED = "attachment.opened", "the file of a document of a message was released to its recipient"
    ATTACHMENT_REREAD = (
        "attachment.reread",
        "the file of a document of a message was opened for the organisation that sent it",
    )
    ATTACHMENT_REMOVED = (
        "attachment.removed",
        "documents of messages were removed with their files, because the keys of whom they were about are destroyed",
    )
    MESSAGE_ACCEPTED = "message.accepted", "the recipient took on what a message asks"
    MESSAGE_REJECTED = "message.rejected", "the recipient declined what a message asks, with a coded reason"
    MESSAGE_REDIRECTED = "message.redirected", "the recipient passed a message back with a better addressee"
    MESSAGE_ACKNOWLEDGED = (
        "message.acknowledged",
        "the recipient confirmed that it knows, where nothing is to be accepted",
    )
    MESSAGE_FAILED = (
        "message.failed",
        "a message that waited for a person of its sender is not sent, or its recipient could not do what it had taken on",
    )
    MESSAGE_RECALLED = "message.recalled", "the sender took a message back; nobody opens it any more"
    MESSAGE_READ = "message.read", "a message that carries no sections was read again by its recipient"
    MESSAGE_ANSWERED = (
        "message.answered",
        "a side agreed, disagreed, asked or replied about what a message put to it, or signed minutes or remarked on them",
    )
    MESSAGE_BEGUN = "message.begun", "the recipient began the work that it had accepted"
    MESSAGE_SUSPENDED = "message.suspended", "the recipient put the work on hold, with a coded reason"
    MESSAGE_RESUMED = "message.resumed", "the recipient went on with work that was on hold"
    MESSAGE_COMPLETED = "message.completed", "the recipient has done what a message asked, or answered it by a message"
    MESSAGE_CANCELLED = "message.cancelled", "the sender needs it no longer, with a coded reason"
    MESSAGE_ENTERED_IN_ERROR = "message.entered_in_error", "the sender had not meant it; nobody opens it any more"
    MESSAGE_EXPIRED = (
        "message.expired",
        "a message that was not accepted in its term ended; its sections are removed from the store",
    )
    MESSAGE_REGISTERED = "message.registered", "the recipient gave a message its incoming number"
    CASE_TRANSFERRED = (
        "case.transferred",
        "a transferred case was accepted, and its people are the new holder's from now on",
    )
    CASE_REOPENED = "case.reopened", "a new case of the same people took the place of an old one and inherits from it"
    SUBJECT_NAMED = "subject.named", "a holder gave a person of its own file an identifier of its own"
    SUMMARY_WITHDRAWN = (
        "summary.withdrawn",
        "a holder withdrew its published summary; earlier recipients were told to erase",
    )
    CONSENT_RECORDED = "consent.recorded", "a consent was recorded as given"
    AUTHORITY_RECORDED = (
        "authority.recorded",
        "by what somebody acts for a person was recorded by itself, or changed; consents under it are judged by it from now on",
    )
    CONSENT_RECONFIRMED = "consent.reconfirmed", "the signers confirmed a consent again, with a new last day"
    CONSENT_LIMITED = "consent.limited", "the signers narrowed a consent to fewer categories"
    CONSENT_WITHDRAWN = "consent.withdrawn", "a consent was withdrawn; disclosure by it stops with this entry"
    CONSENT_INVALIDATED = "consent.invalidated", "a consent was found never to have counted"
    RECALL_SENT = "recall.sent", "an earlier recipient was told that its ground is gone and was asked to answer"
    RECALL_ANSWERED = (
        "recall.answered",
        "an earlier recipient answered a recall: erased, or retained by a norm it names",
    )
    FACT_RECORDED = (
        "fact.recorded",
        "a fact on which rulings rest was recorded, changed or ended: authority, assignment, flag, order",
    )
    FACT_READ = (
        "fact.read",
        "somebody read the facts recorded about a subject, with the documents and reasons they rest on",
    )
    ACCESS_EXPLAINED = (
        "access.explained",
        "a holder asked what an organisation would see of a case, and why; nothing was disclosed to that organisation",
    )
    HOLD_DECIDED = "hold.decided", "a person released or refused what a rule had held; the first of two is an entry too"
    HOLD_ESCALATED = "hold.escalated", "the term of a hold passed, and the next person of the holder decides"
    EMERGENCY_DECLARED = (
        "emergency.declared",
        "a named person declared a direct threat; the case opens to its organisation for a time, and both sides are told",
    )
    EMERGENCY_REVIEWED = (
        "emergency.reviewed",
        "a declared emergency was found justified, or a misuse after which its declarer may declare no more",
    )
    DEPUTY_APPOINTED = (
        "deputy.appointed",
        "an organisation agreed on somebody who may decide its holds as the second of two, or ended that",
    )
    MESSAGE_ASSIGNED = (
        "message.assigned",
        "inside its recipient's organisation a message was taken, assigned, handed over, or put back into the queue",
    )
    MESSAGE_ESCALATED = (
        "message.escalated",
        "a message was not opened or not answered in its term, and the next person was told",
    )
    ALERT_ENDED = "alert.ended", "an urgent alert was sent, or a way to send it failed; never what it is about"
    CALL_RECORDED = "call.recorded", "somebody rang an office about a message; which line, when, with which result"
    ABSENCE_RECORDED = "absence.recorded", "a member of staff is away, with or without a substitute, or is back"
    DUTY_CHANGED = "duty.changed", "the opening hours, the duty schedule or the duty numbers of an organisation changed"
    TIMER_BREACHED = "timer.breached", "a term of law or of policy passed before what it is about was done"
    TIMER_CLOSED = "timer.closed", "somebody said that what a running term is about was done"
    TIMER_WARNED = "timer.warned", "a running term of a practice came near, and who must act was told"
    TIMER_ESCALATED = "timer.escalated", "a term of a practice that had passed was told to the next of its chain"
    TIMER_PAUSED = "timer.paused", "the clock of a practice's term was stopped, with a coded reason"
    TIMER_RESUMED = "timer.resumed", "the clock of a practice's term runs again; its new due instant"
    TIMERS_RECOMPUTED = (
        "timers.recomputed",
        "running terms were counted again from their starts, on a changed calendar, term or zone; recorded breaches stay",
    )
    PRACTICE_EVENT_RECORDED = (
        "practice.recorded",
        "the holder recorded an event of its practice on a case; it may change the stage and start or end terms",
    )
    PRACTICE_CHANGED = (
        "practice.changed",
        "an organisation switched a term of its practice, or set what the practice leaves open",
    )
    CASE_SCORED = "case.scored", "the holder scored a case for its own workload; never shared"
    SCORES_READ = (
        "case.scores_read",
        "somebody of the holder read the scores of a case; committed before they are opened",
    )
    CASE_RECORD_KEPT = (
        "case.record_kept",
        "the holder kept something of a case by its practice: which kind, and not what; never shared",
    )
    CASE_RECORDS_READ = (
        "case.records_read",
        "somebody of the holder read what is kept of a case; committed before anything is opened",
    )
    LOADS_READ = (
        "practice.loads_read",
        "somebody who leads saw how many cases its people have; committed before scores are opened",
    )
    JOINT_PROPOSED = (
        "joint.proposed",
        "a matter was put to all its parties at once; each message has its own entry",
    )
    JOINT_READ = "joint.read", "somebody asked for a joint decision; committed before words of its parties are opened"
    JOINT_CONCLUDED = (
        "joint.concluded",
        "the proposer noted what it concluded, with what every party had said, the dissent and the silence included",
    )
    AGENDA_CHANGED = "agenda.changed", "an agenda was made or closed, or a case was put on it or taken off"
    AGENDA_READ = "agenda.read", "somebody asked for an agenda; committed before its words are opened"
    ENDPOINT_CHANGED = (
        "endpoint.changed",
        "where a system of an organisation is reached was registered, answered its challenge, was paused or ended",
    )
    SEAL_KEY_CHANGED = (
        "seal_key.changed",
        "a key that files are sealed to was registered, shown to be its organisation's, or revoked; it names the key",
    )
    DELIVERY_ATTESTED = (
        "delivery.attested",
        "a recipient's system signed with its registered key that a message came to it",
    )
    DELIVERY_FAILED = (
        "delivery.failed",
        "the last attempt to hand something over failed; it stays in the queue, to be pulled or sent again",
    )
    DELIVERY_REPLAYED = "delivery.replayed", "somebody put deliveries on their way again"
    PACKAGE_MADE = (
        "package.made",
        "a message was sealed into a file for a recipient without API; the digest of what is sealed",
    )
    PACKAGE_CODE_TOLD = (
        "package.code_told",
        "the opening code of a package was shown to its sender's side, after its content was ruled again",
    )
    PACKAGE_RECEIPT = (
        "package.receipt",
        "a code that a package gives to who opens it was typed back: what it says, and on which day",
    )
    PACKAGE_CODE_REFUSED = (
        "package.code_refused",
        "a code was typed for a message that none of its packages gave",
    )
    DRAFT_OPENED = (
        "draft.opened",
        "what somebody has begun to write was opened by who stands in for its author",
    )
    EXPORT_BEGUN = "export.begun", "an organisation began to export all of its own data; its officer is told"
    EXPORT_READ = (
        "export.read",
        "what an organisation has of its own was read for its export: a part of all, or a message it sent; before it is opened",
    )
    EXPORT_MADE = (
        "export.made",
        "an export left as a file: of what, in which form, its digest and size; committed before its first byte",
    )
    EXPORT_REFUSED = (
        "export.refused",
        "an export was asked for after all files that the rules give in a time had been taken; the officer is told",
    )
    EXPORT_ENDED = "export.ended", "an export of all own data came to its end, or was cancelled"
    FILE_HANDED_IN = (
        "file.handed_in",
        "a file came whole and waits to be taken step by step; its digest and size, never its content",
    )
    FILE_RECEIVED = (
        "file.received",
        "a file was taken in; counts of good and bad records, its digest and that of its loss report, never its content",
    )
    FILE_RETURNED = (
        "file.returned",
        "refused rows of a file were given back to the organisation that had handed it in; how many",
    )
    KEPT_READ = (
        "kept.read",
        "people of a holder read families or signals of its own lists that it has not published; which kind, how many",
    )
    KEPT_DISCARDED = (
        "kept.discarded",
        "families or signals of a holder's own lists ended without being published; how many, by whom or by their time",
    )
    PROFILE_CHANGED = (
        "profile.changed",
        "how an organisation's own tables are read was changed; name, version and digest of the profile",
    )
    FILE_REFUSED = (
        "file.refused",
        "a file was refused for its signature, or for having none; why, its digest, and the certificate where there is one",
    )
    CERTIFICATE_CHANGED = (
        "certificate.changed",
        "a certificate that files are signed with was registered or revoked; it names the certificate by its fingerprint",
    )
    SIGNATURES_CHANGED = (
        "signatures.changed",
        "from now on the files of an organisation must be signed, or need not be any more",
    )
    KEY_DESTROYED = "key.destroyed", "the keys and blind indexes of a subject were destroyed, with the reason"
    KEY_ROTATED = "key.rotated", "a key was replaced; which kind, and for whom"
    ORGANISATION_REGISTERED = "organisation.registered", "an organisation was registered, or its registration changed"
    PERSON_REGISTERED = "person.registered", "a member of staff was registered, or its roles changed"
    CLIENT_REGISTERED = "client.registered", "a system of an organisation was registered, or its keys or scopes changed"
    PERSON_SIGNED_IN = "person.signed_in", "a person with a role of oversight or administration signed in"
    DIRECTORY_CHANGED = (
        "directory.changed",
        "organisations or services of the directory were published, changed or withdrawn",
    )
    PACK_CHANGED = "pack.changed", "another pack of rules came into force; its id, version and digest"
    LOG_READ = "log.read", "somebody read or exported a part of this log"
