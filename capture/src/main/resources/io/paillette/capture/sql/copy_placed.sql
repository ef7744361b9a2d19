COPY (
    SELECT ${columns} FROM ${table}
    WHERE ${window} AND ctid OPERATOR(pg_catalog.<=) ${up_to}::pg_catalog.tid AND ${condition}
    ORDER BY ctid
) TO STDOUT
