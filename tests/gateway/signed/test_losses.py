"""The loss report of a file: in the answer, in the signed report, and by its digest in the log."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
import rfc8785
from lxml import etree

from adapters.documents.writer import write_document
from tests.builders import consent, referral
from tests.docs.sources import ROOT
from tests.gateway.conftest import Running
from tests.gateway.rest.test_files import VECTORS
from tests.gateway.signed.test_http import call, running
from tests.gateway.signed.world import entries, registered, signed, signer_of

__all__ = ("running",)
REPORT = "{urn:mezhved:report:1}"


def digest(losses: Any) -> str:
    return hashlib.sha256(rfc8785.dumps(losses)).hexdigest()


def as_json(report: etree._Element) -> dict[str, Any]:
    """The report of the document as the API has it."""
    (found,) = report.iterfind(f"{REPORT}Losses")

    def row(one: etree._Element, *names: str) -> dict[str, Any]:
        numbers = {name: int(said) if (said := one.get(name)) else None for name in names}
        return {"lost": one.get("lost"), "ruleCode": one.get("ruleCode"), "place": one.get("place"), **numbers}

    return {
        "version": int(found.get("version", "")),
        "counts": {lost: int(found.get(lost, "")) for lost in ("dropped", "coerced", "defaulted")},
        "rules": [row(one, "line", "count") for one in found.iterfind(f"{REPORT}Rule")],
        "rows": [row(one, "line", "record", "count") for one in found.iterfind(f"{REPORT}Row")],
        "rowsLeftOut": int(found.get("rowsLeftOut", "")),
    }


@pytest.mark.parametrize("query", ["", "&rehearsal=1"])
def test_whoever_has_the_report_can_hold_it_against_the_log(running: Running, query: str) -> None:
    caller = running.caller(running.town.centre)
    content = (VECTORS / "families.csv").read_bytes()
    answer = call(caller, "POST", f"/files/csv?profile=families{query}", content=content).json()
    assert answer["losses"]["counts"]["dropped"] > 0
    assert {rule["ruleCode"] for rule in answer["losses"]["rules"]} == set(answer["lossRules"])
    (entry,) = entries(running.house, "file.received")
    assert digest(answer["losses"]) == answer["lossesDigest"] == entry["losses"]
    document = call(
        caller, "POST", f"/files/csv?profile=families{query}", content=content, headers={"Accept": "application/xml"}
    )
    root = etree.fromstring(document.content)
    schema = etree.XMLSchema(file=str(ROOT / "schemas" / "xsd" / "report-1.xsd"))
    assert schema.validate(root), schema.error_log
    assert as_json(root) == answer["losses"]
    assert "Синтетов" not in document.text


def test_a_comment_in_an_xml_file_is_told_of_with_and_without_a_signature(running: Running) -> None:
    place = running.town
    consent(place, place.ngo, purpose="REFERRAL", discloser=place.centre)
    caller = running.caller(place.centre)
    plain = write_document(referral(place.centre, place.ngo))
    who = signer_of(place.centre)
    registered(running.house, place.centre, who)
    for content in (plain, signed(who, referral(place.centre, place.ngo))):
        spoilt = content.replace(b"?>", b"?><!-- Secret -->", 1)
        assert spoilt != content
        answer = caller.file("xml", spoilt).json()
        assert answer["recordNumSuccess"] == 1
        dropped = {rule["ruleCode"] for rule in answer["losses"]["rules"] if rule["lost"] == "dropped"}
        assert dropped == {"comment", "category_not_sent"}
        assert "Secret" not in str(answer)
