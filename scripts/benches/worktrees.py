"""What a worktree costs beside `git worktree add` and `cp -a`: to make, on disk, to work in, to save, to compare."""
import itertools
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from common import release_build, row, wall

SIZES = {"1k": 1_000, "20k": 20_000, "100k": 100_000}
CHANGED = 20
RADAR = 20
GIT = ["git", "-c", "user.name=Bench", "-c", "user.email=bench@example.invalid"]

# What agents do to files, in a worktree: many small writes, a folder removed, a commit, a search. Says how long each took.
WORKLOAD = r"""
set -e
now() { date +%s%N; }
a=$(now); git status --porcelain >/dev/null
b=$(now); mkdir made; i=0; while [ $i -lt 2000 ]; do echo "line $i" >made/$i; i=$((i+1)); done
c=$(now); rm -rf d0 made
d=$(now); echo changed >d1/f11; git add -A; git -c user.name=b -c user.email=b@example.invalid commit -qm work
e=$(now); grep -rl 'needle' --exclude-dir=.git . >/dev/null || true
f=$(now); echo $((b-a)) $((c-b)) $((d-c)) $((e-d)) $((f-e))
"""
STEPS = ["git status", "2,000 small writes", "rm -rf", "git commit", "grep -r"]


def repository(folder, files):
    """The same bytes on every machine: ten files of about 1 kB in each folder, in one commit."""
    path = os.path.join(folder, "repository")
    subprocess.run(GIT + ["init", "--quiet", "--initial-branch=main", path], check=True)
    numbers = random.Random(files)
    importing = subprocess.Popen(GIT + ["-C", path, "fast-import", "--quiet"], stdin=subprocess.PIPE)
    write = importing.stdin.write
    write(b"commit refs/heads/main\ncommitter Bench <bench@example.invalid> 1700000000 +0000\ndata 5\nbegin\n")
    for number in range(files):
        text = "\n".join(f"{number} {numbers.getrandbits(64):016x}" for _ in range(40)).encode()
        write(b"M 100644 inline d%d/f%d\ndata %d\n%s\n" % (number // 10, number, len(text), text))
    importing.stdin.close()
    if importing.wait() != 0:
        raise RuntimeError("git fast-import failed")
    subprocess.run(GIT + ["-C", path, "reset", "--quiet", "--hard"], check=True)
    return path


def disk_megabytes(*paths):
    """Blocks that only these paths hold; what worktrees share is not counted for each."""
    total = 0
    for path in paths:
        if os.path.exists(path):
            total += int(subprocess.run(["du", "-sk", path], check=True, capture_output=True, text=True).stdout.split()[0])
    return total / 1024


class Driver:
    """The worktree store in a process of its own, as the server has it."""

    def __init__(self, programs, repository, state):
        self.child = subprocess.Popen([os.path.join(programs, "WorktreeDriver")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ask("open", repository=repository, state=state, programs=programs)

    def ask(self, deed, **order):
        self.child.stdin.write(json.dumps({"deed": deed, **order}) + "\n")
        self.child.stdin.flush()
        answer = json.loads(self.child.stdout.readline())
        if answer.get("problem"):
            raise RuntimeError(f"{deed}: {answer['problem']}")
        return answer

    def end(self):
        self.child.stdin.close()
        self.child.wait()


def change(path, count, written):
    """Files an agent touched, spread over the tree; `path` is where changed files lie."""
    for number in range(count):
        place = os.path.join(path, f"d{number * 7 + 3}")
        os.makedirs(place, exist_ok=True)
        with open(os.path.join(place, f"f{(number * 7 + 3) * 10}"), "w") as file:
            file.write(f"changed {written} {number}\n")


def measure_size(name, files, programs, runs, rows):
    folder = tempfile.mkdtemp(prefix="graftwork-bench-", dir="/var/tmp")
    os.chmod(folder, 0o711)
    driver = None
    try:
        source = repository(folder, files)
        state = os.path.join(folder, "state")
        os.makedirs(state)
        os.chmod(state, 0o711)
        driver = Driver(programs, source, state)
        plain = lambda number: os.path.join(folder, f"plain{number}")
        copy = lambda number: os.path.join(folder, f"copy{number}")

        first = {backend: driver.ask("prepare", task=f"{backend}-first", backend=backend) for backend in ("overlay", "checkout")}
        rows.append(row(f"{name}: first use of a base, overlay", "ms", first["overlay"]["milliseconds"]))
        times = {"overlay": [], "checkout": [], "add": [], "copy": []}
        for number in range(runs):
            for backend in ("overlay", "checkout"):
                times[backend].append(driver.ask("prepare", task=f"{backend}-{number}", backend=backend)["milliseconds"])
            times["add"].append(wall(GIT + ["-C", source, "worktree", "add", "--quiet", "--detach", plain(number)]))
            times["copy"].append(wall(["cp", "-a", plain(number), copy(number)]))
        middle = {side: statistics.median(values) for side, values in times.items()}
        target = None
        if name == "100k":
            target = "<= 50 ms, >= 100x faster"
        met = None if target is None else middle["overlay"] <= 50 and middle["add"] >= 100 * middle["overlay"]
        rows.append(row(f"{name}: overlay ready", "ms", middle["overlay"], middle["add"], "git worktree add", target, met))
        rows.append(row(f"{name}: overlay ready", "ms", middle["overlay"], middle["copy"], "cp -a"))
        rows.append(row(f"{name}: checkout ready", "ms", middle["checkout"], middle["add"], "git worktree add"))
        rows.append(row(f"{name}: checkout ready", "ms", middle["checkout"], middle["copy"], "cp -a"))

        base_disk = disk_megabytes(plain(0))
        for backend in ("overlay", "checkout"):
            own = [os.path.join(state, "r", part, f"bench.{backend}-0") for part in ("worktrees", "private", "layers")]
            rows.append(row(f"{name}: {backend} on disk", "MB", disk_megabytes(*own), base_disk, "git worktree add"))

        works = {side: [] for side in ("overlay", "checkout", "add")}
        for number in range(runs):
            for backend in ("overlay", "checkout"):
                answer = driver.ask("run", task=f"{backend}-{number}", command=["/bin/sh", "-c", WORKLOAD])
                works[backend].append([int(word) / 1e6 for word in answer["stdout"].split()])
            answer = subprocess.run(["/bin/sh", "-c", WORKLOAD], cwd=plain(number), check=True, capture_output=True, text=True)
            works["add"].append([int(word) / 1e6 for word in answer.stdout.split()])
        for position, step in enumerate(STEPS):
            base = statistics.median(work[position] for work in works["add"])
            for backend in ("overlay", "checkout"):
                mine = statistics.median(work[position] for work in works[backend])
                rows.append(row(f"{name}: {step}, {backend}", "ms", mine, base, "plain worktree"))

        snapshots(name, driver, {backend: answer["path"] for backend, answer in first.items()}, plain(0), runs, rows)
    finally:
        if driver:
            driver.end()
        shutil.rmtree(folder, ignore_errors=True)


def snapshots(name, driver, places, plain, runs, rows):
    """Twenty files changed since the last look; git is asked for its status in a worktree of its own."""
    subprocess.run(GIT + ["-C", plain, "reset", "--quiet", "--hard", "main"], check=True)
    subprocess.run(GIT + ["-C", plain, "status", "--porcelain"], check=True, capture_output=True)
    times = {"overlay": [], "checkout": [], "status": []}
    for number in range(runs):
        for backend, place in places.items():
            change(place, CHANGED, number)
            times[backend].append(driver.ask("snapshot", task=f"{backend}-first")["milliseconds"])
        change(plain, CHANGED, number)
        times["status"].append(wall(GIT + ["-C", plain, "status", "--porcelain"]))
        trees = {driver.ask("snapshot", task=f"{backend}-first")["tree"] for backend in places}
        subprocess.run(GIT + ["-C", plain, "add", "-A"], check=True)
        trees.add(subprocess.run(GIT + ["-C", plain, "write-tree"], check=True, capture_output=True, text=True).stdout.strip())
        subprocess.run(GIT + ["-C", plain, "reset", "--quiet"], check=True)
        if len(trees) != 1:
            raise RuntimeError(f"the backends and git disagree about the tree: {sorted(trees)}")
    middle = {side: statistics.median(values) for side, values in times.items()}
    big = name == "100k"
    rows.append(row(
        f"{name}: snapshot of {CHANGED}, overlay", "ms", middle["overlay"], middle["status"], "git status",
        "<= 50 ms" if big else None, middle["overlay"] <= 50 if big else None))
    rows.append(row(
        f"{name}: snapshot of {CHANGED}, checkout", "ms", middle["checkout"], middle["status"], "git status",
        "<= 1.2 x" if big else None, middle["checkout"] <= 1.2 * middle["status"] if big else None))
    if name == "20k":
        radar(driver, plain, runs, rows)


def merges(repository, folder):
    """The program's own merges of every pair of the newest snapshots, as the radar has them made."""
    listed = ["for-each-ref", "--format=%(refname) %(objectname)", "refs/graftwork/snapshots"]
    names = subprocess.run(GIT + ["-C", repository, *listed], check=True, capture_output=True, text=True).stdout.splitlines()
    commits = [name.split()[1] for name in names if "/radar-" in name]
    pairs = "".join(f"{one} {other}\n" for one, other in itertools.combinations(commits, 2))
    objects = ["rev-parse", "--path-format=absolute", "--git-path", "objects"]
    objects = subprocess.run(GIT + ["-C", repository, *objects], check=True, capture_output=True, text=True).stdout
    place = os.path.join(folder, "merges")
    subprocess.run(GIT + ["init", "--quiet", "--bare", place], check=True)
    with open(os.path.join(place, "objects/info/alternates"), "w") as file:
        file.write(objects)
    start = time.perf_counter()
    command = GIT + ["--git-dir", place, "merge-tree", "--write-tree", "--stdin", "--name-only", "--no-messages"]
    subprocess.run(command, check=True, capture_output=True, input=pairs.encode())
    taken = (time.perf_counter() - start) * 1000
    shutil.rmtree(place)
    return taken


def radar(driver, repository, runs, rows):
    """Every pair of twenty worktrees, each of which changed twenty files of its own and one of all."""
    for number in range(RADAR):
        upper = driver.ask("prepare", task=f"radar-{number}", backend="overlay")["path"]
        os.makedirs(os.path.join(upper, f"d{200 + number}"), exist_ok=True)
        for file in range(CHANGED):
            with open(os.path.join(upper, f"d{200 + number}", f"new{file}"), "w") as out:
                out.write(f"{number} {file}\n")
        os.makedirs(os.path.join(upper, "d1"), exist_ok=True)
        with open(os.path.join(upper, "d1/f12"), "w") as out:
            out.write(f"mine is {number}\n")
        driver.ask("snapshot", task=f"radar-{number}")
    answers, theirs = [], []
    for _ in range(runs):
        answers.append(driver.ask("collisions"))
        theirs.append(merges(repository, os.path.dirname(repository)))
    if any(int(answer["stdout"]) < RADAR * (RADAR - 1) // 2 for answer in answers):
        raise RuntimeError(f"the radar missed collisions: {answers}")
    middle = statistics.median(answer["milliseconds"] for answer in answers)
    rows.append(row("20k: radar, 190 pairs", "ms", middle, statistics.median(theirs), "git merge-tree", "<= 400 ms", middle <= 400))


def worktrees(runs):
    programs = release_build(["sandbox-init", "WorktreeDriver"])
    rows = []
    for name, files in SIZES.items():
        print(f"measuring {name} files", file=sys.stderr)
        measure_size(name, files, programs, runs if files <= 20_000 else min(runs, 3), rows)
    return rows
