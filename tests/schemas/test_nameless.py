"""The nameless check: what it must find, what it must let through, where its marks stand, and how fast it is."""

from __future__ import annotations

import csv
import itertools
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.catalogue import words
from schemas.nameless import Kind, Mark, NotNameless, find_marks, require_nameless

VECTORS = Path(__file__).parents[1] / "vectors" / "nameless"
DEMO = Path(__file__).parents[2] / "gateway" / "demo" / "data" / "texts.yaml"
CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")
FRAMES = {
    "nomn": "Обратилась {} за помощью.",
    "gent": "По словам {} всё спокойно.",
    "datv": "Вещи передали {} вчера.",
    "accs": "Просим принять {} на неделю.",
    "ablt": "Встречались с {} дважды.",
    "loct": "Узнали о {} от соседей.",
}


def _lines(name: str) -> list[str]:
    return (VECTORS / name).read_text("utf-8").splitlines()


def _table(name: str) -> list[dict[str, str]]:
    with (VECTORS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _strings(inner)


INNOCENT = _lines("innocent.txt")
PEOPLE = _table("people.csv")
PLACES = _table("places.csv")


def demo_texts() -> list[str]:
    texts = _strings(yaml.safe_load(DEMO.read_text("utf-8")))
    return [re.sub(r"\{[^}]*\}", "мама", text) for text in texts if " " in text and re.search("[а-я]", text)]


def full_name(person: dict[str, str], case: str) -> tuple[str, str, str]:
    surname, given_name, patronymic = person[case].split("|")
    return surname, given_name, patronymic


# --- tables ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", PLACES, ids=[row["text"] for row in PLACES])
def test_the_place_is_marked_and_says_what_it_is(row: dict[str, str]) -> None:
    start = row["text"].rindex(row["marked"])
    wanted = Mark(start, start + len(row["marked"]), Kind(row["kind"]))
    assert wanted in find_marks(row["text"])


@pytest.mark.parametrize("text", _lines("passes.txt"))
def test_what_is_beside_the_borders_passes(text: str) -> None:
    assert [text[mark.start : mark.end] for mark in find_marks(text)] == []


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Это И\u200bва\u00adнова Ма\u2060рия.", "И\u200bва\u00adнова Ма\u2060рия"),
        ("Это Мари\u0301я Иванова.", "Мари\u0301я Иванова"),
        ("Пришёл Андреи\u0306 Петров.", "Андреи\u0306 Петров"),
        ("Это Бе\u0308рсенева Анна", "Бе\u0308рсенева Анна"),
        ("№ тут ни при чём: Ⅳ класс, Мария Иванова", "Мария Иванова"),
    ],
)
def test_marks_stand_in_the_text_as_it_was_given(text: str, marked: str) -> None:
    (mark,) = find_marks(text)
    assert text[mark.start : mark.end] == marked


# --- measured ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "at_most"),
    [
        (lambda: INNOCENT + demo_texts(), 0.03),
        (lambda: INNOCENT, 0.03),
        (lambda: _lines("innocent_held_out.txt"), 0.03),
    ],
    ids=["all", "written", "held_out"],
)
def test_few_innocent_texts_are_refused(texts: Callable[[], list[str]], at_most: float) -> None:
    found = texts()
    refused = [text for text in found if find_marks(text)]
    assert len(refused) <= at_most * len(found), refused


FORMS: dict[str, tuple[Callable[[str, str, str], str], float]] = {
    "surname given": (lambda s, g, _: f"{s} {g}", 0.99),
    "given surname": (lambda s, g, _: f"{g} {s}", 0.99),
    "full": (lambda s, g, p: f"{s} {g} {p}".strip(), 0.99),
    "given patronymic": (lambda _, g, p: f"{g} {p}".strip(), 0.99),
    "surname initials": (lambda s, g, p: f"{s} {g[0]}.{p[:1]}{'.' if p else ''}", 0.99),
    "initials surname": (lambda s, g, p: f"{g[0]}. {p[:1]}{'. ' if p else ''}{s}", 0.99),
    "lower case": (lambda s, g, p: f"{s} {g} {p}".strip().lower(), 0.98),
    "lower case, no patronymic": (lambda s, g, _: f"{s} {g}".lower(), 0.94),
    "capitals": (lambda s, g, _: f"{s} {g}".upper(), 0.99),
    "surname": (lambda s, _g, _p: s, 0.97),
    "given": (lambda _s, g, _p: g, 0.97),
}


@pytest.mark.parametrize("form", FORMS)
def test_names_are_found_in_sentences(form: str) -> None:
    write, at_least = FORMS[form]
    found = total = 0
    missed = []
    for person in PEOPLE[::2]:
        for case in CASES:
            name = write(*full_name(person, case))
            text = FRAMES[case].format(name)
            start = text.index(name)
            total += 1
            if any(mark.start < start + len(name) and mark.end > start for mark in find_marks(text)):
                found += 1
            else:
                missed.append(name)
    assert found >= at_least * total, (found, total, missed[:20])


