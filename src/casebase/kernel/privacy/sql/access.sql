-- Only casebase.scrub_text (definer) reads the terms; nobody else needs to know them.
revoke all on casebase.masked_terms from anon, authenticated, service_role;
drop policy if exists masked_terms_all_nobody on casebase.masked_terms;
create policy masked_terms_all_nobody on casebase.masked_terms for all using (false);
