create or replace function enforcement.add_party_contacts(
    tenant_id uuid,
    docket_id uuid,
    plaintiff_id uuid,
    party jsonb,
    source text
) returns void
    language sql
    set search_path = ''
as $$
    insert into enrichment.contacts (tenant_id, case_id, plaintiff_id, kind, value, value_key, sources)
    select add_party_contacts.tenant_id, docket_id, add_party_contacts.plaintiff_id, k.kind, btrim(party ->> k.kind),
           enforcement.contact_key(k.kind, party ->> k.kind), array[add_party_contacts.source]
    from unnest(array['phone', 'email', 'address']) k (kind)
    where btrim(party ->> k.kind) <> ''
    on conflict do nothing
$$;

comment on function enforcement.add_party_contacts(uuid, uuid, uuid, jsonb, text) is
    'Keep how a debtor (docket_id) or a plaintiff is reached; what is known already stays as it is.';

revoke execute on function enforcement.add_party_contacts(uuid, uuid, uuid, jsonb, text) from public;
