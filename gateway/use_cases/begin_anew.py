"""What lost a race is begun anew: nothing of it was written, and on what the other one wrote it may come out otherwise."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec, TypeVar

from schemas.errors import Contended

ATTEMPTS: Final = 5

Given = ParamSpec("Given")
Made = TypeVar("Made")


def begin_anew(work: Callable[Given, Made]) -> Callable[Given, Made]:
    """The same use case, at most five times. It must be one unit of work and nothing beside it, so that an attempt that
    was rolled back left nothing. Raises Contended where the last attempt lost too."""

    @wraps(work)
    def attempts(*args: Given.args, **kwargs: Given.kwargs) -> Made:
        for _ in range(ATTEMPTS - 1):
            try:
                return work(*args, **kwargs)
            except Contended:
                continue
        return work(*args, **kwargs)

    return attempts
