"""The Russian pack. Not legal advice: its open questions belong to a lawyer."""
