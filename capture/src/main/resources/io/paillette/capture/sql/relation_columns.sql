-- The columns of a table as it is now, in order, with their types and whether they belong to the primary key.
-- sent: part of what pgoutput sends; stored generated columns are, where the publication can say so (18).
-- Of an index only what it is unique by is a key, not what it includes beside (an int2vector begins with 0).
-- fixed_default: the expression of a default that is a constant, or one cast by Postgres' own functions; of enums and built-in types
-- only. Nothing that anybody wrote is called, nor anything that has an effect: who declares a default must not have us run it.
SELECT a.attname::text AS name,
       a.atttypid::int8 AS type_oid,
       a.atttypmod AS type_modifier,
       format_type(a.atttypid, a.atttypmod) AS type_name,
       a.attnotnull AS not_null,
       EXISTS (SELECT FROM pg_index i
               WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])) AS in_primary_key,
       EXISTS (SELECT FROM pg_index i
               WHERE i.indrelid = a.attrelid AND i.indisreplident AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])) AS in_identity_index,
       a.attgenerated = '' OR a.attgenerated = 's' AND current_setting('server_version_num')::int >= 180000 AS sent,
       CASE WHEN a.attnotnull AND a.attgenerated = ''
                 AND (t.typtype = 'e' OR t.typtype = 'b' AND t.oid < 16384)
                 AND NOT EXISTS (
                     SELECT FROM regexp_matches(d.adbin::text, '[{]([A-Z_]+)', 'g') AS node(kind)
                     WHERE node.kind[1] NOT IN ('CONST', 'RELABELTYPE', 'FUNCEXPR', 'ARRAYCOERCEEXPR',
                                                'CASETESTEXPR', 'COLLATEEXPR'))
                 AND NOT EXISTS (
                     SELECT FROM regexp_matches(d.adbin::text, ':(?:func|elemfunc)id ([0-9]+)', 'g') AS called(oid)
                     JOIN pg_proc p ON p.oid = called.oid[1]::oid
                     WHERE p.provolatile <> 'i' OR p.oid >= 16384)
                 AND d.adbin::text !~ ':funcformat 0'
            THEN '(' || pg_get_expr(d.adbin, d.adrelid) || ')::' || format_type(a.atttypid, a.atttypmod) END AS fixed_default
FROM pg_attribute a
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = ?::int8::oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
