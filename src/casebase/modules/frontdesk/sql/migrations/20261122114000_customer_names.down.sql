-- Without the indexes every row is read for its name.
alter table public.orders alter column shipping_address set statistics -1;
alter table public.bookings alter column user_name set statistics -1, alter column user_email set statistics -1;
drop index public.orders_tenant_id_shipping_name_idx, public.bookings_tenant_id_user_name_idx;
