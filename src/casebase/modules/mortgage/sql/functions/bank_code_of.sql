-- "DBS Bank Ltd, Singapore" is no entry of the directory, but what scrubbing leaves of it holds one bank's mask.
create or replace function mortgage.bank_code_of(bank text) returns text
    language sql stable
    set search_path = ''
as $$
    select coalesce(
        (select b.code from mortgage.banks b where lower(btrim(bank)) in (b.code, lower(b.name), lower(b.mask))),
        (select min(b.code) from mortgage.banks b
         where position(b.mask || ' ' in casebase.scrub_text(bank) || ' ') > 0
         having count(*) = 1),
        'other')
$$;

comment on function mortgage.bank_code_of(text) is
    'The directory''s code for a bank given as code, name, mask or a text that names one; other for an unknown one.';

revoke execute on function mortgage.bank_code_of(text) from public;
