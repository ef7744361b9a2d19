package io.paillette.connect;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** Tables of many types with random rows, and random DML and DDL on them, each a transaction. */
final class RandomChanges {

    /** Of those that a server rather has not: they take part where it does. */
    static final List<String> EXTENSIONS = List.of("postgis", "vector");

    static final List<String> PREPARATION = List.of(
            "create extension hstore",
            "create extension citext",
            "create extension ltree",
            "create type mood as enum ('sad', 'happy, very', 'it''s')",
            "create domain positive as numeric(8,3) check (value > 0)");

    private final Map<String, List<String>> samples;
    private final Random random;
    private final List<Table> tables = new ArrayList<>();
    private final Set<String> required = new HashSet<>();
    private int counter;

    private static final class Table {

        private final String name;
        private final Map<String, String> columns = new LinkedHashMap<>();
        private final List<Integer> ids = new ArrayList<>();

        Table(String name) {
            this.name = name;
        }
    }

    /** @param extensions those of {@link #EXTENSIONS} that the database has */
    RandomChanges(Random random, List<String> extensions) {
        this.random = random;
        this.samples = values();
        if (extensions.contains("postgis")) {
            samples.put("geometry", List.of("POINT(1 2)", "SRID=4326;POLYGON((0 0,1 0,1 1,0 0))", "POINT EMPTY"));
            samples.put("geometry(point,4326)", List.of("SRID=4326;POINT(-110 30)"));
            samples.put("geometry[]", List.of("{POINT(1 2):NULL}", "{}"));
            samples.put("geography", List.of("SRID=4326;POINT(-110 30)"));
        }
        if (extensions.contains("vector")) {
            samples.put("vector(3)", List.of("[1,-2.5,0.1]"));
            samples.put("halfvec", List.of("[1,-2.5,0.1]"));
            samples.put("sparsevec(5)", List.of("{1:1,3:-2.5}/5", "{}/5"));
        }
    }

    /** Every type is in one of them at least. */
    List<String> tables() {
        List<String> statements = new ArrayList<>();
        List<String> types = new ArrayList<>(samples.keySet());
        Collections.shuffle(types, random);
        for (int from = 0; from < types.size(); from += 12) {
            var table = new Table("t" + tables.size());
            for (String type : types.subList(from, Math.min(types.size(), from + 12))) {
                table.columns.put(column(type), type);
            }
            tables.add(table);
            String columns = table.columns.entrySet().stream()
                    .map(column -> ", " + column.getKey() + " " + column.getValue() + constraint(column))
                    .collect(Collectors.joining());
            statements.add("create table " + table.name + " (id int primary key" + columns + ")");
            if (random.nextInt(3) == 0) {
                statements.add("alter table " + table.name + " replica identity full");
            }
        }
        return statements;
    }

    /** A default that has a quote Debezium cuts off there, and one of several lines it does not tell. */
    private String constraint(Map.Entry<String, String> column) {
        String literal = literal(column.getValue());
        if (column.getValue().matches("(half|sparse)?vec.*")) {
            return ""; // Debezium ends at the delete of a row whose vector may not be null and is not told
        }
        if (random.nextInt(2) == 0 || literal.contains("'") || literal.contains("\n")) {
            return "";
        }
        required.add(column.getKey());
        return " not null default '" + literal + "'";
    }

    /** One transaction. */
    String change() {
        Table table = tables.get(random.nextInt(tables.size()));
        int kind = random.nextInt(100);
        if (kind < 55 || table.ids.isEmpty()) {
            return insert(table);
        } else if (kind < 75) {
            return update(table);
        } else if (kind < 83) {
            return delete(table);
        } else if (kind < 87) {
            return moved(table);
        } else if (kind < 92) {
            return "begin; " + insert(table) + "; " + update(table) + "; " + delete(table) + "; commit";
        } else if (kind < 94) {
            table.ids.clear();
            return "truncate " + table.name;
        }
        return alter(table);
    }

    private String insert(Table table) {
        int id = ++counter;
        table.ids.add(id);
        var names = new StringBuilder("id");
        var values = new StringBuilder(String.valueOf(id));
        table.columns.forEach((name, type) -> {
            if (random.nextInt(5) > 0) {
                names.append(", ").append(name);
                values.append(", ").append(value(type));
            }
        });
        return "insert into " + table.name + " (" + names + ") values (" + values + ")";
    }

    private String update(Table table) {
        if (table.columns.isEmpty()) {
            return insert(table);
        }
        List<String> names = List.copyOf(table.columns.keySet());
        String name = names.get(random.nextInt(names.size()));
        return "update " + table.name + " set " + name + " = " + value(table.columns.get(name)) + " where id = "
                + anyId(table);
    }

    private String moved(Table table) {
        int from = anyId(table);
        int to = ++counter;
        table.ids.remove(Integer.valueOf(from));
        table.ids.add(to);
        return "update " + table.name + " set id = " + to + " where id = " + from;
    }

    private String delete(Table table) {
        int id = anyId(table);
        table.ids.remove(Integer.valueOf(id));
        return "delete from " + table.name + " where id = " + id;
    }

    private String alter(Table table) {
        List<String> types = List.copyOf(samples.keySet());
        // Of a column that is gone by the time they ask for it the two may know differently whether it could be null.
        List<String> optional = table.columns.keySet().stream()
                .filter(name -> !required.contains(name))
                .toList();
        if (optional.size() > 3 && random.nextBoolean()) {
            String gone = optional.get(random.nextInt(optional.size()));
            table.columns.remove(gone);
            return "alter table " + table.name + " drop column " + gone;
        }
        if (!optional.isEmpty() && random.nextInt(3) == 0) {
            String was = optional.get(random.nextInt(optional.size()));
            String type = String.valueOf(table.columns.remove(was));
            String is = column(type);
            table.columns.put(is, type);
            return "alter table " + table.name + " rename column " + was + " to " + is;
        }
        if (random.nextInt(4) == 0) {
            return "alter table " + table.name + " replica identity " + (random.nextBoolean() ? "full" : "default");
        }
        String type = types.get(random.nextInt(types.size()));
        String name = column(type);
        table.columns.put(name, type);
        return "alter table " + table.name + " add column " + name + " " + type;
    }

