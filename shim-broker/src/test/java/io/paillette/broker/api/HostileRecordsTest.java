package io.paillette.broker.api;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.paillette.broker.net.SocketServer.Load;
import io.paillette.broker.topic.NewTopic;
import io.paillette.testkit.PostgresServer;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.ProduceResponse;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Batches that are right outside and lie inside. Repeat a run with -Dfuzz.seed=SEED. */
class HostileRecordsTest {

    private static final int VERSION = 12;
    private static final int MUTATIONS = 60;
    private static final long MIB = 1L << 20;

    private final long seed = Long.getLong("fuzz.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final RunningApis broker = RunningApis.on(PostgresServer.shared().newDatabase());

    @BeforeEach
    void topics() throws Exception {
        System.out.println("fuzz.seed=" + seed);
        create("kept", Map.of());
        create("unpacked", Map.of("compression.type", "uncompressed"));
        create("repacked", Map.of("compression.type", "gzip"));
    }

    private void create(String name, Map<String, String> configs) throws Exception {
        broker.topics.create(new NewTopic(name, 1, Optional.empty(), configs)).get(20, SECONDS);
    }

    @AfterEach
    void brokerServesAndHoldsNothing() throws Exception {
        try (broker) {
            assertThat(send("kept", HostileBatches.honest(CompressionType.NONE)))
                    .as("seed %d", seed)
                    .isEqualTo(Errors.NONE);
            Awaitility.await()
                    .untilAsserted(() -> assertThat(broker.server.load()).isEqualTo(new Load(0, 0, 0)));
            assertThat(broker.logs.waitingAppendBytes()).isZero();
        }
    }

    @Test
    void batchesThatLieAreRefusedWithAWord() throws Exception {
        List<String> wrong = new ArrayList<>();
        for (CompressionType codec : CompressionType.values()) {
            for (byte[] batch : List.of(
                    HostileBatches.truncated(codec, 3),
                    HostileBatches.truncated(codec, 10_000),
                    HostileBatches.counting(codec, Integer.MAX_VALUE),
                    HostileBatches.counting(codec, 21),
                    HostileBatches.counting(codec, 19),
                    HostileBatches.counting(codec, 0),
                    HostileBatches.counting(codec, -1),
                    HostileBatches.oneRecord(codec, Integer.MAX_VALUE, 100))) {
                for (String topic : List.of("kept", "unpacked", "repacked")) {
                    Errors error = send(topic, batch);
                    if (error == Errors.NONE || error == Errors.UNKNOWN_SERVER_ERROR) {
                        wrong.add("%s to %s: %s".formatted(codec, topic, error));
                    }
                }
            }
        }
        for (int id = 5; id < 8; id++) {
            assertThat(send("kept", HostileBatches.ofCodecId(id))).isEqualTo(Errors.INVALID_RECORD);
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void whatIsChangedAtRandomUnderARightChecksumIsRefusedOrHarmless() throws Exception {
        for (CompressionType codec : CompressionType.values()) {
            for (int i = 0; i < MUTATIONS; i++) {
                byte[] batch = HostileBatches.honest(codec);
                for (int n = random.nextInt(4); n >= 0; n--) {
                    int at = random.nextInt(8) == 0
                            ? 21 + random.nextInt(HostileBatches.firstOfRecords() - 21)
                            : HostileBatches.firstOfRecords()
                                    + random.nextInt(batch.length - HostileBatches.firstOfRecords());
                    batch[at] = (byte) random.nextInt(256);
                }
                String topic = List.of("kept", "unpacked", "repacked").get(i % 3);
                assertThat(send(topic, HostileBatches.sealed(batch)))
                        .as("%s, mutation %d of seed %d", codec, i, seed)
                        .isNotEqualTo(Errors.UNKNOWN_SERVER_ERROR);
            }
        }
    }

    @Test
    void aSnappyChunkOfNegativeSizeIsAnInvalidRecord() throws Exception {
        byte[] batch = HostileBatches.honest(CompressionType.SNAPPY);
        int streamHeaderBytes = 16;
        batch[HostileBatches.firstOfRecords() + streamHeaderBytes] = (byte) 0xD2;

        assertThat(send("unpacked", HostileBatches.sealed(batch))).isEqualTo(Errors.INVALID_RECORD);
        assertThat(send("repacked", HostileBatches.sealed(batch))).isEqualTo(Errors.INVALID_RECORD);
    }

    @Test
    void aBatchThatUnpacksToAThousandTimesItsSizeTakesNoMemory() throws Exception {
        for (CompressionType codec : EnumSet.complementOf(EnumSet.of(CompressionType.NONE))) {
            long zeros = codec == CompressionType.SNAPPY ? 16 * MIB : 192 * MIB; // snappy packs 20 to 1, no more
            byte[] bomb = HostileBatches.oneRecord(codec, -1, zeros);
            long before = allocatedBytes();

            Errors kept = send("kept", bomb);
            Errors unpacked = send("unpacked", bomb);
            Errors repacked = codec == CompressionType.GZIP ? Errors.RECORD_LIST_TOO_LARGE : send("repacked", bomb);
            broker.logs
                    .find(new TopicPartition("kept", 0))
                    .orElseThrow()
                    .firstAtOrAfter(1)
                    .get(60, SECONDS);

            assertThat(kept).as("%s, %d bytes", codec, bomb.length).isEqualTo(Errors.NONE);
            assertThat(unpacked).isIn(Errors.MESSAGE_TOO_LARGE, Errors.RECORD_LIST_TOO_LARGE);
            if (zeros > 64 * MIB) {
                assertThat(repacked).isIn(Errors.MESSAGE_TOO_LARGE, Errors.RECORD_LIST_TOO_LARGE);
                assertThat(allocatedBytes() - before).as("bytes for %s", codec).isLessThan(48 * MIB);
            }
        }
    }

    /** By the threads that look at records, since their start. */
    private static long allocatedBytes() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long bytes = 0;
        for (var info : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (info != null && info.getThreadName().matches("paillette-(net|log).*")) {
                bytes += threads.getThreadAllocatedBytes(info.getThreadId());
            }
        }
        return bytes;
    }

    private Errors send(String topic, byte[] batch) throws Exception {
        var data = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(20_000);
        var topicData = new TopicProduceData().setName(topic);
        topicData
                .partitionData()
                .add(new PartitionProduceData()
                        .setIndex(0)
                        .setRecords(MemoryRecords.readableRecords(ByteBuffer.wrap(batch))));
        data.topicData().add(topicData);
        try (RawClient client = new RawClient(broker.port())) {
            client.send(RawClient.request(ApiKeys.PRODUCE, VERSION, 1, data));
            ProduceResponse answer = (ProduceResponse) client.receive(ApiKeys.PRODUCE, VERSION);
            PartitionProduceResponse told = answer.data()
                    .responses()
                    .iterator()
                    .next()
                    .partitionResponses()
                    .get(0);
            return Errors.forCode(told.errorCode());
        }
    }
}
