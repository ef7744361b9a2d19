-- Whether a key of the table is made of generated columns only, none of which has one of these names: those that are sent.
-- Without such a name it was not sent, before 18 or where the publication did not say so then; the key was thus never told.
SELECT EXISTS (
    SELECT FROM pg_index i
    WHERE i.indrelid = ?::int8::oid
      AND (i.indisprimary OR i.indisreplident)
      AND NOT EXISTS (
          SELECT FROM pg_attribute a
          WHERE a.attrelid = i.indrelid
            AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])
            AND (a.attgenerated = '' OR a.attname::text = ANY (?::text[])))) AS unsent
