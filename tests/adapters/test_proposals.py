"""What the columns of an unknown table probably are: a proposal, never a decision."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.tables import propose as propose_module
from adapters.tables.overlay import load_overlay
from adapters.tables.profile import built_in, plain_heading
from adapters.tables.propose import How, propose, shape
from schemas.errors import DocumentRejected
from tests.adapters.test_csv_reading import HEADINGS, ROW, table
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
respelt = st.builds(
    lambda heading, cut, words: f"{heading[:cut]}{words}{heading[cut + 1 :]}",
    spelt,
    st.integers(0, 30),
    st.sampled_from(["", "а", " ", ".", ", ", " (полностью)", " ребенка "]),
)


@given(respelt | st.text("абвгд .", max_size=20))
def test_the_most_similar_heading_is_the_one_that_comparing_with_all_finds(name):
    known = built_in("families").spellings()
    all_of_them = [(propose_module._likeness(plain_heading(name), one), one) for one in known]
    best = max(all_of_them, key=lambda pair: pair[0])
    found = propose_module._Names(built_in("families")).similar(name)
    assert found == ((known[best[1]], int(best[0])) if best[0] >= propose_module.SIMILAR else None)


def test_of_a_large_table_no_more_is_looked_for_than_its_upper_rows(monkeypatch):
    looked = Counter()
    look = propose_module._Names._look

    def counting(self, plain):
        looked[self.profile.name] += 1
        return look(self, plain)

    monkeypatch.setattr(propose_module._Names, "_look", counting)
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
