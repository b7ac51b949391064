create or replace function mortgage.refuse_rate(field text) returns void
    language plpgsql stable
    set search_path = ''
as $$
begin
    -- The path is made of the document's own keys, which may be anything.
    perform casebase.fail(422, 'rate_leak', jsonb_build_object('field', casebase.scrub_text(field)),
        'Leave the rate out: give amounts of money, such as the instalment or the savings.');
end
$$;

comment on function mortgage.refuse_rate(text) is 'Refuse a text or document that tells an actual rate: 422 rate_leak, its field named.';

revoke execute on function mortgage.refuse_rate(text) from public;
