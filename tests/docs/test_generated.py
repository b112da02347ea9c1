"""What documents take from the code is what the code gives now. `make docs` writes it again."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys

import pytest
from graphql import parse, validate

from adapters.report import Severity
from adapters.tables.reader import read_table as read_csv
from adapters.xml.reader import read_referrals as read_xml
from gateway.evidence.events import EventKind
from gateway.graphql.schema import schema
from schemas.messages import MessageDraft
from tests import generate
from tests.docs.sources import ROOT, raised

TEXTS = dict(generate.expected())


@pytest.mark.parametrize("path", TEXTS)
def test_the_committed_file_is_what_the_code_gives(path: str) -> None:
    assert (ROOT / path).read_text("utf-8") == TEXTS[path], f"{path} lags behind the code: make docs"


def test_a_part_that_lags_is_seen_and_written_again() -> None:
    text = "before\n<!-- begin x -->\nold\n<!-- end x -->\nafter\n"
    assert generate._with_part("f", text, "x", "new") == text.replace("old", "new")
    with pytest.raises(ValueError, match="between its two marks"):
        generate._with_part("f", text.replace("begin x", "begin y"), "x", "new")


def test_every_error_code_and_every_kind_of_entry_has_its_heading() -> None:
    headings = re.findall(r"^### (\w+)$", TEXTS["docs/errors.md"], re.MULTILINE)
    assert len(headings) == len(set(headings))
    assert {found.code for found in raised()} <= set(headings)
    events = re.findall(r"^## (\S+)$", TEXTS["docs/audit-events.md"], re.MULTILINE)
    assert events == [kind.value for kind in EventKind]


def test_the_overview_of_commands_names_what_the_real_help_names() -> None:
    """`mezhved --help`, as a person gets it, against both READMEs."""
    groups = {path.split()[1] for path, _, _ in generate._commands() if " " in path}
    shown = _help()
    for group in groups:
        assert re.search(rf"^\W*{group}\b", shown, re.MULTILINE), group
    for readme in ("README.md", "README.ru.md"):
        block = (ROOT / readme).read_text("utf-8").split("<!-- begin commands -->")[1].split("<!-- end commands -->")[0]
        named = {line.split()[1] for line in block.splitlines() if line.startswith("mezhved ")}
        assert named == groups


def _help() -> str:
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "--help"], capture_output=True, check=True, cwd=ROOT, timeout=60
    )
    return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout.decode())


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_command_says_what_it_does_in_both_languages(language: str) -> None:
    for line in generate.commands(language).splitlines():
        assert len(line) > 35, line
        sentence = line[30:]
        assert bool(re.search("[а-яё]", sentence)) is (language == "ru"), line


def test_the_examples_of_files_are_read_back_without_a_complaint() -> None:
    draft = generate.example_draft()
    (from_xml,) = read_xml(io.BytesIO(_inside("xml").encode()))
    reading = read_csv(io.BytesIO(_inside("csv").encode()))
    (from_csv,) = reading.records
    assert not reading.report.complaints
    assert not reading.report.dropped_columns
    for record in (from_xml, from_csv):
        assert not [c for c in record.complaints if c.severity is Severity.ERROR], record.complaints
        assert record.draft is not None
        assert _plain(record.draft) == _plain(draft)


def _inside(name: str) -> str:
    text = (ROOT / "docs/files.md").read_text("utf-8")
    block = text.split(f"<!-- begin {name} -->")[1].split(f"<!-- end {name} -->")[0]
    return block.split("\n", 2)[2].rsplit("```", 1)[0]


def _plain(draft: MessageDraft) -> dict[str, object]:
    return draft.model_dump(exclude_defaults=True)


def test_the_register_of_the_example_has_only_columns_that_are_documented() -> None:
    headings = next(csv.reader(_inside("csv").splitlines(), delimiter=";"))
    table = TEXTS["docs/files.md"].split("<!-- begin columns -->")[1]
    assert all(f"| {heading} |" in table for heading in headings)


@pytest.mark.parametrize("path", ["docs/api.md", "docs/directory.md", "README.md", "README.ru.md"])
def test_every_graphql_example_fits_the_schema(path: str) -> None:
    found = re.findall(r"```graphql\n(.*?)```", (ROOT / path).read_text("utf-8"), re.DOTALL)
    assert found or path != "docs/api.md"
    for example in found:
        assert validate(schema._schema, parse(example)) == [], example
