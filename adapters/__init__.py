"""Files in and out: bytes to drafts and back, always with a report. Pure; never stores, never decides."""
