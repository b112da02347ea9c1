"""The canonical documents as XML, JSON Schema and XSD: all made of the classes of `schemas` and the table of elements."""
