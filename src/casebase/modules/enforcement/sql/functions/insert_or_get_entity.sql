-- Definer: the service reads these tables and writes them through functions alone.
create or replace function enforcement.insert_or_get_entity(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_plaintiff public.plaintiffs;
    v_judgment public.judgments;
    v_tenant_id uuid;
    v_entity record;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["kind", "name"],
        "properties": {
            "kind": {"type": "string", "enum": ["person", "company"]},
            "name": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "[^[:space:][:punct:]]",
                     "description": "must hold letters"},
            "discriminator": {"type": "string", "maxLength": 80},
            "tenant_id": {"type": "string", "format": "uuid"},
            "plaintiff_id": {"type": "string", "format": "uuid"},
            "judgment_id": {"type": "string", "format": "uuid"}
        }
    }');
    if payload ->> 'plaintiff_id' is not null then
        select * into v_plaintiff from public.plaintiffs p
        where p.id = (payload ->> 'plaintiff_id')::uuid
          and p.tenant_id = coalesce((payload ->> 'tenant_id')::uuid, p.tenant_id) for no key update;
        if not found then
            perform casebase.fail(404, 'plaintiff_not_found', '{"field": "plaintiff_id"}');
        end if;
    end if;
    if payload ->> 'judgment_id' is not null then
        select * into v_judgment from public.judgments j
        where j.id = (payload ->> 'judgment_id')::uuid
          and j.tenant_id = coalesce((payload ->> 'tenant_id')::uuid, v_plaintiff.tenant_id, j.tenant_id)
        for no key update;
        if not found then
            perform casebase.fail(404, 'judgment_not_found', '{"field": "judgment_id"}');
        end if;
    end if;
    v_tenant_id := coalesce(
        v_plaintiff.tenant_id, v_judgment.tenant_id, enforcement.acting_tenant((payload ->> 'tenant_id')::uuid));

    select * into v_entity
    from enforcement.entity_of(v_tenant_id, payload ->> 'kind', payload ->> 'name', payload ->> 'discriminator');
    -- Two plaintiffs cannot both find it free.
    perform from enrichment.entities e where e.id = v_entity.entity_id for no key update;
    if v_plaintiff.entity_id <> v_entity.entity_id or exists (
        select from public.plaintiffs p
        where p.entity_id = v_entity.entity_id and p.tenant_id = v_tenant_id and p.id <> v_plaintiff.id
    ) then
        perform casebase.fail(409, 'entity_already_linked', '{"field": "plaintiff_id"}',
            'A plaintiff is one entity, and an entity one plaintiff: tell namesakes apart by a discriminator.');
    end if;
    if v_judgment.defendant_entity_id <> v_entity.entity_id then
        perform casebase.fail(409, 'entity_already_linked', '{"field": "judgment_id"}',
            'The judgment has a debtor already.');
    end if;
    update public.plaintiffs p set entity_id = v_entity.entity_id
    where p.id = v_plaintiff.id and p.entity_id is null;
    update public.judgments j
    set defendant_entity_id = v_entity.entity_id,
        defendant_mask = coalesce(casebase.initials_of(payload ->> 'name'), 'Unknown')
    where j.id = v_judgment.id and j.defendant_entity_id is null;
    return jsonb_build_object('entity_id', v_entity.entity_id, 'is_new', v_entity.is_new);
end
$$;

create or replace function public.insert_or_get_entity(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.insert_or_get_entity(payload)
$$;

comment on function public.insert_or_get_entity(jsonb) is
    'Have a person or company exactly once and link who is it: {kind (person, company), name, discriminator?, plaintiff_id?, '
    'judgment_id? (whose debtor it is), tenant_id?}. Names that differ in case and punctuation alone are one, unless a '
    'discriminator tells namesakes apart. Returns {entity_id, is_new}. For the service alone; 404 plaintiff_not_found, '
    'judgment_not_found, tenant_not_found; 409 entity_already_linked; 422 invalid_input.';

revoke execute on function enforcement.insert_or_get_entity(jsonb), public.insert_or_get_entity(jsonb)
from public, anon, authenticated, service_role;
grant execute on function enforcement.insert_or_get_entity(jsonb), public.insert_or_get_entity(jsonb) to service_role;
