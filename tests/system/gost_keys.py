"""Keys and certificates of GOST R 34.10-2012, made by the engine at the command line of OpenSSL while the test runs."""

from __future__ import annotations

import subprocess
from pathlib import Path


def openssl(*arguments: str) -> None:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


class GostHolder:
    """Somebody who signs by GOST. Without an issuer its certificate is its own."""

    def __init__(self, folder: Path, name: str, bits: int, ogrn: str | None, issuer: GostHolder | None = None) -> None:
        self._key, self._certificate = folder / f"{name}.key", folder / f"{name}.crt"
        subject = f"/CN={name}" + (f"/OGRN={ogrn}" if ogrn else "")
        made = ("-engine", "gost", "-newkey", f"gost2012_{bits}", "-pkeyopt", "paramset:A", "-nodes", "-subj", subject)
        if issuer is None:
            usage = "critical,CA:TRUE" if ogrn is None else "critical,CA:FALSE"
            files = ("-keyout", str(self._key), "-out", str(self._certificate), "-days", "30")
            openssl("req", "-x509", *made, "-addext", f"basicConstraints={usage}", *files)
            return
        request = folder / f"{name}.csr"
        openssl("req", *made, "-keyout", str(self._key), "-out", str(request))
        files = ("-in", str(request), "-out", str(self._certificate), "-days", "20")
        by = ("-CA", str(issuer._certificate), "-CAkey", str(issuer._key), "-CAcreateserial")
        openssl("x509", "-req", "-engine", "gost", *by, *files)

    @property
    def key(self) -> bytes:
        return self._key.read_bytes()

    @property
    def certificate(self) -> bytes:
        return self._certificate.read_bytes()
