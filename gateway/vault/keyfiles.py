"""Secret files: created once, readable by their owner alone, never overwritten."""

from __future__ import annotations

import os
from pathlib import Path

from schemas.errors import Broken


def create_secret_file(path: Path, content: bytes) -> None:
    """Write a new file of mode 0600 and make it last. Raises Broken `key_file_exists` or `key_file_unwritable`."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Broken("key_file_exists", file=path.name) from None
    except OSError:
        raise Broken("key_file_unwritable", file=path.name) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _sync_directory(path.parent)
    except OSError:
        path.unlink(missing_ok=True)  # half a key would be taken for a whole one
        raise Broken("key_file_unwritable", file=path.name) from None


def read_secret_file(path: Path) -> bytes:
    """The content. Raises Broken `missing_key_file`, `bad_key_file` or `key_file_exposed` (others may read or change it)."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read()
    except FileNotFoundError:
        raise Broken("missing_key_file", file=path.name) from None
    except OSError:
        raise Broken("bad_key_file", file=path.name) from None
    if mode & 0o077:
        raise Broken("key_file_exposed", file=path.name)
    return content


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
