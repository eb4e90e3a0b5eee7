"""What a sandbox costs beside bare bwrap and a bare spawn, the exec ledger beside none, and sessions that wait."""
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time

from common import PRODUCTS, release_build, row
from sessions import Arrivals, World, resident_megabytes

EXECS = 1_000
IDLE = 100


class Driver:
    """Starts sandboxes from one process, as a runner does."""

    def __init__(self, programs, folder):
        self.child = subprocess.Popen(
            [os.path.join(programs, "SandboxDriver"), programs, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, way, *command):
        self.child.stdin.write(json.dumps({"way": way, "command": command}) + "\n")
        self.child.stdin.flush()
        answer = json.loads(self.child.stdout.readline())
        if answer.get("problem"):
            raise RuntimeError(f"{way}: {answer['problem']}")
        return answer

    def end(self):
        self.child.stdin.close()
        self.child.wait()


def in_turn(driver, ways, command, runs):
    """The median of each way, all ways in turn so that a busy moment meets them alike."""
    times = {way: [] for way in ways}
    for _ in range(runs):
        for way in ways:
            times[way].append(driver.ask(way, *command)["milliseconds"])
    return {way: statistics.median(found) for way, found in times.items()}


def starts(driver, runs):
    for way in ("sandbox", "bwrap", "spawn"):
        driver.ask(way, "/usr/bin/true")
    found = in_turn(driver, ("sandbox", "bwrap", "spawn"), ["/usr/bin/true"], max(runs, 40))
    ours = found["sandbox"]
    return [
        row("sandboxed true", "ms", ours, found["bwrap"], "bare bwrap, same mounts", "<= 1.5 x", ours <= 1.5 * found["bwrap"]),
        row("sandboxed true", "ms", ours, found["spawn"], "bare spawn"),
    ]


def execs(driver, runs):
    # A shell that starts a program again and again; the loop itself costs the same on both sides.
    script = f"i=0; while [ $i -lt {EXECS} ]; do /usr/bin/true; i=$((i+1)); done"
    counted = driver.ask("recorded", "/bin/sh", "-c", script)["execs"]
    if counted != EXECS + 1:
        raise RuntimeError(f"the ledger saw {counted} execs of {EXECS + 1}")
    found = in_turn(driver, ("recorded", "sandbox"), ["/bin/sh", "-c", script], runs)
    ours, base = found["recorded"], found["sandbox"]
    return [row(f"{EXECS} execs with the ledger", "ms", ours, base, "without", "<= 1.2 x", ours <= 1.2 * base)]


def own_processes(folder, name):
    """The processes of a program that have files of this world open."""
    found = []
    for pid in os.listdir("/proc"):
        if not pid.isdigit():
            continue
        try:
            with open(f"/proc/{pid}/comm") as file:
                if not file.read().startswith(name[:15]):
                    continue
            links = [os.readlink(f"/proc/{pid}/fd/{number}") for number in os.listdir(f"/proc/{pid}/fd")]
        except OSError:
            continue
        if any(link.startswith(folder) for link in links):
            found.append(int(pid))
    return found


def proportional_megabytes(pid):
    with open(f"/proc/{pid}/smaps_rollup") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Pss:")) / 1024


def cpu_seconds(pids):
    total = 0.0
    for pid in pids:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def idle_sessions(programs, folder):
    """Sessions of the built-in agent that all wait for their model."""
    arrivals = Arrivals()
    world = World(programs, folder, arrivals.port, programs)
    configuration = os.path.join(folder, "idle.yaml")
    with open(configuration, "w") as file:
        file.write(
            "version: 1\nupstreams:\n"
            f"  here: {{ dialect: anthropic-messages, base-url: 'http://127.0.0.1:{arrivals.port}', vendor: bench, key: none }}\n"
            "agents:\n  planner: { harness: graftwork, upstream: here, model: claude-sonnet-4-5 }\n"
            "review: { same-vendor: allow }\nchecks: [{ name: none, argv: ['true'] }]\n")
    arrivals.hold.clear()
    arrivals.patience = 1_000
    try:
        start = time.time()
        for _ in range(IDLE):
            world.run("run", "wait", "--config", configuration, "--no-update-checkout", "--detach")
        while len(arrivals.moments) < IDLE and time.time() - start < 600:
            time.sleep(0.05)
        taken = time.time() - start
        time.sleep(5)
        runners = own_processes(world.folder, "graftwork-runner")
        resident = statistics.median(resident_megabytes(pid) for pid in runners)
        shares = sum(proportional_megabytes(pid) for pid in runners)
        before = cpu_seconds(runners)
        time.sleep(10)
        busy = (cpu_seconds(runners) - before) / 10 * 100
        return [
            row(f"{IDLE} idle sessions", "n", len(runners), target=f"= {IDLE}", met=len(runners) == IDLE),
            row("  all of them at their model", "s", taken),
            row("  a runner resident, idle", "MB", resident, target="<= 18 MB", met=resident <= 18),
            row("  all runners, shared parts once", "MB", shares),
            row("  all runners, of one processor", "%", busy),
        ]
    finally:
        arrivals.hold.set()
        world.end()
        for pid in own_processes(world.folder, "graftwork-runner"):
            try:
                os.kill(pid, 15)
            except ProcessLookupError:
                pass  # It has ended by itself: its model answers again.
        arrivals.stop()


def sandbox(runs):
    programs = release_build(PRODUCTS + ["SandboxDriver"])
    folder = tempfile.mkdtemp(prefix="graftwork-bench-", dir="/var/tmp")
    os.chmod(folder, 0o711)
    rows = []
    try:
        os.mkdir(os.path.join(folder, "driver"), 0o711)
        driver = Driver(programs, os.path.join(folder, "driver"))
        try:
            rows += starts(driver, runs)
            rows += execs(driver, runs)
        finally:
            driver.end()
        rows += idle_sessions(programs, folder)
    finally:
        time.sleep(1)
        shutil.rmtree(folder, ignore_errors=True)
    return rows
