create or replace function mortgage.cases_to_remind_of(kind text, batch_limit int) returns table (case_id uuid)
    language plpgsql stable
    set search_path = ''
as $$
begin
    if kind = 'review_due' then
        return query
            select c.id from public.scenario_cases c
            where c.next_review_at is not null and c.status <> 'closed' and c.reminded_for is distinct from c.next_review_at
              and c.next_review_at <= casebase.now()
            order by c.next_review_at limit batch_limit;
    else
        return query
            select c.id from public.scenario_cases c
            join public.scenario_inputs i
                on i.case_id = c.id and i.tenant_id = c.tenant_id and i.version = c.latest_input_version
            left join mortgage.settings s on s.tenant_id = c.tenant_id
            where c.erased_at is null and c.status <> 'closed' and c.alerted_for is distinct from c.consent_until
              and c.consent_until > casebase.now() and c.consent_until <= casebase.now() + interval '24 hours'
              and i.loan_amount >= coalesce(s.high_value_loan, 1000000)
            order by c.consent_until limit batch_limit;
    end if;
end
$$;

comment on function mortgage.cases_to_remind_of(text, int) is
    'Open cases not yet reminded of: review_due, whose review date has passed, or consent_ending, of high value (see '
    'mortgage.settings) with a consent that ends within 24 hours; the most urgent first.';

revoke execute on function mortgage.cases_to_remind_of(text, int) from public;
