create or replace function enforcement.contact_key(kind text, value text) returns text
    language sql immutable parallel safe
    set search_path = ''
as $$
    select case kind
        when 'phone' then regexp_replace(
            regexp_replace(
                case when value ~ '[^ -~]' then casebase.fold_text(value) else value end, '[^0-9]', '', 'g'), '^1([2-9][0-9]{9})$', '\1')
        when 'email' then lower(btrim(value))
        else enforcement.name_key(value)
    end
$$;

comment on function enforcement.contact_key(text, text) is
    'What two spellings of one contact have in common: a telephone''s digits without North America''s 1, an e-mail in small letters.';

revoke execute on function enforcement.contact_key(text, text) from public;
