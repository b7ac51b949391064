-- Definer: refused or not, what an AI said goes through the same cleaning as what people write.
create or replace function mortgage.record_ai_entry(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_case public.scenario_cases;
    v_entry_id uuid;
begin
    perform casebase.require_valid(payload, jsonb_build_object(
        'type', 'object',
        'required', '["case_id", "entry_type", "model", "prompt_hash", "content"]'::jsonb,
        'properties', '{
            "case_id": {"type": "string", "format": "uuid"},
            "model": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._:/-]{0,119}$",
                      "description": "must be the name of a model, at most 120 characters"},
            "prompt_hash": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "must be a SHA-256 in hex"},
            "content": {"type": "object"},
            "tags": {"type": "array", "maxItems": 10, "items": {
                "type": "string", "pattern": "^#[a-z][a-z0-9_]{0,39}$", "description": "must be # and a snake_case word"}}
        }'::jsonb || jsonb_build_object('entry_type', jsonb_build_object(
            'type', 'string', 'enum', to_jsonb(enum_range(null::public.scenario_ai_entry_type))))));

    v_case := mortgage.acting_case((payload ->> 'case_id')::uuid);
    insert into public.scenario_ai_ledger (tenant_id, case_id, entry_type, model, prompt_hash, content_json)
    values (
        v_case.tenant_id, v_case.id,
        (payload ->> 'entry_type')::public.scenario_ai_entry_type,
        mortgage.require_impersonal(v_case, payload ->> 'model', 'model', 5),
        payload ->> 'prompt_hash',
        mortgage.mask_banks(mortgage.clean_payload(v_case, payload -> 'content', 'content')))
    returning id into v_entry_id;

    insert into public.scenario_tags (tenant_id, case_id, tag, source)
    select v_case.tenant_id, v_case.id, mortgage.clean_tag(v_case, t.tag, format('tags[%s]', t.ordinality - 1)), 'ai'
    from jsonb_array_elements_text(coalesce(nullif(payload -> 'tags', 'null'), '[]')) with ordinality t (tag, ordinality)
    on conflict on constraint one_row_a_tag do nothing;
    perform casebase.notify_live(v_case.tenant_id, 'mortgage.case', v_case.id);
    return jsonb_build_object('case_id', v_case.id, 'entry_id', v_entry_id);
end
$$;

create or replace function public.record_ai_entry(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select mortgage.record_ai_entry(payload)
$$;

comment on function public.record_ai_entry(jsonb) is
    'Note what the AI was shown, said or decided on a case: {case_id, entry_type shown | said | decided, model, prompt_hash '
    '(SHA-256), content, tags?}. Append-only; the tags get the source ai. Returns case_id, entry_id. '
    '404 case_not_found; 422 invalid_input, rate_leak.';

revoke execute on function mortgage.record_ai_entry(jsonb), public.record_ai_entry(jsonb)
from public, anon, authenticated, service_role;
grant execute on function mortgage.record_ai_entry(jsonb), public.record_ai_entry(jsonb) to service_role;
