package io.paillette.benchmarks;

/** How a group agrees on who reads what. */
enum GroupProtocol {
    CLASSIC("classic, range"),
    CONSUMER("KIP-848");

    private final String title;

    GroupProtocol(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    Membership membership(Seat seat) {
        return switch (this) {
            case CLASSIC -> new ClassicMembership(seat);
            case CONSUMER -> new ConsumerMembership(seat);
        };
    }
}
