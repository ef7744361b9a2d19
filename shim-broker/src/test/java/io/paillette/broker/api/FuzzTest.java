package io.paillette.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.net.NetSettings;
import io.paillette.broker.wire.ApiRange;
import io.paillette.testkit.PostgresServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** Broken requests of every served API and version. Repeat a run with -Dfuzz.seed=SEED. */
class FuzzTest {

    private static final int FRAMES_PER_VERSION = 12;

    private final long seed = Long.getLong("fuzz.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @Test
    void brokenRequestsNeverStopTheBroker() throws IOException {
        System.out.println("fuzz.seed=" + seed);
        NetSettings settings = NetSettings.defaults().withMaxRequestBytes(1 << 20);
        try (RunningApis broker = RunningApis.on(PostgresServer.shared().newDatabase(), settings)) {
            int frames = 0;
            for (ApiRange range : broker.handlers.registry().ranges()) {
                for (int version = range.min(); version <= range.max(); version++) {
                    for (byte[] frame : broken(range.key(), version)) {
                        try (RawClient client = new RawClient(broker.port())) {
                            client.send(frame);
                        }
                        frames++;
                    }
                }
            }
            for (int i = 0; i < settings.threads() * 2; i++) { // every processor in turn
                try (RawClient client = new RawClient(broker.port())) {
                    client.send(
                            RawClient.request(ApiKeys.METADATA, 12, i, new MetadataRequestData().setTopics(List.of())));
                    assertThat(client.receive(ApiKeys.METADATA, 12)
                                    .errorCounts()
                                    .keySet())
                            .as("after %d frames of seed %d", frames, seed)
                            .isSubsetOf(Errors.NONE);
                }
            }
        }
    }

    private List<byte[]> broken(ApiKeys api, int version) {
        List<byte[]> frames = new ArrayList<>();
        for (byte[] valid : List.of(
                RawClient.request(api, version, 1, body(api)),
                RawClient.request(api, version, 1, filled(api, version)))) {
            for (int i = 0; i < FRAMES_PER_VERSION / 2; i++) {
                frames.add(mutate(valid));
            }
        }
        return frames;
    }

    private static ApiMessage body(ApiKeys api) {
        return ApiMessageType.fromApiKey(api.id).newRequest();
    }

    /** Requests with something in them, so that a flipped byte can reach beyond the first array. */
    private static ApiMessage filled(ApiKeys api, int version) {
        if (api == ApiKeys.FETCH && version < 13) {
            return RawSocketTest.fetch(1);
        } else if (api == ApiKeys.PRODUCE && version < 13) {
            return RawSocketTest.produce(-1, "fuzzed", "value");
        } else {
            return body(api);
        }
    }

    private byte[] mutate(byte[] valid) {
        byte[] frame = valid.clone();
        int first = 8; // keep API key, version and correlation id
        switch (random.nextInt(4)) {
            case 0 -> frame = Arrays.copyOf(frame, first + random.nextInt(frame.length - first + 1));
            case 1 -> {
                byte[] longer = new byte[frame.length + random.nextInt(64)];
                random.nextBytes(longer);
                System.arraycopy(frame, 0, longer, 0, frame.length);
                frame = longer;
            }
            case 2 -> {
                for (int i = first; i < frame.length; i++) {
                    frame[i] = (byte) random.nextInt(256);
                }
            }
            default -> {
                for (int i = 0; i <= random.nextInt(4); i++) {
                    frame[first + random.nextInt(frame.length - first)] = (byte) random.nextInt(256);
                }
            }
        }
        return frame;
    }
}
