# The page and the HTTP API, for a firm's own server. Build: docker build -t opqibi-fees .
# Run, with nothing to write on and no rights:
#   docker run --rm --read-only --tmpfs /run/opqibi:mode=1777 --cap-drop ALL --security-opt no-new-privileges \
#     -p 127.0.0.1:8000:8000 -v /etc/opqibi-fees/tokens:/run/tokens:ro opqibi-fees --name fees.example.org \
#     --token-file /run/tokens
# The base follows its tag, so that a build has the mends of its day; to build the same image again, name it by its digest:
#   docker build --build-arg BASE=python:3.13-slim@sha256:… -t opqibi-fees .
ARG BASE=python:3.13-slim
FROM ${BASE} AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY locks/page.txt locks/package.txt locks/
COPY data data
COPY opqibi_rules opqibi_rules
RUN python -m venv /build && /build/bin/pip install --no-cache-dir --require-hashes -r locks/package.txt \
    && /build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation -w /wheels . \
    && python -m venv /app && /app/bin/pip install --no-cache-dir --require-hashes -r locks/page.txt \
    && /app/bin/pip install --no-cache-dir --no-deps /wheels/*.whl

FROM ${BASE}
COPY --from=build /app /app
RUN useradd --system --no-create-home --uid 10001 opqibi
USER opqibi
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 MPLCONFIGDIR=/run/opqibi
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s CMD ["/app/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health')"]
ENTRYPOINT ["/app/bin/opqibi-fees", "serve", "--host", "0.0.0.0", "--port", "8000"]
