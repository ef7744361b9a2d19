-- Changes what the trigger has written down. Where it was never installed, or by another role, there is nothing of ours.
DO $$
DECLARE
    there oid := (SELECT c.oid
                  FROM pg_catalog.pg_class c
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  WHERE n.nspname = 'paillette_capture' AND c.relname = 'unplaced'
                    AND pg_catalog.has_schema_privilege(n.oid, 'USAGE'));
BEGIN
    IF pg_catalog.has_table_privilege(there, 'SELECT')
       AND pg_catalog.has_table_privilege(there, 'INSERT')
       AND pg_catalog.has_table_privilege(there, 'DELETE') THEN
${change}
    END IF;
END
$$
