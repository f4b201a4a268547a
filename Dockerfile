# plaudit in a small image, as a user without rights. Build: docker build -t plaudit .
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /plaudit
COPY . .
RUN cargo build --release --locked

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /data plaudit
COPY --from=build /plaudit/target/release/plaudit /usr/local/bin/plaudit
USER plaudit
ENV PLAUDIT_DATA_DIR=/data/plaudit
VOLUME /data
ENTRYPOINT ["plaudit"]
