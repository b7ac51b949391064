-- Takes the module out, with all its data.

select pgmq.drop_queue(q) from unnest(array['frontdesk_maintenance']) q
where exists (select from casebase.queues where name = q);
delete from casebase.queues where name in ('frontdesk_maintenance');

-- The exposed functions.
drop function public.get_acting_tenant(uuid);
drop function public.record_phi_events(jsonb);
drop function public.list_phi_events(jsonb);
drop function public.get_phi_counts(jsonb);
drop function public.list_customer_names(uuid, text, int);
drop function public.book_slot(jsonb);
drop function public.get_booking_calendar(jsonb);

drop table public.phi_detection_events, public.analytics_metrics, public.conversation_scores, public.orders, public.products,
    frontdesk.availability_versions, public.bookings, public.slots cascade;

-- Those of the implementation; at once, as one may be another's default.
do $$
begin
    execute (
        select format('drop function %s', string_agg(p.oid::regprocedure::text, ', '))
        from pg_catalog.pg_proc p where p.pronamespace = 'frontdesk'::regnamespace);
end
$$;

drop table frontdesk.settings, frontdesk.currencies;

drop schema frontdesk cascade;
