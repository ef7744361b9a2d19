package io.paillette.capture.type;

import io.paillette.capture.type.ColumnType.Array;
import io.paillette.capture.type.ColumnType.Bits;
import io.paillette.capture.type.ColumnType.Money;
import io.paillette.capture.type.ColumnType.Numeric;
import io.paillette.capture.type.ColumnType.Scalar;
import io.paillette.capture.type.ColumnType.Time;
import io.paillette.capture.type.ColumnType.Timestamp;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The types that Postgres 12 to 18 bring along, but for arrays (which are told with their elements) and pseudo-types. One
 * without a meaning of its own travels as text. Source: {@code pg_type.dat} and the types' typmod functions.
 */
public enum BuiltInType {
    BOOL(16, 1000, "bool", Scalar.BOOL),
    BYTEA(17, 1001, "bytea", Scalar.BYTEA),
    CHAR(18, 1002, "\"char\"", Scalar.TEXT),
    NAME(19, 1003, "name", Scalar.TEXT),
    INT8(20, 1016, "int8", Scalar.INT8),
    INT2(21, 1005, "int2", Scalar.INT2),
    INT2VECTOR(22, 1006, "int2vector"),
    INT4(23, 1007, "int4", Scalar.INT4),
    REGPROC(24, 1008, "regproc"),
    TEXT(25, 1009, "text", Scalar.TEXT),
    OID(26, 1028, "oid", Scalar.OID),
    TID(27, 1010, "tid"),
    XID(28, 1011, "xid"),
    CID(29, 1012, "cid"),
    OIDVECTOR(30, 1013, "oidvector"),
    JSON(114, 199, "json", Scalar.JSON),
    XML(142, 143, "xml", Scalar.XML),
    PG_NODE_TREE(194, 0, "pg_node_tree"),
    POINT(600, 1017, "point", Scalar.POINT),
    LSEG(601, 1018, "lseg"),
    PATH(602, 1019, "path"),
    BOX(603, 1020, "box"),
    POLYGON(604, 1027, "polygon"),
    LINE(628, 629, "line"),
    CIDR(650, 651, "cidr"),
    FLOAT4(700, 1021, "float4", Scalar.FLOAT4),
    FLOAT8(701, 1022, "float8", Scalar.FLOAT8),
    CIRCLE(718, 719, "circle"),
    MACADDR8(774, 775, "macaddr8"),
    MONEY(790, 791, "money", new Money(2)),
    MACADDR(829, 1040, "macaddr"),
    INET(869, 1041, "inet"),
    ACLITEM(1033, 1034, "aclitem"),
    BPCHAR(1042, 1014, "bpchar", Scalar.TEXT),
    VARCHAR(1043, 1015, "varchar", Scalar.TEXT),
    DATE(1082, 1182, "date", Scalar.DATE),
    TIME(1083, 1183, "time", new Time(6, false)),
    TIMESTAMP(1114, 1115, "timestamp", new Timestamp(6, false)),
    TIMESTAMPTZ(1184, 1185, "timestamptz", new Timestamp(6, true)),
    INTERVAL(1186, 1187, "interval", Scalar.INTERVAL),
    TIMETZ(1266, 1270, "timetz", new Time(6, true)),
    BIT(1560, 1561, "bit"),
    VARBIT(1562, 1563, "varbit"),
    NUMERIC(1700, 1231, "numeric", new Numeric(-1, -1)),
    REFCURSOR(1790, 2201, "refcursor"),
    REGPROCEDURE(2202, 2207, "regprocedure"),
    REGOPER(2203, 2208, "regoper"),
    REGOPERATOR(2204, 2209, "regoperator"),
    REGCLASS(2205, 2210, "regclass"),
    REGTYPE(2206, 2211, "regtype"),
    UUID(2950, 2951, "uuid", Scalar.UUID),
    TXID_SNAPSHOT(2970, 2949, "txid_snapshot"),
    PG_LSN(3220, 3221, "pg_lsn"),
    PG_NDISTINCT(3361, 0, "pg_ndistinct"),
    PG_DEPENDENCIES(3402, 0, "pg_dependencies"),
    TSVECTOR(3614, 3643, "tsvector", Scalar.TSVECTOR),
    TSQUERY(3615, 3645, "tsquery"),
    GTSVECTOR(3642, 3644, "gtsvector"),
    REGCONFIG(3734, 3735, "regconfig"),
    REGDICTIONARY(3769, 3770, "regdictionary"),
    JSONB(3802, 3807, "jsonb", Scalar.JSON),
    INT4RANGE(3904, 3905, "int4range"),
    NUMRANGE(3906, 3907, "numrange"),
    TSRANGE(3908, 3909, "tsrange"),
    TSTZRANGE(3910, 3911, "tstzrange"),
    DATERANGE(3912, 3913, "daterange"),
    INT8RANGE(3926, 3927, "int8range"),
    JSONPATH(4072, 4073, "jsonpath"),
    REGNAMESPACE(4089, 4090, "regnamespace"),
    REGROLE(4096, 4097, "regrole"),
    REGCOLLATION(4191, 4192, "regcollation"),
    INT4MULTIRANGE(4451, 6150, "int4multirange"),
    NUMMULTIRANGE(4532, 6151, "nummultirange"),
    TSMULTIRANGE(4533, 6152, "tsmultirange"),
    TSTZMULTIRANGE(4534, 6153, "tstzmultirange"),
    DATEMULTIRANGE(4535, 6155, "datemultirange"),
    INT8MULTIRANGE(4536, 6157, "int8multirange"),
    PG_BRIN_BLOOM_SUMMARY(4600, 0, "pg_brin_bloom_summary"),
    PG_BRIN_MINMAX_MULTI_SUMMARY(4601, 0, "pg_brin_minmax_multi_summary"),
    PG_MCV_LIST(5017, 0, "pg_mcv_list"),
    PG_SNAPSHOT(5038, 5039, "pg_snapshot"),
    XID8(5069, 271, "xid8");

