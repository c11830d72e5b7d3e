#!/usr/bin/env python3
"""The units of deploy/systemd under a real systemd.

    tests/deploy/systemd_test.py build/dev/smg

A systemd of its own is started as process 1 of new namespaces (processes, mounts, network, cgroup), in a root of its own in memory that shows /usr
of this machine: nothing of the machine's own services is touched, and nothing is left. It runs the units as they are shipped.
Exits with 77, which ctest takes for skipped, where that cannot be: without root, without systemd, in a container that may not mount.
"""
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SYSTEMD = "/lib/systemd/systemd"
# Of systemd's own units, those that a service and its log need. The others are not there.
UNITS = ["basic.target", "sysinit.target", "sockets.target", "paths.target", "timers.target", "slices.target", "local-fs.target", "swap.target",
         "multi-user.target", "network.target", "network-online.target", "shutdown.target", "umount.target", "final.target", "exit.target",
         "systemd-exit.service", "systemd-journald.service", "systemd-journald.socket", "systemd-journald-dev-log.socket"]
PORT = 30000
SKIPPED = 77
LIMIT = 30


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def wait_for(what, attempt, limit=LIMIT):
    until = time.monotonic() + limit
    while time.monotonic() < until:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if value := attempt():
                return value
        time.sleep(0.02)
    sys.exit(f"{what}: not within {limit} s")


def cgroup2():
    """Where this process is in the unified hierarchy, or nothing."""
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        left, _, right = line.partition(" - ")
        if right.startswith("cgroup2 "):
            own = next(each for each in pathlib.Path("/proc/self/cgroup").read_text().splitlines() if each.startswith("0::"))
            return pathlib.Path(left.split()[4] + own[3:])
    return None


def outside():
    """Goes into a cgroup of its own, runs `inside` in new namespaces, and takes the cgroup away again."""
    if os.geteuid() != 0:
        skip("not root")
    if not os.access(SYSTEMD, os.X_OK) or any(shutil.which(each) is None for each in ("unshare", "nsenter", "ip", "systemctl")):
        skip("systemd is not installed")
    home = cgroup2()
    if home is None:
        skip("no unified cgroup hierarchy")
    group = home / f"smg-test-{os.getpid()}"
    try:
        group.mkdir()
        (group / "cgroup.procs").write_text(str(os.getpid()))
    except OSError as fault:
        with contextlib.suppress(OSError):
            group.rmdir()
        skip(f"no cgroup of its own: {fault}")
    try:
        new = ["unshare", "--mount", "--net", "--ipc", "--uts", "--cgroup", "--propagation", "private"]
        if subprocess.run([*new, "true"], stderr=subprocess.DEVNULL).returncode != 0:
            skip("namespaces are not to be had")
        return subprocess.run([*new, sys.executable, "-B", __file__, "--inside", *sys.argv[1:]]).returncode
    finally:
        (home / "cgroup.procs").write_text(str(os.getpid()))
        for each in sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True):
            with contextlib.suppress(OSError):
                each.rmdir()
        with contextlib.suppress(OSError):
            group.rmdir()


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=4 * LIMIT, **more)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def lay_root(root, smg):
    """A root as a fresh machine has it: /usr, hardly anything in /etc, and the units where an administrator puts them."""
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", root)
    for each in ("usr", "etc/smg", "etc/systemd/system", "var/lib", "var/log", "var/tmp", "run", "tmp", "proc", "sys", "dev", "root", "home", "old"):
        (root / each).mkdir(parents=True)
    for each in ("bin", "sbin", "lib", "lib64"):
        if pathlib.Path("/", each).is_symlink():
            (root / each).symlink_to(f"usr/{each}")
    run("mount", "--bind", "/usr", root / "usr")
    run("mount", "-o", "remount,bind,ro", root / "usr")
    units = root / "usr/lib/systemd/system"
    kept = {each: (units / each).read_bytes() for each in UNITS if (units / each).is_file()}
    run("mount", "-t", "tmpfs", "tmpfs", units)
    for name, content in kept.items():
        (units / name).write_bytes(content)
    run("mount", "-t", "tmpfs", "tmpfs", root / "usr/local/bin")
    shutil.copy(smg, root / "usr/local/bin/smg")
    for each in ("passwd", "group", "nsswitch.conf", "ld.so.cache"):
        shutil.copy(f"/etc/{each}", root / "etc")
    (root / "etc/machine-id").touch()
    for each in ("smg.service", "smg.socket"):
        shutil.copy(ROOT / "deploy/systemd" / each, root / "etc/systemd/system")
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", root / "dev")
    for each in ("null", "zero", "full", "random", "urandom", "tty"):
        (root / "dev" / each).touch()
        run("mount", "--bind", f"/dev/{each}", root / "dev" / each)
    (root / "dev/pts").mkdir()
    run("mount", "-t", "devpts", "-o", "newinstance,ptmxmode=0666", "devpts", root / "dev/pts")
    (root / "dev/ptmx").symlink_to("pts/ptmx")
    (root / "dev/shm").mkdir()
    run("mount", "-t", "tmpfs", "tmpfs", root / "dev/shm")
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", root / "run")


