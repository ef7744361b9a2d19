package io.paillette.capture.envelope;

import io.paillette.capture.type.ColumnType;
import io.paillette.capture.type.Unavailable;
import io.paillette.capture.type.ValueHandling;

/** How values are written, for who reads them with a schema in mind or with none. */
sealed interface JsonForms {

    /** A writer to make once for each column. */
    JsonValue of(ColumnType type);

    /** What stands for a TOASTed value that the WAL does not carry. */
    void unavailable(JsonBytes out, ColumnType type, JsonValue writer);

    /** As Connect's JsonConverter writes what {@code Form} says: with a placeholder that the column's schema allows. */
    record OfConnect(ValueHandling handling) implements JsonForms {

        @Override
        public JsonValue of(ColumnType type) {
            return JsonValue.of(type, handling);
        }

        @Override
        public void unavailable(JsonBytes out, ColumnType type, JsonValue writer) {
            writer.write(out, Unavailable.text(type, handling.decimals()));
        }
    }

    /** As JSON itself has them: no schema forbids the placeholder as a string, whatever the type. */
    record Plain(ValueHandling handling) implements JsonForms {

        private static final byte[] PLACEHOLDER =
                new JsonBytes().string(Unavailable.PLACEHOLDER).toBytes();

        @Override
        public JsonValue of(ColumnType type) {
            return PlainValue.of(type, handling);
        }

        @Override
        public void unavailable(JsonBytes out, ColumnType type, JsonValue writer) {
            out.raw(PLACEHOLDER);
        }
    }
}
