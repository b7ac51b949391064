-- Only the owner, who migrates, reads and writes the record. The policy says so where the absence of one says nothing.
drop policy if exists applied_files_all_nobody on casebase.applied_files;
create policy applied_files_all_nobody on casebase.applied_files for all using (false);