BOOT = f"""
set -e
cd "$1"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
pivot_root . old
umount -l /old
exec env -i PATH=/usr/sbin:/usr/bin container=smg-test {SYSTEMD} --system --log-target=journal --show-status=no --unit=basic.target
"""


PROBE = """
[Service]
Type=oneshot
ExecStart=/bin/true
DynamicUser=yes
StateDirectory=probe
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
SystemCallFilter=@system-service
"""


class Machine:
    """The systemd in its namespaces."""

    def __init__(self, root):
        self.log = tempfile.TemporaryFile()
        command = ["unshare", "--pid", "--mount", "--fork", "--kill-child", "--propagation", "private", "sh", "-c", BOOT, "sh", root]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.pid = wait_for("process 1", self._child)
        self.root = pathlib.Path(f"/proc/{self.pid}/root")
        wait_for("systemd", self._booted)

    def _child(self):
        if self.process.poll() is not None:
            self.log.seek(0)
            skip("systemd cannot be started here: " + self.log.read().decode().strip())
        return pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().strip()

    def _booted(self):
        self._child()
        return (self.root / "run/systemd/private").is_socket() and self.try_run("systemctl", "is-active", "basic.target").returncode == 0

    def try_run(self, *command):
        inside = ["nsenter", "--target", self.pid, "--pid", "--mount", "--cgroup", "--root", "--wd"]
        return subprocess.run([*inside, *command], capture_output=True, text=True, timeout=4 * LIMIT)

    def run(self, *command):
        done = self.try_run(*command)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}\n{self.journal()}")
        return done.stdout.strip()

    def systemctl(self, *arguments):
        return self.run("systemctl", *arguments)

    def show(self, name, unit="smg.service"):
        return self.systemctl("show", "--property", name, "--value", unit)

    def journal(self):
        """Its end, without the requests."""
        lines = self.try_run("journalctl", "--no-pager", "--output=short-precise").stdout.splitlines()
        return "\n".join([each for each in lines if " INFO request " not in each][-60:])

    def successor(self):
        """Another version takes over."""
        before = self.show("MainPID")
        self.systemctl("kill", "--kill-whom=main", "--signal=USR2", "smg")
        wait_for("a successor", lambda: self.show("MainPID") != before)

    def stop(self):
        os.kill(int(self.pid), signal.SIGRTMIN + 13)  # leave at once
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def call(method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=LIMIT)
    with contextlib.closing(connection):
        connection.request(method, path, json.dumps(body) if body is not None else None, {"content-type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()


def chat(text="Hello", model="gpt-4o"):
    return call("POST", "/v1/chat/completions", {"model": model, "messages": [{"role": "user", "content": text}]})


class Stream(threading.Thread):
    """A stream of two seconds, begun."""

    def __init__(self):
        super().__init__(daemon=True)
        self.begun, self.body = threading.Event(), b""
        self.start()
        if not self.begun.wait(LIMIT):
            sys.exit("a stream did not begin")

    def run(self):
        text = "simulate:chunks=20,interval=100,tokens=100"
        body = json.dumps({"model": "gpt-4o", "stream": True, "messages": [{"role": "user", "content": text}]})
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=LIMIT)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("POST", "/v1/chat/completions", body, {"content-type": "application/json"})
            answer = connection.getresponse()
            while piece := answer.read1():
                self.body += piece
                self.begun.set()

    def still_open(self):
        return self.is_alive()

    def check_end(self):
        self.join(LIMIT)
        if not self.body.endswith(b"data: [DONE]\n\n"):
            sys.exit(f"a stream was cut off: {self.body[-200:]}")


class Load:
    """Requests one after the other on connections of their own, four at a time; each must be answered."""

    def __enter__(self):
        self.answered, self.failed, self.over = 0, [], False
        self.threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(4)]
        for each in self.threads:
            each.start()
        self.wait_for_more()
        return self

    def _ask(self):
        while not self.over:
            try:
                status, body = chat()
                if status != 200:
                    self.failed.append(f"{status} {body}")
                self.answered += 1
            except (OSError, http.client.HTTPException) as fault:
                self.failed.append(repr(fault))

    def wait_for_more(self):
        before = self.answered
        wait_for("answers", lambda: self.answered > before + 20 or self.failed)

    def __exit__(self, *_):
        self.over = True
        for each in self.threads:
            each.join()
        if self.failed:
            sys.exit(f"{len(self.failed)} of {self.answered} requests failed: {self.failed[:3]}")


def expect(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what}: {found!r}, not {wanted!r}")


