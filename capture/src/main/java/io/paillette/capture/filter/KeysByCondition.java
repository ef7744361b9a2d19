package io.paillette.capture.filter;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.Relation;
import io.paillette.capture.Tuple;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.SqlCondition;
import io.paillette.capture.catalog.SqlText;
import io.paillette.capture.catalog.SqlWords;
import io.paillette.capture.catalog.TableIdentity;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.postgresql.util.PSQLException;

/** Asks the source which rows of a table meet a condition now, by their keys. It changes nothing, and one that hangs is given up. */
public final class KeysByCondition {

    private static final String FIND = SqlText.load("keys_by_condition");
    private static final String CONDITION = "${condition}";
    /** Class of SQLSTATE: of something that is not read-only, for example. */
    private static final String TRANSACTION_STATE = "25";

    private final CaptureSettings settings;
    private final Relation relation;
    private final SqlCondition where;

    /** @param relation with the key that is asked for */
    public KeysByCondition(CaptureSettings settings, Relation relation, SqlCondition where) {
        this.settings = settings;
        this.relation = relation;
        this.where = where;
    }

    /**
     * @param most of them
     * @return rows of which only the key is known
     * @throws CaptureException saying what is wrong with the condition, and where; transient where the source could not be asked
     */
    public List<Tuple> find(int most) throws CaptureException {
        where.requireOne();
        try (var source = new AskedSource(settings)) {
            return find(source.connected(), most);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private List<Tuple> find(Connection connection, int most) throws CaptureException, SQLException {
        String table = TableIdentity.find(connection, relation.oid())
                .orElseThrow(() -> Faults.fatal("Table " + relation.name() + " is not there any more."))
                .expression();
        var parts = new HashMap<>(Map.of(
                "columns",
                relation.key().stream()
                        .map(i -> asText(
                                SqlText.identifier(relation.columns().get(i).name())))
                        .collect(Collectors.joining(", ")),
                "table",
                table,
                "limit",
                String.valueOf(most)));
        int conditionAt =
                SqlText.fill(FIND.substring(0, FIND.indexOf(CONDITION)), parts).length();
        parts.put("condition", SqlWords.withoutParameters(where.expression()));
        List<Tuple> keys = new ArrayList<>();
        try (var query = new ReadOnlyQuery(connection, SqlText.fill(FIND, parts))) {
            query.run(row -> {
                while (row.next()) {
                    byte[][] values = new byte[relation.columns().size()][];
                    for (int i = 0; i < relation.key().size(); i++) {
                        String text = row.getString(1 + i);
                        values[relation.key().get(i)] = text == null ? null : text.getBytes(UTF_8);
                    }
                    keys.add(new Tuple(values));
                }
            });
        } catch (PSQLException e) {
            throw where.fault(e, conditionAt).orElseThrow(() -> failed(e));
        }
        return keys;
    }

    /** As the WAL has it: a cast to text says {@code true} for {@code t}, and leaves the blanks of {@code char(n)} out. */
    private static String asText(String column) {
        return "CASE WHEN " + column + " IS NOT NULL THEN pg_catalog.format('%s', " + column + ") END";
    }

    /** What Postgres says of a value may say a masked one, also as the name of something that there is not. */
    private CaptureException failed(SQLException e) {
        String what = "The condition of " + where.owner() + " could not be asked";
        boolean saysNoValue = Faults.isTransient(e) || Faults.state(e).startsWith(TRANSACTION_STATE);
        boolean mayShowValue = !relation.tellsAll() && !saysNoValue;
        return mayShowValue
                ? Faults.fatal(what + ": SQLSTATE " + Faults.state(e) + ". Correct it so that it holds for each row of "
                        + relation.name() + ".")
                : Faults.of(what, e);
    }
}
