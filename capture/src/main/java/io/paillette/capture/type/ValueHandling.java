package io.paillette.capture.type;

/** The forms that a user chose for the types that have several. */
public record ValueHandling(
        DecimalHandling decimals,
        TimePrecision times,
        IntervalHandling intervals,
        HstoreHandling hstores,
        BinaryHandling binaries) {

    /** Debezium's. */
    public static final ValueHandling DEFAULT = new ValueHandling(
            DecimalHandling.PRECISE,
            TimePrecision.ADAPTIVE,
            IntervalHandling.NUMERIC,
            HstoreHandling.JSON,
            BinaryHandling.BYTES);

    /** What a reader expects who has JSON and no schema: exact numbers, ISO-8601, objects. */
    public static final ValueHandling PLAIN = new ValueHandling(
            DecimalHandling.PRECISE,
            TimePrecision.ISOSTRING,
            IntervalHandling.STRING,
            HstoreHandling.MAP,
            BinaryHandling.BASE64);

    /** The same for who has no schema: what is as Debezium has it by default is plain, what was chosen stays. */
    public ValueHandling plain() {
        return new ValueHandling(
                decimals == DEFAULT.decimals ? PLAIN.decimals : decimals,
                times == DEFAULT.times ? PLAIN.times : times,
                intervals == DEFAULT.intervals ? PLAIN.intervals : intervals,
                hstores == DEFAULT.hstores ? PLAIN.hstores : hstores,
                binaries == DEFAULT.binaries ? PLAIN.binaries : binaries);
    }

    public ValueHandling with(DecimalHandling other) {
        return new ValueHandling(other, times, intervals, hstores, binaries);
    }

    public ValueHandling with(TimePrecision other) {
        return new ValueHandling(decimals, other, intervals, hstores, binaries);
    }

    public ValueHandling with(IntervalHandling other) {
        return new ValueHandling(decimals, times, other, hstores, binaries);
    }

    public ValueHandling with(HstoreHandling other) {
        return new ValueHandling(decimals, times, intervals, other, binaries);
    }

    public ValueHandling with(BinaryHandling other) {
        return new ValueHandling(decimals, times, intervals, hstores, other);
    }
}
