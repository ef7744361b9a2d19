-- How values of the columns of a key are written and compared: search_path is empty, and extensions have types of their own.
SELECT format_type(k.type_oid::oid, k.type_modifier) AS type,
       (SELECT quote_ident(n.nspname) || '.' || quote_ident(l.collname)
        FROM pg_collation l
        JOIN pg_namespace n ON n.oid = l.collnamespace
        WHERE l.oid = k.collation_oid::oid) AS collation,
       (SELECT quote_ident(n.nspname)
        FROM pg_operator o
        JOIN pg_namespace n ON n.oid = o.oprnamespace
        WHERE o.oid = k.greater::oid AND o.oprname = '>') AS operators
FROM unnest(?::int8[], ?::int4[], ?::int8[], ?::int8[])
    WITH ORDINALITY AS k(type_oid, type_modifier, collation_oid, greater, ord)
ORDER BY k.ord
