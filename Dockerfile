# syntax=docker/dockerfile:1
# `npm run rehearse` carries these steps out without a Docker engine (docs/adr/0020).

# What the service needs at run time, and the list of it. No package runs a script at its installation.
FROM node:24-slim AS production
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund
COPY scripts/production-packages.mjs scripts/sbom.mjs scripts/
RUN node scripts/sbom.mjs > sbom.cdx.json

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/copy-assets.mjs scripts/
COPY src src
RUN npm run build

FROM node:24-slim
LABEL org.opencontainers.image.title="call-service" \
      org.opencontainers.image.description="Call control over REST for real SIP phones" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production DATA_DIR=/data RECORDINGS_DIR=/recordings
WORKDIR /app
COPY --from=production /app/package.json /app/sbom.cdx.json ./
COPY --from=production /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY LICENSE ./
# A new volume takes the owner of what it is mounted on.
RUN mkdir /data /recordings /spool && chown 1000:1000 /data /recordings /spool
# By number, so that Kubernetes can tell that it is not root.
USER 1000:1000
VOLUME /data /recordings
EXPOSE 3000/tcp 5060/tcp 5060/udp 10000-19999/udp
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# No npm and no shell in between: node gets SIGTERM itself.
ENTRYPOINT ["node", "--enable-source-maps"]
CMD ["dist/main.js"]
