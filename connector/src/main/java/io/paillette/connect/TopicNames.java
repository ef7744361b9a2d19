package io.paillette.connect;

import io.paillette.capture.TableName;

/**
 * Topics are called {@code <prefix>.<schema>.<table>}, {@code <prefix>.message} that of logical messages, {@code
 * <prefix>.transaction} that of begin and end of transactions; a character that Kafka does not allow in a topic's name becomes
 * {@code _}, as in Debezium and as in the shim broker.
 *
 * @param prefix      topic.prefix
 * @param delimiter   what stands between the parts, but for that of messages, as in Debezium
 * @param transaction what that of transactions is called behind the prefix
 */
record TopicNames(String prefix, String delimiter, String transaction) {

    /** As they are unless somebody asks for others. */
    static TopicNames of(String prefix) {
        return new TopicNames(
                prefix, ConnectorOption.TOPIC_DELIMITER.standard(), ConnectorOption.TOPIC_TRANSACTION.standard());
    }

    String of(TableName table) {
        return legal(String.join(delimiter, prefix, table.schema(), table.table()));
    }

    String ofMessages() {
        return legal(prefix + ".message");
    }

    String ofTransactions() {
        return legal(String.join(delimiter, prefix, transaction));
    }

    static boolean isLegal(String name) {
        return !name.isEmpty() && name.equals(legal(name));
    }

    private static String legal(String name) {
        var legal = new StringBuilder(name.length());
        name.codePoints().forEach(c -> legal.appendCodePoint(isLegal(c) ? c : '_'));
        return legal.toString();
    }

    /** Kafka's rule for topics: {@code [a-zA-Z0-9._-]}. */
    private static boolean isLegal(int c) {
        boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return letter || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    }
}
