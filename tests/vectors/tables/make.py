"""Writes the tables of this folder again. All persons, phones and numbers are invented."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, time
from pathlib import Path

from tests.adapters.workbooks import workbook

HERE = Path(__file__).parent

FAMILIES = [
    ["Список семей, состоящих на сопровождении, по состоянию на 01.03.2026"],
    ["Центр «Вымышленный», отделение раннего выявления"],
    [],
    [
        "№ п/п",
        "№ дела",
        "Ребёнок",
        None,
        None,
        None,
        "Мать",
        None,
        None,
        "Отец",
        "Адрес проживания",
        "Куратор",
        "Возраст",
    ],
    [None, None, "ФИО", "Дата рождения", "СНИЛС", "Школа", "ФИО", "Дата рождения", "Телефон", "ФИО", None, None, None],
    [*range(1, 14)],
    [
        1,
        "СС-1/26",
        "Синтетова Анна Примеровна",
        date(2019, 2, 1),
        11223344595,
        "Школа № 0",
        "Синтетова Ольга Примеровна",
        date(1990, 5, 4),
        "8 (900) 000-00-01 (мать), 8 900 000-00-02",
        "нет",
        "г. Образцово, ул. Пробная, д. 1",
        "Кураторова К.К.",
        7,
    ],
    [
        None,
        None,
        "Синтетов Пётр Примерович",
        date(2021, 7, 15),
        "нет",
        "не указано",
        None,
        None,
        None,
        None,
        None,
        None,
        4,
    ],
    [
        2,
        "СС-2/26",
        "Пробный Лев Тестович",
        date(2015, 11, 30),
        8765430300,
        "Школа № 00",
        "Пробная Вера Тестовна",
        None,
        "нет",
        "Пробный Тест Тестович",
        "г. Образцово, ул. Новая, д. 2",
        "Кураторова К.К.",
        10,
    ],
    [3, "СС-3/26", "Безномерова Ия", "01.02.19", None, None, None, None, None, None, "—", "Кураторова К.К.", None],
    ["Итого семей", 3],
]
SPANS = ["A1:M1", "A2:M2", "A4:A5", "B4:B5", "C4:F4", "G4:I4", "K4:K5", "L4:L5", "M4:M5"]
SPANS += [f"{column}7:{column}8" for column in "ABGHIJKL"]

SIGNALS = [
    ["ЖУРНАЛ ПРИЁМА СИГНАЛОВ"],
    [
        "№ п/п",
        "Дата",
        "Время",
        "От кого поступил сигнал",
        "Телефон заявителя",
        "ФИО ребёнка",
        "Дата рождения",
        "Адрес",
        "Содержание сигнала",
        "Кто принял",
        "Принятые меры",
    ],
    [
        1,
        date(2026, 3, 2),
        time(14, 30),
        "Соседка",
        "8 900 000-00-03",
        "Синтетова Анна Примеровна",
        date(2019, 2, 1),
        "г. Образцово, ул. Пробная, д. 1",
        "Ребёнок вечером один на улице.",
        "Дежурный Д.Д.",
        "Передано в опеку",
    ],
    [
        2,
        date(2026, 3, 3),
        "09-15",
        "Школа № 0",
        "-",
        "не установлено",
        "нет данных",
        "ул. Новая, д. 2",
        "Мальчик лет восьми просит еду у прохожих.",
        "Дежурный Д.Д.",
        None,
    ],
    [3, date(2026, 3, 4), None, "Аноним", None, None, None, None, None, "Дежурный Д.Д.", None],
]

CONTACTS = [
    ["Телефонный справочник взаимодействия"],
    ["Организация", "Должность", "ФИО", "Телефон", "Доб.", "E-mail", "Адрес", "ИНН"],
    [
        "Отдел опеки района Вымышленный",
        "Начальник отдела",
        "Опекова О.О.",
        "8 (495) 000-00-10",
        12,
        "opeka@example.org",
        "105077, г. Москва, ул. Вымышленная, д. 5",
        7707083893,
    ],
    [None, "Специалист", "Опекунова М.М.", "8 900 000-00-11", None, None, None, None],
    [None, "Приёмная", None, "8 (495) 000-00-12, 8 (495) 000-00-13", None, None, None, None],
    [
        "Центр «Вымышленный»",
        "Горячая линия",
        None,
        "8 800 000-00-00 (круглосуточно)",
        None,
        "not an address",
        "ул. Пробная",
        None,
    ],
    ["Школа № 0", "Директор", "Школьный Ш.Ш.", "позвонить позже", None, None, None, None],
]
CONTACT_SPANS = ["A3:A5"]


def as_csv(rows, encoding="cp1251"):
    """As Excel under the Russian locale saves it."""
    out = io.StringIO(newline="")
    width = max(map(len, rows))
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for row in rows:
        writer.writerow([_text(value) for value in row] + [""] * (width - len(row)))
    return out.getvalue().encode(encoding)


def _text(value):
    match value:
        case None:
            return ""
        case datetime() | date():
            return f"{value:%d.%m.%Y}"
        case time():
            return f"{value:%H:%M}"
        case _:
            return str(value)


def tables():
    """Names and contents. The bytes of a workbook have the day of its making in them, its cells do not."""
    return {
        "families.xlsx": workbook(FAMILIES, SPANS, more=[("Справочник", "hidden", [["да"], ["нет"]])], title="Семьи"),
        "families.csv": as_csv(FAMILIES),
        "signals.xlsx": workbook(SIGNALS, ["A1:K1"]),
        "signals.csv": as_csv(SIGNALS),
        "contacts.xlsx": workbook(CONTACTS, CONTACT_SPANS),
        "contacts.csv": as_csv(CONTACTS),
    }


if __name__ == "__main__":
    for name, content in tables().items():
        (HERE / name).write_bytes(content)
