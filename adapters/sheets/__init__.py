"""Canonical documents as tables, one for each kind, for whoever works with spreadsheets (docs/documents.md)."""

from schemas.catalogue import extend

extend(__name__)
