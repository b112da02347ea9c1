"""Answers to messages as files: XML and tables in, with complaints; a report out. Bytes to the shared language."""
