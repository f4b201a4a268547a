# plaudit in a small image, as a user without rights. Build: docker build -t plaudit .
#
# It serves on port 8080, which needs a token that was made before:
#   docker run --rm -v plaudit:/data plaudit token create --name first --role admin --expires 1d
#   docker run -d --stop-timeout 60 -v plaudit:/data -p 127.0.0.1:8080:8080 -e GITHUB_TOKEN plaudit
# Other commands take the place of `serve`: docker run --rm -v plaudit:/data plaudit rank --role NAME
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /plaudit
COPY . .
RUN cargo build --release --locked

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --create-home --home-dir /data plaudit
COPY --from=build /plaudit/target/release/plaudit /usr/local/bin/plaudit
# A number, so that Kubernetes can see that it is not root.
USER 10001:10001
ENV PLAUDIT_DATA_DIR=/data/plaudit
VOLUME /data
EXPOSE 8080
# Whether it lives and takes work is for whoever runs it to ask: GET /healthz and /readyz.
ENTRYPOINT ["plaudit"]
CMD ["serve", "--listen", "0.0.0.0:8080"]
