"""The GraphQL edge: parse, call one use case per field, render. Decides nothing; every section comes through the door."""
