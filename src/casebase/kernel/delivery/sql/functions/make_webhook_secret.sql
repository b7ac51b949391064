-- gen_random_uuid() draws from the same strong source as pgcrypto, which need not be installed: two give 244 bits.
create or replace function casebase.make_webhook_secret() returns text
    language sql volatile
    set search_path = ''
as $$
    select 'whsec_' || encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'base64')
$$;

comment on function casebase.make_webhook_secret() is 'A new signing secret in the form of Standard Webhooks.';

revoke execute on function casebase.make_webhook_secret() from public;
