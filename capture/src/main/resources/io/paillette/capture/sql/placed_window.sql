ctid OPERATOR(pg_catalog.>) ${after}::pg_catalog.tid AND ctid OPERATOR(pg_catalog.<) ${before}::pg_catalog.tid
