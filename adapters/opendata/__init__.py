"""Open data as Russian authorities publish them: a passport, a structure and a table."""
