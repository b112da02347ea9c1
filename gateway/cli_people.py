"""`mezhved fact | hold | emergency | case | explain`: what people of an organisation do, each under their own login.

The password is asked for (or read from standard input), so that an entry names who really did it. Reasons, acts and names
of families are read from files, never from the command line, where a shell would keep them.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.table import Column, Table

from gateway.settings import read_settings
from gateway.use_cases.appoint_deputy import appoint_deputy
from gateway.use_cases.assign_case import assign_case
from gateway.use_cases.decide_hold import WAITING, HoldDecision, decide_hold
from gateway.use_cases.declare_emergency import declare_emergency
from gateway.use_cases.end_fact import end_fact
from gateway.use_cases.explain_access import Explained, explain_access
from gateway.use_cases.house import House
from gateway.use_cases.read_facts import read_facts
from gateway.use_cases.read_holds import open_hold, read_holds
from gateway.use_cases.record_fact import record_fact
from gateway.use_cases.review_emergency import open_emergency, read_emergencies, review_emergency
from gateway.use_cases.review_fact import review_fact
from gateway.use_cases.sign_in import session_requester, sign_in, sign_out
from gateway.use_cases.values import Requester
from policies.ruling import Effect
from schemas.errors import BadInput, DocumentRejected
from schemas.facts import FactDocument, FactDraft, PersonNamed
from schemas.ids import Category, FactId, HoldId

Model = TypeVar("Model", bound=BaseModel)

fact = typer.Typer(help="Факты, на которых основаны решения. Facts on which rulings rest.", no_args_is_help=True)
hold = typer.Typer(help="Удержанное: решает человек. What is held: a person decides.", no_args_is_help=True)
emergency = typer.Typer(help="Экстренный доступ. Break-glass.", no_args_is_help=True)
case = typer.Typer(help="Кто ведёт случай. Who works on a case.", no_args_is_help=True)

console = Console(soft_wrap=True)

Login = Annotated[str, typer.Option(help="Логин сотрудника; пароль спрашивается. Login; the password is asked for.")]
WordsFile = Annotated[Path, typer.Option(help="Файл с причиной или описанием. File with the words.")]


# --- facts -----------------------------------------------------------------------------------------------------------


@fact.command("record")
def fact_record(
    file: Annotated[Path, typer.Argument(help="Файл JSON с фактом (docs/facts.md). JSON file of the fact.")],
    login: Login,
    copy: Annotated[
        Path | None, typer.Option(help="Копия документа: считается её SHA-256. Copy of the document.")
    ] = None,
) -> None:
    """Записать факт. Record a fact, or replace one."""
    draft = _draft(FactDraft, file)
    if copy is not None:
        draft = draft.model_copy(
            update={"document": draft.document.model_copy(update={"copy_digest": digest_of(copy)})}
        )
    house, requester, now = signed_in(login)
    recorded = record_fact(house, requester, draft, now)
    console.print(f"Факт {recorded.fact_id} записан. Запись журнала: {recorded.entry_id}")


@fact.command("end")
def fact_end(
    fact_id: Annotated[str, typer.Argument(help="Номер факта. Id of the fact.")],
    login: Login,
    document: Annotated[Path | None, typer.Option(help="Файл JSON: number, on, reasons. JSON of the document.")] = None,
    copy: Annotated[Path | None, typer.Option(help="Копия документа. Copy of the document.")] = None,
) -> None:
    """Прекратить факт. End a fact."""
    given = _document(document, copy)
    house, requester, now = signed_in(login)
    ended = end_fact(house, requester, FactId(fact_id), given, now)
    console.print("Факт прекращён." if ended.ended else "Ждёт второго человека.")
    console.print(f"Запись журнала: {ended.entry_id}")


@fact.command("review")
def fact_review(
    fact_id: Annotated[str, typer.Argument(help="Номер факта. Id of the fact.")],
    login: Login,
    document: Annotated[Path | None, typer.Option(help="Файл JSON: reasons. JSON with the reasons.")] = None,
) -> None:
    """Пересмотреть факт и оставить его. Review a fact and keep it."""
    given = _document(document, None)
    house, requester, now = signed_in(login)
    console.print(f"Пересмотрено. Запись журнала: {review_fact(house, requester, FactId(fact_id), given, now)}")


@fact.command("list")
def fact_list(
    login: Login,
    person: Annotated[Path | None, typer.Option(help="Файл JSON: ref, pseudonym или identifiers. Who.")] = None,
) -> None:
    """Показать действующие факты. List facts in force."""
    named = _draft(PersonNamed, person) if person else None
    house, requester, now = signed_in(login)
    table = _numbered("Факт", "О ком", "С", "До", "Записал", "Пересмотр")
    for known in read_facts(house, requester, named, now).facts:
        row = known.fact
        table.add_row(
            row.id,
            known.title,
            row.about_who or "",
            f"{row.from_at:%d.%m.%Y}",
            f"{row.to_at:%d.%m.%Y}" if row.to_at else "",
            known.set_by,
            f"{row.review_by:%d.%m.%Y}" if row.review_by else "",
        )
    console.print(table)


# --- holds -----------------------------------------------------------------------------------------------------------


@hold.command("list")
def hold_list(
    login: Login,
    state: Annotated[str, typer.Option(help="waiting, released, refused")] = WAITING,
) -> None:
    """Показать, что ждёт решения. List what waits for a decision."""
    house, requester, now = signed_in(login)
    table = _numbered("Кто просит", "Цель", "Правило", "Категории", "Решить до", "Вы")
    for shown in read_holds(house, requester, now, state):
        row = shown.hold
        late = " (просрочено)" if shown.overdue else ""
        table.add_row(
            row.id,
            shown.recipient,
            row.purpose,
            row.rule,
            " ".join(sorted(row.categories)),
            f"{row.due_at:%d.%m.%Y}{late}",
            "да" if shown.mine else "",
        )
    console.print(table)


@hold.command("show")
def hold_show(hold_id: Annotated[str, typer.Argument(help="Номер. Id.")], login: Login) -> None:
    """Показать факты, по которым правило удержало. Show the facts behind a hold."""
    house, requester, now = signed_in(login)
    opened = open_hold(house, requester, HoldId(hold_id), now)
    row = opened.shown.hold
    said = {
        "rule": row.rule,
        "purpose": row.purpose,
        "categories": dict(row.categories),
        "facts": opened.facts,
        "claims": dict(opened.claims),
        "first": opened.first_words,
        "decided": opened.words,
    }
    print(json.dumps(said, ensure_ascii=False, indent=1))  # noqa: T201  plain output


@hold.command("decide")
def hold_decide(
    hold_id: Annotated[str, typer.Argument(help="Номер. Id.")],
    login: Login,
    words: WordsFile,
    release: Annotated[
        list[str] | None, typer.Option(help="Передать категорию: ID=P или LOC=M; можно несколько. Release.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Код причины отказа. Code of the reason.")] = None,
) -> None:
    """Передать или отказать. Release or refuse."""
    decision = HoldDecision(_effects(release or []), _words(words), reason)
    house, requester, now = signed_in(login)
    decided = decide_hold(house, requester, HoldId(hold_id), decision, now)
    console.print(f"{decided.hold.state}. Запись журнала: {decided.entry_id}")


@hold.command("deputy")
def hold_deputy(
    person: Annotated[str, typer.Argument(help="Логин заместителя, и из другой организации. Login of the deputy.")],
    login: Login,
    ends: Annotated[bool, typer.Option("--end", help="Прекратить. End it.")] = False,
) -> None:
    """Согласовать заместителя для решений вдвоём. Agree on a deputy for decisions of two."""
    house, requester, now = signed_in(login)
    console.print(f"Запись журнала: {appoint_deputy(house, requester, person, now, ends=ends)}")


# --- emergencies, assignments, explanations --------------------------------------------------------------------------


@emergency.command("declare")
def emergency_declare(
    case_id: Annotated[str, typer.Argument(help="Обозначение случая. Case id.")], login: Login, words: WordsFile
) -> None:
    """Объявить прямую угрозу и открыть случай. Declare a direct threat."""
    said = _words(words)
    house, requester, now = signed_in(login)
    declared = declare_emergency(house, requester, case_id, said, now)
    console.print(f"Случай открыт для цели EMERGENCY до {declared.ends_at:%d.%m.%Y %H:%M} UTC.")
    console.print(f"Проверка до {declared.review_by:%d.%m.%Y %H:%M} UTC. Запись журнала: {declared.entry_id}")


@emergency.command("list")
def emergency_list(login: Login) -> None:
    """Показать экстренные обращения. List emergencies."""
    house, requester, now = signed_in(login)
    table = _numbered("Кто объявил", "Организация", "Когда", "Проверить до", "Итог")
    for shown in read_emergencies(house, requester, now):
        row = shown.emergency
        late = " (просрочено)" if shown.overdue else ""
        table.add_row(
            row.id,
            shown.declarer,
            shown.organisation,
            f"{row.declared_at:%d.%m.%Y %H:%M}",
            f"{row.review_by:%d.%m.%Y %H:%M}{late}",
            row.state,
        )
    console.print(table)


@emergency.command("show")
def emergency_show(emergency_id: Annotated[str, typer.Argument(help="Номер. Id.")], login: Login) -> None:
    """Показать слова того, кто объявил, и проверки. Show what was declared, and the review."""
    house, requester, now = signed_in(login)
    shown = open_emergency(house, requester, emergency_id, now)
    console.print(shown.words or "Слова больше не читаются: ключи уничтожены.")
    if shown.review:
        console.print(f"Итог {shown.emergency.state}: {shown.review}")


@emergency.command("review")
def emergency_review(
    emergency_id: Annotated[str, typer.Argument(help="Номер. Id.")],
    login: Login,
    outcome: Annotated[str, typer.Option(help="justified — обосновано, misuse — злоупотребление")],
    words: WordsFile,
) -> None:
    """Проверить экстренное обращение. Review an emergency."""
    said = _words(words)
    house, requester, now = signed_in(login)
    shown = open_emergency(house, requester, emergency_id, now)
    console.print(shown.words or "Слова больше не читаются: ключи уничтожены.")
    console.print(f"Запись журнала: {review_emergency(house, requester, emergency_id, outcome, said, now)}")


@case.command("assign")
def case_assign(
    case_id: Annotated[str, typer.Argument(help="Обозначение случая. Case id.")],
    person: Annotated[str, typer.Argument(help="Логин того, кто будет вести. Login of who will work on it.")],
    login: Login,
    ends: Annotated[bool, typer.Option("--end", help="Снять с случая. End the assignment.")] = False,
) -> None:
    """Назначить сотрудника на случай. Assign a person to a case."""
    house, requester, now = signed_in(login)
    console.print(f"Запись журнала: {assign_case(house, requester, case_id, person, now, ends=ends)}")


def explain(
    case_id: Annotated[str, typer.Argument(help="Обозначение случая. Case id.")],
    login: Login,
    to: Annotated[str, typer.Option(help="ОГРН организации, которая спросила бы. OGRN of who would ask.")],
    purpose: Annotated[str, typer.Option(help="Цель. Purpose.")] = "CASE_MGMT",
    as_json: Annotated[bool, typer.Option("--json", help="JSON для программ. JSON.")] = False,
) -> None:
    """Что увидит организация и почему, ничего не раскрывая. What an organisation would see, and why."""
    house, requester, now = signed_in(login)
    explained = explain_access(house, requester, case_id, to, purpose, now)
    if as_json:
        print(json.dumps(_explained(explained), ensure_ascii=False, indent=1))  # noqa: T201  plain output for programs
        return
    found = "находит случай" if explained.related else "не находит случая: нет согласия, переписки или обязанности"
    console.print(f"{explained.recipient.name}: {found}. Запись журнала: {explained.entry_id}")
    for subject in explained.subjects:
        table = Table("Категория", "Решение", "Правило", "Чего не хватает")
        for known in subject.categories:
            lacking = "; ".join(dict.fromkeys(f"{rule.id}: {rule.remedy_ru}" for rule in known.missing))
            quiet = " (получателю не называется)" if known.quiet else ""
            table.add_row(
                house.pack.category_title(known.category),
                known.ruling.effect.value,
                f"{known.ruling.rule} {known.ruling.true.citation}{quiet}",
                lacking,
            )
        console.print(f"{'Ребёнок' if subject.kind == 'child' else 'Взрослый'} {subject.ref}")
        console.print(table)


def _explained(explained: Explained) -> dict[str, object]:
    return {
        "organisation": explained.recipient.ogrn,
        "purpose": explained.purpose,
        "related": explained.related,
        "entry": explained.entry_id,
        "subjects": [
            {
                "ref": subject.ref,
                "kind": subject.kind,
                "retain_until": subject.retain_until.isoformat() if subject.retain_until else None,
                "categories": {
                    known.category: {
                        "effect": known.ruling.effect.value,
                        "rule": known.ruling.rule,
                        "cite": known.ruling.true.citation,
                        "quiet": known.quiet,
                        "obligations": list(known.ruling.obligations),
                        "missing": [rule.id for rule in known.missing],
                    }
                    for known in subject.categories
                },
            }
            for subject in explained.subjects
        ],
    }


def _numbered(*headings: str) -> Table:
    """A table whose first column is a number that goes into the next command: whole, however narrow the window."""
    return Table(Column("Номер", no_wrap=True), *headings)


# --- reading what is given -------------------------------------------------------------------------------------------


def signed_in(login: str) -> tuple[House, Requester, datetime]:
    """The house, the person after the password was checked, and the instant of the command."""
    from gateway.building import build_house, utc_now

    password = typer.prompt("Пароль", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    house, now = build_house(read_settings()), utc_now()
    signed = sign_in(house, login, password, now)
    requester, _ = session_requester(house, signed.token, now)
    sign_out(house, signed.token)
    return house, requester, now


def _draft(model: type[Model], file: Path) -> Model:
    """Raises DocumentRejected (file_unreadable), BadInput (field_invalid) with the place."""
    try:
        return model.model_validate_json(file.read_bytes())
    except OSError:
        raise DocumentRejected("file_unreadable", file=file.name) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "document"
        raise BadInput("field_invalid", place=place, rule=first["type"]) from None


def _document(file: Path | None, copy: Path | None) -> FactDocument:
    given = _draft(FactDocument, file) if file else FactDocument()
    return given.model_copy(update={"copy_digest": digest_of(copy)}) if copy else given


def digest_of(copy: Path) -> str:
    """SHA-256 of the copy of a document. Raises DocumentRejected (file_unreadable)."""
    try:
        with copy.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        raise DocumentRejected("file_unreadable", file=copy.name) from None


def _words(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise DocumentRejected("file_unreadable", file=file.name) from None


def _effects(given: list[str]) -> Mapping[Category, Effect]:
    effects = {}
    for item in given:
        category, _, effect = item.partition("=")
        if effect not in {Effect.PERMIT, Effect.MASK}:
            raise BadInput("field_invalid", place="--release", rule="ID=P, LOC=M")
        effects[Category(category)] = Effect(effect)
    return effects
