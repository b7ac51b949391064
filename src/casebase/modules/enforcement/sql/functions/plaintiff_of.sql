create or replace function enforcement.plaintiff_of(tenant_id uuid, party jsonb, source text) returns uuid
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_entity_id uuid := (enforcement.entity_of(
        tenant_id, coalesce(party ->> 'kind', 'company'), party ->> 'name', party ->> 'discriminator')).entity_id;
    v_plaintiff_id uuid;
begin
    insert into public.plaintiffs (tenant_id, entity_id, name, source)
    select e.tenant_id, e.id, e.name, plaintiff_of.source from enrichment.entities e where e.id = v_entity_id
    on conflict on constraint one_plaintiff_an_entity do nothing;
    select p.id into v_plaintiff_id from public.plaintiffs p
    where p.entity_id = v_entity_id and p.tenant_id = plaintiff_of.tenant_id;
    perform enforcement.add_party_contacts(tenant_id, null, v_plaintiff_id, party, source);
    return v_plaintiff_id;
end
$$;

comment on function enforcement.plaintiff_of(uuid, jsonb, text) is
    'The plaintiff that a payload describes, written unless their entity is one already, with how they are reached.';

revoke execute on function enforcement.plaintiff_of(uuid, jsonb, text) from public;
