"""Files that are taken step by step."""