    private static final Map<Integer, BuiltInType> BY_OID = index(false);
    private static final Map<Integer, BuiltInType> BY_ARRAY = index(true);

    private final int oid;
    private final int arrayOid;
    private final String sqlName;

    @SuppressWarnings("ImmutableEnumChecker") // enums and records of immutable values, which the checker cannot know
    private final ColumnType meaning;

    BuiltInType(int oid, int arrayOid, String sqlName) {
        this(oid, arrayOid, sqlName, Scalar.OTHER);
    }

    BuiltInType(int oid, int arrayOid, String sqlName, ColumnType meaning) {
        this.oid = oid;
        this.arrayOid = arrayOid;
        this.sqlName = sqlName;
        this.meaning = meaning;
    }

    /**
     * What a type means, an array of one too; null for one that is not among them.
     *
     * @param typeModifier {@code atttypmod}, -1 for none; for an array that of its elements
     */
    static @Nullable ColumnType meaning(int oid, int typeModifier) {
        BuiltInType type = BY_OID.get(oid);
        if (type != null) {
            return type.meaning(typeModifier);
        }
        BuiltInType element = BY_ARRAY.get(oid);
        return element == null ? null : element.meaningOfArray(typeModifier);
    }

    public int oid() {
        return oid;
    }

    /** 0 where there is no array of it. */
    public int arrayOid() {
        return arrayOid;
    }

    /** As SQL spells it: {@code "char"} is not {@code char}. */
    public String sqlName() {
        return sqlName;
    }

    /** @param typeModifier {@code atttypmod}, -1 for none */
    public ColumnType meaning(int typeModifier) {
        if (meaning instanceof Numeric) {
            return numeric(typeModifier);
        }
        if (this == BIT) {
            // Without a length, as CREATE TABLE AS may leave it, each value has one of its own.
            return typeModifier < 1 ? Scalar.OTHER : new Bits(typeModifier);
        }
        int precision = typeModifier < 0 ? 6 : typeModifier;
        if (meaning instanceof Time time) {
            return new Time(precision, time.zoned());
        }
        if (meaning instanceof Timestamp timestamp) {
            return new Timestamp(precision, timestamp.zoned());
        }
        return meaning;
    }

    /** Of box, the only one whose elements are divided by ';', the whole array travels as its text. */
    private ColumnType meaningOfArray(int typeModifier) {
        return this == BOX ? Scalar.OTHER : new Array(meaning(typeModifier));
    }

    /** numeric_typmod: precision in the upper half, scale in 11 signed bits (15+ has negative ones), plus VARHDRSZ. */
    private static ColumnType numeric(int typeModifier) {
        if (typeModifier < 4) {
            return new Numeric(-1, -1);
        }
        int packed = typeModifier - 4;
        return new Numeric(packed >> 16 & 0xFFFF, ((packed & 0x7FF) ^ 1024) - 1024);
    }

    private static Map<Integer, BuiltInType> index(boolean arrays) {
        Map<Integer, BuiltInType> index = new HashMap<>();
        Arrays.stream(values())
                .filter(type -> !arrays || type.arrayOid != 0)
                .forEach(type -> index.put(arrays ? type.arrayOid : type.oid, type));
        return Map.copyOf(index);
    }
}
