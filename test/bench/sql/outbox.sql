-- An empty outbox is filled; its tables are as after an autovacuum.
TRUNCATE laurel.notifications, laurel.notification_deliveries, laurel.delivery_leases, laurel.delivery_attempts,
    laurel.delivery_batches;
\ir outbox-more.sql
VACUUM ANALYZE laurel.notifications;
VACUUM ANALYZE laurel.notification_deliveries;
CHECKPOINT;
