-- A call about no particular case may be about any of the plaintiff's debtors; those of the latest judgments are known.
create or replace function enforcement.clean_notes(plaintiff public.plaintiffs, judgment_id uuid, value text) returns text
    language sql stable
    set search_path = ''
as $$
    select case when value is null then null
        when judgment_id is not null then enforcement.clean_text(judgment_id, value)
        else nullif(btrim(casebase.scrub_text(value, array(
            select distinct s.term
            from (
                select j.id from public.judgments j
                where j.plaintiff_id = plaintiff.id and j.tenant_id = plaintiff.tenant_id
                order by j.created_at desc limit 50
            ) j
            cross join lateral unnest(enforcement.subject_of(j.id)) s (term)), false)), '')
    end
$$;

comment on function enforcement.clean_notes(public.plaintiffs, uuid, text) is
    'Notes of a call without personal data: the judgment''s debtor, else those of the plaintiff''s latest fifty judgments.';

revoke execute on function enforcement.clean_notes(public.plaintiffs, uuid, text) from public;