    /** Its name tells the type, and is often none that Avro allows. */
    private String column(String type) {
        String name = counter++ + "_" + type.replaceAll("[^a-z0-9]+", "_");
        return switch (random.nextInt(3)) {
            case 0 -> "\"c-" + name + "\"";
            case 1 -> "\"" + name + "é\"";
            default -> "c" + name;
        };
    }

    private int anyId(Table table) {
        return table.ids.isEmpty() ? 0 : table.ids.get(random.nextInt(table.ids.size()));
    }

    private String value(String type) {
        return "'" + literal(type).replace("'", "''") + "'::" + type;
    }

    private String literal(String type) {
        List<String> literals = samples.get(type);
        String literal = literals.get(random.nextInt(literals.size()));
        return switch (literal) {
            case "LONG" -> {
                var bytes = new byte[6000];
                random.nextBytes(bytes);
                yield HexFormat.of().formatHex(bytes);
            }
            case "UUID" -> new UUID(random.nextLong(), random.nextLong()).toString();
            case "INT" -> String.valueOf(random.nextInt());
            default -> literal;
        };
    }

    private static Map<String, List<String>> values() {
        Map<String, List<String>> all = new LinkedHashMap<>();
        all.put("boolean", List.of("t", "f"));
        all.put("smallint", List.of("-32768", "0", "7"));
        all.put("integer", List.of("INT", "0"));
        all.put("bigint", List.of("9007199254740993", "-1"));
        all.put("oid", List.of("4294967295", "1"));
        all.put("real", List.of("1.5", "-0.1"));
        all.put("double precision", List.of("0.1", "-1e300"));
        all.put("numeric", List.of("12345.678900", "0", "-0.000001", "1e20"));
        all.put("numeric(12,3)", List.of("1.5", "-123456789.125"));
        all.put("money", List.of("1234.5", "-0.01"));
        all.put("positive", List.of("2.125", "1"));
        all.put("text", List.of("", "it's", "tab\tnew\nline", "ü☃", "LONG"));
        all.put("varchar(40)", List.of("v", "\\back\""));
        all.put("char(5)", List.of("abcde"));
        all.put("citext", List.of("CaSe"));
        all.put("bytea", List.of("\\xdeadbeef", "\\x"));
        all.put("bit(1)", List.of("1", "0"));
        all.put("bit(12)", List.of("100000000011"));
        all.put("date", List.of("2024-02-29", "1969-07-20"));
        all.put("time", List.of("23:59:59.999999", "00:00"));
        all.put("time(3)", List.of("01:02:03.004"));
        all.put("timetz", List.of("12:00:00.5+02"));
        all.put("timestamp", List.of("2024-02-29 12:34:56.789012", "1969-12-31 23:59:59"));
        all.put("timestamp(3)", List.of("2024-02-29 12:34:56.789"));
        all.put("timestamptz", List.of("2024-02-29 12:34:56.123456+08", "1969-12-31 00:00:00+00"));
        all.put("interval", List.of("1 year 2 mons 3 days 04:05:06.789", "-00:00:01"));
        all.put("uuid", List.of("UUID"));
        all.put("json", List.of("{\"a\" : 1}", "[null]"));
        all.put("jsonb", List.of("{\"b\": [null, 2]}"));
        all.put("xml", List.of("<a b=\"1\"/>"));
        all.put("inet", List.of("10.0.0.1/8", "::1"));
        all.put("cidr", List.of("10.0.0.0/8"));
        all.put("macaddr", List.of("08:00:2b:01:02:03"));
        all.put("macaddr8", List.of("08:00:2b:01:02:03:04:05"));
        all.put("point", List.of("(1,-2.5)"));
        all.put("int4range", List.of("[1,5)", "empty"));
        all.put("int8range", List.of("(,5)"));
        all.put("numrange", List.of("[1.5,2]"));
        all.put("tsrange", List.of("[2024-02-29 00:00:00,)"));
        all.put("tstzrange", List.of("[2024-02-29 00:00:00+00,infinity)"));
        all.put("daterange", List.of("[2024-02-29,2024-03-01)"));
        all.put("hstore", List.of("\"a\"=>\"1\", \"b\"=>NULL"));
        all.put("ltree", List.of("Top.Science"));
        all.put("tsvector", List.of("fat:2 rat:3"));
        all.put("mood", List.of("sad", "happy, very"));
        all.put("text[]", List.of("{NULL,\"NULL\",\"a,b\"}", "{}"));
        all.put("integer[]", List.of("{1,NULL,3}"));
        all.put("bigint[]", List.of("{9007199254740993}"));
        all.put("numeric(6,2)[]", List.of("{1.5,NULL}"));
        all.put("boolean[]", List.of("{t,f,NULL}"));
        all.put("double precision[]", List.of("{0.1,NULL}"));
        all.put("date[]", List.of("{2024-02-29}"));
        all.put("timestamptz[]", List.of("{\"2024-02-29 12:34:56+08\"}"));
        all.put("uuid[]", List.of("{7d444840-9dc0-11d1-b245-5ffdce74fad2}"));
        all.put("varchar(10)[]", List.of("{a,b}"));
        all.put("mood[]", List.of("{sad}"));
        return all;
    }
}
