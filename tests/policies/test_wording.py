"""The words of a pack: one for every rule and case or the pack does not load, and none for what the pack does not have."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml

from policies.pack import load_pack, shipped_pack
from policies.rulebook import MARKS
from schemas.errors import Broken

SOURCE = Path(__file__).parents[2] / "policies" / "packs" / "ru"


@pytest.fixture
def copy(tmp_path):
    return Path(shutil.copytree(SOURCE, tmp_path / "pack"))


def change(directory, name, with_document):
    """One file of words, changed as a document."""
    file = directory / name
    document = yaml.safe_load(file.read_text("utf-8"))
    file.write_text(yaml.safe_dump(with_document(document), allow_unicode=True), "utf-8")


def without(key):
    return lambda document: {name: value for name, value in document.items() if name != key}


def with_entry(key, value):
    return lambda document: {**document, key: value}


def with_conditions(rule, policy):
    return lambda document: {**document, rule: {**document[rule], "when": {policy: "всегда"}}}


def with_question(**changed):
    return lambda document: [{**document[0], **changed}, *document[1:]]


@pytest.mark.parametrize(
    ("name", "with_document", "code", "params"),
    [
        ("statements_ru.yaml", without("RU-152-5-2"), "pack_statement_missing", {"rule": "RU-152-5-2"}),
        ("statements_ru.yaml", without("POL-RIGHTS-LIMITED"), "pack_statement_missing", {"rule": "POL-RIGHTS-LIMITED"}),
        ("statements_ru.yaml", lambda _: {}, "pack_statement_missing", {}),
        ("statements_ru.yaml", with_entry("RU-SK-64-1", {"says": " "}), "pack_statement_missing", {"rule": "RU-SK-64-1"}),
        ("statements_ru.yaml", with_entry("RU-1-1", {"says": "Нет"}), "pack_reference_unknown", {"value": "RU-1-1"}),
        ("statements_ru.yaml", with_entry("POL-0-2", {"say": "Нет"}), "pack_value_invalid", {"place": "POL-0-2.says"}),
        ("statements_ru.yaml", with_conditions("POL-0-2", "POL-0-2#x"), "pack_reference_unknown", {"value": "POL-0-2#x"}),
        ("statements_ru.yaml", with_conditions("POL-0-2", "POL-REP-1"), "pack_reference_unknown", {"what": "policy"}),
        ("questions_ru.yaml", with_question(rules=["RU-152-9-99"]), "pack_reference_unknown", {"value": "RU-152-9-99"}),
        ("questions_ru.yaml", with_question(number=2), "pack_code_duplicate", {"value": 2}),
        ("case_titles_ru.yaml", without("45"), "pack_case_title_missing", {"case": "45"}),
        ("case_titles_ru.yaml", with_entry("3", "Нет такого"), "pack_reference_unknown", {"value": "3", "what": "case"}),
        ("book_ru.yaml", with_entry("remarks", {"D-99": "Нет"}), "pack_reference_unknown", {"value": "D-99"}),
        (
            "book_ru.yaml",
            with_entry("parts", [{"stage": "gates", "first": 1, "title": "Нет"}]),
            "pack_reference_unknown",
            {"value": "gates", "what": "stage"},
        ),
    ],
)  # fmt: skip
def test_words_with_a_defect_are_refused(copy, name, with_document, code, params):
    change(copy, name, with_document)
    with pytest.raises(Broken) as caught:
        load_pack(copy)
    assert caught.value.code == code
    assert {"file": name, **params}.items() <= caught.value.params.items()
    assert caught.value.message("ru")
    assert caught.value.remedy("en")


@pytest.mark.parametrize("name", ["statements_ru.yaml", "questions_ru.yaml", "case_titles_ru.yaml", "book_ru.yaml"])
def test_a_pack_brings_every_file_of_words_in_its_language(copy, name):
    (copy / name).unlink()
    with pytest.raises(Broken) as caught:
        load_pack(copy)
    assert (caught.value.code, caught.value.params["file"]) == ("pack_file_missing", name)


def test_a_new_rule_and_a_new_case_need_their_words(copy):
    rules = json.loads((copy / "rules.json").read_text("utf-8"))
    (copy / "rules.json").write_text(json.dumps([*rules, {**rules[3], "id": "RU-152-5-6"}]), "utf-8")
    with pytest.raises(Broken) as caught:
        load_pack(copy)
    assert (caught.value.code, caught.value.params["rule"]) == ("pack_statement_missing", "RU-152-5-6")


def test_a_pack_in_the_language_of_its_specification_needs_no_words(copy):
    for name in ("statements", "questions", "case_titles", "book"):
        (copy / f"{name}_ru.yaml").unlink()
    manifest = copy / "pack.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("language: ru", "language: en"), "utf-8")
    wording = load_pack(copy).wording
    assert (wording.rules, wording.questions, wording.case_titles) == ({}, (), {})


# --- the words of the Russian pack -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def words():
    return shipped_pack("ru").wording


def test_every_policy_has_its_conditions_in_words(pack, words):
    told = {policy for rule in words.rules.values() for policy in rule.when}
    assert told == set(pack.rules)


def test_every_word_is_russian(words):
    texts = [rule.says for rule in words.rules.values()]
    texts += [condition for rule in words.rules.values() for condition in rule.when.values()]
    texts += [question.asks for question in words.questions] + list(words.case_titles.values())
    for text in texts:
        left = re.sub(r"(RU|POL)-[\w.-]+|docs\.cntd|Telegram", "", text)
        assert re.search("[а-яё]", left), text
        assert not re.search("[A-Za-z]{2}", left), text


def test_a_mark_that_says_more_than_its_letters_is_explained(pack, words):
    for rule, statement in pack.statements.items():
        letters = rf"\[[^\]]*\]|\b({'|'.join(MARKS)})\b|[\s;/(),]"
        if re.sub(letters, "", statement.confidence):
            assert words.rules[rule].confidence, f"{rule}: {statement.confidence}"


def test_what_is_quoted_is_russian(pack, words):
    """The citation that a reader sees has no word of another language."""
    deciding = {policy.rule for policy in pack.rules.values()}
    for rule, statement in pack.statements.items():
        if rule not in deciding:
            shown = words.rules[rule].cite or statement.citation
            assert not re.search("[A-Za-z]{2}", shown), f"{rule}: {shown}"


def test_the_twelve_questions_stand_in_order(words):
    assert [question.number for question in words.questions] == list(range(1, 13))
    assert all(question.rules for question in words.questions)


def test_every_code_of_the_tables_has_its_word(pack, words):
    tables = pack.tables
    needed = {f"lane.{row.lane}" for row in tables.purposes.values()}
    needed |= {f"group.{group}" for row in tables.kinds.values() for group in row.groups}
    needed |= {f"sensitivity.{row.sensitivity}" for row in tables.categories.values()}
    needed |= {f"about.{who}" for row in tables.categories.values() for who in row.about}
    needed |= {f"event.{row.from_event}" for row in tables.timers.values()}
    needed |= {f"reason.{row.reason}" for row in pack.obligations.rows if row.reason}
    assert needed == set(words.book.codes)


def test_every_rule_is_of_a_law_of_the_contents(pack, words):
    for rule in pack.statements:
        assert len([law for law in words.book.laws if rule.startswith(f"{law}-")]) == 1, rule
