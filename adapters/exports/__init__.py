"""Files of an export: XML by `export-1.xsd`, tables for spreadsheets, FHIR R4. Pure: values of `schemas.exports` to bytes."""
