"""Write again what the documents take from the code: `make docs`. A test compares the files with what stands here.

Whole files are replaced; in hand-written files only the parts between `<!-- begin NAME -->` and `<!-- end NAME -->`.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import partial
from io import StringIO
from typing import Any

import typer
import yaml
from lxml import etree
from pydantic import BaseModel

from adapters.answers.report import answer_report_form
from adapters.documents.json_schema import json_schema
from adapters.documents.shape import Shape, all_shapes, shape_of
from adapters.documents.simple import Simple
from adapters.documents.table_schema import TableForm, csvw, csvw_group, data_package, form_of, table_schema
from adapters.documents.writer import write_document
from adapters.documents.xsd import exchange_xsd
from adapters.exports.profiles import AUTHORITIES, EXPORT, export_form, export_forms
from adapters.exports.profiles import VERSION as EXPORT_VERSION
from adapters.formats import formats
from adapters.limits import DEFAULT_LIMITS, WIDE
from adapters.losses import RULES
from adapters.opendata.columns import open_columns
from adapters.sheets.forms import sheet_form, sheet_forms
from adapters.sheets.writer import write_sheet
from adapters.tables.profile import built_in, referrals_profile
from adapters.tables.writer import write_referrals
from adapters.xml.writer import write_referral
from gateway.bodies import SMALL
from gateway.cli import app
from gateway.edge import STATUS, STATUS_OF_CODE
from gateway.evidence.events import EventKind
from gateway.graphql import schema as graphql
from gateway.graphql.endpoint import MAX_JSON_DEPTH
from gateway.oauth import assertions, tokens
from gateway.settings import Settings
from gateway.use_cases import read_case_summaries, read_queue, search_directory
from gateway.use_cases.register_participants import SCOPES
from policies.case_records import KINDS, is_used, titles
from policies.pack import shipped_pack
from policies.profile import PracticeTimerRow, Profile, ScoreRow
from policies.profiles import shipped_practices
from policies.rulebook import rulebook
from schemas.catalogue import Language, sources, words
from schemas.categories import MESSAGE_CATEGORIES
from schemas.codes import code_lists
from schemas.directory import AGE_BANDS, SERVICE_KINDS, fresh_days
from schemas.documents import KINDS as DOCUMENTS
from schemas.documents import VERSION, DocumentKind
from schemas.errors import Refused
from schemas.exports_own import left_out_rows
from schemas.lifecycle import TRANSITIONS, Event
from schemas.messages import MessageDraft, message_types
from schemas.notes import note_rows
from tests.docs.sources import ROOT, Raised, raised, written

GENERATED = "<!-- Generated from the code by `make docs`. Do not edit by hand. -->"
WIDTH = 100
ROOM_TITLES = {
    "gateway": "Gateway: requests, rules of use, command line",
    "oauth": "Tokens, assertions, sessions, passwords",
    "web": "Pages",
    "queues": "Queues, absences, duty, alerts, calls",
    "practices": "Practices and terms",
    "adapters": "Files: the whole file, or a line of the import report",
    "tables": "Tables: workbooks, headings, own lists, profiles",
    "directory": "The directory: its files, its searches",
    "policies": "Packs of rules",
    "evidence": "The log",
    "vault": "Keys",
    "attachments": "Documents and files of messages",
    "nameless": "Texts without names",
    "delivery": "Delivery to partners' systems",
    "packages": "Packages for bodies without API",
    "signatures": "Signed files",
}


# --- docs/errors.md --------------------------------------------------------------------------------------------------


def errors() -> str:
    """Every error code with its texts."""
    lines = [
        "# Errors",
        "",
        GENERATED,
        "",
        "Every error has a permanent code. In GraphQL it stands in `errors[].extensions.code`, in REST in `code` of an",
        "`application/problem+json` document, at the command line in the first line, in an import report in `ruleCode`.",
        "Texts are Russian and English. `{…}` are places for codes, counts, names of fields: never for a personal datum.",
        "",
        "An error that GraphQL itself finds before anything of ours runs (syntax, an unknown field, a limit on depth,",
        "aliases or tokens) has the code `graphql_invalid` and GraphQL's own English text.",
        "",
        "Kinds and their HTTP status: " + ", ".join(f"`{kind}` {status}" for kind, status in STATUS.items()) + ".",
        "",
    ]
    by_code: dict[str, list[Raised]] = {}
    for found in raised():
        by_code.setdefault(found.code, []).append(found)
    for room, codes in _codes_by_room():
        lines += [f"## {ROOM_TITLES.get(room) or _format_title(room)}", ""]
        for code in codes:
            lines += [f"### {code}", "", *_error(code, by_code.get(code, [])), ""]
    return "\n".join(lines).rstrip() + "\n"


def _codes_by_room() -> Iterator[tuple[str, list[str]]]:
    """Codes by the catalogue file that has their texts, in the order of `ROOM_TITLES`, then of the alphabet."""
    files = {
        name: list(yaml.safe_load(file.read_text("utf-8")).get("errors") or ()) for name, file in sources("ru").items()
    }
    order = list(ROOM_TITLES)
    for room in sorted(files, key=lambda name: (order.index(name) if name in order else len(order), name)):
        if files[room]:
            yield room, files[room]


def _format_title(folder: str) -> str:
    """The heading of the rules that a folder of formats brings."""
    titles = (f"Format {one.title_en.partition(':')[0]}" for one in formats().values() if one.folder == folder)
    return next(titles, folder)


def _error(code: str, places: Iterable[Raised]) -> Iterator[str]:
    kinds = sorted({place.error.kind for place in places if place.error})
    if kinds:
        own = STATUS_OF_CODE.get(code)
        status = {own} if own else {STATUS[kind] for kind in kinds if kind in STATUS}
        shown = ", HTTP " + ", ".join(str(number) for number in sorted(status)) if status else ""
        yield f"Kind: {', '.join(f'`{kind}`' for kind in kinds)}{shown}."
        yield ""
    if any(place.error and issubclass(place.error, Refused) for place in places):
        yield "Carries `rule`, `citation` and `rule_remedy` of the rule that refused."
        yield ""
    titles: Mapping[Language, str] = {"ru": "По-русски", "en": "In English"}
    for language, title in titles.items():
        said = [_text(f"{part}.{code}", language) for part in ("errors", "remedies")]
        yield f"- {title}: {said[0]} *{said[1]}*"


def _text(key: str, language: Language) -> str:
    value = words(language)[key]
    shown = value if isinstance(value, str) else " / ".join(value.values())
    return re.sub(r"([*<>])", r"\\\1", shown)


# --- docs/exchange.md ------------------------------------------------------------------------------------------------


def message_type_table() -> str:
    """Every type of message: its words, whom it names, its sections, what its recipient may answer."""
    rows = ["| type | по-русски | names | sections | answers |", "| --- | --- | --- | --- | --- |"]
    for kind in message_types().values():
        sections = " ".join(category for category in MESSAGE_CATEGORIES if category in kind.sections) or "–"
        by = f" (by `{kind.answered_by}`)" if kind.answered_by else ""
        events = ", ".join(
            event.value + (by if event is Event.ANSWER else "") for event in Event if event in kind.events
        )
        rows.append(f"| `{kind.code}` | {kind.name_ru} | {kind.persons} | {sections} | {events} |")
    return "\n".join(rows)


def lane_table() -> str:
    """Who may send what to whom, as the Russian pack has it."""
    rows = [
        "| type | from | to | lane | purpose | inside a thread | when |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for lanes in shipped_pack("ru").lanes.values():
        for row in lanes:
            cells = (
                " ".join(row.senders),
                " ".join(row.recipients),
                row.lane,
                row.purpose,
                row.thread,
                " ".join(row.when),
            )
            rows.append("| " + " | ".join([f"`{row.message}`", *(cell or "–" for cell in cells)]) + " |")
    return "\n".join(rows)


def lifecycle_table() -> str:
    """The life of a message: by whom it goes from which state to which, and what that needs."""
    rows = ["| state | event | by | next | needs | entry |", "| --- | --- | --- | --- | --- | --- |"]
    for row in TRANSITIONS:
        needs = ", ".join(sorted(row.needs)) or "–"
        rows.append(f"| {row.state} | `{row.event}` | {row.actor} | {row.next} | {needs} | `{row.entry}` |")
    return "\n".join(rows)


def note_table() -> str:
    """The notes of each type: dates, codes and words beside the sections."""
    rows = ["| type | field | kind | required | по-русски |", "| --- | --- | --- | --- | --- |"]
    for notes in note_rows().values():
        for note in notes:
            kind = f"{note.kind} of `{note.system}`" if note.system else note.kind
            required = "yes" if note.required else "no"
            rows.append(f"| `{note.message}` | `{note.field}` | {kind} | {required} | {note.label_ru} |")
    return "\n".join(rows)


# --- docs/audit-events.md --------------------------------------------------------------------------------------------


def audit_events() -> str:
    """Every kind of entry, who writes it, what its body holds."""
    lines = [
        "# Audit events",
        "",
        GENERATED,
        "",
        "The closed list of what the log records. A kind may be added, never renamed or reused. The form of an entry,",
        "the tree and the checkpoints are described in [evidence.md](evidence.md).",
        "",
        "No body holds a personal value. What could be linked to a person stands as a commitment (a salted digest).",
        "`requester` and `actor` name the organisation and its person, system or command line by identifier.",
        "",
    ]
    for kind in EventKind:
        meaning = kind.meaning[0].upper() + kind.meaning[1:]
        lines += [f"## {kind.value}", "", meaning + ".", ""]
        who = written().get(kind)
        if who is None:
            lines += ["Not written by this version: the act it records has no use case yet.", ""]
            continue
        modules = ", ".join(f"`{module}`" for module in who.modules)
        fields = ", ".join(f"`{field}`" for field in who.fields)
        lines += [f"Written by {modules}. Body: {fields}.", ""]
    return "\n".join(lines).rstrip() + "\n"


# --- docs/cli.md and the overview of commands ------------------------------------------------------------------------


def cli() -> str:
    """The help of every command, plain."""
    lines = [
        "# Command line",
        "",
        GENERATED,
        "",
        "Settings come from the environment ([settings.md](settings.md)). Exit codes: 0 done; 1 the answer is no",
        "(tampering found, examples differ, records rejected, the demo differs); 2 it could not be done: the error has",
        "a code ([errors.md](errors.md)).",
        "",
    ]
    for path, command, context in _commands():
        lines += [f"## {path}", "", "```text", _plain_help(command, context), "```", ""]
    return "\n".join(lines).rstrip() + "\n"


def _commands() -> Iterator[tuple[str, Any, Any]]:
    """Every command with its full name, groups first."""
    yield from _below(typer.main.get_command(app), "mezhved", None)


def _below(command: Any, name: str, parent: Any) -> Iterator[tuple[str, Any, Any]]:
    command.rich_markup_mode = None  # plain text: boxes depend on the terminal
    context = command.context_class(command, info_name=name, parent=parent, terminal_width=WIDTH)
    yield context.command_path, command, context
    for below, child in getattr(command, "commands", {}).items():
        yield from _below(child, below, context)


def _plain_help(command: Any, context: Any) -> str:
    return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())


def commands(language: Language) -> str:
    """The overview for the README: every command and its sentence in the reader's language."""
    return "\n".join(
        f"{path:30} {_sentence(command.help or '', language)}".rstrip()
        for path, command, _ in _commands()
        if not getattr(command, "commands", {})
    )


