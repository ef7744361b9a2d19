-- The table is where it belongs; those that were dropped belong nowhere.
DELETE FROM paillette_capture.unplaced u
WHERE u.publication = ${all} AND u.relation = ${relation}
   OR u.relation <> 0 AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = u.relation);
