-- The columns of a table as it is now, in order, with their types and whether they belong to the primary key.
-- sent: part of what pgoutput sends; stored generated columns are, where the publication can say so (18).
SELECT a.attname::text AS name,
       a.atttypid::int8 AS type_oid,
       a.atttypmod AS type_modifier,
       a.attnotnull AS not_null,
       EXISTS (SELECT FROM pg_index i
               WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey::int2[])) AS in_primary_key,
       EXISTS (SELECT FROM pg_index i
               WHERE i.indrelid = a.attrelid AND i.indisreplident AND a.attnum = ANY (i.indkey::int2[])) AS in_identity_index,
       a.attgenerated = '' OR a.attgenerated = 's' AND current_setting('server_version_num')::int >= 180000 AS sent
FROM pg_attribute a
WHERE a.attrelid = ?::int8::oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
