"""Casebase: the operational backend of case-driven products, on PostgreSQL or Supabase."""
