"""Registers of referrals as CSV, the way spreadsheets in Russia save them: read tolerantly with a report, written strictly."""
