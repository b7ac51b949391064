create or replace function mortgage.kept_keys(event_type public.scenario_event_type) returns text[]
    language sql immutable parallel safe
    set search_path = ''
as $$
    select array['actor', 'moved', 'from', 'to'] || case event_type
        when 'lead_form' then array['source', 'input_version', 'purposes', 'consent_until']
        when 'chat' then array['author', 'is_start']
        when 'reveal' then array['is_start', 'packages', 'package', 'path', 'rank', 'recommendation', 'net_savings',
                                 'monthly_instalment', 'total_cost', 'lock_in_months']
        when 'follow_up' then array['is_start', 'channel']
        when 'bank_quote' then array['is_start', 'bank', 'loan_amount', 'monthly_instalment', 'total_cost', 'net_savings',
                                     'fees', 'subsidy', 'lock_in_months', 'valid_until']
        when 'doc_received' then array['is_start', 'document_id', 'doc_type', 'content_type', 'page_count', 'is_masked']
        when 'signed' then array['is_start', 'bank', 'loan_amount']
        when 'consent_expired' then array['reason', 'ended_at']
        when 'admin_view' then array['is_unmasked', 'document_id']
        when 'admin_edit' then array['changes', 'notes', 'next_review_at', 'status', 'tags', 'document', 'consent_until',
                                     'withdrawn_at', 'input_version', 'loan_amount', 'tenure_months', 'property_type',
                                     'current_bank', 'lock_in_remaining', 'owner_occupied']
        when 'calculation' then array['calc_version', 'input_version', 'recommendation', 'net_savings', 'hassle_score']
        when 'outcome' then array['decision', 'decision_reason', 'hurdles', 'bank', 'loan_quantum', 'signed_at']
        when 'reminder' then array['kind', 'due_at']
    end
$$;

comment on function mortgage.kept_keys(public.scenario_event_type) is 'The keys of an event''s payload that outlive consent.';

revoke execute on function mortgage.kept_keys(public.scenario_event_type) from public;
