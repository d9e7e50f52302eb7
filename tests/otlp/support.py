"""What the exporter's tests share: the driver, collectors that follow a script."""

import gzip
import http.server
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from concurrent import futures

import grpc
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as trace

# How long a test waits before it gives up: far longer than anything takes.
PATIENCE_SECONDS = 30

SERVICES = {
    "trace": ("TraceService", trace.ExportTraceServiceRequest, trace.ExportTraceServiceResponse),
    "metrics": ("MetricsService", metrics.ExportMetricsServiceRequest,
                metrics.ExportMetricsServiceResponse),
    "logs": ("LogsService", logs.ExportLogsServiceRequest, logs.ExportLogsServiceResponse),
}


def wait_for(condition):
    """Looks every few milliseconds; raises if it does not come true."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > give_up:
            raise AssertionError("it did not come true in time")
        time.sleep(0.005)


def free_port():
    """A port below 32768 on which nobody listens now."""
    for port in range(20000 + os.getpid() % 9000, 32768):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no free port")


class Driver:
    """An exporter in a process of its own, with these OTEL_* variables."""

    def __init__(self, **variables):
        environment = {"PATH": os.environ["PATH"], "OTEL_METRIC_EXPORT_INTERVAL": "3600000"}
        environment.update({"OTEL_" + name: str(value) for name, value in variables.items()})
        self.process = subprocess.Popen([sys.argv[1]], env=environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == "ready\n", "the driver did not start"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def tell(self, order):
        self.process.stdin.write(order + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def flush(self, seconds=PATIENCE_SECONDS):
        return self.tell(f"flush {seconds}") == "true"

    def counted(self, name, part=""):
        """The sum of the exporter's own metric over series whose attributes have `part`."""
        values = json.loads(self.tell("metrics"))
        return sum(value for series, value in values.items()
                   if series.startswith(name + "{") and part in series)


def spans_of(requests):
    return [span for request in requests for resource in request.resource_spans
            for scope in resource.scope_spans for span in scope.spans]


def records_of(requests):
    return [record for request in requests for resource in request.resource_logs
            for scope in resource.scope_logs for record in scope.log_records]


def metrics_of(requests):
    return {metric.name: metric for request in requests for resource in request.resource_metrics
            for scope in resource.scope_metrics for metric in scope.metrics}


class Script:
    """What a collector answers, one after the other; the last for ever."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.lock = threading.Lock()

    def next(self):
        with self.lock:
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class GrpcCollector:
    """Answers by a script of functions of (context, response), and keeps what it took."""

    def __init__(self, *answers, credentials=None):
        self.script = Script(*(answers or [lambda context, response: response]))
        self.received = {signal: [] for signal in SERVICES}
        self.metadata = []
        self.server = grpc.server(futures.ThreadPoolExecutor(4))
        for signal, (service, request, response) in SERVICES.items():
            method = grpc.unary_unary_rpc_method_handler(
                self._answer(signal, response), request.FromString,
                lambda message: message if isinstance(message, bytes)
                else message.SerializeToString())
            self.server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(
                f"opentelemetry.proto.collector.{signal}.v1.{service}", {"Export": method})])
        where = f"127.0.0.1:{free_port()}"
        self.port = (self.server.add_insecure_port(where) if credentials is None
                     else self.server.add_secure_port(where, credentials))
        self.server.start()

    def _answer(self, signal, response):
        def answer(request, context):
            self.metadata.append(dict(context.invocation_metadata()))
            result = self.script.next()(context, response())
            self.received[signal].append(request)
            return result
        return answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.stop(None).wait()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"


class HttpCollector:
    """Answers by a script of (code, header fields, body); keeps what it took."""

    def __init__(self, *answers, context=None):
        script = Script(*(answers or [(200, {"Content-Type": "application/x-protobuf"}, b"")]))
        collector = self
        self.requests = []  # (path, header fields, decoded request)
        self.clients = set()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                signal = self.path.rsplit("/", 1)[1].replace("traces", "trace")
                request = SERVICES[signal][1].FromString(body)
                collector.clients.add(self.client_address)
                collector.requests.append((self.path, dict(self.headers), request))
                code, fields, answer = script.next()
                self.send_response(code)
                for name, value in fields.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # a client that does not trust us goes away

        self.server = Server(("127.0.0.1", free_port()), Handler)
        self.port = self.server.server_address[1]
        self.scheme = "http"
        if context is not None:
            self.scheme = "https"
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                     do_handshake_on_connect=False)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def received(self):
        return [request for _, _, request in self.requests]


class RawServer:
    """Says `words` to whoever connects, and then closes, or (None) says nothing."""

    def __init__(self, words):
        self.words = words
        self.listener = socket.create_server(("127.0.0.1", free_port()))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.open = []
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            if self.words is None:
                self.open.append(connection)
                continue
            try:
                connection.recv(4096)
                connection.sendall(self.words)
            except OSError:
                pass
            connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()
        for connection in self.open:
            connection.close()


class Certificates:
    """A certificate authority, and one certificate for 127.0.0.1 that it signed."""

    def __init__(self, folder):
        def run(arguments):
            subprocess.run(["openssl"] + arguments.split(), cwd=folder, check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        run(f"req -x509 {key} -days 2 -subj /CN=test-ca -keyout ca.key -out ca.crt")
        for name, host in (("own", "IP:127.0.0.1"), ("other", "DNS:other.test")):
            run(f"req {key} -subj /CN={name} -keyout {name}.key -out {name}.csr")
            with open(os.path.join(folder, "names"), "w") as names:
                names.write(f"subjectAltName={host}\n")
            run(f"x509 -req -in {name}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 "
                f"-extfile names -out {name}.crt")
        self.folder = folder

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def server_context(self, name="own", ask_client=False):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path(name + ".crt"), self.path(name + ".key"))
        if ask_client:
            context.load_verify_locations(self.path("ca.crt"))
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def grpc_credentials(self, name="own", ask_client=False):
        return grpc.ssl_server_credentials(
            [(self.read(name + ".key"), self.read(name + ".crt"))],
            self.read("ca.crt") if ask_client else None, ask_client)
