"""A running `smg` for a test: found, started on a free port, waited for, and ended."""
import os
import subprocess
import tempfile
import threading

START_WITHIN = 60.0
STOP_WITHIN = 20.0


def binary():
    """The program under test: SMG_BINARY, which ctest sets."""
    path = os.environ.get("SMG_BINARY", "")
    if not os.access(path, os.X_OK):
        raise RuntimeError("SMG_BINARY must name an smg program, as in SMG_BINARY=build/dev/smg")
    return path


def environment():
    """The caller's without provider keys, settings of the gateway and proxies: what is tested here is what the flags say."""
    kept = {}
    for name, value in os.environ.items():
        if name.startswith("SMG_") or name.lower().endswith(("_proxy", "_api_key", "_api_keys")):
            continue
        kept[name] = value
    return kept


class GatewayProcess:
    """`smg` with `arguments`, listening. A context manager: leaving it ends that one process."""

    SAYS = "smg: listening on "
    PORTS = ("--port", "0", "--prometheus-port", "0")

    def __init__(self, *arguments):
        self.arguments = arguments
        self.url = ""

    def __enter__(self):
        self._log = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [binary(), *self.arguments, *self.PORTS],
            stdout=subprocess.PIPE, stderr=self._log, text=True, env=environment(),
        )
        self._listening = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._listening.wait(START_WITHIN) or not self.url:
            self._stop()
            raise RuntimeError("smg did not start:\n" + self.log())
        return self

    def __exit__(self, *_):
        self._stop()
        if self._process.returncode != 0:
            raise RuntimeError(f"smg ended with {self._process.returncode}:\n" + self.log())

    def log(self):
        """What it has written to its log so far; the end of it."""
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), 8000, max(0, size - 8000)).decode("utf-8", "replace")

    def _read(self):
        for line in self._process.stdout:
            if line.startswith(self.SAYS) and not self.url:
                self.url = line[line.index("http"):].strip().rstrip("/")
                self._listening.set()
        self._listening.set()  # its output has ended: there is nothing to wait for

    def _stop(self):
        self._process.terminate()
        try:
            self._process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._process.stdout.close()


class SimulatorProcess(GatewayProcess):
    """`smg simulate`: providers without a gateway."""

    SAYS = "smg: simulating "
    PORTS = ("--port", "0")

    def __init__(self, *arguments):
        super().__init__("simulate", *arguments)
