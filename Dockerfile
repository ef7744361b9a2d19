# The broker built from this checkout:  docker build -t paillette .
# With an engine older than 23:         DOCKER_BUILDKIT=1 docker build -t paillette .
FROM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.m2 \
    mvn -B -Dquick -Dmaven.test.skip=true -pl shim-broker,connector -am package

# What a Connect worker gets: the plugin directory, copied into a volume by docker-compose.yaml.
FROM busybox:1.37 AS connector
COPY --from=build /src/connector/target/plugin /connector
# A fresh volume takes over the owner of the directory it is mounted on.
RUN mkdir /plugins && chown 65534:65534 /plugins
USER 65534:65534
# What an earlier version left there would be a second copy of the same classes.
CMD ["sh", "-c", "rm -rf /plugins/* && cp -r /connector/. /plugins/ && echo connector copied"]

# Without a command it runs the quickstart, on loopback like everywhere, so it shares the host's network:
#   docker run --rm --init --network host -v paillette:/var/lib/paillette paillette
FROM eclipse-temurin:17-jre AS broker
RUN useradd --uid 10001 --user-group --create-home --home-dir /var/lib/paillette --shell /usr/sbin/nologin paillette
WORKDIR /opt/paillette
COPY --from=build /src/shim-broker/target/lib lib/
COPY --from=build /src/shim-broker/target/paillette-shim-broker-*.jar lib/
COPY config config/
USER 10001:10001
EXPOSE 9092 8080
# The embedded Postgres keeps its data here; with store.url nothing is written.
VOLUME /var/lib/paillette
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=5 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
# The shell is there for JAVA_OPTS only and is gone once Java runs. The figures are the launcher's.
ENTRYPOINT ["sh", "-c", "exec java -Xms64m -Xmx256m -XX:MaxDirectMemorySize=64m -XX:MetaspaceSize=64m -XX:+UseSerialGC -XX:PerfDataSamplingInterval=1000 -Xshare:auto ${JAVA_OPTS:-} -Dpaillette.home=/opt/paillette -cp '/opt/paillette/lib/*' io.paillette.broker.Main \"$@\"", "paillette"]
CMD ["up", "--set", "data.dir=/var/lib/paillette"]
