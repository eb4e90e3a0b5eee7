"""What a session costs beside a bare harness: start, first request, memory, the demo."""
import http.server
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from common import ROOT, STARTED, release_build, row, wall


def static_hello(folder):
    """The least a Swift program with Foundation costs to start."""
    source = os.path.join(folder, "hello.swift")
    with open(source, "w") as file:
        file.write('import FoundationEssentials\nprint(Data("hello".utf8).count)\n')
    program = os.path.join(folder, "hello")
    subprocess.run(["swiftc", "-O", "-static-stdlib", source, "-o", program], check=True, stdout=sys.stderr)
    return program


def resident_megabytes(pid):
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {pid} says nothing about its memory")


class Arrivals:
    """A model endpoint that notes when the first request of each session arrives, and refuses it in both dialects."""

    def __init__(self):
        self.moments = []
        self.hold = threading.Event()
        self.patience = 30
        self.hold.set()
        arrivals = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, status, body):
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_HEAD(self):
                self.answer(200, {})

            def do_GET(self):
                self.answer(200, {"data": [], "models": []})

            def do_POST(self):
                moment = time.time()
                self.rfile.read(int(self.headers.get("content-length") or 0))
                if "count_tokens" in self.path:
                    return self.answer(200, {"input_tokens": 1})
                arrivals.moments.append(moment)
                arrivals.hold.wait(arrivals.patience)
                error = {"type": "invalid_request_error", "code": "invalid_request_error", "message": "measured"}
                self.answer(400, {"type": "error", "error": error})

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                pass  # A harness that is ended in the middle of an answer is what is measured here.

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.hold.set()
        self.server.shutdown()


class World:
    """A state of its own, a repository, and a server that ends with it."""

    def __init__(self, programs, folder, port, harnesses):
        self.folder = folder
        self.program = os.path.join(programs, "graftwork")
        self.repository = os.path.join(folder, "repository")
        self.environment = {
            "PATH": f"{harnesses}/bin:/usr/local/bin:/usr/bin:/bin", "HOME": os.path.join(folder, "home"),
            "LANG": "C.UTF-8", "XDG_STATE_HOME": os.path.join(folder, "state"),
            "XDG_CONFIG_HOME": os.path.join(folder, "config"), "GRAFTWORK_SHARE": ROOT,
        }
        os.makedirs(self.environment["HOME"])
        os.makedirs(os.path.join(folder, "config"))
        os.makedirs(self.repository)
        git = ["git", "-c", "user.name=Bench", "-c", "user.email=bench@example.invalid"]
        with open(os.path.join(self.repository, "README"), "w") as file:
            file.write("bench\n")
        for arguments in (["init", "--quiet", "--initial-branch=main"], ["add", "README"], ["commit", "--quiet", "-m", "begin"]):
            subprocess.run(git + arguments, cwd=self.repository, check=True, env={**self.environment, "GIT_CONFIG_NOSYSTEM": "1"})
        self.port = port

    def configuration(self, harness):
        dialects = {"claude": "anthropic-messages", "codex": "openai-responses"}
        models = {"claude": "claude-sonnet-4-5", "codex": "gpt-5.5"}
        path = os.path.join(self.folder, f"{harness}.yaml")
        with open(path, "w") as file:
            file.write(
                "version: 1\nupstreams:\n"
                f"  here: {{ dialect: {dialects[harness]}, base-url: 'http://127.0.0.1:{self.port}', vendor: bench, key: none }}\n"
                "agents:\n"
                f"  planner: {{ harness: {harness}, upstream: here, model: {models[harness]} }}\n"
                "review: { same-vendor: allow }\n"
                "checks: [{ name: none, argv: ['true'] }]\n")
        return path

    def run(self, *arguments, check=True):
        return subprocess.run(
            [self.program, *arguments], cwd=self.repository, env=self.environment, capture_output=True, text=True, check=check)

    def server_pid(self):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(os.path.join(self.folder, "state/graftwork/server.sock"))
        pid = int.from_bytes(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)[:4], "little")
        connection.close()
        return pid

    def end(self):
        try:
            os.kill(self.server_pid(), 15)
        except OSError:
            pass


def session_starts(world):
    """When each session of the newest run was written down, before its runner was started."""
    moments = []
    for line in world.run("audit", "--json").stdout.splitlines():
        entry = json.loads(line)
        entry = entry.get("audit", {}).get("entry", entry)
        if entry.get("kind") == "sessionStarted":
            text = entry["at"].rstrip("Z")
            whole, _, fraction = text.partition(".")
            moments.append(calendar_seconds(whole) + float("0." + (fraction or "0")))
    return moments


def calendar_seconds(text):
    import calendar

    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%S"))


def ours_first_request(world, arrivals, harness):
    arrivals.moments.clear()
    world.run("run", "measure", "--config", world.configuration(harness), "--no-update-checkout", check=False)
    begun = session_starts(world)[-1]
    after = [moment for moment in arrivals.moments if moment >= begun]
    if not after:
        raise RuntimeError(f"{harness} never reached its model")
    return (min(after) - begun) * 1000


