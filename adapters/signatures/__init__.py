"""Signed envelopes of XML files: XMLDSig and XAdES-BES by one strict profile, over providers of cryptography.

What is verified comes back as bytes: the canonical ones that were digested. Nobody reads the document that carried it.
"""
