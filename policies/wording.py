"""What a pack says in its own language: statements of its rules, what a lawyer has yet to answer, titles of its cases.

A pack is specified in English (`rules.json`, `*cases.json`). One in another language brings its words beside them, a word
for everything or it does not load. These words decide nothing; the book of rules (`rulebook`) is made of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import RootModel

from policies.files import PackFiles, Row
from policies.rules import Stage
from policies.tables import Tables, known
from schemas.catalogue import Language
from schemas.errors import Broken
from schemas.model import Model

SPECIFIED_IN: Final[Language] = "en"
"""The language of rules.json and of the cases: a pack in it needs no words of its own."""


class RuleWords(Model):
    """A rule in words. `title`, `cite` and `confidence` stand where those of the policies or of rules.json do not serve;
    `when` has the conditions of policies by their id."""

    says: str
    title: str = ""
    cite: str = ""
    confidence: str = ""
    when: Mapping[str, str] = {}


class Question(Model):
    """A question that waits for a lawyer, and the rules that wait for its answer."""

    number: int
    title: str
    rules: tuple[str, ...]
    asks: str


class Part(Model):
    """A part of a long stage: it begins with the policy whose order is `first`."""

    stage: str
    first: int
    title: str


class Term(Model):
    """A term that nothing counts, because it is no single number."""

    id: str
    title: str
    term: str
    citation: str
    confidence: str


class Book(Model):
    """What a book of rules says besides the rules: laws by the beginning of a rule's id, words for codes (`lane.consent`),
    remarks on terms by their id."""

    laws: Mapping[str, str] = {}
    parts: tuple[Part, ...] = ()
    notes: tuple[str, ...] = ()
    codes: Mapping[str, str] = {}
    remarks: Mapping[str, str] = {}
    untimed: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Wording:
    """All words of a pack. `rules` and `case_titles` are empty where the specification itself is read."""

    language: Language
    rules: Mapping[str, RuleWords]
    questions: tuple[Question, ...]
    case_titles: Mapping[str, str]
    book: Book


class _Statements(RootModel[dict[str, RuleWords]]):
    pass


class _Questions(RootModel[tuple[Question, ...]]):
    pass


class _Titles(RootModel[dict[str, str]]):
    pass


def read_wording(
    files: PackFiles,
    language: Language,
    tables: Tables,
    stages: Iterable[Stage],
    statements: Iterable[str],
    policies: Iterable[str],
    case_files: Iterable[str],
) -> Wording:
    """The words of a pack. Raises Broken for a rule or a case without its words, and for words about a rule, policy, case,
    stage or term that the pack does not have."""
    rules = _document(files, f"statements_{language}.yaml", language, _Statements)
    questions = _document(files, f"questions_{language}.yaml", language, _Questions)
    titles = _document(files, f"case_titles_{language}.yaml", language, _Titles)
    book = _document(files, f"book_{language}.yaml", language, Book)
    statements = tuple(statements)
    if rules:
        _check_rules(rules.root, statements, tuple(policies), f"statements_{language}.yaml")
    if questions:
        _check_questions(questions.root, statements, f"questions_{language}.yaml")
    if titles:
        cases = [str(case.get("n")) for name in case_files for case in files.json(name)]
        _check_titles(titles.root, cases, f"case_titles_{language}.yaml")
    if book:
        place = f"book_{language}.yaml"
        known((part.stage for part in book.parts), (stage.name for stage in stages), "stage", place, "parts")
        known(book.remarks, tables.timers, "timer", place, "remarks")
    return Wording(
        language=language,
        rules=rules.root if rules else {},
        questions=questions.root if questions else (),
        case_titles=titles.root if titles else {},
        book=book or Book(),
    )


def _document(files: PackFiles, name: str, language: Language, model: type[Row]) -> Row | None:
    """One file of words. Only a pack in the language of the specification may do without it."""
    return None if language == SPECIFIED_IN and name not in files.contents else files.document(name, model)


def _check_rules(
    rules: Mapping[str, RuleWords], statements: tuple[str, ...], policies: tuple[str, ...], file: str
) -> None:
    known(rules, statements, "rule", file, "document")
    for rule in statements:
        if rule not in rules or not rules[rule].says:
            raise Broken("pack_statement_missing", file=file, rule=rule)
        own = (policy for policy in policies if policy.partition("#")[0] == rule)
        known(rules[rule].when, own, "policy", file, f"{rule}.when")


def _check_questions(questions: Iterable[Question], statements: tuple[str, ...], file: str) -> None:
    numbers: set[int] = set()
    for question in questions:
        known(question.rules, statements, "rule", file, f"question {question.number}")
        if question.number in numbers:
            raise Broken("pack_code_duplicate", file=file, value=question.number)
        numbers.add(question.number)


def _check_titles(titles: Mapping[str, str], cases: list[str], file: str) -> None:
    known(titles, cases, "case", file, "document")
    for case in cases:
        if not titles.get(case):
            raise Broken("pack_case_title_missing", file=file, case=case)
