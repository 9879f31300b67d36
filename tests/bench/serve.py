#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The emulator under load, beside what its cryptography costs on this machine.

Needs wrk. The reference is taken by `openssl speed` before and after, in CPU
time, as the server's own: others on the machine then count for little. An
attestation makes one RSA-2048 signature; a verified one checks three of ECDSA
P-256 too (quote, QE report, PCK certificate), issuers being remembered. The
clock's figures share the cores with wrk.

usage: MAAPOL=build/maapol tests/bench/serve.py [SECONDS [CONNECTIONS]]
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
MAAPOL = os.path.abspath(os.environ.get("MAAPOL", "build/maapol"))
SAMPLE = os.path.join(ROOT, "examples", "sgx")
LEAST = 0.8
SHORT = 5  # seconds of a measurement
SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local file = io.open("%s")
wrk.body = file:read("*a")
file:close()
"""


def speed():
    """CPU seconds of a signature by RSA-2048 and of a check by P-256."""
    out = subprocess.run(["openssl", "speed", "-mr", "-seconds", "2",
                          "rsa2048", "ecdsap256"], check=True,
                         stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL).stdout.decode()
    rsa = re.search(r"^\+F2:\d+:2048:([\d.e+-]+):", out, re.M)
    ecdsa = re.search(r"^\+F4:\d+:256:[\d.e+-]+:([\d.e+-]+)", out, re.M)
    return 1 / float(rsa[1]), 1 / float(ecdsa[1])  # it prints rates


class Server:
    def __init__(self, state, *options):
        self.process = subprocess.Popen(
            [MAAPOL, "serve", "--state", state, *options],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        line = self.process.stdout.readline().decode()
        self.url = line.split()[-1]
        self.tick = os.sysconf("SC_CLK_TCK")

    def cpu(self):
        with open("/proc/%d/stat" % self.process.pid) as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / self.tick

    def memory(self):
        """Resident, in KiB."""
        with open("/proc/%d/status" % self.process.pid) as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1])

    def stop(self):
        self.process.terminate()
        return self.process.wait(30)


def wrk(server, script, seconds, connections):
    return subprocess.Popen(
        ["wrk", "-t1", "-c%d" % connections, "-d%ds" % seconds, "-s", script,
         "--timeout", "30s", "--latency",
         server.url + "/attest/SgxEnclave?api-version=2020-10-01"],
        stdout=subprocess.PIPE)


def result(client):
    """Requests answered well, requests that were not, rate, slowest."""
    out = client.communicate()[0].decode()
    good = int(re.search(r"(\d+) requests in", out)[1])
    bad = sum(int(n) for n in re.findall(
        r"(?:connect|read|write|timeout) (\d+)", out))
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
    slowest = re.search(r"99%\s+(\S+)", out)[1]
    return good, bad + int(refused[1] if refused else 0), rate, slowest


def row(what, figure, bound, text):
    holds = figure >= bound
    print("%-46s %6.2f  at least %.2f  %s  %s" % (
        what, figure, bound, "ok  " if holds else "LOW ", text), flush=True)
    return holds


def throughput(what, state, script, options, cost):
    before = speed()
    server = Server(state, "--http", *options)
    result(wrk(server, script, 1, 16))  # caches are full, memory is there
    begin = server.cpu()
    good, bad, rate, _ = result(wrk(server, script, SHORT, 32))
    spent = (server.cpu() - begin) / max(good, 1)
    server.stop()
    after = speed()
    reference = cost([(a + b) / 2 for a, b in zip(before, after)])
    print("  %s: %.0f us of CPU for a request, %.0f us its cryptography; "
          "%.0f requests/s, %d failed" % (what, spent * 1e6, reference * 1e6,
                                          rate, bad), flush=True)
    return row(what, reference / spent, LEAST, "of the reference") and not bad


def endurance(state, script, seconds, connections):
    server = Server(state, "--verify", "none")
    client = wrk(server, script, seconds, connections)
    time.sleep(min(10, seconds / 2))
    early = server.memory()
    time.sleep(max(0, seconds - min(10, seconds / 2) - 1))
    late = server.memory()
    good, bad, rate, slowest = result(client)
    status = server.stop()
    print("  %d connections over TLS, %d s: %d requests, %d failed, "
          "%.0f/s, 99 %% within %s; exit status %d" % (
              connections, seconds, good, bad, rate, slowest, status))
    flat = row("memory at the beginning / at the end", early / late, 0.9,
               "%d KiB, %d KiB" % (early, late))
    return flat and good > 0 and bad == 0 and status == 0


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    connections = int(sys.argv[2]) if len(sys.argv) > 2 else 256
    if not shutil.which("wrk"):
        print("bench-serve needs wrk")
        return 2
    with tempfile.TemporaryDirectory(prefix="maapol-bench-") as folder:
        script = os.path.join(folder, "post.lua")
        with open(script, "w") as file:
            file.write(SCRIPT % os.path.join(SAMPLE, "request.json"))
        state = os.path.join(folder, "state")
        good = [
            throughput("attest, --verify none", state, script,
                       ("--verify", "none"), lambda cost: cost[0]),
            throughput("attest, --verify signature", state, script,
                       ("--roots", SAMPLE),
                       lambda cost: cost[0] + 3 * cost[1]),
            endurance(state, script, seconds, connections)]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
