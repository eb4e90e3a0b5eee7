"""What every group of measurements shares: rows, a release build, the wall time of a command."""
import os
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
STARTED = time.time()
PRODUCTS = ["graftwork", "graftwork-server", "graftwork-runner", "graftwork-agent", "sandbox-init"]


def row(name, unit, ours, baseline=None, baseline_name=None, target=None, met=None):
    ratio = round(ours / baseline, 2) if baseline else None
    rounded = lambda value: None if value is None else round(value, 2)
    return {
        "name": name, "unit": unit, "ours": rounded(ours), "baseline": rounded(baseline), "baselineName": baseline_name,
        "ratio": ratio, "target": target, "met": met,
    }


def release_build(products=PRODUCTS):
    command = ["swift", "build", "--package-path", ROOT, "--configuration", "release", "--static-swift-stdlib"]
    for product in products:
        subprocess.run(command + ["--product", product], check=True, stdout=sys.stderr)
    path = subprocess.run(command + ["--show-bin-path"], check=True, capture_output=True, text=True)
    return path.stdout.strip()


def wall(argv, **options):
    start = time.perf_counter()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    return (time.perf_counter() - start) * 1000
