"""Files with personal data at the command line: only whoever wrote them may read them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

OWNER_ALONE = 0o600


def write_private(target: Path, parts: Iterable[bytes]) -> None:
    """A file that its owner alone may read, also where one of that name was there before. Raises OSError."""
    target.touch(mode=OWNER_ALONE)
    target.chmod(OWNER_ALONE)
    with target.open("wb") as out:
        out.writelines(parts)
