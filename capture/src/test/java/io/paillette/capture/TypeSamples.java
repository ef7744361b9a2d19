package io.paillette.capture;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Values of each type, its extremes among them, as Postgres reads them. */
final class TypeSamples {

    private final Map<String, List<String>> byType = new LinkedHashMap<>();

    private TypeSamples() {}

    /** By the type's name in {@code pg_type}. */
    static Map<String, List<String>> builtIn() {
        var samples = new TypeSamples();
        samples.scalars();
        samples.temporals();
        samples.texts();
        samples.shapesAndNetworks();
        samples.ranges();
        samples.systems();
        return samples.byType;
    }

    /** By the type as a column declares it, with its modifiers. */
    static Map<String, List<String>> declared(int version) {
        var samples = new TypeSamples();
        samples.add("char(5)", "a", "ab   ", "", "é'\"\\");
        samples.add("varchar(3)", "a", "   ", "漢字😀");
        samples.add("bit(1)", "0", "1");
        samples.add("bit(70)", "0".repeat(70), "10".repeat(35), "1".repeat(70));
        samples.add("varbit(9)", "", "1", "000000000");
        samples.add("numeric(5)", "-99999", "0", "1");
        samples.add("numeric(10,2)", "-99999999.99", "0", "0.10", "1.5");
        samples.add("numeric(1000,999)", "9." + "9".repeat(999), "-0." + "0".repeat(998) + "1");
        if (version >= 15) {
            samples.add("numeric(3,-2)", "12345", "-99900", "0");
            samples.add("numeric(2,5)", "0.00099", "-0.00001");
        }
        for (int precision = 0; precision < 6; precision++) {
            samples.add("time(" + precision + ")", "00:00", "23:59:59.999999", "24:00", "12:34:56.7");
            samples.add(
                    "timestamp(" + precision + ")",
                    "1969-12-31 23:59:59.999999",
                    "0044-03-15 BC",
                    "2024-02-29 01:02:03.4");
            samples.add("timestamptz(" + precision + ")", "1969-12-31 23:59:59.999999Z", "0044-03-15 BC", "infinity");
        }
        samples.add("timetz(2)", "12:34:56.789+00");
        samples.add("interval(3)", "1.234567 s");
        samples.add("interval year to month", "-7 years 3 months");
        samples.add("information_schema.cardinal_number", "0", "2147483647");
        samples.add("information_schema.sql_identifier", "public");
        samples.add("information_schema.yes_or_no", "YES", "NO");
        return samples.byType;
    }

    /** By extension, then by the type's name. */
    static Map<String, List<String>> ofExtension(String extension) {
        var samples = new TypeSamples();
        switch (extension) {
            case "hstore" ->
                samples.add("hstore", "", "a=>1", "a=>NULL, \"\"=>\"\"", "\" \\\"\\\\\\\\,=>\n\"=>\"é{}[]\"");
            case "ltree" -> {
                samples.add("ltree", "", "Top", "Top.Science.Astronomy_2");
                samples.add("lquery", "Top.*{1,3}.!a|b", "*");
                samples.add("ltxtquery", "Europe & Russia*@ & !Transportation");
            }
            case "citext" -> samples.add("citext", "", "Ab,\"c\" {}", "NULL");
            case "seg" -> samples.add("seg", "1", "1.50 .. 2.500", "<3", "5 ..");
            case "cube" -> samples.add("cube", "(0.1, -2)", "(1),(2)", "(0,0,0),(1e300,1,1)");
            case "isn" -> {
                samples.add("isbn", "978-0-393-04002-9");
                samples.add("isbn13", "978-0-393-04002-9");
                samples.add("ean13", "220-356483481-6");
                samples.add("issn", "1436-4522");
                samples.add("issn13", "977-1436-45200-8");
                samples.add("ismn", "M-060-11561-5");
                samples.add("ismn13", "979-0-060-11561-5");
                samples.add("upc", "220356483481");
            }
            case "vector" -> {
                samples.add("vector", "[1,-2.5,0]", "[3.4028235e38]", "[1e-05,0.1]");
                samples.add("halfvec", "[1,-2.5,0]", "[0.1,65504]");
                samples.add("sparsevec", "{1:1,70000:-2.5}/100000");
            }
            case "postgis" -> {
                samples.add(
                        "geometry",
                        "POINT(1 2)",
                        "SRID=4326;POLYGON((0 0,1 0,1 1,0 0))",
                        "POINT EMPTY",
                        "POINT ZM (1 2 3 4)");
                samples.add("geography", "SRID=4326;POINT(-110 30)");
                samples.add("box2d", "BOX(1 2,3 4)");
                samples.add("box3d", "BOX3D(1 2 3,4 5 6)");
                samples.add("spheroid", "SPHEROID[\"WGS 84\",6378137,298.257223563]");
            }
            default -> throw new IllegalArgumentException("no samples of extension " + extension);
        }
        return samples.byType;
    }

