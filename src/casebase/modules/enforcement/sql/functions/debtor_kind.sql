create or replace function enforcement.debtor_kind(name text) returns text
    language sql immutable parallel safe
    set search_path = ''
as $$
    select case when enforcement.name_key(name)
                     ~ '\m(llc|llp|lp|plc|inc|corp|corporation|ltd|limited|co|company|bank|trust|associates|partners)$'
                then 'company' else 'person' end
$$;

comment on function enforcement.debtor_kind(text) is
    'Whether a name is a company''s, by the legal form it ends with; for who does not say what the debtor is.';

revoke execute on function enforcement.debtor_kind(text) from public;
