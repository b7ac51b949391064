drop table frontdesk.metric_archive_parts, frontdesk.metric_archives, frontdesk.expired_metrics, frontdesk.metric_marks,
    public.metric_rollups cascade;
