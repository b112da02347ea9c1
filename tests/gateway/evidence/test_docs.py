"""The published format does not lag behind the code."""

import json
import re
from pathlib import Path

from gateway.evidence.events import EventKind
from gateway.evidence.export import export_lines

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs/evidence.md").read_text("utf-8")
V1 = json.loads((ROOT / "tests/vectors/evidence/entry-v1.json").read_text("utf-8"))


def test_every_kind_of_entry_is_listed_with_its_meaning_and_no_other():
    rows = re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \| (.+) \|$", TEXT, re.MULTILINE)
    assert rows == [(kind.value, kind.meaning) for kind in EventKind]


def test_the_example_is_the_vector():
    assert V1["data"] in TEXT


def test_the_fields_of_the_header_are_listed(log):
    header = json.loads(next(iter(export_lines(log.key.verifier(), [], []))))
    assert all(f"`{name}`" in TEXT for name in header)
