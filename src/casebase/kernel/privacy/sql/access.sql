-- Only casebase.scrub_text (definer) reads the terms; nobody else needs to know them.
revoke all on casebase.masked_terms from anon, authenticated, service_role;
drop policy if exists masked_terms_all_nobody on casebase.masked_terms;
create policy masked_terms_all_nobody on casebase.masked_terms for all using (false);

-- Receipts are written by casebase.note_erasure in the name of a module's definer function, and never changed by hand.
revoke all on casebase.erasure_receipts from anon, authenticated, service_role;
grant select on casebase.erasure_receipts to service_role;
drop policy if exists erasure_receipts_select_service on casebase.erasure_receipts;
create policy erasure_receipts_select_service on casebase.erasure_receipts for select to service_role using (true);
