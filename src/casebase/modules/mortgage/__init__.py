"""Mortgage scenario cases: intake, advice, consent, AI context, publishing."""
