-- Definer: the scrubbing steps are the owner's.
-- Texts were scrubbed when they were written; what has been learned of the debtor since is masked here. People are initials,
-- the docket's number is left out: it is public, and tells who the debtor is. What is said on the telephone is left out too,
-- and so is whatever a payload says under a name that is no known fact's: an officer, a bank's clerk.
create or replace function enforcement.get_copilot_file(case_id uuid) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    v_case public.enforcement_cases;
    v_parties text[];
    v_facts jsonb;
    v_timeline jsonb;
begin
    select c.* into v_case from public.enforcement_cases c where c.id = get_copilot_file.case_id;
    if not found then
        perform casebase.fail(404, 'case_not_found', '{"field": "case_id"}');
    end if;
    v_parties := enforcement.parties_of(v_case.judgment_id);

    select jsonb_build_object(
        'reference', v_case.reference, 'status', v_case.status, 'as_of', casebase.now(),
        'stage', v_case.current_stage, 'stage_means', s.description, 'stage_entered_at', v_case.stage_entered_at,
        'days_in_stage', extract(day from casebase.now() - v_case.stage_entered_at)::int,
        'next_action_at', v_case.next_action_at, 'is_overdue', coalesce(v_case.next_action_at < casebase.now(), false),
        'tier', v_case.tier, 'tier_means', t.description,
        'tier_reason', casebase.scrub_text(v_case.tier_reason, v_parties, false),
        'is_tier_overridden', v_case.tier_override is not null, 'override_expires_at', v_case.override_expires_at,
        'collectability_score', v_case.collectability_score, 'asset_flags', v_case.asset_flags,
        'levy_status', v_case.levy_status, 'garnishment_status', v_case.garnishment_status,
        'marshal_status', v_case.marshal_status,
        'opening_balance', v_case.opening_balance, 'current_balance', v_case.current_balance,
        'opened_at', v_case.opened_at, 'closed_at', v_case.closed_at, 'closure_reason', casebase.scrub_text(v_case.closure_reason, v_parties, false),
        'notes', left(casebase.scrub_text(v_case.notes, v_parties, false), 2000),
        'judgment_amount', j.judgment_amount, 'judgment_date', j.judgment_date, 'priority_level', j.priority_level,
        'county', d.county, 'state', d.state,
        'enrichment_summary', left(casebase.scrub_text(d.enrichment_summary, v_parties, false), 2000),
        'debtor', j.defendant_mask, 'plaintiff', casebase.initials_of(p.name), 'plaintiff_status', p.status)
    into v_facts
    from public.judgments j
    join public.plaintiffs p on p.id = j.plaintiff_id and p.tenant_id = j.tenant_id
    join public.enforcement_stage_lookup s on s.stage = v_case.current_stage
    join public.enforcement_tier_lookup t on t.tier = v_case.tier
    left join judgments.cases d on d.judgment_id = j.id and d.tenant_id = j.tenant_id
    where j.id = v_case.judgment_id and j.tenant_id = v_case.tenant_id;

    -- The latest of each kind, so that many notes do not hide the one levy.
    select coalesce(jsonb_agg(jsonb_build_object(
               'n', e.n, 'source', e.source, 'id', e.id, 'at', e.at, 'kind', e.kind,
               'details', jsonb_strip_nulls(e.details)) order by e.n), '[]')
    into v_timeline
    from (
        select row_number() over (order by x.at, x.source, x.id) as n, x.*
        from (
            (select 'enforcement_events' as source, e.id, e.occurred_at as at, e.event_kind::text as kind,
                    jsonb_build_object('payload', nullif(enforcement.facts_of(e.payload), '{}'),
                                       'has_document', e.document_path is not null) as details
             from public.enforcement_events e
             where e.enforcement_case_id = v_case.id and e.tenant_id = v_case.tenant_id
             order by e.occurred_at desc, e.position desc limit 40)
            union all
            (select 'enforcement_history', h.id, h.created_at, h.change,
                    jsonb_build_object('delta', nullif((
                                           select coalesce(jsonb_object_agg(d.key, d.value), '{}')
                                           from jsonb_each(h.delta) d where d.key !~ '_metadata$'), '{}'),
                                       'note', h.note)
             from public.enforcement_history h
             where h.enforcement_case_id = v_case.id and h.tenant_id = v_case.tenant_id
             order by h.created_at desc, h.position desc limit 30)
            union all
            (select 'enforcement_actions', a.id, a.updated_at, a.action_type,
                    jsonb_build_object('status', a.status, 'reason', a.status_reason, 'opened_at', a.opened_at,
                                       'closed_at', a.closed_at, 'metadata', nullif(enforcement.facts_of(a.metadata), '{}'))
             from public.enforcement_actions a
             where a.enforcement_case_id = v_case.id and a.tenant_id = v_case.tenant_id
             order by a.updated_at desc limit 20)
            union all
            (select 'plaintiff_tasks', k.id, coalesce(k.closed_at, k.created_at), k.kind,
                    jsonb_build_object('title', k.title, 'status', k.status, 'due_at', k.due_at)
             from public.plaintiff_tasks k
             where k.enforcement_case_id = v_case.id and k.tenant_id = v_case.tenant_id
             order by k.created_at desc limit 20)
            union all
            (select 'plaintiff_call_attempts', c.id, c.called_at, 'call', jsonb_build_object('outcome', c.outcome)
             from public.plaintiff_call_attempts c
             where c.plaintiff_id = v_case.plaintiff_id and c.tenant_id = v_case.tenant_id
               and c.called_at >= v_case.opened_at
             order by c.called_at desc limit 10)
        ) x
    ) e;

    return jsonb_build_object(
        'case', enforcement.clean_json(v_case.judgment_id, jsonb_strip_nulls(v_facts)),
        -- Cut last: half a telephone number is not one that is found.
        'timeline', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'n', e.value -> 'n', 'at', e.value -> 'at', 'kind', e.value -> 'kind',
                       'details', left(e.value ->> 'details', 1000)) order by e.ordinality), '[]')
            from jsonb_array_elements(casebase.scrub_json((
                select coalesce(jsonb_agg(i.value - 'id' - 'source' order by i.ordinality), '[]')
                from jsonb_array_elements(v_timeline) with ordinality i), v_parties, false)) with ordinality e),
        'sources', jsonb_build_array(jsonb_build_object(
                'n', 0, 'source', 'enforcement_cases', 'id', v_case.id, 'at', v_case.updated_at, 'kind', 'case'))
            || (select coalesce(jsonb_agg(i.value - 'details' order by i.ordinality), '[]')
                from jsonb_array_elements(v_timeline) with ordinality i));
end
$$;

create or replace function public.get_copilot_file(case_id uuid) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select enforcement.get_copilot_file(case_id)
$$;

comment on function public.get_copilot_file(uuid) is
    'Return what a copilot may know of a case, its parties masked, for the worker: {case, timeline: [{n, at, kind, details}], sources: '
    '[{n, source, id, at, kind}]}; n is how an answer cites, 0 the case itself. 404 case_not_found.';

revoke execute on function enforcement.get_copilot_file(uuid), public.get_copilot_file(uuid)
from public, anon, authenticated, service_role;
grant execute on function enforcement.get_copilot_file(uuid), public.get_copilot_file(uuid) to service_role;
