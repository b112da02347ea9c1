"""The shared language of the house: identifiers, code lists, sections, messages, errors.

Imports nothing of ours, does no input or output beyond reading its own data files, and decides nothing.
"""
