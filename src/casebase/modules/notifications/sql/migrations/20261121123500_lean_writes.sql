-- An evaluation of many people is mostly this table's indexes. No reference needs this key: what refers to a notification
-- does so by its id alone.
-- squawk-ignore ban-drop-constraint
alter table public.scenario_notifications drop constraint if exists scenario_notifications_id_organization_id_key;
