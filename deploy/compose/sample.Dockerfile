# The sample services of deploy/sample, with the stubs generated from the protos.
FROM python:3.13-slim
RUN pip install --no-cache-dir grpcio==1.75.1 grpcio-tools==1.75.1
WORKDIR /app
COPY proto proto
RUN python -m grpc_tools.protoc -I proto --python_out=. --grpc_python_out=. \
      proto/outrigger/cache/v1/cache.proto \
      proto/outrigger/breaker/v1/breaker.proto proto/outrigger/pool/v1/pool.proto
COPY deploy/sample sample
ENV PYTHONPATH=/app
# The sidecar's user: its socket is for it alone.
USER 65532:65532
