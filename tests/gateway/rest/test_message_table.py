"""A table of messages handed in by a partner's system: taken as every file of messages is, and once."""

from __future__ import annotations

from adapters.sheets.columns import kind_of_code
from adapters.sheets.writer import write_sheet
from tests.builders import consent, referral
from tests.gateway.conftest import Running


def test_messages_come_in_by_their_table(running: Running) -> None:
    town = running.town
    consent(town, town.centre, purpose="REFERRAL")
    table = write_sheet(kind_of_code("message"), [referral(town.ngo, town.centre)])
    taken = running.caller(town.ngo).file("message-table", table).json()
    assert (taken["recordNum"], taken["recordNumSuccess"]) == (1, 1), taken
    again = running.caller(town.ngo).file("message-table", table).json()
    assert again["recordNumSuccess"] == 1
    assert [one["id"] for one in again["taken"]] == [one["id"] for one in taken["taken"]]
