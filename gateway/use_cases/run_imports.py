"""Take an import that waits. Whoever is killed in the midst leaves a lease that ends; the next one goes on after the last
written step.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from gateway.use_cases.house import House
from gateway.use_cases.import_run import Clock, EndedEarlyError, ImportRun, LeaseLostError, Told
from gateway.use_cases.import_values import MOST_ATTEMPTS
from schemas.ids import new_id

LATER: Final = timedelta(seconds=10)
"""When what failed is taken up again; twice as long after each further attempt."""


def run_import(
    house: House,
    clock: Clock,
    import_id: str | None = None,
    told: Told = lambda _: None,
    stopping: Callable[[], bool] = lambda: False,
) -> bool:
    """Take the import that waits longest, or this one. `told` hears how far it is, `stopping` ends the work after a step, to be
    taken up again. False where there is nothing to do.

    Raises Broken where a store or a file cannot be reached; what was not written is taken up again.
    """
    with house.store.reading() as unit:
        if not unit.imports.is_waiting(clock()):
            return False
    lease = new_id()
    with house.store.writing() as unit:
        one = unit.imports.lease(lease, clock(), import_id)
    if one is None:
        return False
    wait = LATER * 2 ** min(one.attempts - 1, MOST_ATTEMPTS)
    try:
        ImportRun(house, one, lease, clock, told, stopping).run()
    except LeaseLostError:
        pass
    except BaseException as error:
        with house.store.writing() as unit:
            unit.imports.release(
                one.id, lease, clock() + (timedelta(0) if isinstance(error, EndedEarlyError) else wait)
            )
        if not isinstance(error, EndedEarlyError):
            raise
    return True
