create schema gallery;
grant usage on schema gallery to authenticated;
create table gallery.notes (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id),
    title text not null,
    status text not null default 'draft',
    amount numeric not null default 0,
    created_at timestamptz not null default casebase.now()
);
alter table gallery.notes enable row level security;
create policy notes_select_member on gallery.notes for select to authenticated
    using (tenant_id = any ((select casebase.member_tenants())::uuid[]));
grant select on gallery.notes to authenticated;
create function gallery.tell() returns trigger language plpgsql security definer set search_path = '' as $$
begin
    perform casebase.notify_live(new.tenant_id, 'gallery_notes', new.id);
    return null;
end
$$;
create trigger tell after insert or update on gallery.notes for each row execute function gallery.tell();
