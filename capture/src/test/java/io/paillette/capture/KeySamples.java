package io.paillette.capture;

import io.paillette.testkit.PostgresServer.Database;
import java.util.List;

/** Tables {@code k_<name>} of {@value #ROWS} rows with keys of many types, whose orders are Postgres's own affair. */
final class KeySamples {

    static final int ROWS = 60;

    /** @param values for every i from 1 on, a unique key */
    record Keys(String name, String columns, String list, String values) {}

    private static final String TEXT = "(array['ä', 'Z', 'a', 'É', '-', '\\', chr(39)])[1 + i % 7] || i / 7";

    static final List<Keys> KEYS = List.of(
            new Keys("number", "k int", "k", "(i * 7919) % 401 - 200"),
            new Keys("several", "k smallint, v text, l bigint", "k, l", "i % 3 - 1, 'v', -i"),
            new Keys("other_order", "l text, k int", "k, l", "'\"' || chr(64 + i % 26), i / 26"),
            new Keys("numeric", "k numeric", "k", "case i when 3 then 'NaN' else i * 0.10 - 5 end"),
            new Keys(
                    "float",
                    "k float8",
                    "k",
                    "case i when 3 then 'NaN' when 4 then '-Infinity' else (1.0 / i)::float8 end"),
            new Keys("uuid", "k uuid", "k", "md5(i::text)::uuid"),
            new Keys("icu", "k text collate \"de-x-icu\"", "k", TEXT),
            new Keys("c", "k text collate \"C\"", "k", TEXT),
            new Keys("default_collation", "k text", "k", TEXT),
            new Keys("varchar_and_bpchar", "k varchar(40), c char(9)", "c, k", TEXT + ", 'x' || i % 2"),
            new Keys("bytea", "k bytea", "k", "decode(md5(i::text), 'hex')"),
            new Keys(
                    "timestamptz",
                    "k timestamptz",
                    "k",
                    "case i when 1 then 'infinity' when 2 then '0044-03-15 BC' else"
                            + " '2024-02-29 12:00+02'::timestamptz + i * interval '1.000001 s' end"),
            new Keys("enum", "m mood, k int", "m, k", "(array['z', 'it''s', 'a,b'])[1 + i % 3]::mood, i"),
            new Keys("composite", "p pair", "p", "row('a,\"(' || i % 5, -i)::pair"),
            new Keys("array", "k int[]", "k", "array[i % 4, -i]"),
            new Keys("domain", "k code", "k", "(chr(200 + i) || 'x')::code"),
            new Keys("quoted", "\"K \"\"1\" int", "\"K \"\"1\"", "i"));

    private KeySamples() {}

    static void create(Database database) {
        database.execute(
                "create type mood as enum ('z', 'it''s', 'a,b')",
                "create type pair as (t text, n int)",
                "create domain code as text collate \"C\" check (value <> '')");
        for (Keys keys : KEYS) {
            database.execute(
                    "create table k_" + keys.name() + " (" + keys.columns() + ", other text, primary key ("
                            + keys.list() + "))",
                    "insert into k_" + keys.name() + " select " + keys.values()
                            + ", repeat('x', i) from generate_series(1, " + ROWS + ") i");
        }
    }
}
