-- The table is where it belongs; those that were dropped belong nowhere. Where the trigger was never installed, or by another role, nothing was written down for us.
DO $$
BEGIN
    IF to_regclass('paillette_capture.unplaced') IS NOT NULL THEN
        IF has_table_privilege('paillette_capture.unplaced', 'DELETE') THEN
            DELETE FROM paillette_capture.unplaced u
            WHERE u.publication = ${all} AND u.relation = ${relation}
               OR NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = u.relation);
        END IF;
    END IF;
END
$$
