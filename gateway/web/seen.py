"""«Получатель увидит» in words, and the form on its way past it in hidden fields: for every page that sends a message."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.use_cases.message_preview import DocumentPreview, PersonPreview, Preview
from gateway.web.content import Line, message_labels, message_lines
from gateway.web.document_fields import document_lines
from gateway.web.forms import Form
from gateway.web.session import FORM_TOKEN
from gateway.web.visits import Visit
from policies.ruling import CategoryRuling
from schemas import categories as c
from schemas.ids import Category
from schemas.messages import MessageDraft, PersonDraft

NOT_CARRIED = (FORM_TOKEN, "step")


@dataclass(frozen=True, slots=True)
class SeenCategory:
    """One category as the recipient will see it; `hidden` are the fields that were typed and that a mask leaves out."""

    category: Category
    ruling: CategoryRuling
    lines: tuple[Line, ...]
    hidden: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeenPerson:
    """One person as the recipient will see it."""

    kind: str
    role: str | None
    categories: tuple[SeenCategory, ...]
    duties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeenDocument:
    """One document as the recipient will see it, with the rule of its category."""

    document: DocumentPreview
    title: str
    about: str
    lines: tuple[Line, ...]


def seen_documents(visit: Visit, preview: Preview) -> list[SeenDocument]:
    """All of them, in the order in which they were added."""
    words = visit.words
    return [
        SeenDocument(
            document,
            words.document(document.draft.document_type),
            visit.text(f"web_message.{preview.people[document.person].kind}"),
            document_lines(
                words,
                document.draft.issued_on,
                document.draft.signers,
                document.media_type,
                document.size,
                document.sha256,
                end_to_end=document.end_to_end,
            ),
        )
        for document in preview.documents
    ]


def seen_people(visit: Visit, draft: MessageDraft, preview: Preview) -> list[SeenPerson]:
    """Everybody of the draft as its preview shows them; nobody where the message names nobody."""
    return [_seen(visit, draft, typed, person) for typed, person in zip(draft.persons, preview.people, strict=True)]


def _seen(visit: Visit, draft: MessageDraft, typed: PersonDraft, person: PersonPreview) -> SeenPerson:
    content = draft.sections_of(typed)
    categories = []
    for category in c.MESSAGE_CATEGORIES:
        if category not in person.rulings:
            continue
        seen = person.contents.get(category, {})
        hidden = message_labels(category, content[category].keys() - seen.keys(), visit.words) if seen else ()
        lines = message_lines(category, seen, visit.words)
        categories.append(SeenCategory(category, person.rulings[category], lines, hidden))
    return SeenPerson(person.kind, person.role, tuple(categories), visit.words.duties(person.obligations))


def carried(form: Form) -> list[tuple[str, str]]:
    """The fields of a form as they go on, hidden, to its next step."""
    return [(name, value) for name, values in form.fields.items() for value in values if name not in NOT_CARRIED]
