-- Before 14 only places that are listed are looked at alone; one that holds no row is passed over.
ctid OPERATOR(pg_catalog.=) ANY (ARRAY(
    SELECT pg_catalog.format('(%s,%s)', b, o)::pg_catalog.tid
    FROM pg_catalog.generate_series(${from_block}::pg_catalog.int8, ${to_block}::pg_catalog.int8 - 1) b,
         pg_catalog.generate_series(1, ${most_in_block}::pg_catalog.int4) o))
AND ctid OPERATOR(pg_catalog.>) ${after}::pg_catalog.tid AND ctid OPERATOR(pg_catalog.<) ${before}::pg_catalog.tid
