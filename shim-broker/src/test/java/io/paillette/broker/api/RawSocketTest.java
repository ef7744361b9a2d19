package io.paillette.broker.api;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.net.NetSettings;
import io.paillette.broker.topic.NewTopic;
import io.paillette.testkit.PostgresServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.requests.ProduceResponse;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What no well-behaved client sends, and the order in which answers come. */
class RawSocketTest {

    private final RunningApis broker = RunningApis.on(
            PostgresServer.shared().newDatabase(), NetSettings.defaults().withMaxRequestBytes(1 << 20));

    @AfterEach
    void brokerStillAnswers() throws IOException {
        try (RawClient client = new RawClient(broker.port())) {
            client.send(RawClient.request(ApiKeys.API_VERSIONS, 0, 1, new ApiVersionsRequestData()));
            assertThat(client.receive(ApiKeys.API_VERSIONS, 0).errorCounts()).containsKey(Errors.NONE);
        } finally {
            broker.close();
        }
    }

    @Test
    void anUnknownApiVersionsVersionIsAnsweredInTheLayoutOfVersionZero() throws IOException {
        try (RawClient client = new RawClient(broker.port())) {
            ByteBuffer frame = ByteBuffer.wrap(RawClient.request(
                    ApiKeys.API_VERSIONS, ApiKeys.API_VERSIONS.latestVersion(), 7, new ApiVersionsRequestData()));
            frame.putShort(2, (short) 99);
            client.send(frame.array());

            ApiVersionsResponse response = (ApiVersionsResponse) client.receive(ApiKeys.API_VERSIONS, 0);

            assertThat(response.data().errorCode()).isEqualTo(Errors.UNSUPPORTED_VERSION.code());
            assertThat(response.data().apiKeys()).singleElement().satisfies(range -> {
                assertThat(range.apiKey()).isEqualTo(ApiKeys.API_VERSIONS.id);
                assertThat(range.maxVersion()).isEqualTo(ApiKeys.API_VERSIONS.latestVersion());
            });
        }
    }

    @Test
    void produceIsAdvertisedFromVersionZeroForLibrdkafka() throws IOException {
        try (RawClient client = new RawClient(broker.port())) {
            client.send(RawClient.request(ApiKeys.API_VERSIONS, 3, 7, versions()));
            ApiVersionsResponse response = (ApiVersionsResponse) client.receive(ApiKeys.API_VERSIONS, 3);
            ApiVersionsResponseData.ApiVersion produce = response.apiVersion(ApiKeys.PRODUCE.id);
            assertThat(produce.minVersion()).isZero();
            assertThat(produce.maxVersion()).isEqualTo(ApiKeys.PRODUCE.latestVersion());
        }
    }

    private static ApiVersionsRequestData versions() {
        return new ApiVersionsRequestData().setClientSoftwareName("raw").setClientSoftwareVersion("1");
    }