    private void scalars() {
        add("bool", "t", "f");
        add("int2", "-32768", "0", "32767");
        add("int4", "-2147483648", "0", "2147483647");
        add("int8", "-9223372036854775808", "0", "9007199254740993", "9223372036854775807");
        add("oid", "0", "4294967295");
        add("float4", "0.1", "-0", "NaN", "Infinity", "-Infinity", "3.4028235e38", "1e-45", "1e15", "16777217");
        add("float8", "0.1", "-0", "NaN", "Infinity", "-Infinity", "1.7976931348623157e308", "5e-324", "1e22", "1");
        add(
                "numeric",
                "0",
                "-0.00",
                "1.500",
                "1500.000",
                "1e-200",
                "9".repeat(500) + "." + "9".repeat(500),
                "1" + "0".repeat(999));
        add("money", "0", "-92233720368547758.08", "1234567.89");
        add("bit", "0", "1");
        add("varbit", "", "1", "0".repeat(65), "10101010101");
        add("bytea", "\\x", "\\x00ff5c27", "\\x" + noise(40_000));
        add("uuid", "00000000-0000-0000-0000-000000000000", "FFFFFFFF-ffff-4fff-bfff-ffffffffffff");
    }

    private void temporals() {
        add(
                "date",
                "1970-01-01",
                "4713-11-24 BC",
                "0001-01-01 BC",
                "10000-01-01",
                "5874897-12-31",
                "infinity",
                "-infinity");
        add("time", "00:00", "23:59:59.999999", "24:00", "12:34:56.7");
        add("timetz", "00:00+00", "23:59:59.999999+00", "24:00+00");
        String[] stamps = {
            "1970-01-01",
            "1969-12-31 23:59:59.999999",
            "4713-11-24 BC",
            "0001-12-31 12:00 BC",
            "10000-01-01 01:02:03.04",
            "294246-12-31 23:59:59.999999",
            "infinity",
            "-infinity"
        };
        add("timestamp", stamps);
        add("timestamptz", stamps);
        add(
                "interval",
                "0",
                "1 year -2 mons 3 days -04:05:06.789",
                "-0.000001 s",
                "178000000 years",
                "-178000000 years",
                "2147483647:59:59.999999",
                "-1 day",
                "1 mon 1 microsecond");
    }

    private void texts() {
        String[] texts = {"", " ", "NULL", "null", "a,b", "{}", "\"\\'", "\t\n\r\u0001\u007f", "é漢😀", "(),[];=>"};
        add("text", texts);
        add("text", noise(30_000));
        add("varchar", texts);
        add("bpchar", texts);
        add("name", "a", "é".repeat(31), "with \"quotes\"");
        add("char", "a", "", "\"", "\\", "{");
        add("refcursor", "c", "<unnamed portal 1>");
        add("json", "{\"a\" : 1}", "null", "[1e400, \"\\u0001\\\"\", {}]", "\"x\"", " 1 ");
        add("jsonb", "{\"a\" : 1, \"b\": [null, 1.50]}", "null", "\"é\\\\\"", "1e300");
        add("jsonpath", "$", "lax $.\"a b\"[*] ? (@ > 1 && @.type() == \"number\")");
        add("xml", "<a/>", "<a b=\"&lt;\">é]]&gt;</a>", "text only");
        add("tsvector", "", "a fat cat", "'it''s':1A,2 'x y':16383");
        add("tsquery", "", "fat & (rat | !'x y') <-> cat:*AB");
    }

