"""Answers to messages as files: XML and CSV in, with complaints; a report out. Bytes to the shared language, nothing else."""
