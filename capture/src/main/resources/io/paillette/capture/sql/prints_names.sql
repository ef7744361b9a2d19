-- Whether a value of the table is the name of an object, which is qualified or not as the search_path has it.
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_type base ON base.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.typelem END
    WHERE a.attrelid = ?::int8::oid
      AND a.attnum > 0
      AND (t.typname LIKE 'reg%' OR base.typname LIKE 'reg%' OR t.typtype = 'c'))
