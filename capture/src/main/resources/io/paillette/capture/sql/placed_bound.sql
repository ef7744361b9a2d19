-- The place of the last of so many rows; none when there are no more than that.
COPY (SELECT ctid FROM ${table} WHERE ${window} ORDER BY ctid OFFSET ${rows} - 1 LIMIT 1) TO STDOUT
