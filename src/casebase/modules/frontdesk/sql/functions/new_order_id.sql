-- The layout of a ULID: 48 bits of milliseconds, 80 random ones, five a sign, in Crockford's alphabet, which sorts.
create or replace function frontdesk.new_order_id(at timestamptz) returns text
    language sql volatile
    set search_path = ''
as $$
    select 'ord_' || string_agg(
        substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ',
            (substring(bits from n * 5 + 1 for 5))::int + 1, 1), '' order by n)
    from (
        -- 130 bits: two zeros come before the 128.
        select b'00' || ((extract(epoch from at) * 1000)::bigint)::bit(48)
            || substring(('x' || encode(substring(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) from 1 for 10), 'hex'))::bit(80) from 1) as bits
    ) r
    cross join generate_series(0, 25) n
$$;

comment on function frontdesk.new_order_id(timestamptz) is
    'ord_ and 26 signs: ids sort by their millisecond, and nobody guesses one (80 random bits).';

revoke execute on function frontdesk.new_order_id(timestamptz) from public;
