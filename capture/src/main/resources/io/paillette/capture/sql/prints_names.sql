-- Whether a value of the table is the name of an object, or has one in it: it is qualified or not as the search_path has it.
WITH RECURSIVE part(oid) AS (
    SELECT a.atttypid FROM pg_catalog.pg_attribute a WHERE a.attrelid = ?::int8::oid AND a.attnum > 0 AND NOT a.attisdropped
    UNION
    SELECT inner_type.oid
    FROM part p
    JOIN pg_catalog.pg_type t ON t.oid = p.oid
    CROSS JOIN LATERAL (
        SELECT t.typelem UNION ALL SELECT t.typbasetype
        UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0
        UNION ALL SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid) AS inner_type(oid)
    WHERE inner_type.oid <> 0
)
SELECT EXISTS (
    SELECT FROM part p JOIN pg_catalog.pg_type t ON t.oid = p.oid
    WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typname LIKE 'reg%')
