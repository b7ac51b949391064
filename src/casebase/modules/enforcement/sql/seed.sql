-- The rules that come with the module. Rows that are already there stay as they are: they may have been changed.

insert into public.enforcement_stage_lookup (stage, ordinal, description, sla_days) values
    ('pre_enforcement', 0, 'Opened; judgment and plaintiff are checked.', 3),
    ('asset_search', 1, 'Looking for accounts, employers and property.', 14),
    ('bank_levy', 2, 'A levy on a bank account is prepared, filed or served.', 21),
    ('garnishment', 3, 'Wages are garnished at the employer.', 30),
    ('marshal', 4, 'A marshal or sheriff executes.', 21),
    ('payment', 5, 'Money arrives and is passed on.', 30),
    ('closed', 6, 'Satisfied, uncollectible or withdrawn.', null)
on conflict do nothing;

insert into public.enforcement_tier_lookup (tier, min_score, max_score, description) values
    ('tier0', 0, 29.99, 'Monitor: below 30.'),
    ('tier1', 30, 54.99, 'Standard: from 30.'),
    ('tier2', 55, 80, 'Active: from 55.'),
    ('tier3', 80.01, 100, 'Strategic: above 80.')
on conflict do nothing;

insert into enforcement.event_kinds (event_kind, needs_document, workflow, status, is_alerted, is_taken_when_closed) values
    ('asset_search_requested', false, null, null, false, false),
    ('asset_search_completed', false, null, null, false, false),
    ('bank_levy_filed', true, 'levy', 'filed', false, false),
    ('bank_levy_served', true, 'levy', 'served', true, false),
    ('bank_levy_released', false, 'levy', 'released', true, true),
    ('garnishment_order_signed', true, 'garnishment', 'order_signed', true, false),
    ('garnishment_served', true, 'garnishment', 'served', false, false),
    ('garnishment_remittance', false, 'garnishment', 'remitting', true, false),
    ('subpoena_issued', true, null, null, false, false),
    ('subpoena_complied', false, null, null, true, false),
    ('marshal_assigned', true, 'marshal', 'assigned', false, false),
    ('marshal_attempted', false, 'marshal', 'attempted', false, false),
    ('marshal_result', false, 'marshal', 'completed', true, false),
    ('case_stage_changed', false, null, null, false, false),
    ('payment_received', false, null, null, true, false),
    ('note', false, null, null, false, true)
on conflict do nothing;

-- tier0 is monitored only: no action pays there.
insert into enforcement.playbook (tier, position, action_type, from_stage) values
    ('tier1', 1, 'bank_levy', 'asset_search'),
    ('tier2', 1, 'bank_levy', 'asset_search'),
    ('tier2', 2, 'garnishment', 'bank_levy'),
    ('tier2', 3, 'subpoena', 'bank_levy'),
    ('tier3', 1, 'subpoena', 'pre_enforcement'),
    ('tier3', 2, 'bank_levy', 'asset_search'),
    ('tier3', 3, 'garnishment', 'bank_levy'),
    ('tier3', 4, 'marshal', 'garnishment')
on conflict do nothing;

insert into enforcement.call_outcomes (outcome, label, is_terminal, is_conversation, is_consent, position) values
    ('no_answer', 'No answer', false, false, false, 1),
    ('left_voicemail', 'Left a voicemail', false, false, false, 2),
    ('busy', 'Line busy', false, false, false, 3),
    ('callback', 'Asked to be called back', false, true, true, 4),
    ('reached_hot', 'Reached: wants to go on', false, true, false, 5),
    ('reached_warm', 'Reached: interested', false, true, false, 6),
    ('reached_cold', 'Reached: not interested now', false, true, false, 7),
    ('bad_number', 'Wrong or dead number', true, false, false, 8),
    ('do_not_call', 'Do not call again', true, true, false, 9)
on conflict do nothing;

insert into enforcement.call_outcome_aliases (alias, outcome) values
    ('noanswer', 'no_answer'), ('not_answered', 'no_answer'), ('unanswered', 'no_answer'),
    ('voicemail', 'left_voicemail'), ('vm', 'left_voicemail'), ('left_vm', 'left_voicemail'),
    ('left_message', 'left_voicemail'), ('lvm', 'left_voicemail'),
    ('line_busy', 'busy'),
    ('call_back', 'callback'), ('callback_requested', 'callback'), ('call_back_later', 'callback'),
    ('hot', 'reached_hot'), ('warm', 'reached_warm'), ('cold', 'reached_cold'),
    ('not_interested', 'reached_cold'), ('interested', 'reached_warm'),
    ('wrong_number', 'bad_number'), ('disconnected', 'bad_number'), ('invalid_number', 'bad_number'),
    ('dnc', 'do_not_call'), ('stop', 'do_not_call'), ('opt_out', 'do_not_call'), ('do_not_contact', 'do_not_call')
on conflict do nothing;

-- A conversation is followed by a week of quiet anyway (enforcement.settings).
insert into enforcement.outreach_rules (plaintiff_status, lowest_tier, wait_days) values
    ('new', 'tier1', 0),
    ('busy', 'tier1', 1),
    ('no_answer', 'tier1', 2),
    ('left_voicemail', 'tier1', 3),
    ('callback', 'tier1', 7),
    ('reached_hot', 'tier1', 7),
    ('reached_warm', 'tier2', 14),
    ('reached_cold', 'tier3', 30)
on conflict do nothing;

select casebase.create_queue('enrich', 8);
select casebase.create_queue('outreach', 5);
select casebase.create_queue('enforce', 5);
select casebase.create_queue('case_copilot', 5);
select casebase.create_queue('enforcement_documents', 5);
