COPY (SELECT ${columns} FROM ${table} WHERE ${beyond} AND ${up_to} AND ${condition} ORDER BY ${key}) TO STDOUT
