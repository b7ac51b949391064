create or replace function mortgage.bank_code_of(bank text) returns text
    language sql stable
    set search_path = ''
as $$
    select coalesce(
        (select b.code from mortgage.banks b where lower(btrim(bank)) in (b.code, lower(b.name), lower(b.mask))),
        'other')
$$;

comment on function mortgage.bank_code_of(text) is 'The directory''s code for a bank given as code, name or mask; other for an unknown one.';

revoke execute on function mortgage.bank_code_of(text) from public;