    private void shapesAndNetworks() {
        add("point", "(0,0)", "(-1.5,1e300)", "(NaN,Infinity)");
        add("line", "{1,-1,0}", "{0.1,2,-3}");
        add("lseg", "[(0,0),(1,-1)]");
        add("box", "(1,1),(0,0)", "(Infinity,2),(-1,-2)");
        add("path", "[(0,0),(1,1)]", "((0,0),(1,1),(2,0))");
        add("polygon", "((0,0),(1,1),(2,0))", "((0.1,0.2))");
        add("circle", "<(0,0),1>", "<(-1.5,2),0>");
        add("inet", "10.0.0.1", "10.0.0.1/8", "::1", "fe80::1/64");
        add("cidr", "10.0.0.0/8", "::/0", "2001:db8::/32");
        add("macaddr", "08:00:2b:01:02:03");
        add("macaddr8", "08:00:2b:01:02:03:04:05");
    }

    private void ranges() {
        ranges("int4", "[1,5)", "(-2147483648,2147483647)", "[7,)");
        ranges("int8", "(,5]", "[-9223372036854775808,0)");
        ranges("num", "[1.50,1e3)", "(-0.001,NaN]");
        ranges("date", "[2024-02-29,infinity]", "[4713-11-24 BC,)");
        ranges("ts", "[-infinity,2024-02-29 12:00:00.000001]", "(0044-03-15 BC,10000-01-01)");
        ranges("tstz", "[2024-02-29 12:00+02,infinity)", "(,\"0044-03-15 00:00:00+00 BC\"]");
    }

    private void ranges(String stem, String... ranges) {
        add(stem + "range", "empty", "(,)");
        add(stem + "range", ranges);
        add(stem + "multirange", "{}", "{(,)}", "{" + ranges[0] + "}");
    }

    private void systems() {
        add("int2vector", "", "1", "1 -2 3");
        add("oidvector", "", "1", "1 4294967295");
        add("tid", "(0,1)", "(4294967295,65535)");
        add("xid", "3", "4294967295");
        add("xid8", "3", "18446744073709551615");
        add("cid", "0", "4294967295");
        add("pg_lsn", "0/0", "FFFFFFFF/FFFFFFFF");
        add("txid_snapshot", "10:20:10,14,15");
        add("pg_snapshot", "10:20:10,14,15", "10:10:");
        add("aclitem", "postgres=arwdDxt/postgres", "=r*/postgres");
        add("regproc", "now", "-");
        add("regprocedure", "pg_catalog.length(text)");
        add("regoper", "||/");
        add("regoperator", "+(integer,integer)");
        add("regclass", "pg_class");
        add("regtype", "integer", "timestamp with time zone", "\"char\"");
        add("regrole", "postgres");
        add("regnamespace", "pg_catalog");
        add("regconfig", "english");
        add("regdictionary", "simple");
        add("regcollation", "\"C\"");
    }

    private void add(String type, String... literals) {
        byType.merge(type, Arrays.asList(literals), (some, more) -> {
            var all = new ArrayList<>(some);
            all.addAll(more);
            return List.copyOf(all);
        });
    }

    /** Hex digits that do not compress, so that the value goes out of line. */
    private static String noise(int digits) {
        var random = new Random(digits);
        var noise = new StringBuilder(digits);
        while (noise.length() < digits) {
            noise.append(Character.forDigit(random.nextInt(16), 16));
        }
        return noise.toString();
    }
}