# --- properties -------------------------------------------------------------------------------------------------------


@given(st.sampled_from(PEOPLE), st.sampled_from(CASES), st.sampled_from(INNOCENT), st.data())
def test_a_full_name_is_found_wherever_it_stands(
    person: dict[str, str], case: str, text: str, data: st.DataObject
) -> None:
    surname, given_name, patronymic = full_name(person, case)
    order = data.draw(st.sampled_from(["{s} {g}", "{g} {s}", "{s} {g} {p}", "{g} {p} {s}"]))
    name = " ".join(order.format(s=surname, g=given_name, p=patronymic).split())
    spaces = [match.start() for match in re.finditer(" ", text)]
    place = data.draw(st.sampled_from([0, *spaces, len(text)]))
    head, tail = text[:place].rstrip(), text[place:].lstrip()
    start = len(head) + 1 if head else 0
    placed = " ".join(filter(None, (head, name, tail)))
    assert any(mark.start < start + len(name) and mark.end > start for mark in find_marks(placed)), placed


@given(st.sampled_from(PEOPLE), st.data())
def test_marks_are_exact_whatever_cannot_be_seen_is_in_the_name(person: dict[str, str], data: st.DataObject) -> None:
    surname, given_name, _ = full_name(person, "nomn")
    unseen = data.draw(st.sampled_from("\u200b\u200c\u200d\u2060\ufeff\u00ad"))
    inside = data.draw(st.integers(1, len(surname) - 1))
    written = f"{surname[:inside]}{unseen}{surname[inside:]} {given_name}"
    text = f"Просим принять: {written}, двое детей."
    (mark,) = find_marks(text)
    assert text[mark.start : mark.end] == written


@example("İ̇ ї Ⅷ ﬁ ½")
@example("Иван" * 20)
@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("ИванМрия .-№0123456789@«»")), max_size=60))
def test_any_text_has_marks_in_order_inside_it(text: str) -> None:
    marks = find_marks(text)
    assert all(0 <= mark.start < mark.end <= len(text) for mark in marks)
    assert all(left.end <= right.start for left, right in itertools.pairwise(marks))


# --- the rest ---------------------------------------------------------------------------------------------------------


def test_a_refusal_names_places_and_kinds_never_words() -> None:
    with pytest.raises(NotNameless) as caught:
        require_nameless({"need": "Ищем место.", "words": "Мама Иванова Мария, 8 916 123-45-67", "note": None})
    error = caught.value
    assert list(error.marks) == ["words"]
    assert error.params["field"] == "words"
    assert error.params["count"] == 2
    told = f"{error} {error.message()} {error.remedy()} {error.params} {error.marks}"
    assert "Иванова" not in told
    assert "916" not in told


def test_a_nameless_text_is_taken() -> None:
    words = "Ищем место для мамы с младенцем."
    require_nameless({"need": words, "note": None, "topic": ""})
    with pytest.raises(NotNameless):
        require_nameless({"need": f"{words} Её зовут Мария Иванова.", "note": None, "topic": ""})


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_its_words(kind: Kind) -> None:
    mark = Mark(0, 1, kind)
    assert mark.message("ru") != mark.message("en")
    assert mark.remedy("ru") != mark.remedy("en")
    assert {key.partition(".")[2] for key in words("ru") if key.startswith("nameless.")} == {k.value for k in Kind}


def test_a_phone_leads_to_the_field_of_the_senders_own_contact() -> None:
    (mark,) = find_marks("Позвоните психологу роддома, 8 800 555 35 35.")
    assert "отдельном поле" in mark.remedy()


@pytest.mark.parametrize(
    "text",
    [
        "9" * 20_000,
        "1 " * 10_000,
        "а-" * 10_000,
        "a." * 10_000,
        "«" * 20_000,
        "Иванов " * 3_000,
        "дом " * 5_000,
        "А. " * 6_000,
    ],
    ids=lambda text: text[:4],
)
def test_no_text_makes_it_slow(text: str) -> None:
    """Ten times the length of the longest field, made to be slow: the time must not grow with the square of the length."""
    find_marks("Ожидание.")
    started = time.process_time()
    find_marks(text)
    assert time.process_time() - started < 3.0


def test_an_ordinary_text_takes_milliseconds() -> None:
    """docs/nameless.md gives the figure; here only that it is not a multiple of it, on a machine that does other things."""
    text = " ".join(INNOCENT)[:2000]
    find_marks(text)
    times = []
    for _ in range(5):
        started = time.perf_counter()
        find_marks(text)
        times.append(time.perf_counter() - started)
    assert min(times) < 0.06
