-- The types asked for and all they are over, down to built-in ones.
WITH RECURSIVE needed(oid) AS (
    SELECT asked::oid FROM unnest(?::int8[]) AS asked
    UNION
    SELECT over.oid
    FROM needed n
    JOIN pg_type t ON t.oid = n.oid
    CROSS JOIN LATERAL (VALUES (t.typbasetype), (CASE t.typcategory WHEN 'A' THEN t.typelem END)) AS over(oid)
    WHERE over.oid >= 10000
)
SELECT t.oid::int8 AS oid,
       t.typtype::text AS kind,
       CASE t.typcategory WHEN 'A' THEN t.typelem ELSE 0 END::int8 AS array_of,
       t.typdelim::text AS delimiter,
       t.typbasetype::int8 AS base_type,
       t.typtypmod AS base_type_modifier,
       coalesce((SELECT t.typname
                 FROM pg_depend d
                 JOIN pg_extension x ON x.oid = d.refobjid
                 WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e'
                   AND d.refclassid = 'pg_extension'::regclass AND (x.extname, t.typname) IN (
                       ('hstore', 'hstore'), ('ltree', 'ltree'), ('postgis', 'geometry'), ('postgis', 'geography'),
                       ('vector', 'vector'), ('vector', 'halfvec'), ('vector', 'sparsevec'))), '')::text AS extension_type,
       ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) AS labels
FROM needed n
JOIN pg_type t ON t.oid = n.oid