def bare_first_request(folder, arrivals, harness, program):
    arrivals.moments.clear()
    home = tempfile.mkdtemp(dir=folder)
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": home, "LANG": "C.UTF-8"}
    url = f"http://127.0.0.1:{arrivals.port}"
    if harness == "claude":
        environment.update({
            "CLAUDE_CONFIG_DIR": home, "ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": "bench", "IS_SANDBOX": "1",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1", "CLAUDE_CODE_MAX_RETRIES": "0",
        })
        argv = [program, "-p", "--output-format", "stream-json", "--input-format", "stream-json", "--verbose", "--model",
                "claude-sonnet-4-5", "--permission-mode", "default", "--permission-prompt-tool", "stdio", "--setting-sources="]
        message = {"type": "user", "message": {"role": "user", "content": "measure"}, "parent_tool_use_id": None, "session_id": ""}
        lines = [
            {"type": "control_request", "request_id": "1", "request": {"subtype": "initialize", "hooks": None}}, message]
    else:
        environment.update({"CODEX_HOME": home, "BENCH_KEY": "bench"})
        with open(os.path.join(home, "config.toml"), "w") as file:
            file.write(
                'model = "gpt-5.5"\nmodel_provider = "bench"\nweb_search = "disabled"\ncheck_for_update_on_startup = false\n'
                f'[model_providers.bench]\nname = "bench"\nbase_url = "{url}/v1"\nwire_api = "responses"\nenv_key = "BENCH_KEY"\n'
                "request_max_retries = 0\nstream_max_retries = 0\nsupports_websockets = false\n"
                "[analytics]\nenabled = false\n[features]\nplugins = false\napps = false\nremote_plugin = false\n")
        argv = [program, "app-server"]
        lines = [
            {"id": 1, "method": "initialize", "params": {"clientInfo": {"name": "bench", "title": "bench", "version": "1"}}},
            {"method": "initialized"},
            {"id": 2, "method": "thread/start", "params": {
                "cwd": home, "approvalPolicy": "untrusted", "sandbox": "danger-full-access"}},
        ]
    begun = time.time()
    child = subprocess.Popen(
        argv, cwd=home, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        for line in lines:
            child.stdin.write(json.dumps(line) + "\n")
        child.stdin.flush()
        if harness == "codex":
            for line in child.stdout:
                answer = json.loads(line)
                if answer.get("id") == 2:
                    turn = {"threadId": answer["result"]["thread"]["id"], "input": [{"type": "text", "text": "measure"}]}
                    child.stdin.write(json.dumps({"id": 3, "method": "turn/start", "params": turn}) + "\n")
                    child.stdin.flush()
                    break
        deadline = time.time() + 60
        while not arrivals.moments and time.time() < deadline:
            time.sleep(0.001)
        if not arrivals.moments:
            raise RuntimeError(f"the bare {harness} never reached its model")
        return (arrivals.moments[0] - begun) * 1000
    finally:
        child.kill()
        child.wait()


def runner_memory(world, arrivals):
    """A runner whose agent waits for its model: what one more session costs while nothing happens."""
    arrivals.moments.clear()
    arrivals.hold.clear()
    world.run("run", "measure", "--config", world.configuration("codex"), "--no-update-checkout", "--detach")
    while not arrivals.moments:
        time.sleep(0.01)
    time.sleep(3)
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/comm") as file:
                if not file.read().startswith("graftwork-runne"):
                    continue
            links = [os.readlink(f"/proc/{name}/fd/{number}") for number in os.listdir(f"/proc/{name}/fd")]
        except OSError:
            continue
        if any(link.startswith(world.folder) for link in links):
            found.append(resident_megabytes(int(name)))
    arrivals.hold.set()
    if not found:
        raise RuntimeError("no runner was found")
    return statistics.median(found)


def sessions(runs):
    programs = release_build()
    harnesses = subprocess.run([os.path.join(ROOT, "scripts/harnesses"), "--print-dir"], check=True, capture_output=True, text=True).stdout.strip()
    rows = []
    folder = tempfile.mkdtemp(prefix="graftwork-bench-", dir="/var/tmp")
    os.chmod(folder, 0o711)
    arrivals = Arrivals()
    world = World(programs, folder, arrivals.port, harnesses)
    try:
        hello = static_hello(folder)
        ours, base = [], []
        for _ in range(max(runs, 20)):
            ours.append(wall([world.program, "version"], env=world.environment))
            base.append(wall([hello]))
        mine = statistics.median(ours)
        rows.append(row("CLI start", "ms", mine, statistics.median(base), "static Foundation hello", "<= 8 ms", mine <= 8))

        walls = []
        for _ in range(3):
            walls.append(wall([world.program, "demo", "--yes", "--plain"], env=world.environment, cwd=folder) / 1000)
        demo = statistics.median(walls)
        rows.append(row("demo", "s", demo, target="< 60 s", met=demo < 60))

        for harness in ("claude", "codex"):
            program = os.path.join(harnesses, "bin", harness)
            ours, base = [], []
            for _ in range(runs):
                ours.append(ours_first_request(world, arrivals, harness))
                base.append(bare_first_request(folder, arrivals, harness, program))
            mine, bare = statistics.median(ours), statistics.median(base)
            rows.append(
                row(f"{harness}: first model request", "ms", mine, bare, f"bare {harness}", "<= 150 ms later", mine - bare <= 150))

        memory = runner_memory(world, arrivals)
        rows.append(row("runner resident", "MB", memory, target="<= 20 MB", met=memory <= 20))
        time.sleep(2)
        memory = resident_megabytes(world.server_pid())
        rows.append(row("server resident", "MB", memory, target="<= 30 MB", met=memory <= 30))
    finally:
        world.end()
        arrivals.stop()
        time.sleep(1)
        shutil.rmtree(folder, ignore_errors=True)
        for name in os.listdir("/tmp"):
            if name.startswith("graftwork-demo-") and os.stat(f"/tmp/{name}").st_ctime > STARTED:
                shutil.rmtree(f"/tmp/{name}", ignore_errors=True)
    return rows
