"""The profile of SMEV 3: envelopes, identifiers, statuses and faults, as files in and out. There is no channel."""
