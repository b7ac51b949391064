create or replace function mortgage.mask_banks(value jsonb, is_bank boolean default false) returns jsonb
    language plpgsql stable
    set search_path = ''
as $$
begin
    case jsonb_typeof(value)
        when 'string' then
            return case when is_bank
                then (select to_jsonb(b.mask) from mortgage.banks b where b.code = mortgage.bank_code_of(value #>> '{}'))
                else value end;
        when 'object' then
            return (select coalesce(jsonb_object_agg(e.key, mortgage.mask_banks(
                        e.value, is_bank or e.key ~* '(^|[^a-z])(bank|lender)s?([^a-z]|$)')), '{}')
                    from jsonb_each(value) e);
        when 'array' then
            return (select coalesce(jsonb_agg(mortgage.mask_banks(e.value, is_bank) order by e.ordinality), '[]')
                    from jsonb_array_elements(value) with ordinality e (value, ordinality));
        else
            return value;
    end case;
end
$$;

comment on function mortgage.mask_banks(jsonb, boolean) is
    'A cleaned document whose texts under a key for a bank or lender are the directory''s masks, also of banks nobody knows.';

revoke execute on function mortgage.mask_banks(jsonb, boolean) from public;
