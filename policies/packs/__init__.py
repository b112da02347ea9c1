"""Packs of rules: data, one directory each. Nothing here is code."""
