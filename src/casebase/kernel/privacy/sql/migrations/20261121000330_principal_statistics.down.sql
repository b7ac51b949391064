alter table casebase.idempotency_keys alter column principal set statistics -1;
