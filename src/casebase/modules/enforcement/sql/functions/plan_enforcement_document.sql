-- Definer: acting_case locks the case, which operators have no privilege for.
create or replace function enforcement.plan_enforcement_document(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_case public.enforcement_cases;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["case_id", "doc_kind"],
        "properties": {
            "case_id": {"type": "string", "format": "uuid"},
            "doc_kind": {"type": "string", "pattern": "^[a-z][a-z_]{0,39}$",
                         "description": "must be a snake_case word of at most 40 letters"}
        }
    }');
    v_case := enforcement.acting_case((payload ->> 'case_id')::uuid);
    return jsonb_build_object(
        'storage_path', format('enforcement/%s/%s/%s', v_case.tenant_id, v_case.id, gen_random_uuid()));
end
$$;

create or replace function public.plan_enforcement_document(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.plan_enforcement_document(payload)
$$;

comment on function public.plan_enforcement_document(jsonb) is
    'Ask whether a document may be added, before its file is read: {case_id, doc_kind}. Returns {storage_path}; writes '
    'nothing. 404 case_not_found; 403 operator_required; 422 invalid_input.';

revoke execute on function enforcement.plan_enforcement_document(jsonb), public.plan_enforcement_document(jsonb)
from public, anon, authenticated, service_role;
grant execute on function enforcement.plan_enforcement_document(jsonb), public.plan_enforcement_document(jsonb)
to authenticated, service_role;
