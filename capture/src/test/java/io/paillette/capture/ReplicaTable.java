package io.paillette.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.capture.catalog.SqlText;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One table of a {@link Replica}. Every change must meet exactly one row; what does not is an error. */
final class ReplicaTable {

    /** The first OID of objects that users make; the replica has no such types. */
    private static final String DATA_EXCEPTION = "22";

    private static final int FIRST_USER_OID = 16384;

    private final Connection connection;
    private final String name;
    private List<Slot> slots;
    private @Nullable Relation shape;

    /** @param cast the type as the replica has it, with its modifier */
    private record Slot(String name, String cast) {
        String quoted() {
            return SqlText.identifier(name);
        }
    }

    /** Makes the table anew. */
    ReplicaTable(Connection connection, Relation shape) throws SQLException {
        this.connection = connection;
        this.name = "t" + Integer.toUnsignedString(shape.oid());
        this.slots = slots(shape);
        this.shape = shape;
        execute("drop table if exists " + name);
        execute("create table " + name + " ("
                + slots.stream().map(slot -> slot.quoted() + " " + slot.cast()).collect(Collectors.joining(", "))
                + ")");
    }

    /** Their names. */
    List<String> columns() {
        return slots.stream().map(Slot::name).toList();
    }

    /** As Postgres writes them, sorted. */
    List<String> rows() throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery("select " + text(slots) + " from " + name)) {
            List<String> rows = new ArrayList<>();
            while (row.next()) {
                rows.add(row.getString(1));
            }
            return rows.stream().sorted().toList();
        }
    }

    void clear() throws SQLException {
        execute("delete from " + name);
    }

    /** Alters the table to the shape that a record was written with. */
    void follow(Relation now) throws SQLException {
        if (now.equals(shape)) {
            return;
        }
        List<Slot> wanted = slots(now);
        rename(wanted);
        Set<String> kept = wanted.stream().map(Slot::name).collect(Collectors.toSet());
        Set<String> had = new HashSet<>();
        for (Slot slot : slots) {
            had.add(slot.name());
            if (!kept.contains(slot.name())) {
                execute("alter table " + name + " drop column " + slot.quoted());
            }
        }
        for (Slot slot : wanted) {
            if (!had.contains(slot.name())) {
                execute("alter table " + name + " add column " + slot.quoted() + " " + slot.cast());
            } else if (!slots.contains(slot)) {
                retype(slot);
            }
        }
        slots = wanted;
        shape = now;
    }

    /**
     * Rows that were read after the column got another type may have values that the one before does not allow; that type
     * comes once more then.
     */
    private void retype(Slot slot) throws SQLException {
        String type = " type " + slot.cast() + " using " + slot.quoted() + "::" + slot.cast();
        Savepoint before = connection.setSavepoint();
        try {
            execute("alter table " + name + " alter column " + slot.quoted() + type);
        } catch (SQLException e) {
            if (!String.valueOf(e.getSQLState()).startsWith(DATA_EXCEPTION)) {
                throw e;
            }
            connection.rollback(before);
        }
    }

    /** A column was renamed where as many columns are left and one that is gone has a new one in its place. */
    private void rename(List<Slot> wanted) throws SQLException {
        if (wanted.size() != slots.size()) {
            return;
        }
        List<Slot> renamed = new ArrayList<>(slots);
        for (int i = 0; i < slots.size(); i++) {
            Slot was = slots.get(i);
            Slot is = wanted.get(i);
            if (!was.name().equals(is.name()) && !has(slots, is.name()) && !has(wanted, was.name())) {
                execute("alter table " + name + " rename column " + was.quoted() + " to " + is.quoted());
                renamed.set(i, new Slot(is.name(), was.cast()));
            }
        }
        slots = renamed;
    }

    private static boolean has(List<Slot> slots, String name) {
        return slots.stream().anyMatch(slot -> slot.name().equals(name));
    }

    void insert(Tuple after) throws SQLException {
        for (int i = 0; i < after.size(); i++) {
            if (after.isUnchanged(i)) {
                throw new AssertionError(
                        "a new row lacks the value of " + slots.get(i).name());
            }
        }
        String values = slots.stream().map(ReplicaTable::parameter).collect(Collectors.joining(", "));
        String names = slots.stream().map(Slot::quoted).collect(Collectors.joining(", "));
        change("insert into " + name + " (" + names + ") values (" + values + ")", values(after, i -> true));
    }

    void update(@Nullable Tuple before, boolean beforeIsKeyOnly, Tuple after) throws SQLException {
        IntPredicate told = i -> !after.isUnchanged(i);
        if (before != null && !beforeIsKeyOnly) {
            checkOldValuesOfUnchanged(before, after);
        }
        String set = IntStream.range(0, slots.size())
                .filter(told)
                .mapToObj(slots::get)
                .map(slot -> slot.quoted() + " = " + parameter(slot))
                .collect(Collectors.joining(", "));
        IntPredicate identity = before == null ? keyOf(after) : identityOf(before, beforeIsKeyOnly);
        List<@Nullable String> values = values(after, told);
        values.addAll(values(before == null ? after : before, identity));
        change("update " + name + " set " + set + where(identity), values);
    }

    void delete(Tuple before, boolean beforeIsKeyOnly) throws SQLException {
        IntPredicate identity = identityOf(before, beforeIsKeyOnly);
        change("delete from " + name + where(identity), values(before, identity));
    }

    /** The tables of the source have no two rows that are the same; here the last row that came may be there already, and no other. */
    void dropTheOneThatIsThereTwice() throws SQLException {
        String all = text(slots);
        try (var statement = connection.createStatement()) {
            int rows = statement.executeUpdate("delete from " + name + " where ctid not in (select distinct on (" + all
                    + ") ctid from " + name + ")");
            if (rows > 1) {
                throw new AssertionError(rows + " rows are there twice in " + name);
            }
        }
    }

    private void checkOldValuesOfUnchanged(Tuple before, Tuple after) {
        for (int i = 0; i < slots.size(); i++) {
            if (after.isUnchanged(i) && (before.value(i) == null || before.isUnchanged(i))) {
                throw new AssertionError("neither the old nor the new row has the value of "
                        + slots.get(i).name());
            }
        }
    }

    private IntPredicate keyOf(Tuple after) {
        List<Integer> key = Objects.requireNonNull(shape).key();
        if (key.isEmpty()) {
            throw new AssertionError("an update without an old row of a table without a key");
        }
        return i -> key.contains(i) && !after.isUnchanged(i);
    }

    private static IntPredicate identityOf(Tuple before, boolean keyOnly) {
        return keyOnly ? i -> before.value(i) != null : i -> true;
    }

    private String where(IntPredicate identity) {
        List<Slot> of = IntStream.range(0, slots.size())
                .filter(identity)
                .mapToObj(slots::get)
                .toList();
        String parameters = of.stream().map(ReplicaTable::parameter).collect(Collectors.joining(", "));
        return " where ctid = (select ctid from " + name + " where " + text(of) + " = row(" + parameters
                + ")::text limit 1)";
    }

    /** Through the types' output functions, which a cast of the single value would not always take. */
    private static String text(List<Slot> of) {
        return "row(" + of.stream().map(Slot::quoted).collect(Collectors.joining(", ")) + ")::text";
    }

    private static String parameter(Slot slot) {
        return "?::" + slot.cast();
    }

    private static List<@Nullable String> values(Tuple tuple, IntPredicate which) {
        List<@Nullable String> values = new ArrayList<>();
        for (int i = 0; i < tuple.size(); i++) {
            if (which.test(i)) {
                byte[] value = tuple.value(i);
                values.add(value == null ? null : new String(value, UTF_8));
            }
        }
        return values;
    }

    private List<Slot> slots(Relation relation) throws SQLException {
        List<Slot> found = new ArrayList<>();
        for (Column column : relation.columns()) {
            found.add(new Slot(column.name(), cast(column)));
        }
        return found;
    }

    private String cast(Column column) throws SQLException {
        if (Integer.compareUnsigned(column.declared().typeOid(), FIRST_USER_OID) >= 0) {
            return "text";
        }
        try (var query = connection.prepareStatement("select format_type(?, ?)")) {
            query.setLong(1, Integer.toUnsignedLong(column.declared().typeOid()));
            query.setInt(2, column.declared().typeModifier());
            try (var row = query.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    private void change(String sql, List<@Nullable String> values) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.size(); i++) {
                statement.setString(i + 1, values.get(i));
            }
            int rows = statement.executeUpdate();
            if (rows != 1) {
                throw new AssertionError(rows + " rows met by " + sql);
            }
        }
    }

    private void execute(String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
