-- The columns of a table as it is now, in order, with their types and whether they belong to the primary key.
-- sent: part of what pgoutput sends; stored generated columns are, where the publication can say so (18).
-- fixed_default: the expression of a default that has one value for ever: constants and immutable functions of them. Anything else
-- that an expression may have (the time, a sequence, a question to a table) is a node of another kind; one that makes a value is
-- also never asked for it.
SELECT a.attname::text AS name,
       a.atttypid::int8 AS type_oid,
       a.atttypmod AS type_modifier,
       a.attnotnull AS not_null,
       EXISTS (SELECT FROM pg_index i
               WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey::int2[])) AS in_primary_key,
       EXISTS (SELECT FROM pg_index i
               WHERE i.indrelid = a.attrelid AND i.indisreplident AND a.attnum = ANY (i.indkey::int2[])) AS in_identity_index,
       a.attgenerated = '' OR a.attgenerated = 's' AND current_setting('server_version_num')::int >= 180000 AS sent,
       CASE WHEN a.attnotnull AND a.attgenerated = ''
                 AND NOT EXISTS (
                     SELECT FROM regexp_matches(d.adbin::text, '\{([A-Z_]+)', 'g') AS node(kind)
                     WHERE node.kind[1] NOT IN ('CONST', 'RELABELTYPE', 'FUNCEXPR', 'COERCEVIAIO', 'ARRAYEXPR',
                                                'ARRAYCOERCEEXPR', 'COERCETODOMAIN', 'OPEXPR', 'CASETESTEXPR', 'COLLATEEXPR'))
                 AND NOT EXISTS (
                     SELECT FROM regexp_matches(d.adbin::text, ':(?:func|opfunc|elemfunc)id (\d+)', 'g') AS called(oid)
                     JOIN pg_proc p ON p.oid = called.oid[1]::oid
                     WHERE p.provolatile <> 'i')
            THEN '(' || pg_get_expr(d.adbin, d.adrelid) || ')::' || format_type(a.atttypid, a.atttypmod) END AS fixed_default
FROM pg_attribute a
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = ?::int8::oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
