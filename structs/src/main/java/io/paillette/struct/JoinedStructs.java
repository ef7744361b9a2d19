package io.paillette.struct;

import io.paillette.capture.envelope.ChangeRecord.Joined;
import io.paillette.capture.envelope.Envelope;
import java.util.List;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * Values of one schema with what a query has found for their rows, where their envelope has it as JSON, which is text here. For one thread.
 */
final class JoinedStructs {

    private static final Schema JSON = SchemaBuilder.string()
            .name("io.debezium.data.Json")
            .version(1)
            .optional()
            .build();

    private final List<String> place;
    private @Nullable Schema schema; // made when there is one to have it

    JoinedStructs(Envelope envelope) {
        this.place = envelope == Envelope.CHANGE ? List.of("metadata") : List.of();
    }

    Struct with(Struct value, Joined joined) {
        Schema known = schema;
        if (known == null) {
            known = with(value.schema(), place);
            schema = known;
        }
        return copy(value, known, place, joined);
    }

    private static Struct copy(Struct value, Schema schema, List<String> path, Joined joined) {
        var copy = new Struct(schema);
        for (Field field : value.schema().fields()) {
            Object of = value.get(field);
            boolean inside = !path.isEmpty() && field.name().equals(path.get(0));
            Schema within = schema.field(field.name()).schema();
            copy.put(field.name(), inside ? copy((Struct) of, within, path.subList(1, path.size()), joined) : of);
        }
        return path.isEmpty() ? copy.put(Joined.FIELD, joined.json()) : copy;
    }

    private static Schema with(Schema schema, List<String> path) {
        SchemaBuilder builder = SchemaBuilder.struct().name(schema.name()).version(schema.version());
        for (Field field : schema.fields()) {
            boolean inside = !path.isEmpty() && field.name().equals(path.get(0));
            builder.field(field.name(), inside ? with(field.schema(), path.subList(1, path.size())) : field.schema());
        }
        return path.isEmpty() ? builder.field(Joined.FIELD, JSON).build() : builder.build();
    }
}
