package io.paillette.capture;

import java.util.List;
import java.util.Random;

/** Random changes of a table {@code t (id, a, b, c, d, e)}, noted in {@code audit (n, o, w)}, and conditions on them. */
final class RandomConditions {

    private static final List<String> PREFIXES = List.of("", "", "new.", "old.");

    private RandomConditions() {}

    static String change(Random random, int step) {
        return switch (random.nextInt(6)) {
            case 0 -> "delete from t where id % 13 = " + random.nextInt(13);
            case 1 ->
                "update t set a = a + " + random.nextInt(3) + ", b = b || 'x' where id % 5 = " + random.nextInt(5);
            case 2 -> "update t set c = null, d = d + interval '1 hour', e = e || b where id % 7 = " + step % 7;
            default ->
                "insert into t values (%d, %s, %s, %s, %s, %s) on conflict (id) do update set a = excluded.a, d = excluded.d"
                        .formatted(
                                random.nextInt(40),
                                orNull(random, String.valueOf(random.nextInt(10) - 5)),
                                orNull(random, "'" + text(random) + "'"),
                                orNull(random, String.valueOf(random.nextInt(500) / 100.0)),
                                orNull(random, "'2024-01-01T%02d:00Z'".formatted(random.nextInt(24))),
                                orNull(random, "array['" + text(random) + "', null, '" + text(random) + "']"));
        };
    }

    static String condition(Random random, int depth) {
        if (depth > 0 && random.nextInt(4) > 0) {
            String one = condition(random, depth - 1);
            String other = condition(random, depth - 1);
            return switch (random.nextInt(5)) {
                case 0 -> "not (" + one + ")";
                case 1 -> "(" + one + ") and (" + other + ")";
                case 2 -> "coalesce((" + one + "), " + other + ")";
                case 3 -> "(" + one + ") is not true";
                default -> "(" + one + ") or (" + other + ")";
            };
        }
        String p = PREFIXES.get(random.nextInt(PREFIXES.size()));
        return switch (random.nextInt(9)) {
            case 0 -> p + "a > " + (random.nextInt(10) - 5);
            case 1 -> p + "a is null";
            case 2 -> "jsonb '{\"x\": 1}' ? " + p + "b or " + p + "b like '%" + text(random) + "%'";
            case 3 -> "length(" + p + "b) > " + random.nextInt(5);
            case 4 -> "round(" + p + "c) = " + random.nextInt(6);
            case 5 -> p + "d < '2024-01-01T12:00Z'";
            case 6 -> "'" + text(random) + "' = any(" + p + "e)";
            case 7 -> "new.a is distinct from old.a";
            default -> p + "id % 3 = " + random.nextInt(3) + " -- and so on\n";
        };
    }

    static String expression(Random random) {
        String p = PREFIXES.get(random.nextInt(PREFIXES.size()));
        return switch (random.nextInt(9)) {
            case 0 -> p + "a";
            case 1 -> "coalesce(" + p + "a, 7) * 2.50 -- doubled";
            case 2 -> p + "b || '-' || " + p + "id";
            case 3 -> "md5(" + p + "b)";
            case 4 -> p + "d at time zone 'UTC'";
            case 5 -> p + "e[1]";
            case 6 -> "to_jsonb(new) - 'd' ? 'a'";
            case 7 -> "case when new.a is null then null else row(old.b, '${condition} $1 ?')::text end";
            default -> condition(random, 1);
        };
    }

    /** What an expression says of the changes that meet the condition, in order, as Postgres says. */
    static String expected(String condition, String expression) {
        return """
                select coalesce(string_agg(n || ':' || coalesce(v, 'NULL'), ',' order by n), '') from audit
                cross join lateral (select (w).*) new cross join lateral (select (o).*) old
                cross join lateral (select (%s
                )::text as v from (select ((case when w is null then o else w end)).*) r where (%s
                )) s"""
                .formatted(expression, condition);
    }

    /** The numbers of the changes that meet it, in order, as Postgres says. */
    static String expected(String condition) {
        return """
                select coalesce(string_agg(n::text, ',' order by n), '') from audit
                cross join lateral (select (w).*) new cross join lateral (select (o).*) old
                where (select true from (select ((case when w is null then o else w end)).*) r where (%s
                ))"""
                .formatted(condition);
    }

    private static String orNull(Random random, String value) {
        return random.nextInt(5) == 0 ? "null" : value;
    }

    private static String text(Random random) {
        return List.of("x", "y", "xy", "'' \\\\ \"", "ä,{}", "NULL", "").get(random.nextInt(7));
    }
}
