COPY (SELECT ${columns} FROM ${table} WHERE ${beyond} ORDER BY ${key} LIMIT ${rows}) TO STDOUT
