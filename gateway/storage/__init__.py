"""The only place that knows SQL: tables, and one repository per port, for SQLite and for PostgreSQL."""
