"""ЕГИССО: the guardianship registers (10.25.I, 10.47.O, 10.48.O) and the table of assignments, in and out (docs/egisso.md)."""

from schemas.catalogue import extend

extend(__name__)
