create or replace function mortgage.kept_keys(event_type public.scenario_event_type) returns text[]
    language sql immutable parallel safe
    set search_path = ''
as $$
    select array['actor', 'moved', 'from', 'to'] || case event_type
        when 'lead_form' then array['source', 'input_version', 'purposes', 'consent_until']
        when 'chat' then array['channel', 'direction', 'message_count']
        when 'reveal' then array['packages', 'package', 'path', 'recommendation', 'net_savings', 'instalment', 'lock_in_months', 'rank']
        when 'follow_up' then array['channel', 'result', 'attempt']
        when 'bank_quote' then array['bank_mask', 'is_current_bank', 'package', 'net_savings', 'instalment', 'lock_in_months']
        when 'doc_received' then array['document_id', 'doc_type', 'is_masked']
        when 'signed' then array['decision', 'bank_mask', 'loan_quantum', 'signed_at']
        when 'consent_expired' then array['reason', 'ended_at']
        when 'admin_view' then array['is_unmasked']
        when 'admin_edit' then array['changes', 'notes', 'next_review_at', 'status', 'tags', 'consent_until', 'withdrawn_at', 'input_version']
        when 'calculation' then array['calc_version', 'input_version', 'recommendation', 'net_savings', 'hassle_score']
        when 'outcome' then array['decision', 'decision_reason', 'hurdles', 'bank_mask', 'loan_quantum', 'commission_estimate', 'signed_at']
        when 'reminder' then array['kind', 'due_at']
    end
$$;

comment on function mortgage.kept_keys(public.scenario_event_type) is 'The keys of an event''s payload that outlive consent.';

revoke execute on function mortgage.kept_keys(public.scenario_event_type) from public;