def _sentence(text: str, language: Language) -> str:
    """Help texts are Russian, then English, each from its first letter on."""
    russian, english = text, ""
    for match in re.finditer(r"(?<=[.!?…)]) (?=[A-Z])", text):
        russian, english = text[: match.start()], text[match.end() :]
        break
    return (russian if language == "ru" else english).strip()


# --- parts of hand-written files -------------------------------------------------------------------------------------


def settings_overview() -> str:
    """A table of all settings."""
    rows = ["| setting | type | default |", "| --- | --- | --- |"]
    for name, info in Settings.model_fields.items():
        kind = getattr(info.annotation, "__name__", str(info.annotation)).lower()
        default = str(info.default)
        shown = f"`{default}`" if default else "empty"
        rows.append(f"| [`MEZHVED_{name.upper()}`](#mezhved_{name}) | {kind} | {shown} |")
    return "\n".join(rows)


def api_limits() -> str:
    """Limits of the API, by the constants that set them."""
    defaults = Settings.model_fields
    rows = [
        ("body of a GraphQL request", f"{_count(defaults['max_body_bytes'].default)} bytes", "body_too_large"),
        ("body of a token request", f"{_count(SMALL)} bytes", "body_too_large"),
        (
            f"bodies over {_count(SMALL)} bytes of one client on their way",
            f"{defaults['bodies_at_once'].default}",
            "bodies_at_once",
        ),
        ("wait for the next bytes of a body", f"{defaults['body_seconds'].default} seconds", "body_stalled"),
        ("body of a file", f"{_count(defaults['max_file_bytes'].default)} bytes", "body_too_large"),
        ("nesting of variables", f"{MAX_JSON_DEPTH}", "body_too_deep"),
        ("depth of a query", f"{graphql.MAX_DEPTH}", "graphql_invalid"),
        ("aliases in a query", f"{graphql.MAX_ALIASES}", "graphql_invalid"),
        ("tokens in a query", f"{_count(graphql.MAX_TOKENS)}", "graphql_invalid"),
        ("page of summaries", f"{read_case_summaries.MAX_PAGE}", "page_size"),
        ("page of messages", f"{read_queue.MAX_PAGE}", "page_size"),
        ("page of the directory", f"{search_directory.MAX_PAGE}", "page_size"),
        ("life of an access token", f"{_minutes(tokens.LIFETIME)} minutes", "token_expired"),
        ("life of a client assertion, at most", f"{_minutes(assertions.MAX_LIFETIME)} minutes", "`invalid_client`"),
    ]
    lines = ["| what | limit | code when over |", "| --- | --- | --- |"]
    lines += [f"| {what} | {limit} | {code if '`' in code else f'`{code}`'} |" for what, limit, code in rows]
    return "\n".join(lines)


