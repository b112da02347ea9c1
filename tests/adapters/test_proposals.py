"""What the columns of an unknown table probably are: a proposal, never a decision."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.tables import propose as propose_module
from adapters.tables.alike import KnownHeadings
from adapters.tables.overlay import load_overlay
from adapters.tables.profile import BUILT_IN, built_in, plain_heading
from adapters.tables.propose import How, Proposed, propose, shape
from schemas.errors import DocumentRejected
from tests.adapters import plain_proposals
from tests.adapters.test_csv_reading import HEADINGS, ROW, table
from tests.adapters.work import Work
from tests.vectors.tables.make import tables


@pytest.mark.parametrize("name", ["families.xlsx", "families.csv", "signals.xlsx", "signals.csv", "contacts.xlsx"])
def test_what_a_table_is_is_found_by_its_headings(name):
    found = propose(tables()[name])
    assert found.base.name == name.partition(".")[0]
    assert found.missing == ()
    assert {one.how for one in found.proposals} <= {How.EXACT, How.NOT_KEPT}


@pytest.mark.parametrize(
    ("heading", "field", "how"),
    [
        ("ФИО ребёнка", "child.full_name", How.EXACT),
        ("ФИO peбёнкa", "child.full_name", How.LOOKALIKE),
        ("Ф.И.О. ребенка (полностью)", "child.full_name", How.SIMILAR),
        ("Адрес прожив.", "family.address", How.SIMILAR),
        ("Номер пенсионного", "child.snils", How.CONTENT),
        ("Возраст", None, How.NOT_KEPT),
        ("Кличка кошки", None, How.UNKNOWN),
    ],
)
def test_a_heading_is_recognised_by_its_words_or_by_what_stands_below_it(heading, field, how):
    cell = "112-233-445 95" if how is How.CONTENT else "x"
    found = propose(table(f"№ дела;Мать;{heading}", f"1;Синтетова О.;{cell}"), "families")
    one = found.proposals[-1]
    assert (one.column.field if one.column else None, one.how) == (field, how)
    assert one.is_sure == (how in (How.EXACT, How.NOT_KEPT))


def test_a_field_has_one_column_the_likeliest():
    found = propose(table("№ дела;Адрес прожив.;Адрес проживания", "1;x;y"), "families")
    assert [one.how for one in found.proposals] == [How.EXACT, How.UNKNOWN, How.EXACT]


def test_what_is_missing_is_named():
    assert propose(table(HEADINGS.replace("ОГРН получателя", "Кому"), ROW), "referrals").missing == ()
    without = [line.partition(";")[2].partition(";")[2] for line in (HEADINGS, ROW)]
    assert propose(table(*without), "referrals").missing == ("sender_ogrn", "recipient_ogrn")


def test_no_table_is_refused():
    with pytest.raises(DocumentRejected) as caught:
        propose(table("a;b", "1;2"))
    assert caught.value.code == "heading_not_found"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Синтетова Анна", "Ххххххххх Хххх"),
        ("112-233-445 95", "000-000-000 00"),
        ("a@b.ru", "х@х.хх"),
        ("Очень длинный рассказ о семье", "Ххххх ххххххх ххххххх х …"),
    ],
)
def test_a_sample_is_a_shape(text, seen):
    assert shape(text) == seen


def test_an_overlay_that_was_written_reads_as_itself():
    overlay = load_overlay(
        "name: ours\nbase: families\ndocument_system: fns_spdul\nutc_offset: '+05:00'\n"
        "columns: {Малыш: child.full_name, Кот: '-'}\nvalues: {child.sex: {к: F}}\n"
    )
    assert load_overlay(overlay.text()) == overlay
    profile = overlay.profile()
    assert profile.find("малыш").field == "child.full_name"
    assert profile.find("кот") is None
    assert profile.keeps("Кот") is False
    assert profile.document_system == "fns_spdul"


def test_codes_of_a_partner_mean_what_its_profile_says(read_csv):
    import io

    from adapters.tables.reader import read_table

    profile = load_overlay(
        "name: ours\nbase: referrals\ndocument_system: fns_spdul\n"
        "columns: {Пол малыша: child.sex, Документ: child.doc_type}\n"
        "values: {child.sex: {к: F}, urgency: {'1': emergency}}\n"
    ).profile()
    content = table(
        f"{HEADINGS};Пол малыша;Документ;Ребёнок: номер документа;Срочность",
        f"{ROW};К;03;123456;1",
        f"{ROW};Ж;21;123456;срочно",
    )
    first, second = (record.draft for record in read_table(io.BytesIO(content), profile).records)
    child = first.persons[0]
    assert (child.identity.sex, child.identifiers.document.system, child.identifiers.document.type) == (
        "F",
        "fns_spdul",
        "03",
    )
    assert (first.urgency, second.urgency) == ("emergency", "urgent")


# --- what is looked for ----------------------------------------------------------------------------------------------

spelt = st.sampled_from(sorted(built_in("families").spellings()))
words = st.sampled_from(
    ["", "а", " ", ".", ", ", " (полностью)", " ребенка ", " ребенка ребенка", " законного представителя"]
)
respelt = st.builds(
    lambda heading, cut, words, turned: " ".join(f"{heading[:cut]}{words}{heading[cut + 1 :]}".split()[::turned]),
    spelt,
    st.integers(0, 30),
    words,
    st.sampled_from([1, 1, -1]),
)
KNOWN = {name: list(built_in(name).spellings()) for name in BUILT_IN}
INDEXES = {name: KnownHeadings(known) for name, known in KNOWN.items()}
KNOWN["repeated"] = ["дата дата рождения", "адрес", "номер номер номер", "номер"]
INDEXES["repeated"] = KnownHeadings(KNOWN["repeated"])


@given(
    respelt
    | st.text("абвгд .", max_size=20)
    | st.lists(st.sampled_from(["дата", "рождения", "номер", "адрес"])).map(" ".join)
)
def test_the_most_similar_heading_is_the_one_that_comparing_with_all_finds(name):
    plain = plain_heading(name)
    for kind, known in KNOWN.items():
        assert INDEXES[kind].most_like(plain) == plain_proposals.most_like(plain, known), kind


def seen(found):
    """What `plain_proposals.propose` gives."""
    columns = [
        (one.position, one.heading, one.column.field if one.column else None, one.how.value, one.likeness, one.samples)
        for one in found.proposals
    ]
    return found.base.name, found.lines, columns


def proposed(function, content, base):
    try:
        found = function(content, base)
    except DocumentRejected as refused:
        return refused.code
    return seen(found) if isinstance(found, Proposed) else found


@pytest.mark.parametrize(
    ("name", "base"),
    [("contacts.csv", None), *((name, re.split("[-.]", name)[0]) for name in sorted(tables()))],
)
def test_of_the_vectors_the_same_is_proposed_as_the_plain_way(name, base):
    content = tables()[name]
    assert proposed(propose, content, base) == proposed(plain_proposals.propose, content, base)


cells = st.sampled_from(
    ["", "x", "Синтетов Иван", "112-233-445 95", "1027700900017", "01.02.2019", "1", "2", "=1+1", "нет"]
)
headings = respelt | spelt | st.sampled_from(["Ребёнок", "ФИО", "Мать", "Рeбёнок: ФИO", "Возраст", ""])


@st.composite
def small_tables(draw):
    width = draw(st.integers(1, 5))
    rows = [draw(st.lists(cells, max_size=width)) for _ in range(draw(st.integers(0, 1)))]
    rows += [draw(st.lists(headings, min_size=width, max_size=width)) for _ in range(draw(st.integers(1, 3)))]
    rows += [draw(st.lists(cells, min_size=width, max_size=width)) for _ in range(draw(st.integers(1, 3)))]
    return "\n".join(draw(st.sampled_from(";\t")).join(row) for row in rows).encode()


@settings(max_examples=8)
@given(small_tables(), st.sampled_from(["families", "families", "contacts", "referrals"]))
def test_of_any_small_table_the_same_is_proposed_as_the_plain_way(content, base):
    assert proposed(propose, content, base) == proposed(plain_proposals.propose, content, base)


SIZES = [(4, 8), (4, 32), (8, 32), (8, 64)]


def alike(rows, width):
    """A table whose cells are all like headings, and below them as many rows again that look like numbers."""
    known = ["Ребёнок: ФИО", "ОГРН получателя", "Причина обращения", "Повод сигнала (код)"]
    head = [[f"Рeбёнок: ФИO {at} {row}" for at in range(width)] for row in range(rows - 1)]
    lines = [*head, (known + head[0] * 2)[:width], *[["112-233"] * width] * rows]
    return "\n".join(";".join(line) for line in lines).encode()


def compared_in(content):
    """With how many known headings anything was compared."""
    made = []
    keep = KnownHeadings.__init__

    def noted(self, known):
        keep(self, known)
        made.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(KnownHeadings, "__init__", noted)
        assert propose(content, "families").base.name == "families"
    (index,) = made
    return index.compared


def test_the_work_of_a_proposal_grows_with_the_cells_of_the_table():
    """Every name was compared with every heading several times: 10 rows of 64 look-alikes took 40 s."""
    work = Work()
    propose(alike(2, 4), "families")  # what is made once
    by_cell = [work.of(propose, alike(rows, width), "families") / (rows * width) for rows, width in SIZES]
    assert by_cell == sorted(by_cell, reverse=True) or max(by_cell[1:]) <= 1.1 * min(by_cell[1:]), by_cell
    compared = [compared_in(alike(rows, width)) / (rows * width) for rows, width in SIZES]
    assert max(compared) <= 3 * 2 * len(KNOWN["families"]), compared  # three names by cell, two measures


def test_of_a_large_table_no_more_is_looked_for_than_its_upper_rows(monkeypatch):
    looked = Counter()
    look = KnownHeadings.most_like

    def counting(self, plain):
        looked[id(self)] += 1
        return look(self, plain)

    monkeypatch.setattr(KnownHeadings, "most_like", counting)
    monkeypatch.setattr(propose_module, "_MOST_LOOKED_AT", 1_000)
    monkeypatch.setattr(propose_module, "_MOST_LOOKED_FOR", 300)
    head = ["Номер дела", "ФИО ребенка полностью", "Дата рождения ребёнка", *(f"Показатель {n}" for n in range(57))]
    rows = [[f"слово {n} {m}" for m in range(60)] for n in range(50)]
    found = propose("\n".join(";".join(row) for row in [head, *rows]).encode())
    assert found.base.name == "families"
    assert {one.how for one in found.proposals[:3]} == {How.EXACT, How.SIMILAR}
    assert len(found.proposals) == 60
    assert max(looked.values()) <= 300 + 60
    assert min(looked.values()) > 60, "of each profile"


def test_a_line_that_is_no_heading_is_not_compared():
    """The whole of a line, where a delimiter is not that of the table."""
    content = table("№ дела;Мать;Адрес семьи", ";".join(f"мать {n}" for n in range(400)))
    assert compared_in(content) < 3 * 400 * 2 * len(KNOWN["families"])
    assert KnownHeadings(["адрес"]).most_like("адрес " * 1_000) is None


def test_below_the_heading_a_few_rows_are_looked_at():
    numbers = ["1;2;3"] * 1_000
    found = propose(table("№ дела;Мать;Номер пенсионного", *numbers[:900], "4;Синтетова О.;112-233-445 95"), "families")
    assert found.proposals[-1].how is How.CONTENT
    found = propose(table("№ дела;Мать;Номер пенсионного", *numbers, "4;Синтетова О.;112-233-445 95"), "families")
    assert (found.proposals[-1].how, found.proposals[-1].samples) == (How.UNKNOWN, ())
