"""The Merkle tree of the log: RFC 9162 section 2.1 with SHA-256, over leaf hashes in order of their tree index.

Pure functions. Proofs are built from all leaf hashes of the tree (O(n) hashing); the sequencer appends through
`Frontier`, which keeps only the roots of the complete subtrees, so a batch costs O(batch + log n).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.evidence.errors import VerificationError

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Hash of one entry's bytes (RFC 9162 2.1.1: SHA-256 of 0x00 and the data), 32 bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node (RFC 9162 2.1.1: SHA-256 of 0x01, left, right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """A tree of `size` leaves, known by the roots of its complete subtrees, largest first (one per set bit of `size`)."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.hashes) != self.size.bit_count() or any(len(h) != HASH_SIZE for h in self.hashes):
            raise VerificationError("frontier_malformed")

    def append(self, leaf_hashes: Iterable[bytes]) -> Frontier:
        """The frontier after these leaves."""
        size, stack = self.size, list(self.hashes)
        for leaf in leaf_hashes:
            node, level = leaf, size
            while level & 1:
                node = node_hash(stack.pop(), node)
                level >>= 1
            stack.append(node)
            size += 1
        return Frontier(size, tuple(stack))

    def root(self) -> bytes:
        """The root hash of the tree (RFC 9162 2.1.1)."""
        if not self.hashes:
            return EMPTY_ROOT
        node = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            node = node_hash(left, node)
        return node

    def subtrees(self) -> tuple[tuple[int, bytes], ...]:
        """(leaves in the subtree, its root), largest first: the form in which a store may keep it row by row."""
        sizes = [1 << bit for bit in reversed(range(self.size.bit_length())) if self.size >> bit & 1]
        return tuple(zip(sizes, self.hashes, strict=True))

    @classmethod
    def of_subtrees(cls, subtrees: Iterable[tuple[int, bytes]]) -> Frontier:
        """Inverse of `subtrees`. Raises VerificationError for rows that are not the frontier of any tree."""
        rows = list(subtrees)
        frontier = cls(sum(size for size, _ in rows), tuple(node for _, node in rows))
        if frontier.subtrees() != tuple(rows):
            raise VerificationError("frontier_malformed")
        return frontier


def root_hash(leaf_hashes: Sequence[bytes]) -> bytes:
    """The root of the tree over these leaf hashes."""
    return Frontier().append(leaf_hashes).root()


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """PATH(index, D[n]) of RFC 9162 2.1.3.1 for the tree over all of `leaf_hashes`, lowest sibling first."""
    if not 0 <= index < len(leaf_hashes):
        msg = f"no leaf {index} in a tree of {len(leaf_hashes)}"
        raise IndexError(msg)
    path: list[bytes] = []
    low, high = 0, len(leaf_hashes)
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(root_hash(leaf_hashes[middle:high]))
            high = middle
        else:
            path.append(root_hash(leaf_hashes[low:middle]))
            low = middle
    return path[::-1]


def consistency_proof(leaf_hashes: Sequence[bytes], old_size: int) -> list[bytes]:
    """PROOF(old_size, D[n]) of RFC 9162 2.1.4.1 from the first `old_size` leaves to all of `leaf_hashes`."""
    if not 0 <= old_size <= len(leaf_hashes):
        msg = f"no tree of {old_size} inside a tree of {len(leaf_hashes)}"
        raise IndexError(msg)
    path: list[bytes] = []
    low, high, whole = 0, len(leaf_hashes), True
    while old_size not in (0, high):
        middle = low + _split(high - low)
        if old_size <= middle:
            path.append(root_hash(leaf_hashes[middle:high]))
            high = middle
        else:
            path.append(root_hash(leaf_hashes[low:middle]))
            low, whole = middle, False
    if not whole:
        path.append(root_hash(leaf_hashes[low:high]))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, tree_size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Prove that `leaf` is number `index` (from 0) of the tree with this size and root (RFC 9162 2.1.3.2).

    Raises VerificationError. The caller must still show that the root is signed (`verify_checkpoint`).
    """
    # (1): the index lies in the tree and the proof is made of hashes.
    if not 0 <= index < tree_size or any(len(node) != HASH_SIZE for node in (leaf, *proof)):
        raise VerificationError("inclusion_not_proven", index=index, tree_size=tree_size)
    # (2): climb from the leaf to the root, on the side that the index says.
    at, last, node = index, tree_size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise VerificationError("inclusion_not_proven", index=index, tree_size=tree_size)
        if at & 1 or at == last:
            node = node_hash(sibling, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        at, last = at >> 1, last >> 1
    # (3): the climb ended at the top, and the top is the root.
    if last != 0 or not hmac.compare_digest(node, root):
        raise VerificationError("inclusion_not_proven", index=index, tree_size=tree_size)


def verify_consistency(old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Prove that the tree (new_size, new_root) only appended to the tree (old_size, old_root) (RFC 9162 2.1.4.2).

    Raises VerificationError. The caller must still show that both roots are signed.
    """
    failure = VerificationError("consistency_not_proven", old_size=old_size, new_size=new_size)
    # (1): sizes in order; the trivial cases take no proof.
    if not 0 <= old_size <= new_size or any(len(node) != HASH_SIZE for node in proof):
        raise failure
    if old_size in (0, new_size):
        if proof or not hmac.compare_digest(old_root, EMPTY_ROOT if old_size == 0 else new_root):
            raise failure
        return
    # (2): a complete old tree is itself the first node of the path.
    path = list(proof) if old_size & (old_size - 1) else [old_root, *proof]
    # (3): climb, rebuilding both roots from the same nodes.
    rebuilt = _climb_both(path, old_size - 1, new_size - 1)
    # (4): both rebuilt roots are the given ones.
    if rebuilt is None or not hmac.compare_digest(b"".join(rebuilt), old_root + new_root):
        raise failure


def _climb_both(path: Sequence[bytes], at: int, last: int) -> tuple[bytes, bytes] | None:
    """The old and the new root that the path leads to; None when it has the wrong length."""
    while at & 1:
        at, last = at >> 1, last >> 1
    if not path:
        return None
    old_node = new_node = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if at & 1 or at == last:
            old_node, new_node = node_hash(sibling, old_node), node_hash(sibling, new_node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new_node = node_hash(new_node, sibling)
        at, last = at >> 1, last >> 1
    return (old_node, new_node) if last == 0 else None


def _split(size: int) -> int:
    """The largest power of two smaller than `size` (RFC 9162 2.1.1)."""
    return 1 << (size - 1).bit_length() - 1
