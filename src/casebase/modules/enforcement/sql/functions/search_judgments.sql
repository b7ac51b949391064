-- Each kind of term has its index; names of plaintiffs are few beside their judgments. Bounded, so that a term which fits
-- everything stays quick.
create or replace function enforcement.search_judgments(tenant_id uuid, search text) returns uuid[]
    language plpgsql stable
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_term text := upper(btrim(search));
begin
    case
        when coalesce(v_term, '') = '' then
            return null;
        when v_term ~ '^E-[A-Z]{1,8}$' then
            return array(
                select c.judgment_id from public.enforcement_cases c
                where c.tenant_id = search_judgments.tenant_id and c.reference >= v_term and c.reference < v_term || '['
                limit 1000);
        when v_term ~ '\d' then
            return array(
                select d.judgment_id from judgments.cases d
                where d.tenant_id = search_judgments.tenant_id and upper(d.case_number) collate "C" ^@ v_term
                limit 1000);
        else
            return array(
                select j.judgment_id
                from public.plaintiffs p
                cross join lateral (
                    select d.id as judgment_id from public.judgments d
                    where d.plaintiff_id = p.id and d.tenant_id = p.tenant_id limit 1000
                ) j
                where p.tenant_id = search_judgments.tenant_id
                  and p.name ilike '%' || regexp_replace(v_term, '([%_\\])', '\\\1', 'g') || '%'
                limit 1000);
    end case;
end
$$;

comment on function enforcement.search_judgments(uuid, text) is
    'The first thousand judgments of a tenant that a term fits: the beginning of a reference, of a docket number where it has '
    'a digit, else a part of the plaintiff''s name; null for no term.';

revoke execute on function enforcement.search_judgments(uuid, text) from public;
