#!/usr/bin/env python3
"""Rules and dashboard against a real Prometheus that scrapes a real gateway.

    tests/deploy/prometheus_test.py build/dev/smg [--render docs/dashboard.svg]

promtool checks the configuration, the rules and their tests. Then a gateway with simulated providers is started, asked for some minutes' worth of
requests of all kinds in a few seconds, scraped every half second, and every query of the dashboard is evaluated: none may be empty.
Exits with 77, which ctest takes for skipped, where Prometheus is not installed (Debian: prometheus).
"""
import argparse
import http.client
import itertools
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

from render import render

ROOT = pathlib.Path(__file__).resolve().parents[2]
RULES = ROOT / "deploy/prometheus"
DASHBOARD = ROOT / "deploy/grafana/smg.json"
TENANTS = {"acme": "acme-key-of-the-test", "umbrella": "umbrella-key-of-the-test"}
MODELS = ["gpt-4o", "claude-sonnet-4-5", "grok-3", "gemini-2.5-flash"]


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def call(port, method, path, body=None, headers=None, timeout=20):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        sent = json.dumps(body) if body is not None else None
        connection.request(method, path, sent, {"content-type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def wait_for(what, attempt, limit=30):
    until = time.monotonic() + limit
    while time.monotonic() < until:
        try:
            if attempt():
                return
        except OSError:
            pass
        time.sleep(0.05)
    sys.exit(f"{what} did not come up")


class Gateway:
    """`smg demo`: the gateway and four simulated providers in one process."""

    def __init__(self, binary):
        self.port, self.metrics_port = free_port(), free_port()
        command = [binary, "demo", "--host", "127.0.0.1", "--port", str(self.port), "--prometheus-port", str(self.metrics_port),
                   "--max-concurrent-requests", "6", "--queue-size", "4"]
        for tenant, key in TENANTS.items():
            command += ["--tenant-api-key", f"{tenant}:{key}"]
        self.keys = itertools.cycle(TENANTS.values())
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        wait_for("the gateway", lambda: call(self.port, "GET", "/readiness")[0] == 200)

    def add_checked_worker(self):
        """A local worker, which is asked for its health every second: the gateway itself, for a model that nobody asks for."""
        spec = {"url": f"http://127.0.0.1:{self.port}", "name": "checked", "runtime_type": "vllm", "models": ["nobody-asks-for-this"],
                "health": {"check_interval_secs": 1}}
        status, body = call(self.port, "POST", "/workers?wait=10", spec)
        if status != 201:
            sys.exit(f"a worker was refused: {body}")

    def chat(self, model, text="Hello!", stream=False, headers=None):
        body = {"model": model, "messages": [{"role": "user", "content": text}], "stream": stream}
        return call(self.port, "POST", "/v1/chat/completions", body, {"x-smg-api-key": next(self.keys), **(headers or {})})

    def leave_stream(self, model):
        with socket.create_connection(("127.0.0.1", self.port)) as client:
            body = json.dumps({"model": model, "messages": [{"role": "user", "content": "simulate:stall"}], "stream": True})
            client.sendall(f"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
                           f"x-smg-api-key: {next(self.keys)}\r\n"
                           f"content-length: {len(body)}\r\n\r\n{body}".encode())
            client.recv(1)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def traffic(gateway, seconds):
    """Successes, failures, streams, departures, and more at once than are taken."""
    until = time.monotonic() + seconds
    turn = 0
    while time.monotonic() < until:
        model = MODELS[turn % 4]
        gateway.chat(model)
        gateway.chat(model, stream=True)
        if turn % 3 == 0:
            gateway.chat(model, "simulate:cut", stream=True)
            gateway.chat(model, "simulate:status=500")
            gateway.leave_stream(model)
        if turn % 6 == 1:
            gateway.chat("no-such-model")
            crowd = [threading.Thread(target=gateway.chat, args=(model, "simulate:latency=200")) for _ in range(16)]
            for each in crowd:
                each.start()
            for each in crowd:
                each.join()
        turn += 1
        time.sleep(0.05)
    gateway.chat("grok-3", "simulate:quota")  # and a key that rests from then on


class Prometheus:
    def __init__(self, directory, target):
        config = (RULES / "scrape.yml").read_text().replace("localhost:29000", target).replace("15s", "500ms")
        config = config.replace("recording.yml", str(RULES / "recording.yml")).replace("alerts.yml", str(RULES / "alerts.yml"))
        path = pathlib.Path(directory) / "prometheus.yml"
        path.write_text(config)
        self.port = free_port()
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(["prometheus", f"--config.file={path}", f"--storage.tsdb.path={directory}/data",
                                         f"--web.listen-address=127.0.0.1:{self.port}"], stdout=self.log, stderr=self.log)
        wait_for("Prometheus", lambda: call(self.port, "GET", "/-/ready")[0] == 200)

    def ask(self, path, **parameters):
        status, body = call(self.port, "GET", f"/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
        answer = json.loads(body)
        if status != 200:
            sys.exit(f"{parameters}: {answer.get('error')}")
        return answer["data"]

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


def spelled_out(query, seconds):
    """Grafana's variables, as it would fill them in."""
    values = {"$__rate_interval": f"{seconds}s", "$__range": f"{seconds}s", "$instance": ".*"}
    for name, value in values.items():
        query = query.replace(name, value)
    return query


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("smg")
    arguments.add_argument("--render", help="draw the dashboard into this SVG file")
    arguments.add_argument("--seconds", type=int, default=8)
    chosen = arguments.parse_args()
    if shutil.which("prometheus") is None or shutil.which("promtool") is None:
        print("skipped: Prometheus is not installed")
        sys.exit(77)
    run("promtool", "check", "config", RULES / "scrape.yml")
    run("promtool", "check", "config", "--syntax-only", RULES / "compose.yml")
    run("promtool", "test", "rules", RULES / "alerts_test.yml")
    panels = [panel for panel in json.loads(DASHBOARD.read_text())["panels"] if panel["type"] != "row"]
    used = set()
    with tempfile.TemporaryDirectory() as directory:
        gateway = Gateway(chosen.smg)
        gateway.add_checked_worker()
        prometheus = Prometheus(directory, f"127.0.0.1:{gateway.metrics_port}")
        try:
            began = time.time()
            traffic(gateway, chosen.seconds)
            time.sleep(1.2)  # two more scrapes see what came last
            ended = time.time()
            window = chosen.seconds + 2
            empty = []
            for panel in panels:
                for target in panel["targets"]:
                    query = spelled_out(target["expr"], window)
                    used.update(re.findall(r"smg_[a-z_]+", query))
                    result = prometheus.ask("query", query=query, time=ended)["result"]
                    if not any(float(sample["value"][1]) == float(sample["value"][1]) for sample in result):
                        empty.append(f"  {panel['title']}: {query}")
            rules = prometheus.ask("rules")["groups"]
            broken = [rule["name"] for group in rules for rule in group["rules"] if rule["health"] == "err"]
            if chosen.render:
                drawn = [(panel, [prometheus.ask("query_range", query=spelled_out(each["expr"], 3), start=began + 1, end=ended, step=0.5)["result"]
                                  for each in panel["targets"]]) for panel in panels]
                pathlib.Path(chosen.render).write_text(render(drawn))
        finally:
            prometheus.stop()
            gateway.stop()
    if broken:
        sys.exit(f"rules that cannot be evaluated: {', '.join(broken)}")
    if empty:
        sys.exit("queries of the dashboard without an answer:\n" + "\n".join(empty))
    print(f"{len(panels)} panels of {len(used)} metrics, all with data; rules and their tests are sound")


if __name__ == "__main__":
    os.environ["LC_ALL"] = "C"
    main()
