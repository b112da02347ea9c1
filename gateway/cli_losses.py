"""The loss report of a file at the command line: by rule and place, and its digest, which the log has too."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from adapters.losses import LossReport, Lost, place_in_words
from schemas.catalogue import text


def tell_losses(losses: LossReport, console: Console, *, logged: bool = True) -> None:
    """The loss report by rule and place; nothing where all was taken to the letter. `logged`: an entry has its digest."""
    if not losses.count():
        return
    table = Table("Потеря", "Место", "Правило", "Что с этим стало", "Строка", "Сколько", title="Отчёт о потерях")
    for lost in Lost:
        for code, place, one in losses.by_place(lost):
            said = (text(f"web_losses.{lost.value}"), escape(place_in_words(code, place)), code, text(f"losses.{code}"))
            table.add_row(*said, str(one.line or ""), str(one.count))
    console.print(table)
    if logged:
        console.print(f"SHA-256 отчёта о потерях, он же в журнале: {losses.digest()}", highlight=False)
