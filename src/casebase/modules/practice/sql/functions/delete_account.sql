-- Definer: accounts and kept replies are nobody's to delete. Locked from the account down, the order in which a sign-in and
-- a start lock them too.
create or replace function practice.delete_account() returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_user_id constant uuid := practice.acting_user();
    v_receipt_id constant uuid := gen_random_uuid();
    v_counts jsonb;
    v_replies bigint;
begin
    perform from auth.users u where u.id = v_user_id for update;
    if not found then
        perform casebase.fail(403, 'user_required', '{}', 'Call it with the token of a person who has an account.');
    elsif exists (select from public.tenant_users m where m.user_id = v_user_id) then
        perform casebase.fail(409, 'account_has_memberships', '{}', 'An administrator of the tenant removes you first.');
    end if;
    perform from public.profiles p where p.id = v_user_id for update;
    perform from public.sessions s where s.user_id = v_user_id order by s.id for update;
    -- In the order of ids, as their makers lock them; a cascade has no order.
    perform from practice.answers a
    where a.session_id in (select s.id from public.sessions s where s.user_id = v_user_id)
    order by a.id for update;
    select jsonb_build_object(
        'public.sessions.*', count(*),
        'public.messages.*', (
            select count(*) from public.messages m join public.sessions o on o.id = m.session_id where o.user_id = v_user_id),
        'practice.answers.*', (
            select count(*) from practice.answers a join public.sessions o on o.id = a.session_id where o.user_id = v_user_id),
        'public.logs.session_id', (
            select count(*) from public.logs l join public.sessions o on o.id = l.session_id where o.user_id = v_user_id),
        'practice.web_sessions.*', (select count(*) from practice.web_sessions w where w.user_id = v_user_id),
        'casebase.console_sessions.*', (select count(*) from casebase.console_sessions w where w.user_id = v_user_id))
    into v_counts
    from public.sessions s where s.user_id = v_user_id;

    -- The profile, its sessions and what was said in them, and sign-ins: all of it cascades.
    delete from auth.users u where u.id = v_user_id;
    -- Last, so that it finds the replies of those calls too whose locks were waited for; and this call's own.
    delete from casebase.idempotency_keys k where k.principal = 'authenticated:' || v_user_id;
    get diagnostics v_replies = row_count;

    -- A subject drawn by lot: of the receipt only who was told its id can tell whose it is.
    perform casebase.note_erasure('practice', 'delete_account', v_receipt_id, '{}',
        v_counts || jsonb_build_object(
            'auth.users.*', 1, 'public.profiles.*', 1, 'casebase.idempotency_keys.*', v_replies), true);
    perform casebase.enqueue('casebase_retention', '{}');
    perform practice.write_log('info', 'account_deleted', null, null,
        jsonb_build_object('count', (v_counts ->> 'public.sessions.*')::bigint));
    return jsonb_build_object(
        'receipt_id', v_receipt_id,
        'deleted', jsonb_build_object(
            'sessions', v_counts -> 'public.sessions.*', 'messages', v_counts -> 'public.messages.*'));
end
$$;

create or replace function public.delete_account() returns jsonb
    language sql
    set search_path = ''
as $$
    select practice.delete_account()
$$;

comment on function public.delete_account() is
    'Delete the caller''s account with all that is theirs, completed sessions too, for good; kept replies and column '
    'statistics forget it with the next run of the retention queue. What is left is a receipt without identity: receipt_id is '
    'told once and kept nowhere, its SHA-256 is in casebase.erasure_receipts. Returns {receipt_id, deleted: {sessions, '
    'messages}}; a second call is of nobody. For people. 403 user_required; 409 account_has_memberships while the account '
    'belongs to a tenant.';

revoke execute on function practice.delete_account(), public.delete_account()
from public, anon, authenticated, service_role;
grant execute on function practice.delete_account(), public.delete_account() to authenticated;
