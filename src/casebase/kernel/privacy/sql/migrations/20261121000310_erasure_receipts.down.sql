alter table casebase.idempotency_keys alter column key set statistics -1, alter column reply set statistics -1;
drop table casebase.erasure_receipts;
