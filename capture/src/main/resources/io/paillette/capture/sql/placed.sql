-- The table is where it belongs; those that were dropped belong nowhere. Where the trigger was never installed, or by another
-- role, nothing was written down for us.
DO $$
DECLARE
    there oid := (SELECT c.oid
                  FROM pg_catalog.pg_class c
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  WHERE n.nspname = 'paillette_capture' AND c.relname = 'unplaced'
                    AND pg_catalog.has_schema_privilege(n.oid, 'USAGE'));
BEGIN
    IF pg_catalog.has_table_privilege(there, 'SELECT') AND pg_catalog.has_table_privilege(there, 'DELETE') THEN
        DELETE FROM paillette_capture.unplaced u
        WHERE u.publication = ${all} AND u.relation = ${relation}
           OR NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = u.relation);
    END IF;
END
$$