def started_means_serving(machine):
    machine.systemctl("start", "smg")
    expect("a request after `systemctl start`", chat()[0], 200)
    expect("the status", machine.show("StatusText"), "serving")
    facts = dict(each.split(":\t", 1) for each in machine.run("cat", f"/proc/{machine.show('MainPID')}/status").splitlines() if ":\t" in each)
    expect("root", "0" in facts["Uid"].split(), False)
    expect("capabilities", {facts[each].strip("0") for each in ("CapEff", "CapPrm", "CapBnd")}, {""})
    expect("no_new_privs and seccomp", (facts["NoNewPrivs"], facts["Seccomp"]), ("1", "2"))


def stop_waits_for_streams(machine):
    stream = Stream()
    machine.systemctl("stop", "smg")
    expect("a stream after `systemctl stop`", stream.still_open(), False)
    stream.check_end()
    expect("how it ended", (machine.show("Result"), machine.show("ExecMainStatus")), ("success", "0"))


def the_socket_starts_the_service(machine):
    machine.systemctl("enable", "--now", "smg.socket")
    expect("before the first connection", machine.show("ActiveState"), "inactive")
    expect("the first request", chat()[0], 200)


def reload_reads_the_configuration(machine):
    settings = machine.root / "etc/smg/smg.toml"
    good = settings.read_text()
    settings.write_text(good + '[aliases]\nfast = "gpt-4o"\n')
    machine.systemctl("reload", "smg")
    wait_for("a model's other name", lambda: chat(model="fast")[0] == 200)
    settings.write_text("no-such-setting = 1\n")
    machine.systemctl("reload", "smg")
    wait_for("the refusal", lambda: "the new configuration is refused" in machine.journal())
    wait_for("the end of the reload", lambda: machine.show("ActiveState") == "active")
    expect("after a bad reload", chat(model="fast")[0], 200)
    settings.write_text(good)
    machine.systemctl("reload", "smg")


def restarts_lose_no_request(machine):
    with Load() as load:
        for _ in range(6):  # in ten seconds: one more than systemd lets through by itself
            machine.systemctl("restart", "smg")
            load.wait_for_more()


def a_successor_and_its_stop_cut_no_stream(machine):
    first = Stream()
    with Load() as load:
        machine.successor()
        load.wait_for_more()
    second = Stream()
    expect("the predecessor's stream", first.still_open(), True)
    machine.systemctl("restart", "smg")
    first.check_end()
    second.check_end()
    expect("after the restart", chat()[0], 200)
    machine.successor()
    stop_waits_for_streams(machine)


def after_a_crash_it_comes_back(machine):
    for prepare in (lambda: None, machine.successor):
        expect("before the crash", chat()[0], 200)
        prepare()
        machine.systemctl("kill", "--kill-whom=main", "--signal=KILL", "smg")
        expect("a request that waits in the socket's queue", chat()[0], 200)


def with_a_good_configuration_it_comes_back(machine):
    settings = machine.root / "etc/smg/smg.toml"
    good = settings.read_text()
    settings.write_text("no-such-setting = 1\n")
    expect("a start with a bad configuration", machine.try_run("systemctl", "restart", "smg").returncode, 1)
    expect("the journal names the mistake", "smg.toml:1: no-such-setting: unknown key" in machine.journal(), True)
    settings.write_text(good)
    expect("a request after that", chat()[0], 200)


SCENES = [started_means_serving, stop_waits_for_streams, the_socket_starts_the_service, reload_reads_the_configuration, restarts_lose_no_request,
          a_successor_and_its_stop_cut_no_stream, after_a_crash_it_comes_back, with_a_good_configuration_it_comes_back]


@contextlib.contextmanager
def provider(smg):
    with subprocess.Popen([smg, "simulate"], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()


def inside(smg):
    run("ip", "link", "set", "lo", "up")
    with tempfile.TemporaryDirectory() as directory, provider(smg) as url:
        root = pathlib.Path(directory)
        lay_root(root, smg)
        (root / "etc/smg/smg.toml").write_text(f'[[workers]]\nname = "simulated"\nurl = "{url}"\nprovider = "openai"\napi_key = "sk-proj-the-test"\n')
        (root / "etc/systemd/system/probe.service").write_text(PROBE)
        machine = Machine(root)
        try:
            if machine.try_run("systemctl", "start", "probe").returncode != 0:
                skip("services cannot be confined here")
            machine.systemctl("start", "systemd-journald")
            expect("what systemd says of the units", machine.run("systemd-analyze", "verify", "smg.service", "smg.socket"), "")
            for scene in SCENES:
                begun = time.monotonic()
                try:
                    scene(machine)
                except SystemExit as fault:
                    sys.exit(f"{scene.__name__}: {fault}\n{machine.journal()}")
                print(f"{scene.__name__}: {time.monotonic() - begun:.1f} s", flush=True)
        finally:
            machine.stop()
            run("umount", "--recursive", root)


if __name__ == "__main__":
    os.environ["LC_ALL"] = "C"
    if sys.argv[1:2] == ["--inside"]:
        inside(sys.argv[2])
    else:
        sys.exit(outside())
