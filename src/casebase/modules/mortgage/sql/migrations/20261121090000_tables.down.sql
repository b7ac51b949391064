delete from casebase.masked_terms t using mortgage.banks b where lower(t.term) in (lower(b.name), b.code);

select pgmq.drop_queue('mortgage_calculation');
delete from casebase.queues where name = 'mortgage_calculation';

drop table
    public.scenario_tags, public.scenario_documents, public.scenario_events, public.scenario_outcomes,
    mortgage.calculation_facts, public.scenario_calculations, mortgage.private_inputs, public.scenario_inputs,
    public.scenario_cases, public.consents, public.leads;

drop function public.create_scenario_case(jsonb);
drop function public.get_calculation_inputs(uuid, int);
drop function public.get_scenario_case(uuid);

drop schema mortgage cascade;

drop type public.scenario_tag_source;
drop type public.scenario_event_type;
drop type public.scenario_decision;
drop type public.scenario_recommendation;
drop type public.scenario_property_type;
drop type public.scenario_case_status;
