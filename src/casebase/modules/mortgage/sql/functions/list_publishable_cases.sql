-- Definer: no role that the API serves reads consents but the service, and this is the one rule of what may be published.
-- Expiry of the consent to be contacted does not end the one to publish: what is published is anonymous.
create or replace function mortgage.list_publishable_cases(tenant_id uuid, cursor uuid, page_size int) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_items jsonb;
begin
    perform casebase.require_valid(jsonb_build_object('page_size', page_size), '{
        "type": "object",
        "required": ["page_size"],
        "properties": {"page_size": {"type": "integer", "minimum": 1, "maximum": 10000}}
    }');
    select coalesce(jsonb_agg(to_jsonb(p) order by p.case_id), '[]') into v_items
    from (
        select o.case_id, i.property_type, i.loan_amount, o.decision_reason, c.net_savings, o.hurdles
        from public.scenario_outcomes o
        join public.scenario_cases c on c.id = o.case_id and c.tenant_id = o.tenant_id
        join public.consents k on k.id = c.consent_id and k.tenant_id = c.tenant_id
        join public.scenario_inputs i
            on i.case_id = c.id and i.tenant_id = c.tenant_id and i.version = c.latest_input_version
        where o.tenant_id = coalesce(tenant_id, casebase.default_tenant())
          and (cursor is null or o.case_id > cursor)
          and 'publishing' = any (k.purposes) and k.withdrawn_at is null
        order by o.case_id
        limit page_size + 1
    ) p;
    return jsonb_build_object(
        'items', (
            select coalesce(jsonb_agg(p.item - 'case_id' order by p.position), '[]')
            from jsonb_array_elements(v_items) with ordinality p (item, position) where p.position <= page_size),
        'next_cursor', case when jsonb_array_length(v_items) > page_size
                            then v_items -> (page_size - 1) -> 'case_id' end);
end
$$;

create or replace function public.list_publishable_cases(
    tenant_id uuid default null, cursor uuid default null, page_size int default 5000
) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select mortgage.list_publishable_cases(tenant_id, cursor, page_size)
$$;

comment on function public.list_publishable_cases(uuid, uuid, int) is
    'A page of one tenant''s cases with an outcome and a standing consent to publishing, for the service alone: {items '
    '[{property_type, loan_amount, decision_reason, net_savings, hurdles}], next_cursor}. Not anonymous yet: pseo.py is.';

revoke execute on function
    mortgage.list_publishable_cases(uuid, uuid, int), public.list_publishable_cases(uuid, uuid, int)
from public, anon, authenticated, service_role;
grant execute on function
    mortgage.list_publishable_cases(uuid, uuid, int), public.list_publishable_cases(uuid, uuid, int)
to service_role;
