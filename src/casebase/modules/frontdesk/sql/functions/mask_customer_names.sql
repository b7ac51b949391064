-- What could be a name is looked up, not each name looked for: it costs as much with fifty customers as with a million. The
-- cheap half of what casebase.modules.frontdesk.phi does with the text itself.
create or replace function frontdesk.mask_customer_names(tenant_id uuid, said text) returns text
    language plpgsql stable
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_said text := said;
    v_words text[];
    -- Each with what stands behind it.
    v_spaced text[];
    v_name text;
begin
    -- A sign of a script without spaces is a word of its own.
    select array_agg(r.m[1] order by r.n), array_agg(r.m[1] || r.m[2] order by r.n) into v_words, v_spaced
    from regexp_matches(
        said,
        '([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\s[:punct:]…–—‘’“”„«»、。，\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+)'
        '([\s[:punct:]…–—‘’“”„«»、。，]*)', 'g') with ordinality r (m, n);
    for v_name in
        select c.name
        from (
            select distinct array_to_string(v_spaced[i:i + n - 1], '') || v_words[i + n] as name
            from generate_series(1, cardinality(v_words) - 1) i
            cross join generate_series(1, 5) n
            where i + n <= cardinality(v_words)) c
        -- A lookup each: joined the other way round, all names would be read.
        cross join lateral (
            select from public.bookings b
            where b.tenant_id = mask_customer_names.tenant_id and b.user_name = any (array[c.name, initcap(c.name)])
            union all
            select from public.orders o
            where o.tenant_id = mask_customer_names.tenant_id
              and o.shipping_address ->> 'name' = any (array[c.name, initcap(c.name)])
            limit 1) known
        order by length(c.name) desc, c.name
    loop
        v_said := replace(v_said, v_name, '[name]');
    end loop;
    return v_said;
end
$$;

comment on function frontdesk.mask_customer_names(uuid, text) is
    'A short text with [name] in place of the names of a tenant''s customers, of two to six words: as they were written when '
    'they booked or ordered, or all in capitals or small letters.';

revoke execute on function frontdesk.mask_customer_names(uuid, text) from public;
