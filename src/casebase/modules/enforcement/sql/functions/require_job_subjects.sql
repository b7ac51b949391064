-- Workers act as the service on whatever id a job names, so nobody may name another tenant's.
create or replace function enforcement.require_job_subjects(tenant_id uuid, kind text, payload jsonb) returns void
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_field text;
    v_id uuid;
begin
    -- Its worker writes about a case; those of the other kinds go through what is due when the job names nothing.
    if kind = 'case_copilot' and coalesce(payload -> 'case_id', 'null') = 'null' then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('payload.case_id', 'required', 'is missing'))));
    end if;
    for v_field in select k from jsonb_object_keys(payload) k where k in ('case_id', 'judgment_id', 'plaintiff_id') order by k loop
        continue when payload -> v_field = 'null';
        if jsonb_typeof(payload -> v_field) <> 'string' or not casebase.has_format(payload ->> v_field, 'uuid') then
            perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
                casebase.validation_error('payload.' || v_field, 'format', 'must be a valid uuid'))));
        end if;
        v_id := (payload ->> v_field)::uuid;
        -- In brackets: IF's own THEN is otherwise found inside.
        if not (case v_field
            when 'case_id' then
                exists (select from public.enforcement_cases c
                        where c.id = v_id and c.tenant_id = require_job_subjects.tenant_id)
                -- A debtor is looked up by docket, whether or not anybody enforces yet.
                or kind = 'enrich' and exists (
                    select from judgments.cases d where d.id = v_id and d.tenant_id = require_job_subjects.tenant_id)
            when 'judgment_id' then
                exists (select from public.judgments j where j.id = v_id and j.tenant_id = require_job_subjects.tenant_id)
            else
                exists (select from public.plaintiffs p where p.id = v_id and p.tenant_id = require_job_subjects.tenant_id)
        end) then
            perform casebase.fail(404, replace(v_field, '_id', '_not_found'), jsonb_build_object('field', 'payload.' || v_field));
        end if;
    end loop;
    if coalesce(payload ->> 'tenant_id', tenant_id::text) <> tenant_id::text then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('payload.tenant_id', 'tenant', 'must be the tenant of the job'))));
    end if;
end
$$;

comment on function enforcement.require_job_subjects(uuid, text, jsonb) is
    'Refuse a job whose case_id (of kind enrich also a docket''s), judgment_id or plaintiff_id is not the tenant''s: 404 '
    'case_not_found, judgment_not_found, plaintiff_not_found; or which lacks what its worker needs: 422.';

revoke execute on function enforcement.require_job_subjects(uuid, text, jsonb) from public;
