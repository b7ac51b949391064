insert into public.tenants (slug, name) values ('default', 'Default') on conflict (slug) do nothing;
