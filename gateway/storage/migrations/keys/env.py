"""Alembic's entry for this store; shared with the other one."""

import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).resolve().parent.parent / "env.py"))
