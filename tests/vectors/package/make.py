"""Make the vector anew: `python -m tests.vectors.package.make`. Only for a new version of the format: what was ever written
must stay readable, so an old vector is kept beside a new one."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.builders import sqlite_house
from tests.gateway.package_world import packages

HERE = Path(__file__).parent


def main() -> None:
    """A referral of synthetic people, in a house of its own."""
    with tempfile.TemporaryDirectory() as folder:
        world = packages(sqlite_house(Path(folder)))
        made = world.make(world.referral(reg_number="17-н", reg_on="2026-03-01"))
        assert made.code is not None
        (HERE / "package.html").write_bytes(made.file)
        (HERE / "code.txt").write_text(made.code + "\n")
        (HERE / "log.pub").write_text(world.house.log_key.verifier().encode() + "\n")
        (HERE / "content.xml").write_bytes(world.open(made).document.rstrip(b"\n") + b"\n")
        cases = ((0, "opened"), (2, "opened"), (2, "accept"), (999, "reject/NO_CAPACITY/none_known"))
        lines = [f"{day} {outcome}\t{world.code(made, outcome, day)}\n" for day, outcome in cases]
        (HERE / "receipts.tsv").write_text("".join(lines))


if __name__ == "__main__":
    main()
