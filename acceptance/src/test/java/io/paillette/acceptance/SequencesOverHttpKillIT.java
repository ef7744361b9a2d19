package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.paillette.testkit.BrokerProcess;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A sequence is made, changed and removed over HTTP while rows are written, and the broker is SIGKILLed right after, or in the middle. */
class SequencesOverHttpKillIT {

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int KILLS = Integer.getInteger("kills", 8);
    private static final int ROWS_BETWEEN = 300;

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);

    /** How long the last answer took on this machine. */
    private long answerNanos = Duration.ofMillis(200).toNanos();

    private static BrokerProcess start() {
        return BrokerProcess.start(
                List.of("-Xmx256m"),
                Map.of(
                        "store.url", "embedded",
                        "source.app.url", "store",
                        "source.app.tables", "public.t",
                        "sequence.all.tables", "public.t"));
    }

    private static Map<String, String> multiplesOf(int divisor) {
        return Map.of("tables", "public.t", "where", "id % " + divisor + " = 0");
    }

    private static int divisor(JsonNode page) {
        return Integer.parseInt(page.at("/properties/where").asText().split(" ", -1)[2]);
    }

    private static int from(JsonNode page) {
        assertThat(page.at("/effective/fromOffset").has("0"))
                .as("says from where: %s", page)
                .isTrue();
        return page.at("/effective/fromOffset/0").asInt();
    }

    /** Asks, and kills the broker after the answer or while it is at it; returns whether it has answered once it is back. */
    private boolean killAfter(BrokerProcess broker, Runnable asking, boolean answered) {
        long began = System.nanoTime();
        CompletableFuture<Void> asked = CompletableFuture.runAsync(asking);
        if (answered) {
            asked.join(); // stored, and its feed is about to be made anew, or just made
            answerNanos = System.nanoTime() - began;
        } else {
            LockSupport.parkNanos((long) (random.nextDouble() * 1.5 * answerNanos));
        }
        broker.kill();
        Awaitility.await().atMost(LIMIT).until(asked::isDone);
        broker.start();
        return !asked.isCompletedExceptionally();
    }

    private void compareAll(BrokerProcess broker, int last) {
        List<Integer> all = Awaitility.await("all is told")
                .atMost(LIMIT)
                .until(() -> SteadyRows.in(broker, "all"), ids -> ids.size() >= last);
        assertThat(all)
                .as("all, seed %d", seed)
                .isEqualTo(IntStream.rangeClosed(1, last).boxed().toList());
    }

    @Test
    @Tag("proof")
    void eachRecordObeysTheDefinitionThatHoldsAtItsOffsetAndNoneIsMissing() throws Exception {
        System.out.println("seed " + seed);
        var divisors = new TreeMap<Integer, Integer>(); // of each version, by the offset from which it holds
        try (var broker = start()) {
            var rows = new SteadyRows(broker.store());
            var page = new SequencePage(broker, "some");
            page.put(multiplesOf(2));
            note(page, divisors);
            for (int kill = 0; kill < KILLS; kill++) {
                rows.awaitMore(ROWS_BETWEEN);
                int divisor = 2 + (divisors.lastEntry().getValue() - 1 + random.nextInt(4)) % 5; // another one
                var unused = killAfter(broker, () -> page.put(multiplesOf(divisor)), kill % 2 == 0);
                note(page, divisors);
            }
            rows.awaitMore(ROWS_BETWEEN);
            compareAll(broker, rows.stop());
            compareVersions(SteadyRows.in(broker, "some"), divisors);
            assertThat(broker.terminate()).isZero();
        }
    }

    /** Once it is held, what is defined, and from where on. */
    private static void note(SequencePage page, NavigableMap<Integer, Integer> divisors) {
        JsonNode held = page.settled().orElseThrow();
        divisors.put(from(held), divisor(held));
    }

    private void compareVersions(List<Integer> some, NavigableMap<Integer, Integer> divisors) {
        System.out.println("definitions " + divisors + ", records " + some.size());
        assertThat(divisors).hasSizeGreaterThan(1);
        int from = 0;
        for (var one : divisors.entrySet()) {
            Integer next = divisors.higherKey(one.getKey());
            List<Integer> own = some.subList(one.getKey(), next == null ? some.size() : next);
            if (!own.isEmpty()) {
                assertThat(own)
                        .as("from offset %d, seed %d", one.getKey(), seed)
                        .isEqualTo(multiples(one.getValue(), own.get(0), own.get(own.size() - 1)));
                assertThat(own.get(0)).isGreaterThan(from);
                from = own.get(own.size() - 1);
            }
        }
        requireNoGaps(some, divisors);
    }

    private static List<Integer> multiples(int divisor, int first, int last) {
        return IntStream.rangeClosed(first, last)
                .filter(id -> id % divisor == 0)
                .boxed()
                .toList();
    }

    /** Between the last record of one definition and the first of the next there is a row at which the one ended and the other began. */
    private void requireNoGaps(List<Integer> some, NavigableMap<Integer, Integer> divisors) {
        for (Integer offset : divisors.tailMap(0, false).keySet()) {
            if (offset >= some.size()) {
                continue;
            }
            int before = divisors.lowerEntry(offset).getValue();
            int now = divisors.get(offset);
            int end = some.get(offset - 1);
            int begin = some.get(offset);
            boolean seamless = IntStream.rangeClosed(end, begin - 1)
                    .anyMatch(at -> IntStream.rangeClosed(end + 1, at).noneMatch(id -> id % before == 0)
                            && IntStream.range(at + 1, begin).noneMatch(id -> id % now == 0));
            assertThat(seamless)
                    .as("no gap at offset %d, seed %d", offset, seed)
                    .isTrue();
        }
    }

    @Test
    @Tag("proof")
    void oneThatIsMadeOrRemovedIsThereWholeOrNotAtAllAndBeginsAtTheOffsetStated() throws Exception {
        System.out.println("seed " + seed);
        try (var broker = start()) {
            var lives = new Lives(broker);
            for (int kill = 0; kill < 2 * KILLS; kill++) {
                lives.rows.awaitMore(ROWS_BETWEEN);
                lives.makeOrRemove(kill == 0 || random.nextInt(3) == 0);
            }
            lives.requireSeveral();
            compareAll(broker, lives.rows.stop());
            assertThat(broker.terminate()).isZero();
        }
    }

    /**
     * From when a definition is made until it is removed.
     *
     * @param from      the offset that is stated
     * @param certainly a row that is written after it held
     */
    private record Life(int from, int divisor, int certainly) {}

    /** Of one sequence, one after the other. */
    private final class Lives {

        private final BrokerProcess broker;
        private final SteadyRows rows;
        private final SequencePage page;
        private Optional<Life> life = Optional.empty();
        private int begun;

        /** Records of the topic that are of earlier ones. */
        private int earlier;

        /** The last row that any of them told. */
        private int newest;

        Lives(BrokerProcess broker) {
            this.broker = broker;
            this.rows = new SteadyRows(broker.store());
            this.page = new SequencePage(broker, "some");
        }

        void makeOrRemove(boolean answered) {
            if (life.isEmpty()) {
                make(answered);
            } else {
                remove(life.get(), answered);
            }
        }

        private void make(boolean answered) {
            int divisor = 2 + random.nextInt(4);
            boolean topic = exists();
            boolean heard = killAfter(broker, () -> page.put(multiplesOf(divisor)), answered);
            Optional<JsonNode> made = page.settled();
            System.out.println("made: " + made.isPresent() + ", answered: " + heard);
            if (made.isEmpty()) {
                assertThat(heard).as("an answer is kept, seed %d", seed).isFalse();
                assertThat(exists()).as("its topic is as before, seed %d", seed).isEqualTo(topic);
                return;
            }
            assertThat(made.get().get("properties").properties())
                    .as("it is whole, seed %d", seed)
                    .extracting(property ->
                            property.getKey() + "=" + property.getValue().asText())
                    .containsExactlyInAnyOrder("source=app", "tables=public.t", "where=id % " + divisor + " = 0");
            assertThat(exists()).as("its topic is there, seed %d", seed).isTrue();
            assertThat(from(made.get()))
                    .as("behind earlier ones, seed %d", seed)
                    .isEqualTo(earlier);
            life = Optional.of(new Life(earlier, divisor, rows.last() + 2)); // the next one may be on its way
            begun++;
        }

        private void remove(Life before, boolean answered) {
            int until = rows.last();
            Awaitility.await("fed so far")
                    .atMost(LIMIT)
                    .until(() -> SteadyRows.in(broker, "all").size() >= until);
            int last = check(before, until);
            boolean topic = random.nextBoolean();
            boolean heard = killAfter(broker, () -> page.delete(topic), answered);
            Optional<JsonNode> left = page.settled();
            System.out.println("removed: " + left.isEmpty() + ", answered: " + heard + ", its topic: " + topic);
            if (left.isPresent()) {
                assertThat(heard).as("an answer is kept, seed %d", seed).isFalse();
                assertThat(from(left.get())).as("as it was, seed %d", seed).isEqualTo(before.from());
                assertThat(divisor(left.get())).as("as it was, seed %d", seed).isEqualTo(before.divisor());
                return;
            }
            assertThat(exists()).as("its topic is there, seed %d", seed).isNotEqualTo(topic);
            newest = topic ? last : check(before, until);
            earlier = SteadyRows.in(broker, "some").size();
            life = Optional.empty();
        }

        private boolean exists() {
            return Topics.exists(broker.bootstrap(), "some");
        }

        /**
         * What it told, at least up to a row.
         *
         * @return the last one
         */
        private int check(Life of, int until) {
            List<Integer> all = SteadyRows.in(broker, "some");
            List<Integer> own = all.subList(of.from(), all.size());
            int first = own.isEmpty() ? of.certainly() : Math.min(of.certainly(), own.get(0));
            int last = own.isEmpty() ? until : Math.max(until, own.get(own.size() - 1));
            assertThat(own)
                    .as("multiples of %d from offset %d, seed %d", of.divisor(), of.from(), seed)
                    .isEqualTo(multiples(of.divisor(), first, last))
                    .allMatch(id -> id > newest);
            return last;
        }

        void requireSeveral() {
            System.out.println(begun + " lives, " + earlier + " records of earlier ones");
            assertThat(begun).as("lives, seed %d", seed).isGreaterThan(1);
        }
    }
}
