package io.paillette.broker.postgres;

import io.paillette.broker.feed.RefusedException;
import io.paillette.broker.feed.RefusedException.Why;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Calls functions of ours that refuse what cannot be, in words for whoever asked: that is no fault of the store. */
record Refusing(Connections connections, NamedQueries queries) {

    interface Arguments {
        void set(PreparedStatement statement) throws SQLException;
    }

    private record Reply(long number, Optional<RefusedException> refusal) {}

    /** @param query that answers one number */
    long call(String doing, String query, Arguments arguments) throws RefusedException {
        Reply reply = connections.call(doing, connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get(query))) {
                arguments.set(statement);
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    return new Reply(row.getLong(1), Optional.empty());
                }
            } catch (PSQLException e) {
                Optional<RefusedException> refusal = refusal(e);
                if (refusal.isEmpty()) {
                    throw e;
                }
                return new Reply(0, refusal);
            }
        });
        if (reply.refusal().isPresent()) {
            throw reply.refusal().get();
        }
        return reply.number();
    }

    private static Optional<RefusedException> refusal(PSQLException e) {
        ServerErrorMessage said = e.getServerErrorMessage();
        if (said == null) {
            return Optional.empty();
        }
        String sentence = said.getMessage() + (said.getHint() == null ? "" : ". " + said.getHint());
        return switch (String.valueOf(e.getSQLState())) {
            case "42704" -> Optional.of(new RefusedException(Why.UNKNOWN, sentence));
            case "55000", "42501" -> Optional.of(new RefusedException(Why.CONFLICT, sentence));
            case "42602", "54000" -> Optional.of(new RefusedException(Why.INVALID, sentence));
            default -> Optional.empty();
        };
    }
}
