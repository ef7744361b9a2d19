-- A type with its modifier as SQL spells it, also where the column that had it has another by now; ??? once it is dropped.
SELECT format_type(?::int8::oid, ?)
