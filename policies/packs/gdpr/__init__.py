"""A small pack after the GDPR: it shows that the engine is free of any one law. Not legal advice."""
