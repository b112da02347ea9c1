"""What docs/signed-files.md tells a partner to type, typed as it stands: signed by three tools, the report verified."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.report import ImportReport
from adapters.signatures.certificates import Trust, parse_certificate
from adapters.signatures.classic import CLASSIC
from adapters.signatures.sign import sign_document
from adapters.signatures.verify import verify_document
from adapters.xml.reader import read_referrals
from adapters.xml.report import About, write_report
from tests.adapters.certificates import holder, rsa_key
from tests.adapters.test_signatures import OURS, PLAIN
from tests.docs.sources import ROOT

pytestmark = pytest.mark.system


def block(name: str) -> str:
    """The code between the marks of this name."""
    text = (ROOT / "docs" / "signed-files.md").read_text("utf-8")
    found = re.search(rf"<!-- begin {name} -->\n```\w+\n(.*?)```\n<!-- end {name} -->", text, re.DOTALL)
    assert found, name
    return found[1]


def shell(folder: Path, script: str) -> None:
    done = subprocess.run(["sh", "-eu", "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shell(tmp_path, block("openssl"))
    (tmp_path / "referral.xml").write_bytes(PLAIN)
    return tmp_path


def taken(folder: Path) -> int:
    certificate = parse_certificate((folder / "certificate.pem").read_bytes())
    assert certificate.ogrn == OURS
    content = (folder / "signed.xml").read_bytes()
    found = verify_document(content, Trust(OURS, None, (certificate,)), datetime.now(UTC), CLASSIC)
    assert found is not None
    return sum(record.draft is not None for record in read_referrals(io.BytesIO(found.content)))


def test_by_python(folder: Path) -> None:
    (folder / "sign.py").write_text(block("python"), "utf-8")
    shell(folder, f"{sys.executable} sign.py referral.xml signed.xml")
    assert taken(folder) == 1


def test_by_xmlsec(folder: Path) -> None:
    template = PLAIN.decode().replace("</Referral>", block("template") + "</Referral>")
    (folder / "template.xml").write_text(template, "utf-8")
    shell(folder, block("xmlsec"))
    assert taken(folder) == 1


def test_by_the_program_of_the_gateway(folder: Path) -> None:
    mezhved = Path(sys.executable).parent / "mezhved"
    pair = "--key key.pem --certificate certificate.pem"
    shell(folder, f"{mezhved} signature make referral.xml signed.xml {pair}")
    assert taken(folder) == 1


def test_a_partner_verifies_the_report(tmp_path: Path) -> None:
    gateway, now = holder(None, rsa_key(), valid_to=datetime(2099, 1, 1, tzinfo=UTC)), datetime.now(UTC)
    report = write_report(ImportReport("xml"), About(now, "a" * 64, OURS), [("1", "2")])
    (tmp_path / "gateway.pem").write_bytes(gateway.pem)
    (tmp_path / "report.xml").write_bytes(sign_document(report, gateway.signer, now))
    shell(tmp_path, block("verify"))
    broken = (tmp_path / "report.xml").read_bytes().replace(b'operationId="1"', b'operationId="9"')
    (tmp_path / "report.xml").write_bytes(broken)
    with pytest.raises(AssertionError):
        shell(tmp_path, block("verify"))
