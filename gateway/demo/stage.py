"""How the story is told: numbered steps, what was sent, what came back, and a stop where something differs."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway.demo.client import DiffersError

WIDTH = 110
SHORT = 300


class Stage:
    """Prints to a console."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._number = 0

    def step(self, title: str) -> None:
        """A new numbered step."""
        self._number += 1
        self.console.print(f"\n[bold]{self._number}. {escape(title)}[/]")

    def sent(self, who: str, what: str, content: str | Mapping[str, Any] | None = None) -> None:
        """What somebody sent, shortened."""
        self.console.print(f"   [cyan]→[/] {escape(who)}: {escape(what)}")
        if content is not None:
            self.console.print(f"     [dim]{escape(_short(content))}[/]")

    def came(self, what: str) -> None:
        """What came back."""
        for line in textwrap.wrap(what, WIDTH, subsequent_indent="  "):
            self.console.print(f"   [green]←[/] {escape(line)}")

    def note(self, what: str) -> None:
        """An aside."""
        self.console.print(f"   [dim]{escape(what)}[/]")

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table of what came back."""
        table = Table(*columns, box=None, padding=(0, 2), header_style="dim")
        for row in rows:
            table.add_row(*(escape(cell) for cell in row))
        self.console.print(table)

    def expect(self, holds: bool, what: str) -> None:
        """Goes on when it holds. Raises DiffersError with what was expected."""
        if not holds:
            raise DiffersError(what)


def _short(content: str | Mapping[str, Any]) -> str:
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    return textwrap.shorten(text, SHORT, placeholder=" …")
