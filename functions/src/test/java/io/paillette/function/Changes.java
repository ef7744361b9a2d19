package io.paillette.function;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.function.Outcome.Kept;

/** Changes of table {@code orders} in the envelope {@code change}, and what functions have made of them. */
final class Changes {

    private Changes() {}

    static byte[] change(String action, String record) {
        return ("{\"record\":" + record + ",\"changes\":{\"status\":\"old\"},\"action\":\"" + action
                        + "\",\"metadata\":{\"table_name\":\"orders\"}}")
                .getBytes(UTF_8);
    }

    static String value(Outcome outcome) {
        byte[] value = ((Kept) outcome).value();
        return value == null ? "null" : new String(value, UTF_8);
    }
}
