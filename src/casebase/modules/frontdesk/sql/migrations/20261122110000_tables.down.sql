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
drop function public.record_metric(jsonb);
drop function public.record_metrics(jsonb);
drop function public.query_metrics(jsonb);
drop function public.list_metric_names(uuid);
drop function public.roll_up_metrics(int);
drop function public.maintain_metric_partitions();
drop function public.list_metric_partitions();
drop function public.detach_expired_metrics(int);
drop function public.list_metric_archives(boolean);
drop function public.read_expired_metrics(uuid, int);
drop function public.keep_metric_archive_part(jsonb);
drop function public.drop_expired_metrics(uuid);
drop function public.find_orphan_metric_files(text[]);
drop function public.book_slot(jsonb);
drop function public.add_slots(jsonb);
drop function public.cancel_booking(uuid);
drop function public.confirm_booking(uuid);
drop function public.expire_holds(int);
drop function public.get_availability_version(uuid, date);
drop function public.get_booking(uuid);
drop function public.get_frontdesk_settings(uuid);
drop function public.list_available_slots(uuid, date);
drop function public.list_bookings(jsonb);
drop function public.list_my_bookings(text, int);
drop function public.remove_slot(uuid, text);
drop function public.reschedule_booking(uuid, text, boolean);
drop function public.set_frontdesk_settings(jsonb);
drop function public.create_order(jsonb);
drop function public.set_order_status(text, text, text);
drop function public.get_order(text);
drop function public.list_orders(jsonb);
drop function public.list_my_orders(text, int);
drop function public.set_products(jsonb);
drop function public.list_products(jsonb);
drop function public.score_conversation(jsonb);
drop function public.list_conversation_scores(jsonb);
drop function public.get_score_trend(timestamptz, timestamptz, uuid);
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
