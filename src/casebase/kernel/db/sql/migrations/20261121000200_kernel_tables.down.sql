drop table casebase.idempotency_keys;
drop table public.tenant_users;
drop table public.tenants;
