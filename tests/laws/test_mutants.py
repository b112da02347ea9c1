"""The test of the tests: under its mutant the check of a law fails; every law has a mutant.

What the laws speak of and the product does not have yet is not faked here. It is named at the head of the module of its
law: subscriptions (2, 4), webhooks (1), timing (6), filters and look-up (7), metrics
and traces (8), retries of webhooks (9), the use case that destroys keys and the replay of destructions at a restore (12).
"""

import re

import pytest

from tests.laws.mutants import MUTANTS, NONE, TWINS
from tests.laws.sources import ROOT

LAWS = range(1, 13)


@pytest.mark.parametrize(
    "mutant", [pytest.param(m, id=f"{m.law}-{m.name}", marks=pytest.mark.law(m.law)) for m in MUTANTS]
)
def test_the_check_fails_under_its_mutant(mutant, request):
    if mutant.store == NONE:
        worlds = [None]
    elif mutant.store == TWINS:
        make = request.getfixturevalue("make_sqlite_world")
        worlds = [make(), make()]
    else:
        worlds = [request.getfixturevalue(f"{mutant.store}_world")]
    with mutant.wrong(), pytest.raises(AssertionError) as failed:
        mutant.check(*worlds)
    assert "mutated text" not in str(failed.value), "the mutant no longer applies"


def test_every_law_has_a_mutant():
    assert {mutant.law for mutant in MUTANTS} == set(LAWS)
    names = [(mutant.law, mutant.name) for mutant in MUTANTS]
    assert len(set(names)) == len(names)


def test_every_check_has_a_mutant():
    """A check that no defect of ours can fail is not known to check anything."""
    import importlib
    import pkgutil

    from tests import laws

    checked = {mutant.check for mutant in MUTANTS}
    for module in pkgutil.iter_modules(laws.__path__):
        if module.name.startswith("law_"):
            law = importlib.import_module(f"tests.laws.{module.name}")
            for kind in ("CHECKS", "STORELESS", "TWINS", "EMBEDDED"):
                for check in getattr(law, kind, ()):
                    assert check in checked or check.__name__ in WITHOUT_MUTANT, f"{module.name}: {check.__name__}"


def test_the_table_of_laws_names_every_check_and_mutant():
    """ARCHITECTURE.md is where people look first."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    rows = {
        int(row[1]): row[0]
        for row in re.finditer(
            r"^\| (\d+)\. .*$", text.split("<!-- laws -->")[1].split("<!-- end laws -->")[0], re.MULTILINE
        )
    }
    for mutant in MUTANTS:
        for name in (mutant.name, mutant.check.__name__.removeprefix("check_")):
            assert re.search(rf"\b{name}\b", rows[mutant.law]), f"law {mutant.law}: {name}"


WITHOUT_MUTANT = {
    # Runs the product in a process of its own; the crashes at every commit, which have mutants, are the same law.
    "check_a_killed_process_keeps_what_it_acknowledged",
}
