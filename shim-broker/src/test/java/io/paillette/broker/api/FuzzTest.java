package io.paillette.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.net.NetSettings;
import io.paillette.broker.wire.ApiRange;
import io.paillette.testkit.PostgresServer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.junit.jupiter.api.Test;

/** Broken requests of every served API and version. Repeat a run with -Dfuzz.seed=SEED. */
class FuzzTest {

    private static final int FRAMES_PER_VERSION = 12;

    private final long seed = Long.getLong("fuzz.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @Test
    void brokenRequestsNeverStopTheBroker() throws Exception {
        System.out.println("fuzz.seed=" + seed);
        NetSettings settings = NetSettings.defaults().withMaxRequestBytes(1 << 20);
        Set<Thread> others = Thread.getAllStackTraces().keySet();
        try (RunningApis broker = RunningApis.on(PostgresServer.shared().newDatabase(), settings)) {
            Requests requests = new Requests(broker);
            Set<Thread> threads = lasting(others);
            int frames = 0;
            for (ApiRange range : broker.handlers.registry().ranges()) {
                for (int version = range.min(); version <= range.max(); version++) {
                    for (byte[] frame : broken(range.key(), version, requests)) {
                        try (RawClient client = new RawClient(broker.port())) {
                            client.send(frame);
                        }
                        frames++;
                    }
                }
            }
            assertThat(requests.wrongAnswers("after"))
                    .as("after %d frames of seed %d", frames, seed)
                    .isEmpty();
            assertThat(threads).as("threads after seed %d", seed).isNotEmpty().allMatch(Thread::isAlive);
        }
    }

    /** The event loops, writers and coordinator threads; not those of connection pools (with a colon), which come and go. */
    private static Set<Thread> lasting(Set<Thread> others) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !others.contains(thread))
                .filter(thread ->
                        thread.getName().matches("(paillette-(net|accept|groups|log-writer)|group-coordinator)[^:]*"))
                .collect(Collectors.toSet());
    }

    private List<byte[]> broken(ApiKeys api, int version, Requests requests) {
        List<byte[]> frames = new ArrayList<>();
        for (byte[] valid : List.of(
                RawClient.request(api, version, 1, empty(api)),
                RawClient.request(api, version, 1, requests.body(api, version, "fuzzed-" + api.id + "-v" + version)))) {
            for (int i = 0; i < FRAMES_PER_VERSION / 2; i++) {
                frames.add(mutate(valid));
            }
        }
        return frames;
    }

    private static ApiMessage empty(ApiKeys api) {
        return ApiMessageType.fromApiKey(api.id).newRequest();
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
