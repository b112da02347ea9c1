"""The transform of SMEV: the published scenarios, the escapes of the reference implementation, and what must not matter."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.signatures.document import canonical, reparse
from adapters.signatures.smev_transform import smev_transform
from schemas.errors import DocumentRejected
from tests.docs.sources import ROOT

VECTORS = json.loads((ROOT / "tests" / "vectors" / "smev" / "transform.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["rules"])
def test_the_published_scenarios(vector: dict[str, str]) -> None:
    root = etree.fromstring(vector["input"].encode())
    assert smev_transform(root).decode() == vector["output"]
    assert smev_transform(reparse(canonical(root))).decode() == vector["output"]


TEXTS = {
    "a > b": "a > b",  # short: neither first nor after a bracket
    "> b": "&gt; b",
    "a]>b": "a]&gt;b",
    ">>": "&gt;>",  # short: what was escaped before does not matter
    ">" * 12: "&gt;" * 12,  # long: after what was escaped it is escaped again
    "a > b and more": "a > b and more",
    "a & > b, and more": "a &amp; > b, and more",
    "a &> b, and more": "a &amp;&gt; b, and more",
    "short &>": "short &amp;>",
    "a\rb": "a&#xd;b",
    "long text\r> again": "long text&#xd;&gt; again",
    "x" * 512 + "> first in its piece": "x" * 512 + "&gt; first in its piece",
    "x" * 511 + "> last in its piece": "x" * 511 + "> last in its piece",
    "\U0001f469" * 256 + "> a piece is counted in UTF-16": "\U0001f469" * 256 + "&gt; a piece is counted in UTF-16",
    "<a/>": "&lt;a/>",
    "\u00a0": "\u00a0",  # a no-break space is a text
    " \t\n": "",
}


@pytest.mark.parametrize("text", TEXTS)
def test_texts_are_escaped_as_the_reference_does(text: str) -> None:
    root = etree.Element("{urn:a}a")
    root.text = text
    assert smev_transform(root).decode() == f'<ns1:a xmlns:ns1="urn:a">{TEXTS[text]}</ns1:a>'


def test_attributes_are_escaped() -> None:
    root = etree.Element("{urn:a}a")
    root.set("b", '&<>"\t\n\r')
    assert smev_transform(root).decode() == '<ns1:a xmlns:ns1="urn:a" b="&amp;&lt;>&quot;&#x9;&#xa;&#xd;"></ns1:a>'
    root = etree.fromstring(b'<a xmlns="urn:a" xml:lang="ru"/>')
    assert smev_transform(root).decode() == '<ns1:a xmlns:ns1="urn:a" xml:lang="ru"></ns1:a>'


def test_an_element_without_namespace_is_refused() -> None:
    with pytest.raises(DocumentRejected, match="signature_no_namespace"):
        smev_transform(etree.fromstring(b'<a xmlns="urn:a"><b xmlns=""/></a>'))


def test_depth_costs_no_stack() -> None:
    root = leaf = etree.Element("{urn:a}a")
    for _ in range(5000):
        leaf = etree.SubElement(leaf, "{urn:a}a")
    assert smev_transform(root).count(b"</ns1:a>") == 5001


SPACES = ("urn:a", "urn:b", "urn:c")
LABELS = ("a", "b", "Имя")
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=20
)


@dataclass(frozen=True)
class Node:
    """An element as a partner's program thinks of it."""

    space: str
    name: str
    attributes: dict[tuple[str, str], str]
    text: str
    children: tuple[tuple[Node, str], ...]  # each with the text after it


def nodes(depth: int = 2) -> st.SearchStrategy[Node]:
    names = st.tuples(st.sampled_from(("", *SPACES)), st.sampled_from(LABELS))
    children = st.lists(st.tuples(st.deferred(lambda: nodes(depth - 1)), WORDS), max_size=2).map(tuple)
    return st.builds(
        Node,
        st.sampled_from(SPACES),
        st.sampled_from(LABELS),
        st.dictionaries(names, WORDS, max_size=3),
        WORDS,
        children if depth else st.just(()),
    )


def written(node: Node, prefixes: Sequence[str], *, at_root: bool, blank: str = "", top: bool = True) -> str:
    """The same document as different programs write it: under these prefixes, declared at the root or at each element, with
    white space where no text is."""
    names = dict(zip(SPACES, prefixes, strict=True))
    spaces = "".join(f' xmlns:{prefix}="{space}"' for space, prefix in names.items())
    attributes = "".join(
        f" {names[space] + ':' if space else ''}{name}={quoteattr(value)}"
        for (space, name), value in node.attributes.items()
    )
    tag = f"{names[node.space]}:{node.name}"
    text = (escape(node.text) if node.text.strip(" ") else blank) if node.children else escape(node.text)
    inner = "".join(
        written(child, prefixes, at_root=at_root, blank=blank, top=False) + (escape(tail) if tail.strip(" ") else blank)
        for child, tail in node.children
    )
    return f"<{tag}{spaces if top or not at_root else ''}{attributes}>{text}{inner}</{tag}>"


def form(document: str) -> bytes:
    return smev_transform(etree.fromstring(document))


PLAIN = ("x", "y", "z")


@given(nodes())
def test_a_second_time_changes_nothing(node: Node) -> None:
    once = form(written(node, PLAIN, at_root=True))
    assert smev_transform(reparse(once)) == once


@given(nodes(), st.permutations(["ns1", "ns2", "p", "Яя", "q"]), st.booleans(), st.sampled_from(["", "\n  ", "\t"]))
def test_prefixes_indentation_and_canonical_form_do_not_matter(
    node: Node, prefixes: list[str], at_root: bool, blank: str
) -> None:
    expected = form(written(node, PLAIN, at_root=True))
    other = written(node, prefixes[:3], at_root=at_root, blank=blank)
    assert form(other) == expected
    assert smev_transform(reparse(canonical(etree.fromstring(other)))) == expected
    outside = f'<w:o xmlns:w="urn:a" xmlns:unused="urn:z">{other}</w:o>'
    assert smev_transform(reparse(canonical(etree.fromstring(outside)[0]))) == expected


@given(nodes(), WORDS)
def test_a_text_that_is_changed_changes_the_form(node: Node, text: str) -> None:
    other = replace(node, text=text)
    if text.strip() != node.text.strip():
        assert form(written(other, PLAIN, at_root=True)) != form(written(node, PLAIN, at_root=True))
