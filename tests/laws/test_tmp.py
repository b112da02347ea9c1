import pytest, traceback
from tests.laws.mutants import MUTANTS, NONE, TWINS
@pytest.mark.parametrize("m", MUTANTS, ids=lambda m: m.name)
def test_x(m, request):
    if m.store == NONE: w=[None]
    elif m.store == TWINS:
        mk=request.getfixturevalue("make_sqlite_world"); w=[mk(),mk()]
    else: w=[request.getfixturevalue(f"{m.store}_world")]
    with m.wrong(), pytest.raises(AssertionError) as f:
        m.check(*w)
    last=traceback.extract_tb(f.value.__traceback__)[-1]
    print("@@", m.law, m.name, "|", last.filename.split("/main/")[-1], last.line[:90], "|", str(f.value).split("\n")[0][:110])
