"""Exports as HL7 FHIR R4: a Bundle of type collection. Pure: values of `schemas.exports` in, plain JSON values out.

Written for R4 (4.0.1), which is what deployed systems read; R5 renamed much of what is used here and is left out. What
FHIR has no place for stands in extensions and code systems under one base, `urn:mezhved:fhir:`, described in
docs/export.md. What is withheld is said in the resource: by `data-absent-reason`, by the security label REDACTED, by the
rule. It is never left out silently.
"""
