create or replace function mortgage.consent_json(consent public.consents) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select jsonb_build_object(
        'consent_id', consent.id,
        'purposes', consent.purposes,
        'granted_at', consent.granted_at,
        'until', consent.until,
        'withdrawn_at', consent.withdrawn_at,
        'expired_at', consent.expired_at)
$$;

comment on function mortgage.consent_json(public.consents) is 'A consent as RPCs answer it: no contact, no lead.';

revoke execute on function mortgage.consent_json(public.consents) from public;
