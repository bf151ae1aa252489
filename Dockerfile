# Photochrom in a container: the studio and the REST server, and every other command.
#   docker build -t photochrom .
#   docker run --rm -v "$PWD:/pictures" photochrom colorize grandma.jpg
# compose.yaml runs the studio, with limits and a root that cannot be written.
FROM python:3.13-slim AS wheel
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13-slim
COPY --from=wheel /wheels /wheels
RUN pip install --no-cache-dir "$(ls /wheels/*.whl)[web,pdf,heic]" \
    && rm -r /wheels \
    && useradd --uid 1000 --no-create-home photochrom \
    && mkdir /pictures /data \
    && chown photochrom /pictures /data
# Models that were adopted lie in /data; bytecode was written when it was installed.
ENV XDG_DATA_HOME=/data PYTHONDONTWRITEBYTECODE=1
USER 1000
WORKDIR /pictures
VOLUME ["/pictures", "/data"]
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["photochrom"]
# It listens for other machines, so PHOTOCHROM_TOKEN must be set.
CMD ["serve", "--host", "0.0.0.0", "--no-open"]
