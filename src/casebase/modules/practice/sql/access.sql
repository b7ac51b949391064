-- Who may see and touch the module's tables. People read what is their own and write through RPCs alone; the service
-- reads, and writes through RPCs too, as does everybody: counters, limits and what was said are nobody's to write. The tables
-- of schema practice are granted to nobody at all.

revoke all on public.profiles, public.scenarios, public.sessions, public.messages, public.logs
from public, anon, authenticated, service_role;
revoke all on all tables in schema practice from public, anon, authenticated, service_role;

grant select on public.profiles, public.scenarios, public.sessions, public.messages, public.logs to authenticated;
grant select on public.profiles, public.scenarios, public.sessions, public.messages, public.logs to service_role;
grant insert, update, delete on public.scenarios to service_role;

alter table public.profiles enable row level security;
alter table public.scenarios enable row level security;
alter table public.sessions enable row level security;
alter table public.messages enable row level security;
alter table public.logs enable row level security;

drop policy if exists profiles_select_own on public.profiles;
create policy profiles_select_own on public.profiles for select to authenticated
    using (id = (select auth.uid()));

drop policy if exists scenarios_select_authenticated on public.scenarios;
create policy scenarios_select_authenticated on public.scenarios for select to authenticated using (true);

drop policy if exists sessions_select_own on public.sessions;
create policy sessions_select_own on public.sessions for select to authenticated
    using (user_id = (select auth.uid()));

-- Through their session's owner.
drop policy if exists messages_select_own on public.messages;
create policy messages_select_own on public.messages for select to authenticated
    using (exists (select from public.sessions s where s.id = session_id and s.user_id = (select auth.uid())));

-- Nobody's own, as users are not named; the installation's administrators look after the service.
drop policy if exists logs_select_administrator on public.logs;
create policy logs_select_administrator on public.logs for select to authenticated
    using ((select practice.is_administrator()));

drop policy if exists profiles_select_service on public.profiles;
create policy profiles_select_service on public.profiles for select to service_role using (true);

drop policy if exists scenarios_all_service on public.scenarios;
create policy scenarios_all_service on public.scenarios for all to service_role using (true) with check (true);

drop policy if exists sessions_select_service on public.sessions;
create policy sessions_select_service on public.sessions for select to service_role using (true);

drop policy if exists messages_select_service on public.messages;
create policy messages_select_service on public.messages for select to service_role using (true);

drop policy if exists logs_select_service on public.logs;
create policy logs_select_service on public.logs for select to service_role using (true);