def file_limits() -> str:
    """Limits of one file."""
    found = DEFAULT_LIMITS
    rows = [
        ("records of a file that is waited for", _count(found.max_records)),
        ("records of a file that is taken step by step", _count(WIDE.max_records)),
        ("complaints kept per record", _count(found.max_complaints)),
        ("XML: depth of elements", _count(found.max_depth)),
        ("XML: attributes of an element", _count(found.max_attributes)),
        ("XML: namespaces declared on an element and those around it", _count(found.max_namespaces)),
        ("XML: elements of a document", _count(found.max_elements)),
        ("XML: elements of a record", _count(found.max_record_elements)),
        ("tables: columns", _count(found.max_columns)),
        ("tables: rows of one message", _count(found.max_record_rows)),
        ("tables: characters of a cell", _count(found.max_cell)),
        ("workbooks: rows of a sheet", _count(found.max_rows)),
        ("workbooks: cells of a sheet, empty ones among them", _count(found.max_cells)),
        ("workbooks and archives: megabytes, unpacked", _count(found.max_unpacked // 1024**2)),
        ("workbooks and archives: times a part is larger than packed", _count(found.max_ratio)),
    ]
    table = ["| what | at most |", "| --- | --- |", *(f"| {what} | {limit} |" for what, limit in rows)]
    lxml, libxml2 = (".".join(map(str, version)) for version in (etree.LXML_VERSION[:3], etree.LIBXML_VERSION))
    return "\n".join(
        [
            *table,
            "",
            f"XML is parsed by lxml {lxml} with libxml2 {libxml2} in its wheel; the lock names both by their hashes.",
        ]
    )


def loss_rules() -> str:
    """Every rule of the loss report."""
    lines = ["| rule | lost | what became of it |", "| --- | --- | --- |"]
    return "\n".join(
        [*lines, *(f"| `{code}` | {lost.value} | {_text(f'losses.{code}', 'en')} |" for code, lost in RULES.items())]
    )


def _count(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _minutes(span: Any) -> int:
    return int(span.total_seconds() // 60)


def scopes() -> str:
    """Scopes that a client may have."""
    return "\n".join(f"- `{scope}`" for scope in sorted(str(scope) for scope in SCOPES))


def example_draft() -> MessageDraft:
    """The referral of the examples. Every person in it is invented; the OGRN numbers belong to nobody."""
    return MessageDraft.model_validate(
        {
            "operation_id": "3f1c9a52-7b0e-4d5f-9a61-2c8e4b7d1f30",
            "type": "referral",
            "sender_ogrn": "1027700900017",
            "recipient_ogrn": "1027700900028",
            "created_at": datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
            "reg_number": "17/исх",
            "reg_on": date(2026, 3, 2),
            "urgency": "planned",
            "persons": [
                {
                    "kind": "child",
                    "ref": "2026-117",
                    "identity": {
                        "full_name": "Вымышленный Пример Примерович",
                        "birth_date": "2019-05-14",
                        "sex": "M",
                    },
                    "identifiers": {"snils": "11223344595"},
                    "whereabouts": {"address": {"text": "ул. Вымышленная, д. 7, кв. 1", "municipality": "Измайлово"}},
                },
                {
                    "kind": "parent",
                    "ref": "2026-117-м",
                    "role": "mother",
                    "identity": {"full_name": "Вымышленная Проба Тестовна"},
                    "contact": {"phones": [{"number": "+70000000001", "whose": "мать", "when": "после 18:00"}]},
                },
            ],
            "concerns": ["HOUSING", "POVERTY"],
            "statement": "Семье трудно оплачивать жильё (вымышленный пример).",
            "requested_action": "Помощь с документами на субсидию",
            "family_aware": True,
        }
    )


def xml_example() -> str:
    """The referral as a document."""
    return _fenced("xml", write_referral(example_draft()).decode("utf-8"))


def csv_example() -> str:
    """The same referral as a register of one row, with the columns that it fills."""
    register = write_referrals([example_draft()]).decode("utf-8-sig")
    filled = [pair for pair in zip(*csv.reader(StringIO(register), delimiter=";"), strict=True) if pair[1]]
    out = StringIO()
    csv.writer(out, delimiter=";", lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(zip(*filled, strict=True))
    return _fenced("csv", out.getvalue())


def csv_columns() -> str:
    """Every column of the default profile."""
    lines = ["| column | field | kind | also found as |", "| --- | --- | --- | --- |"]
    for column in referrals_profile().columns:
        also = ", ".join(column.also[:2]) + (", …" if len(column.also) > 2 else "")
        lines.append(f"| {column.heading} | `{column.field}` | {column.kind} | {also} |")
    return "\n".join(lines)


def _fenced(language: str, text: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```"


# --- docs/facts.md ---------------------------------------------------------------------------------------------------


def facts() -> str:
    """Every fact of the Russian pack with its owners and their evidence."""
    tables = shipped_pack("ru").tables
    lines = [
        "| fact | about | owner | gives | ends, is reviewed |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, fact in shipped_pack("ru").responsible.facts.items():
        ends = ["by two people"] if fact.end_by == "two" else []
        if fact.review:
            term = tables.timers[fact.review.timer]
            ends.append(f"reviewed by `{fact.review.role}` in {term.amount} {term.unit.replace('_', ' ')}s")
        for number, owner in enumerate(fact.owners):
            first = f"`{name}` {fact.title_ru}" if number == 0 else ""
            who = ", ".join(f"`{code}`" for code in (*owner.roles, *owner.kinds))
            needs = ", ".join(f"`{need}`" for need in owner.needs) or "—"
            if "value" in owner.needs:
                needs += f" (`value`: {', '.join(f'`{value}`' for value in fact.values)})"
            shown = "; ".join(ends) if number == 0 else ""
            lines.append(f"| {first} | {fact.about} | {owner.capacity}: {who} | {needs} | {shown} |")
    return "\n".join(lines)


# --- docs/directory.md -----------------------------------------------------------------------------------------------


def directory_bands() -> str:
    """Age bands with their names."""
    return ", ".join(f"`{code}` {entry.name_ru}" for code, entry in code_lists()[AGE_BANDS].items()) + "."


def directory_kinds() -> str:
    """Kinds of services and how long their figures count."""
    lines = ["| code | по-русски | in English | days |", "| --- | --- | --- | --- |"]
    for code, entry in code_lists()[SERVICE_KINDS].items():
        lines.append(f"| `{code}` | {entry.name_ru} | {entry.name_en} | {fresh_days(code)} |")
    return "\n".join(lines)


def directory_columns() -> str:
    """Columns of the table of open data."""
    lines = ["| column | по-русски | what | format |", "| --- | --- | --- | --- |"]
    for column in open_columns():
        what = column.english.replace("|", "\\|")
        lines.append(f"| `{column.name}` | {column.heading_ru} | {what} | {column.format} |")
    return "\n".join(lines)


# --- docs/practices.md -----------------------------------------------------------------------------------------------


def practices() -> str:
    """Every shipped profile: stages, terms, scores and what is left open."""
    lines: list[str] = []
    for practice, profile in shipped_practices().profiles.items():
        lines += [f"### {practice}", "", f"{profile.title_ru}. {profile.whose_ru}. {profile.special_ru}.", ""]
        lines += ["| stage | | maps onto | may be followed by |", "| --- | --- | --- | --- |"]
        for code, stage in profile.stages.items():
            following = ", ".join(f"`{to}`" for to in profile.transitions.get(code, ())) or "—"
            lines.append(f"| `{code}` | {stage.title_ru} | `{stage.same_as}` | {following} |")
        lines += ["", *_practice_terms(profile), *_practice_scores(profile), *_practice_records(profile)]
        left = [f"`{name}` ({row.kind})" for name, row in profile.settings.items()]
        told = " → ".join(", ".join(f"`{role}`" for role in step.roles) for step in profile.escalation.chain)
        step = profile.escalation.step
        lines += [
            f"A term that passed is told to {told}, a step each {step.amount} {step.unit} ({profile.escalation.source_ru}).",
            "",
        ]
        if left:
            lines += [f"Settings: {', '.join(left)}.", ""]
    return "\n".join(lines).rstrip()


def _practice_terms(profile: Profile) -> list[str]:
    if not profile.timers:
        return ["The practice names no terms of its own.", ""]
    lines = ["| term | what must happen | limit | starts with | ends with |", "| --- | --- | --- | --- | --- |"]
    for code, row in profile.timers.items():
        limit = ", ".join(f"{term.amount} {term.unit}" for term in row.terms) or f"the setting `{row.set_by}`"
        limit += f"; warns after {row.warn.amount} {row.warn.unit}" if row.warn else ""
        limit += "; reminder" if row.reminder else ""
        starts = [f"`{event}`" for event in row.starts]
        starts += [f"message `{message}` ({side}{_asked(row, message)})" for message, side in row.messages.items()]
        ends = [f"`{event}`" for event in row.ends] + (["the answer"] if row.answered else [])
        ends += [f"sending `{message}`" for message in row.sent]
        ends += [f"opening `{message}` of another" for message in row.came]
        lines.append(f"| `{code}` | {row.title_ru} | {limit} | {', '.join(starts)} | {', '.join(ends) or '—'} |")
    return [*lines, ""]


def _asked(row: PracticeTimerRow, message: str) -> str:
    said = [
        f"`{name}`: {', '.join(f'`{code}`' for code in codes)}" for name, codes in row.when.get(message, {}).items()
    ]
    return f"; {'; '.join(said)}" if said else ""


def _practice_records(profile: Profile) -> list[str]:
    used = [kind for kind in KINDS if is_used(profile, kind)]
    if not used:
        return ["Records of a case: none are used in this practice.", ""]
    listed = []
    for kind in used:
        codes = ", ".join(f"`{code}`" for code in titles(profile, kind))
        listed.append(f"`{kind}` ({codes})" if codes else f"`{kind}`")
    norms = ", ".join(f"`{code}`" for code in profile.norms)
    lines = [f"Records of a case: {'; '.join(listed)}.", ""]
    return lines + ([f"Norms that are measured: {norms}.", ""] if norms else [])


def _practice_scores(profile: Profile) -> list[str]:
    lines = []
    for code, row in profile.scores.items():
        if not isinstance(row, ScoreRow):
            lines += [f"Score `{code}`: not used in this practice.", ""]
            continue
        points = f"{row.least}–{row.most} points each" if row.least is not None else "points without a printed scale"
        levels = ", ".join(
            f"{level.title_ru} ({f'from the setting `{level.above}`' if level.above else _span(level.at_least, level.at_most)})"
            for level in row.levels.values()
        )
        criteria = "; ".join(criterion.title_ru.lower() for criterion in row.criteria.values())
        lines += [f"Score `{code}`: {criteria}; {points}. Levels: {levels}.", ""]
    return lines


def _span(least: int | None, most: int | None) -> str:
    return f"{least}–{most}" if most is not None else f"from {least}"


# --- docs/rules ------------------------------------------------------------------------------------------------------


def book_of_rules(pack: str) -> str:
    """The rules of a shipped pack, in the language of the pack."""
    title, rest = rulebook(shipped_pack(pack)).split("\n", 1)
    return f"{title}\n\n{GENERATED}\n{rest}"


# --- the canonical documents -----------------------------------------------------------------------------------------

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "message": {
        "operation_id": "3f1c9a52-7b0e-4d5f-9a61-2c8e4b7d1f31",
        "type": "closure_report",
        "sender_ogrn": "1027700900017",
        "recipient_ogrn": "1027700900028",
        "reg_number": "31/исх",
        "reg_on": "2026-09-01",
        "notes": [{"field": "on", "value": "2026-08-31"}],
        "persons": [
            {
                "kind": "child",
                "ref": "2026-117",
                "identity": {"full_name": "Вымышленный Пример Примерович", "birth_date": "2019-05-14", "sex": "M"},
                "plan": {"outcome": {"code": "family_preserved", "on": "2026-08-31"}},
            }
        ],
    },
    "case_summary": {
        "case_ref": "СЛ-2026-17",
        "as_of": "2026-03-01",
        "erase_after": "2027-03-01",
        "source": "наблюдение куратора",
        "curator_name": "Куратор Вымышленный",
        "curator_phone": "+70000000002",
        "subjects": [
            {
                "ref": "2026-117",
                "kind": "child",
                "sections": {
                    "identity": {"full_name": "Вымышленный Пример Примерович", "birth_date": "2019-05-14", "sex": "M"},
                    "education": {"place": "Школа № 0 (вымышленная)", "needs": ["помощь с математикой"]},
                },
            },
            {
                "ref": "2026-117-м",
                "kind": "parent",
                "sections": {"identity": {"full_name": "Вымышленная Проба Тестовна"}},
            },
        ],
    },
    "consent": {
        "subject_ref": "2026-117",
        "subject_kind": "child",
        "birth_date": "2019-05-14",
        "recipient_ogrn": "1027700900028",
        "purpose": "CASE_MGMT",
        "categories": ["ID", "RSK", "PLN"],
        "given_on": "2026-03-01",
        "valid_to": "2027-02-28",
        "signers": [{"who": "mother", "holder_ref": "2026-117-м", "verified": True}],
    },
    "authority": {
        "authority_id": "7d2e9b10-5c3a-4f7e-8d21-9a6b0c4e1f52",
        "subject_ref": "2026-117",
        "subject_kind": "child",
        "birth_date": "2019-05-14",
        "who": "guardian",
        "holder_ref": "2026-117-о",
        "holder_birth_date": "1980-02-01",
        "verified": True,
        "valid_from": "2026-01-15",
        "valid_to": "2028-01-14",
        "evidence_digest": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    },
    "organisation": {
        "id": "0f3b1c52-1111-4d5f-9a61-2c8e4b7d1f30",
        "name": "Центр помощи семье «Вымышленный»",
        "kind": "family_centre",
        "website": "https://example.org/",
        "phones": [{"number": "+70000000003", "note": "в будни с 9:00 до 18:00"}],
        "synthetic": True,
    },
    "service": {
        "id": "0f3b1c52-2222-4d5f-9a61-2c8e4b7d1f30",
        "organisation_id": "0f3b1c52-1111-4d5f-9a61-2c8e4b7d1f30",
        "name": "Консультация психолога",
        "kinds": ["psychology"],
        "territories": ["45000000"],
        "min_age": 3,
        "max_age": 17,
        "hours": {"days": [{"weekday": 1, "spans": [{"opens": "09:00", "closes": "18:00"}]}]},
        "synthetic": True,
    },
}
"""One document of each kind. Every person and organisation is invented; the OGRN numbers belong to nobody."""


def example_of(kind: DocumentKind) -> BaseModel:
    """The example of a kind of document."""
    return kind.model.model_validate(EXAMPLES[kind.code])


def documents() -> str:
    """Every document: its example and the table of its elements, its shapes after it."""
    lines, told = [], set()
    for kind in DOCUMENTS:
        file = f"{kind.code}-{VERSION}.json"
        lines += [
            f"## {kind.title_en} (`{kind.root}`)",
            "",
            f"{kind.title_ru}. Several in one file: `{kind.batch}`. JSON: [`{file}`](../schemas/json/{file}).",
            "",
            _fenced("xml", write_document(example_of(kind)).decode("utf-8")),
            "",
            *_sheet(kind),
            "",
        ]
        for shape in _with_below(shape_of(kind.model)):
            if shape.name not in told:
                told.add(shape.name)
                lines += [*_shape_table(shape), ""]
    return "\n".join(lines).rstrip()


def _sheet(kind: DocumentKind) -> Iterator[str]:
    """The table of a kind: its descriptions, and the same example. Columns in which nothing stands are left out here."""
    form = sheet_form(kind)
    yield (
        f"As a table: {len(form.fields)} columns, [`{form.name}.schema.json`](../schemas/tables/{form.name}.schema.json), "
        f"[`{form.name}.csv-metadata.json`](../schemas/tables/{form.name}.csv-metadata.json).\n"
        "The same example, a column a line:"
    )
    yield ""
    table = write_sheet(kind, [example_of(kind)]).decode("utf-8-sig")
    heading, *rows = csv.reader(io.StringIO(table, newline=""), delimiter=";")
    yield f"| column | {' | '.join(f'row {number}' for number in range(1, len(rows) + 1))} |"
    yield f"| --- |{' --- |' * len(rows)}"
    for at, name in enumerate(heading):
        if any(row[at] for row in rows):
            yield f"| {name} | {' | '.join(row[at].replace('|', chr(92) + '|') for row in rows)} |"
    yield ""


def _with_below(shape: Shape) -> Iterator[Shape]:
    yield shape
    for part in shape.parts:
        if isinstance(part.of, Shape):
            yield from _with_below(part.of)


def _shape_table(shape: Shape) -> Iterator[str]:
    yield f"### {shape.name}"
    yield ""
    yield "| element | field | type | how often | what it is |"
    yield "| --- | --- | --- | --- | --- |"
    for part in shape.parts:
        least, most = "1" if part.required else "0", "n" if part.many else "1"
        often = least if least == most else f"{least}..{most}"
        of = f"[{part.of.name}](#{part.of.name.lower()})" if isinstance(part.of, Shape) else f"`{part.of.name}`"
        yield f"| `{part.element}` | `{part.field}` | {of} | {often} | {part.label_ru} |"


def simple_types() -> str:
    """Every simple type of the documents with what it says."""
    found = {part.of.name: part.of for shape in all_shapes() for part in shape.parts if isinstance(part.of, Simple)}
    lines = ["| type | of | says |", "| --- | --- | --- |"]
    for name in sorted(found):
        facets = ", ".join(f"{facet} `{value}`".replace("|", "\\|") for facet, value in found[name].facets)
        if facets:
            lines.append(f"| `{name}` | `{found[name].base}` | {facets} |")
    return "\n".join(lines)


def left_out_table() -> str:
    """What exports do not have, by scope and form."""
    rows = left_out_rows()
    head = ["| code | of | form | what and why |", "| --- | --- | --- | --- |"]
    return "\n".join([*head, *(f"| `{r.code}` | {', '.join(sorted(r.scopes))} | {r.form} | {r.en} |" for r in rows)])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _schema_of(kind: DocumentKind) -> str:
    return _json(json_schema(kind))


def _described(form: TableForm, made: Callable[[TableForm], dict[str, Any]]) -> str:
    return _json(made(form))


PUBLISHED: Mapping[str, Callable[[], str]] = {
    f"schemas/xsd/exchange-{VERSION}.xsd": exchange_xsd,
    **{f"schemas/json/{kind.code}-{VERSION}.json": partial(_schema_of, kind) for kind in DOCUMENTS},
    **{
        f"schemas/tables/{form.name}.{suffix}": partial(_described, form, made)
        for form in (
            form_of(referrals_profile()),
            form_of(built_in("answers")),
            answer_report_form(),
            export_form(AUTHORITIES),
            *sheet_forms(),
        )
        for suffix, made in (("schema.json", table_schema), ("csv-metadata.json", csvw))
    },
    f"schemas/tables/{EXPORT}.datapackage.json": lambda: _json(data_package(EXPORT, EXPORT_VERSION, export_forms())),
    f"schemas/tables/{EXPORT}.csv-metadata.json": lambda: _json(csvw_group(export_forms())),
}
"""What partners check their files with."""


# --- all of it -------------------------------------------------------------------------------------------------------

WHOLE: Mapping[str, Callable[[], str]] = {
    "docs/errors.md": errors,
    "docs/audit-events.md": audit_events,
    "docs/cli.md": cli,
    "docs/schema.graphql": graphql.sdl,
    "docs/rules/ru.md": lambda: book_of_rules("ru"),
    "docs/rules/gdpr.md": lambda: book_of_rules("gdpr"),
    **PUBLISHED,
}
PARTS: Mapping[str, Mapping[str, Callable[[], str]]] = {
    "README.md": {"commands": lambda: _fenced("text", commands("en"))},
    "README.ru.md": {"commands": lambda: _fenced("text", commands("ru"))},
    "docs/settings.md": {"overview": settings_overview},
    "docs/api.md": {"limits": api_limits, "scopes": scopes},
    "docs/facts.md": {"facts": facts},
    "docs/exchange.md": {
        "types": message_type_table,
        "lanes": lane_table,
        "life": lifecycle_table,
        "notes": note_table,
    },
    "docs/directory.md": {"bands": directory_bands, "kinds": directory_kinds, "columns": directory_columns},
    "docs/practices.md": {"practices": practices},
    "docs/files.md": {
        "xml": xml_example,
        "csv": csv_example,
        "columns": csv_columns,
        "limits": file_limits,
        "losses": loss_rules,
    },
    "docs/documents.md": {"documents": documents, "simple": simple_types},
    "docs/export.md": {"left-out": left_out_table},
}


def expected() -> Iterator[tuple[str, str]]:
    """Path and text of every file that takes something from the code."""
    for path, make in WHOLE.items():
        yield path, make()
    for path, parts in PARTS.items():
        text = (ROOT / path).read_text("utf-8")
        for name, make in parts.items():
            text = _with_part(path, text, name, make())
        yield path, text


def _with_part(path: str, text: str, name: str, content: str) -> str:
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        msg = f"{path}: one part «{name}» between its two marks is needed"
        raise ValueError(msg)
    before, rest = text.split(begin)
    return f"{before}{begin}\n{content}\n{end}{rest.split(end)[1]}"


def main() -> None:
    """Write what differs and name it."""
    for path, text in expected():
        file = ROOT / path
        if not file.exists() or file.read_text("utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
            sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