    @Test
    void garbageClosesItsConnectionOnly() throws IOException {
        try (RawClient bystander = new RawClient(broker.port());
                RawClient web = new RawClient(broker.port());
                RawClient negative = new RawClient(broker.port());
                RawClient noise = new RawClient(broker.port())) {
            web.sendRaw("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            negative.sendRaw(new byte[] {-1, -1, -1, -1, 0, 0});
            noise.send(new byte[] {0, 3, 0, 12, 1, 2, 3, 4, 5});

            assertThat(web.isClosedByBroker()).isTrue();
            assertThat(negative.isClosedByBroker()).isTrue();
            assertThat(noise.isClosedByBroker()).isTrue();
            bystander.send(RawClient.request(ApiKeys.METADATA, 12, 1, new MetadataRequestData()));
            assertThat(bystander.receive(ApiKeys.METADATA, 12)).isInstanceOf(MetadataResponse.class);
        }
    }

    @Test
    void unknownApisAndVersionsCloseTheConnection() throws IOException {
        try (RawClient unknown = new RawClient(broker.port());
                RawClient unserved = new RawClient(broker.port());
                RawClient version = new RawClient(broker.port())) {
            unknown.send(ByteBuffer.allocate(10).putShort((short) 999).array());
            unserved.send(ByteBuffer.allocate(10).putShort(ApiKeys.VOTE.id).array());
            byte[] metadata = RawClient.request(ApiKeys.METADATA, 12, 1, new MetadataRequestData());
            ByteBuffer.wrap(metadata).putShort(2, (short) 77);
            version.send(metadata);

            assertThat(unknown.isClosedByBroker()).isTrue();
            assertThat(unserved.isClosedByBroker()).isTrue();
            assertThat(version.isClosedByBroker()).isTrue();
        }
    }

    @Test
    void aFrameAboveTheLimitClosesTheConnectionBeforeItIsRead() throws IOException {
        try (RawClient client = new RawClient(broker.port())) {
            client.sendRaw(ByteBuffer.allocate(8).putInt((1 << 20) + 1).array());
            assertThat(client.isClosedByBroker()).isTrue();
        }
    }

    @Test
    void halfAFrameAndThenNothingHarmsNobody() throws IOException {
        try (RawClient client = new RawClient(broker.port())) {
            client.sendRaw(ByteBuffer.allocate(60).putInt(1000).array());
        }
    }

    @Test
    void answersComeInRequestOrderAlsoWhenAFetchWaits() throws Exception {
        create("orders");
        try (RawClient client = new RawClient(broker.port())) {
            client.send(RawClient.request(ApiKeys.FETCH, 12, 1, fetch(1_000)));
            client.send(RawClient.request(ApiKeys.METADATA, 12, 2, new MetadataRequestData()));
            client.send(RawClient.request(ApiKeys.API_VERSIONS, 3, 3, versions()));

            assertThat(client.receive().getInt(0)).isEqualTo(1);
            assertThat(client.receive().getInt(0)).isEqualTo(2);
            assertThat(client.receive().getInt(0)).isEqualTo(3);
        }
    }

    @Test
    void pipelinedProducesAreAnsweredInOrderWithRisingOffsets() throws Exception {
        create("orders");
        int count = 200; // far more than may be under way at once
        try (RawClient client = new RawClient(broker.port())) {
            for (int i = 0; i < count; i++) {
                client.send(RawClient.request(ApiKeys.PRODUCE, 9, i, produce(-1, "orders", "v" + i)));
            }
            for (int i = 0; i < count; i++) {
                ProduceResponse response = (ProduceResponse) client.receive(ApiKeys.PRODUCE, 9);
                assertThat(response.data()
                                .responses()
                                .find("orders", Uuid.ZERO_UUID)
                                .partitionResponses()
                                .get(0)
                                .baseOffset())
                        .isEqualTo(i);
            }
        }
    }

    @Test
    void anAcksZeroProduceHasNoAnswerAndItsErrorClosesTheConnection() throws Exception {
        create("orders");
        try (RawClient client = new RawClient(broker.port());
                RawClient mistaken = new RawClient(broker.port())) {
            client.send(RawClient.request(ApiKeys.PRODUCE, 9, 1, produce(0, "orders", "a")));
            client.send(RawClient.request(ApiKeys.METADATA, 12, 2, new MetadataRequestData()));
            assertThat(client.receive().getInt(0)).isEqualTo(2);
            assertThat(broker.logs
                            .find(new TopicPartition("orders", 0))
                            .orElseThrow()
                            .highWatermark())
                    .isEqualTo(1);

            mistaken.send(RawClient.request(ApiKeys.PRODUCE, 9, 1, produce(0, "nowhere", "a")));
            assertThat(mistaken.isClosedByBroker()).isTrue();
        }
    }

    @Test
    void aBrokerThatStopsAnswersTheFetchThatWaits() throws Exception {
        create("orders");
        RunningApis second = RunningApis.on(PostgresServer.shared().newDatabase());
        second.topics
                .create(new NewTopic("orders", 1, Optional.empty(), Map.of()))
                .get(20, SECONDS);
        try (RawClient client = new RawClient(second.port())) {
            client.send(RawClient.request(ApiKeys.FETCH, 12, 1, fetch(600_000)));
            Awaitility.await().until(() -> second.handlers.waitingFetches() == 1);
            long start = System.nanoTime();
            second.close();
            assertThat(client.receive(ApiKeys.FETCH, 12)).isInstanceOf(FetchResponse.class);
            assertThat(client.isClosedByBroker()).isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        }
    }

    @Test
    void anIdleConnectionIsClosed() throws IOException {
        try (RunningApis impatient = RunningApis.on(
                        PostgresServer.shared().newDatabase(),
                        NetSettings.defaults().withMaxIdle(Duration.ofMillis(300)));
                RawClient client = new RawClient(impatient.port())) {
            assertThat(client.isClosedByBroker()).isTrue();
        }
    }

    @Test
    void aClientThatDoesNotReadHoldsUpOnlyItself() throws Exception {
        create("orders");
        try (RawClient producer = new RawClient(broker.port());
                RawClient lazy = new RawClient(broker.port());
                RawClient eager = new RawClient(broker.port())) {
            for (int i = 0; i < 10; i++) {
                producer.send(RawClient.request(ApiKeys.PRODUCE, 9, i, produce(1, "orders", "x".repeat(500_000))));
                producer.receive();
            }
            int asked = 60; // 300 MB of answers in all
            for (int i = 0; i < asked; i++) {
                lazy.send(RawClient.request(ApiKeys.FETCH, 12, i, fetch(0)));
            }
            for (int i = 0; i < 5; i++) {
                eager.send(RawClient.request(ApiKeys.FETCH, 12, i, fetch(0)));
                assertThat(eager.receive().getInt(0)).isEqualTo(i);
            }
            // At most what may be under way was built; the rest waits in the socket.
            assertThat(requireNonNull(broker.counts.snapshot().get(ApiKeys.FETCH))
                            .requests())
                    .isLessThan(30);
            for (int i = 0; i < asked; i++) {
                assertThat(lazy.receive().getInt(0)).isEqualTo(i);
            }
        }
    }

    @Test
    void aTinyRequestBudgetSlowsClientsDownButServesThemAll() throws Exception {
        try (RunningApis small = RunningApis.on(
                PostgresServer.shared().newDatabase(), NetSettings.defaults().withBudgets(100, 100))) {
            small.topics
                    .create(new NewTopic("orders", 1, Optional.empty(), Map.of()))
                    .get(20, SECONDS);
            try (RawClient one = new RawClient(small.port());
                    RawClient two = new RawClient(small.port())) {
                for (int i = 0; i < 30; i++) {
                    one.send(RawClient.request(ApiKeys.PRODUCE, 9, i, produce(-1, "orders", "x".repeat(500))));
                    two.send(RawClient.request(ApiKeys.PRODUCE, 9, i, produce(-1, "orders", "y".repeat(500))));
                }
                for (int i = 0; i < 30; i++) {
                    assertThat(one.receive().getInt(0)).isEqualTo(i);
                    assertThat(two.receive().getInt(0)).isEqualTo(i);
                }
            }
        }
    }

    private void create(String name) throws Exception {
        broker.topics.create(new NewTopic(name, 1, Optional.empty(), Map.of())).get(20, SECONDS);
    }

    static FetchRequestData fetch(int maxWaitMillis) {
        return new FetchRequestData()
                .setMaxWaitMs(maxWaitMillis)
                .setMinBytes(1)
                .setMaxBytes(50 << 20)
                .setSessionEpoch(-1)
                .setTopics(List.of(new FetchTopic()
                        .setTopic("orders")
                        .setPartitions(
                                List.of(new FetchPartition().setPartition(0).setPartitionMaxBytes(50 << 20)))));
    }

    static ProduceRequestData produce(int acks, String topic, String value) {
        MemoryRecords records = MemoryRecords.withRecords(
                Compression.NONE, new SimpleRecord(1_000, value.getBytes(StandardCharsets.UTF_8)));
        ProduceRequestData data = new ProduceRequestData().setAcks((short) acks).setTimeoutMs(10_000);
        data.topicData()
                .add(new TopicProduceData()
                        .setName(topic)
                        .setPartitionData(
                                List.of(new PartitionProduceData().setIndex(0).setRecords(records))));
        return data;
    }
}
