"""The book of rules: nothing of a pack is left out of it, everything stands once, and every link leads somewhere."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from policies.case_files import parse_cases
from policies.markdown import anchor, lowered
from policies.pack import load_pack, shipped_pack
from policies.rulebook import rulebook

SOURCE = Path(__file__).parents[2] / "policies" / "packs" / "ru"


@pytest.fixture(scope="module")
def book():
    return rulebook(shipped_pack("ru"))


@pytest.fixture(scope="module")
def english(tmp_path_factory):
    """The Russian rules as a pack that brings no words of its own."""
    copy = Path(shutil.copytree(SOURCE, tmp_path_factory.mktemp("book") / "pack"))
    for name in ("statements", "questions", "case_titles", "book"):
        (copy / f"{name}_ru.yaml").unlink()
    manifest = copy / "pack.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("language: ru", "language: en"), "utf-8")
    return rulebook(load_pack(copy))


def headings(book, level):
    return re.findall(rf"^{'#' * level} (.+)$", book, re.MULTILINE)


def entry(book, rule):
    """What stands under the heading of a rule."""
    return re.split(r"^#{1,4} ", book.split(f"\n#### {rule}\n")[1], maxsplit=1, flags=re.MULTILINE)[0]


def test_every_rule_has_one_entry_and_stands_in_the_contents(book, pack):
    entries = [heading for heading in headings(book, 4) if heading in pack.statements]
    assert sorted(entries) == sorted(pack.statements)
    contents = book.split("## Содержание по законам")[1].split("\n## ")[0]
    assert sorted(re.findall(r"^- \[(\S+)\]", contents, re.MULTILINE)) == sorted(pack.statements)


def test_deciding_rules_stand_in_the_order_of_evaluation(book, pack):
    first = {}
    for policy in sorted(pack.rules.values(), key=lambda rule: rule.rank):
        first.setdefault(policy.rule, policy.rank)
    deciding = [rule for rule in headings(book, 4) if rule in pack.statements][: len(first) - 1]
    ranks = [first[rule] for rule in deciding]
    assert ranks == sorted(ranks)
    assert {pack.statements[rule].tier for rule in deciding} == {"decision"}


def test_an_entry_says_everything_of_its_rule(book, pack):
    obligations = pack.obligations.codes
    for rule, statement in pack.statements.items():
        text, words = entry(book, rule), pack.wording.rules[rule]
        assert statement.confidence.replace("*", "") in text
        assert words.says.split()[0] in text
        for question in pack.wording.questions:
            assert (f"[{question.number}](#вопрос-{question.number})" in text) == (rule in question.rules)
        for code, obligation in obligations.items():
            assert (f"`{code}` {obligation.title_ru}" in text) == (obligation.rule == rule)


def test_an_entry_says_everything_of_its_policies(book, pack):
    for policy in pack.rules.values():
        (line,) = [
            line for line in book.splitlines() if line.endswith(")") or "`)." in line if f"`{policy.policy}`)" in line
        ]
        assert line.startswith("- **")
        assert f"(`{policy.effect}`)" in line
        assert f"ступень {policy.rank[0] + 1}, номер {policy.rank[1]}" in line
        assert ("Причина не называется получателю." in line) == policy.quiet
        assert ("Если человек разрешил" in line) == (policy.released is not None)
        assert lowered(policy.text.remedy_ru).split("{")[0] in entry(book, policy.rule)


def test_every_case_stands_at_the_rules_that_it_exercises(book, pack):
    for name, content in pack.case_files.items():
        for case in parse_cases(content, name):
            for rule in {expected.rule for expected in case.expected.values()}:
                assert f"{case.n} «{pack.wording.case_titles[str(case.n)]}»" in entry(book, rule)


def test_every_link_leads_to_one_heading(book):
    anchors = [anchor(heading) for level in range(1, 5) for heading in headings(book, level)]
    assert len(anchors) == len(set(anchors))
    links = set(re.findall(r"\]\(#(.+?)\)", book))
    assert len(links) > 100
    assert links <= set(anchors)


def test_open_questions_stay_visible_as_open(book, pack):
    assert "Не юридическая консультация" in book.split("\n## ")[0]
    last = book.split("\n## ")[-1]
    assert last.startswith("Открытые вопросы юристу")
    assert "Ни на один из этих вопросов ответа ещё нет" in last
    for question in pack.wording.questions:
        assert question.title in last


def test_tables_have_a_row_for_every_code(book, pack):
    tables = book.split("\n## Таблицы")[1]
    codes = {*pack.tables.categories, *pack.tables.purposes, *pack.tables.kinds, *pack.tables.routes}
    codes |= {*pack.tables.timers, *(term.id for term in pack.wording.book.untimed), *pack.obligations.codes}
    assert [code for code in codes if f"| `{code}` |" not in tables] == []
    assert tables.count("\n| Здоровье |") == len({purpose for purpose, _ in pack.tables.envelopes.rows})
    rows = [re.sub(r"`[^`]*`", "", line).count("|") for line in tables.splitlines() if line.startswith("| ")]
    assert min(rows) > 2


def test_no_fact_is_left_as_a_code(book):
    when = book.split("### Обязанности по кодам")[1]
    assert not re.search(r"`[a-z_.]+=", when)


def test_the_version_is_named_and_the_digest_is_not(book, pack):
    assert pack.identity.version in book
    assert pack.identity.digest not in book


def test_a_pack_without_words_of_its_own_reads_in_english(english, pack):
    assert "**Not legal advice.**" in english
    assert "No open questions are recorded." in english
    for rule, statement in pack.statements.items():
        assert statement.statement in re.sub(r"\[([A-Z][\w.-]+)\]\(#[\w-]+\)", r"\1", entry(english, rule))
    assert "Как читать" not in english


def test_a_sentence_goes_on_in_small_letters_and_an_abbreviation_does_not():
    assert lowered("Категория названа") == "категория названа"
    assert lowered("У организации") == "у организации"
    assert lowered("НКО спрашивает") == "НКО спрашивает"
    assert lowered("") == ""
