package io.paillette.broker.postgres;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import javax.sql.DataSource;

/**
 * A data source whose only connection is in a transaction that somebody else ends. Flyway opens several connections, commits
 * as it goes and moves the search path of a session and back; in one transaction all of it meets the same session, also when
 * a pooler is in between, and happens as a whole or not at all.
 */
final class OneTransaction {

    private OneTransaction() {}

    static DataSource of(Connection connection) {
        Connection kept = proxy(Connection.class, (proxy, method, arguments) -> switch (method.getName()) {
            case "commit", "close", "setAutoCommit" -> null;
            default -> call(connection, method, arguments);
        });
        return proxy(DataSource.class, (proxy, method, arguments) -> {
            if (method.getName().equals("getConnection")) {
                return kept;
            }
            throw new UnsupportedOperationException(method.getName());
        });
    }

    @SuppressWarnings("NullAway") // what a method without a result answers
    private static Object call(Connection connection, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(connection, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(OneTransaction.class.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
