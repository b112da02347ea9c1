"""The tree against foreign vectors, and what must hold for every log."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.evidence.errors import VerificationError
from gateway.evidence.tree import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_hash,
    verify_consistency,
    verify_inclusion,
)

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/evidence/merkle.json").read_text("utf-8"))
LEAVES = [leaf_hash(bytes.fromhex(leaf)) for leaf in VECTORS["leaves"]]
ROOTS = [bytes.fromhex(root) for root in VECTORS["roots"]]

logs = st.lists(st.binary(max_size=8), min_size=1, max_size=40).map(lambda datas: [leaf_hash(data) for data in datas])


def hashes(texts):
    return [bytes.fromhex(text) for text in texts]


def flip(data, position, bit):
    return data[:position] + bytes([data[position] ^ (1 << bit)]) + data[position + 1 :]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_reference_code(size):
    assert root_hash(LEAVES[:size]) == ROOTS[size]


@pytest.mark.parametrize("case", VECTORS["inclusion"])
def test_inclusion_proofs_are_those_of_the_reference_code(case):
    index, size, proof = case["index"], case["size"], hashes(case["proof"])
    assert inclusion_proof(LEAVES[:size], index) == proof
    verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size])


@pytest.mark.parametrize("case", VECTORS["consistency"])
def test_consistency_proofs_are_those_of_the_reference_code(case):
    old, new, proof = case["old"], case["new"], hashes(case["proof"])
    assert consistency_proof(LEAVES[:new], old) == proof
    verify_consistency(old, new, ROOTS[old], ROOTS[new], proof)


def test_every_size_up_to_33_proves_every_leaf_and_every_older_tree():
    leaves = [leaf_hash(bytes([number])) for number in range(33)]
    for size in range(len(leaves) + 1):
        root = root_hash(leaves[:size])
        for index in range(size):
            verify_inclusion(leaves[index], index, size, inclusion_proof(leaves[:size], index), root)
        for old in range(size + 1):
            verify_consistency(old, size, root_hash(leaves[:old]), root, consistency_proof(leaves[:size], old))


@settings(max_examples=60, deadline=None)
@given(logs, st.data())
def test_no_altered_leaf_index_size_root_or_proof_verifies(leaves, data):
    size = len(leaves)
    index = data.draw(st.integers(0, size - 1))
    root, proof = root_hash(leaves), inclusion_proof(leaves, index)
    position, bit = data.draw(st.integers(0, 31)), data.draw(st.integers(0, 7))
    altered = [
        (flip(leaves[index], position, bit), index, size, proof, root),
        (leaves[index], index, size, proof, flip(root, position, bit)),
        (leaves[index], index, size, [*proof, root], root),
        (leaves[index], index, size, [root, *proof], root),
        (leaves[index], -1, size, proof, root),
        (leaves[index], size, size, proof, root),
        (leaves[index], index, size * 2, proof, root),
        (leaves[index][:-1], index, size, proof, root),
    ]
    if proof:
        node = data.draw(st.integers(0, len(proof) - 1))
        broken = [*proof[:node], flip(proof[node], position, bit), *proof[node + 1 :]]
        altered += [(leaves[index], index, size, broken, root), (leaves[index], index, size, proof[:-1], root)]
        other = data.draw(st.integers(0, size - 1))
        if leaves[other] != leaves[index]:
            altered.append((leaves[other], index, size, proof, root))
    for case in altered:
        with pytest.raises(VerificationError):
            verify_inclusion(*case)


@settings(max_examples=60, deadline=None)
@given(logs, st.data())
def test_no_altered_history_is_consistent(leaves, data):
    new = len(leaves)
    old = data.draw(st.integers(1, new))
    old_root, new_root, proof = root_hash(leaves[:old]), root_hash(leaves), consistency_proof(leaves, old)
    position, bit = data.draw(st.integers(0, 31)), data.draw(st.integers(0, 7))
    changed = data.draw(st.integers(0, old - 1))
    rewritten = [*leaves[:changed], flip(leaves[changed], position, bit), *leaves[changed + 1 :]]
    altered = [
        (old, new, flip(old_root, position, bit), new_root, proof),
        (old, new, old_root, flip(new_root, position, bit), proof),
        (old, new, old_root, new_root, [*proof, new_root]),
        (old, new, old_root, root_hash(rewritten), consistency_proof(rewritten, old)),
        (new + 1, new, old_root, new_root, proof),
        (-1, new, old_root, new_root, proof),
    ]
    if proof:
        altered.append((old, new, old_root, new_root, proof[:-1]))
    for case in altered:
        with pytest.raises(VerificationError):
            verify_consistency(*case)


@settings(max_examples=60, deadline=None)
@given(logs, st.lists(st.integers(0, 40), max_size=5))
def test_batches_give_the_same_tree_as_one_append(leaves, cuts):
    frontier, done = Frontier(), 0
    for cut in [*sorted(cuts), len(leaves)]:
        frontier = Frontier.of_subtrees(frontier.subtrees()).append(leaves[done:cut])
        done = max(done, min(cut, len(leaves)))
    assert frontier == Frontier().append(leaves)
    assert frontier.root() == root_hash(leaves)


def test_a_proof_longer_than_the_tree_is_high_is_refused():
    leaf, other = LEAVES[0], LEAVES[1]
    with pytest.raises(VerificationError):
        verify_inclusion(leaf, 0, 1, [other], node_hash(other, leaf))
    with pytest.raises(VerificationError):
        verify_consistency(1, 2, leaf, node_hash(other, node_hash(leaf, other)), [other, other])


def test_the_empty_tree_has_the_root_of_the_empty_string():
    assert Frontier().root() == EMPTY_ROOT == ROOTS[0]


@pytest.mark.parametrize(
    "subtrees",
    [
        [(3, b"x" * 32)],
        [(1, b"x" * 32), (2, b"y" * 32)],
        [(2, b"x" * 31)],
        [(2, b"x" * 32), (2, b"y" * 32)],
        [(0, b"x" * 32)],
    ],
)
def test_rows_that_are_no_frontier_are_refused(subtrees):
    with pytest.raises(VerificationError, match="frontier_malformed"):
        Frontier.of_subtrees(subtrees)
