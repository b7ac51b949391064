-- Each has its index but names, and plaintiffs are few beside their judgments. What begins with a term lies between it and
-- it with the last of all signs: PostgreSQL 15 takes ^@ to an index for constants alone. Bounded, so that a term which
-- fits everything stays quick.
create or replace function enforcement.search_judgments(tenant_id uuid, search text) returns uuid[]
    language sql stable
    set search_path = ''
as $$
    select array(
        (select c.judgment_id from public.enforcement_cases c
         where c.tenant_id = search_judgments.tenant_id and c.reference >= t.term and c.reference < t.term || t.last
         limit 1000)
        union
        (select d.judgment_id from judgments.cases d
         where d.tenant_id = search_judgments.tenant_id
           and upper(d.case_number) collate "C" >= t.term and upper(d.case_number) collate "C" < t.term || t.last
         limit 1000)
        union
        (select j.id
         from public.plaintiffs p
         join public.judgments j on j.plaintiff_id = p.id and j.tenant_id = p.tenant_id
         where p.tenant_id = search_judgments.tenant_id
           and p.name ilike '%' || regexp_replace(t.term, '([%_\\])', '\\\1', 'g') || '%'
         limit 1000)
        limit 1000)
    from (select upper(btrim(search)) as term, chr(1114111) as last) t
    where t.term <> ''
$$;

comment on function enforcement.search_judgments(uuid, text) is
    'The first thousand judgments of a tenant that a term fits: the beginning of a reference or of a docket number, or a part '
    'of the plaintiff''s name; null for no term.';

revoke execute on function enforcement.search_judgments(uuid, text) from public;
