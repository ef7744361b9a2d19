-- The columns by which a single row of a table can be asked for: its primary key's, else those of its replica identity index.
-- operators: the schema of the operator of equality (strategy 3 of btree), since search_path is empty.
SELECT a.attname::text AS name,
       a.atttypid::int8 AS type_oid,
       format_type(a.atttypid, a.atttypmod) AS type,
       quote_ident(n.nspname) AS operators
FROM (SELECT i.*
      FROM pg_index i
      JOIN pg_class x ON x.oid = i.indexrelid
      JOIN pg_am m ON m.oid = x.relam AND m.amname = 'btree'
      WHERE i.indrelid = ?::int8::oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
        AND (i.indisprimary OR i.indisreplident)
      ORDER BY i.indisprimary DESC
      LIMIT 1) i
CROSS JOIN LATERAL unnest(i.indkey::int2[], i.indclass::oid[]) WITH ORDINALITY AS k(attnum, opclass, ord)
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
JOIN pg_opclass c ON c.oid = k.opclass
JOIN pg_amop w ON w.amopfamily = c.opcfamily AND w.amoplefttype = c.opcintype AND w.amoprighttype = c.opcintype
    AND w.amopstrategy = 3
JOIN pg_operator o ON o.oid = w.amopopr AND o.oprname = '='
JOIN pg_namespace n ON n.oid = o.oprnamespace
WHERE k.ord <= i.indnkeyatts
ORDER BY k.ord
