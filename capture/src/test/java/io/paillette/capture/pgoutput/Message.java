package io.paillette.capture.pgoutput;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Builds a message by hand, field by field, as the Postgres docs lay it out. */
final class Message {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);

    static Message of(char kind) {
        return new Message().int8(kind);
    }

    Message int8(int value) {
        return put(() -> out.writeByte(value));
    }

    Message int16(int value) {
        return put(() -> out.writeShort(value));
    }

    Message int32(int value) {
        return put(() -> out.writeInt(value));
    }

    Message int64(long value) {
        return put(() -> out.writeLong(value));
    }

    Message string(String value) {
        return put(() -> out.write((value + "\0").getBytes(StandardCharsets.UTF_8)));
    }

    Message text(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return int8('t').int32(utf8.length).put(() -> out.write(utf8));
    }

    byte[] toBytes() {
        return bytes.toByteArray();
    }

    private Message put(Write write) {
        try {
            write.run();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return this;
    }

    private interface Write {
        void run() throws IOException;
    }
}
