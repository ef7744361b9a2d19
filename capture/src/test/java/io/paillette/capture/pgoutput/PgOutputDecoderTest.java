package io.paillette.capture.pgoutput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PgOutputDecoderTest {

    private static final List<Message> MESSAGES = List.of(
            Message.of('B').int64(0x16_B374D848L).int64(1_000_000).int32(-1),
            Message.of('C').int8(0).int64(0x10).int64(0x20).int64(-1),
            Message.of('R')
                    .int32(7)
                    .string("")
                    .string("t")
                    .int8('d')
                    .int16(2)
                    .int8(1)
                    .string("id")
                    .int32(23)
                    .int32(-1)
                    .int8(0)
                    .string("n")
                    .int32(1700)
                    .int32(655_366),
            Message.of('Y').int32(70_000).string("app").string("mood"),
            Message.of('I').int32(7).int8('N').int16(3).text("1").int8('n').text(""),
            Message.of('U').int32(7).int8('N').int16(2).text("1").int8('u'),
            Message.of('U')
                    .int32(7)
                    .int8('K')
                    .int16(2)
                    .text("1")
                    .int8('n')
                    .int8('N')
                    .int16(2)
                    .text("2")
                    .text("ü"),
            Message.of('U')
                    .int32(7)
                    .int8('O')
                    .int16(1)
                    .text("1")
                    .int8('N')
                    .int16(1)
                    .text("1"),
            Message.of('D').int32(7).int8('K').int16(2).text("1").int8('n'),
            Message.of('D').int32(7).int8('O').int16(1).text("1"),
            Message.of('T').int32(2).int8(3).int32(7).int32(8),
            Message.of('O').int64(0x30).string("elsewhere"),
            Message.of('M').int8(1).int64(0x40).string("pre").int32(2).int8('o').int8('k'));

    private final Recorder recorder = new Recorder();
    private final PgOutputDecoder decoder = new PgOutputDecoder(recorder);

    @Test
    void everyMessageOfProtocolVersion1IsUnderstood() {
        MESSAGES.forEach(message -> decode(message.toBytes()));
        assertThat(recorder.lines)
                .containsExactly(
                        "begin 16/B374D848 2000-01-01T00:00:01Z 4294967295",
                        "commit 0/10 0/20 1999-12-31T23:59:59.999999Z",
                        "relation pg_catalog.t DEFAULT id*:23:-1 n:1700:655366",
                        "type app.mood",
                        "insert [1, NULL, ]",
                        "update [1, UNCHANGED]",
                        "update key[1, NULL] -> [2, ü]",
                        "update [1] -> [1]",
                        "delete key[1, NULL]",
                        "delete [1]",
                        "truncate 2 cascade restart",
                        "origin 0/30 elsewhere",
                        "message true pre ok");
    }

    @Test
    void anEmptyTextIsNotTakenForAnUnchangedValue() {
        decode(Message.of('I').int32(7).int8('N').int16(2).text("").int8('u').toBytes());
        assertThat(recorder.lines).containsExactly("insert [, UNCHANGED]");
    }

    @Test
    void aMessageIsReadOutOfTheMiddleOfABufferWhichStaysAsItWas() {
        byte[] message = MESSAGES.get(4).toBytes();
        var heap = ByteBuffer.allocate(message.length + 20)
                .position(5)
                .put(message)
                .limit(5 + message.length)
                .position(5);
        decoder.decode(heap.slice());
        decoder.decode(heap);
        decoder.decode(ByteBuffer.allocateDirect(message.length).put(message).flip());
        assertThat(heap.position()).isEqualTo(5);
        assertThat(recorder.lines).hasSize(3).containsOnly("insert [1, NULL, ]");
    }

    @Test
    void theStreamAbortThatPostgres18SendsUnaskedIsPassedOver() {
        decode(Message.of('A').int32(571).int32(572).toBytes());
        assertThat(recorder.lines).isEmpty();
        refuses(Message.of('A').int32(571), "message 'A' of 5 bytes");
    }

    @Test
    void anUnknownMessageIsNamed() {
        refuses(Message.of('S').int32(1).int8(1), "kind 'S' is not in protocol version 1");
        refuses(Message.of((char) 1), "kind 0x01");
    }

    @Test
    void aBinaryValueIsRefusedWithWhatToDo() {
        refuses(
                Message.of('I').int32(7).int8('N').int16(1).int8('b').int32(0),
                "column 1 is in binary format; start replication without");
    }

    @Test
    void absurdCountsAreRefusedBeforeAnythingIsAllocated() {
        refuses(Message.of('I').int32(7).int8('N').int16(65_535), "65535 columns where 0 bytes are left");
        refuses(Message.of('I').int32(7).int8('N').int16(1).int8('t').int32(-1), "a value of 4294967295 bytes");
        refuses(Message.of('I').int32(7).int8('N').int16(1).int8('t').int32(Integer.MAX_VALUE), "where 0 are left");
        refuses(Message.of('T').int32(Integer.MAX_VALUE).int8(0), "2147483647 tables");
        refuses(Message.of('R').int32(7).string("a").string("b").int8('d').int16(65_535), "65535 columns");
        refuses(Message.of('M').int8(0).int64(1).string("p").int32(9), "a value of 9 bytes");
    }

    @Test
    void wrongLettersInsideAMessageAreNamed() {
        refuses(Message.of('I').int32(7).int8('X'), "expected a new row ('N'), found 'X'");
        refuses(Message.of('D').int32(7).int8('N'), "expected an old row ('K' or 'O'), found 'N'");
        refuses(Message.of('I').int32(7).int8('N').int16(1).int8('z'), "column 1 has unknown kind 'z'");
        refuses(Message.of('R').int32(7).string("a").string("b").int8('q'), "unknown replica identity 'q'");
        refuses(Message.of('C').int8(1), "unknown commit flags 1");
        refuses(Message.of('T').int32(1).int8(4).int32(7), "unknown truncate options 4");
        refuses(Message.of('O').int64(1).int8('x'), "a string without its closing zero byte");
    }

    @Test
    void aCutMessageAndOneWithMoreBehindItReachNoSink() {
        for (Message message : MESSAGES) {
            byte[] whole = message.toBytes();
            for (int length = 0; length < whole.length; length++) {
                byte[] cut = java.util.Arrays.copyOf(whole, length);
                assertThatThrownBy(() -> decode(cut)).isInstanceOf(MalformedMessageException.class);
            }
            byte[] longer = java.util.Arrays.copyOf(whole, whole.length + 1);
            assertThatThrownBy(() -> decode(longer)).isInstanceOf(MalformedMessageException.class);
        }
        assertThat(recorder.lines).isEmpty();
    }

    @Test
    void damagedBytesEitherDecodeOrAreRefusedClearly() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < 300_000; i++) {
            byte[] bytes = damaged(random);
            try {
                decode(bytes);
            } catch (MalformedMessageException expected) {
                refused++;
            } catch (RuntimeException | OutOfMemoryError e) {
                throw new AssertionError("seed " + seed + ", round " + i + ": " + java.util.Arrays.toString(bytes), e);
            }
            recorder.lines.clear();
        }
        assertThat(refused).as("seed %d", seed).isGreaterThan(100_000);
    }

    private static byte[] damaged(Random random) {
        byte[] bytes = MESSAGES.get(random.nextInt(MESSAGES.size())).toBytes();
        int kind = random.nextInt(10);
        if (kind == 0) {
            random.nextBytes(bytes);
        } else if (kind < 4) {
            return java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length + 8));
        }
        for (int flips = random.nextInt(4); flips > 0; flips--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return bytes;
    }

    private void refuses(Message message, String reason) {
        assertThatThrownBy(() -> decode(message.toBytes()))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining(reason);
    }

    private void decode(byte[] message) {
        decoder.decode(message, 0, message.length);
    }
}
