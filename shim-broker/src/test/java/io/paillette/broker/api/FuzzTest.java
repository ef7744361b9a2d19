package io.paillette.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.net.NetSettings;
import io.paillette.broker.net.SocketServer.Load;
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
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Broken requests of every served API and version. Repeat a run with -Dfuzz.seed=SEED. */
class FuzzTest {

    private static final int FRAMES_PER_VERSION = 16;

    /** 2147483647, -1, 16777216, -2147483648; then as varints 4294967295, 268435455 and one that never ends. */
    private static final List<byte[]> LIES = List.of(
            new byte[] {0x7f, -1, -1, -1},
            new byte[] {-1, -1, -1, -1},
            new byte[] {1, 0, 0, 0},
            new byte[] {-128, 0, 0, 0},
            new byte[] {-1, -1, -1, -1, 0x0f},
            new byte[] {-1, -1, -1, 0x7f},
            new byte[] {-1, -1, -1, -1, -1, -1});

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
            Awaitility.await().untilAsserted(() -> assertThat(broker.server.load())
                    .as("what sockets hold after seed %d", seed)
                    .isEqualTo(new Load(0, 0, 0)));
            assertThat(broker.logs.waitingAppendBytes()).isZero();
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

    /** A length or a count that is far from the truth, in either of the protocol's two ways to write one. */
    private byte[] lie(byte[] frame, int first) {
        byte[] number = LIES.get(random.nextInt(LIES.size()));
        int room = frame.length - first - number.length;
        if (room > 0) {
            System.arraycopy(number, 0, frame, first + random.nextInt(room), number.length);
        }
        return frame;
    }

    private static ApiMessage empty(ApiKeys api) {
        return ApiMessageType.fromApiKey(api.id).newRequest();
    }

    private byte[] mutate(byte[] valid) {
        byte[] frame = valid.clone();
        int first = 8; // keep API key, version and correlation id
        switch (random.nextInt(6)) {
            case 0 -> frame = Arrays.copyOf(frame, first + random.nextInt(frame.length - first + 1));
            case 1 -> {
                byte[] longer = new byte[frame.length + random.nextInt(64)];
                random.nextBytes(longer);
                System.arraycopy(frame, 0, longer, 0, frame.length);
                frame = longer;
            }
            case 2 -> lie(frame, first);
            case 3 -> {
                frame = lie(Arrays.copyOf(frame, frame.length + random.nextInt(100_000)), first);
            }
            case 4 -> {
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
