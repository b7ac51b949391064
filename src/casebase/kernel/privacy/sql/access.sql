-- Only casebase.scrub_text (definer) reads the terms; nobody else needs to know them.
revoke all on casebase.masked_terms from anon, authenticated, service_role;
