# The broker built from this checkout. Build: docker build -t paillette .
FROM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.m2 \
    mvn -B -Dquick -Dmaven.test.skip=true -pl shim-broker,connector -am package \
    && mkdir /connector \
    && cd /connector && jar xf /src/connector/target/paillette-connector-*.zip

# What a Connect worker gets: the plugin directory, as a volume or a COPY --from.
FROM busybox:1.37 AS connector
COPY --from=build /connector /connector
USER 65534:65534
CMD ["sh", "-c", "cp -r /connector/. /plugins/ && echo connector copied"]

FROM eclipse-temurin:17-jre AS broker
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/paillette paillette
WORKDIR /opt/paillette
COPY --from=build /src/shim-broker/target/lib lib/
COPY --from=build /src/shim-broker/target/paillette-shim-broker-*.jar lib/
COPY config config/
USER paillette
EXPOSE 9092 8080
# The store is a Postgres of its own container; without store.url the embedded one keeps its data in this volume.
VOLUME /var/lib/paillette
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=5 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["java", "-Xms64m", "-Xmx256m", "-XX:MaxDirectMemorySize=64m", "-XX:+UseSerialGC", "-Dpaillette.home=/opt/paillette", "-cp", "lib/*", "io.paillette.broker.Main"]
CMD ["up", "--set", "data.dir=/var/lib/paillette"]
