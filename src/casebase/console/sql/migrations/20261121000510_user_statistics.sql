-- ANALYZE leaves the statistics of a table that has become empty as they were, so who was signed in is never in them. The
-- type stays what it is: naming it again is what removes statistics that were gathered before.
alter table casebase.console_sessions alter column user_id set statistics 0;
-- squawk-ignore changing-column-type
alter table casebase.console_sessions alter column user_id type uuid;
