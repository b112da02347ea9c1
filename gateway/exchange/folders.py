"""Folders that somebody else may write into. Everything is done by the descriptor of a folder, never by its path: a link, a
pipe or another folder that is put in the place of a name meanwhile leads nowhere and holds up nothing.

Where this differs from plain paths: a folder that is a link is refused (OSError), a file is written under a name that nobody
can foresee and takes the place of whatever stands there, and nothing but plain files is read.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_AS_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_PRIVATE: Final = 0o700
_OWN: Final = 0o600


class NotPlainError(Exception):
    """No plain file, or one that may not be read."""


class Folder:
    """An open folder."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @contextmanager
    def inside(self, name: str) -> Iterator[Folder]:
        """A folder in this one, made where there is none. Raises OSError for a link and for whatever else has the name."""
        with _opened(name, self._descriptor) as descriptor:
            yield Folder(descriptor)

    def files(self) -> Sequence[tuple[str, os.stat_result]]:
        """What is no folder, as it lies there: links are not followed."""
        with os.scandir(self._descriptor) as entries:
            found = [(entry.name, entry.stat(follow_symlinks=False)) for entry in entries]
        return [(name, about) for name, about in found if not stat.S_ISDIR(about.st_mode)]

    def read(self, name: str, limit: int) -> bytes:
        """At most so many bytes of a plain file. Raises NotPlainError; OSError for what is not there any more."""
        try:
            descriptor = os.open(
                name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=self._descriptor
            )
        except FileNotFoundError:
            raise
        except OSError:
            raise NotPlainError from None
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise NotPlainError
            return file.read(limit)

    def has(self, name: str) -> bool:
        """Whether anything has this name, also a link that leads nowhere."""
        try:
            os.stat(name, dir_fd=self._descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def write(self, name: str, content: bytes) -> None:
        """Whoever looks into the folder sees all of it or nothing, also after a power cut."""
        draft = f".{secrets.token_hex(16)}.tmp"
        descriptor = os.open(
            draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, _OWN, dir_fd=self._descriptor
        )
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.rename(draft, name, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)
        except OSError:
            os.unlink(draft, dir_fd=self._descriptor)
            raise
        os.fsync(self._descriptor)

    def move(self, name: str, to: Folder, new_name: str) -> None:
        """Into another folder, as it is."""
        os.rename(name, new_name, src_dir_fd=self._descriptor, dst_dir_fd=to._descriptor)
        os.fsync(to._descriptor)

    def lock_file(self, name: str) -> int:
        """The descriptor of a file to lock, made where there is none. Raises OSError for a link or a pipe."""
        descriptor = os.open(
            name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, _OWN, dir_fd=self._descriptor
        )
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return descriptor
        os.close(descriptor)
        raise OSError("no plain file")


@contextmanager
def open_folder(root: Path, *names: str) -> Iterator[Folder]:
    """A folder below `root`, each on the way made where there is none. `root` itself may be a link: it is the operator's."""
    root.mkdir(parents=True, exist_ok=True, mode=_PRIVATE)
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for name in names:
            with _opened(name, descriptor) as inner:
                os.close(descriptor)
                descriptor = os.dup(inner)
        yield Folder(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _opened(name: str, within: int) -> Iterator[int]:
    with suppress(FileExistsError):
        os.mkdir(name, _PRIVATE, dir_fd=within)
    descriptor = os.open(name, _AS_FOLDER, dir_fd=within)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
