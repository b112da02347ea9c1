"""Referrals and signals as XML documents: hardened, streamed, record by record."""
