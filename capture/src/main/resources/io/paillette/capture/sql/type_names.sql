SELECT format_type(type_oid::oid, type_modifier)
FROM unnest(?::int8[], ?::int4[]) WITH ORDINALITY AS column_type (type_oid, type_modifier, ordinal)
ORDER BY ordinal
