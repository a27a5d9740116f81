"""The measuring half of `run`: asks service, gateway and peer the same, checks that they answer the same by the same
statement, lets wrk and pgbench take turns and prints the table."""
import argparse
import datetime
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from urllib.parse import quote

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "peer"))

NAME = "Paula Patient"
LOGIN_NAME = "Dr. Ada Neuro"
NUMBERS = [" ".join(str((17 * (10 * line + i) + 3) % 98 + 1) for i in range(10)) for line in range(5)]
WITHIN_AGES = {"over": 20, "min_age": 60, "max_age": 75}


@dataclass
class Ask:
    """A request that is measured."""
    name: str
    service: str
    path: str
    body: dict = None
    connections: int = 64
    arguments: tuple = None  # of its statement: also measured with pgbench
    guarded: bool = False  # the service does more in its statement: row-level security, the access log, a second factor
    rates: dict = field(default_factory=dict)
    p99: dict = field(default_factory=dict)
    statement: str = ""
    same_statement: bool = True


def asks(password):
    import mmse  # of the peer
    return [
        Ask("login", "auth", "/login", {"name": LOGIN_NAME, "password": password}, connections=4, guarded=True),
        Ask("user by name", "users", f"/get_user_by_name/{quote(NAME)}", arguments=(NAME,), guarded=True),
        Ask("count", "analytics", "/api/v1/mmse/count?over=20", arguments=mmse.count_statement({"over": 20})[1]),
        Ask("count within ages", "analytics", "/api/v1/mmse/count?over=20&min_age=60&max_age=75",
            arguments=mmse.count_statement(WITHIN_AGES)[1]),
        Ask("distribution", "analytics", "/api/v1/mmse/distribution"),
        Ask("element create", "imaging", "/api/v1/elements",
            {"id": "bench-@ID", "data": NUMBERS, "device_name": "CT SCAN"}),
    ]


class Bench:
    def __init__(self, options):
        self.options = options
        self.ports = {}  # of the services
        self.pids = {}
        for text in options.service:
            name, port, pid = re.fullmatch(r"(\w+)=(\d+)/(\d+)", text).groups()
            self.ports[name], self.pids[name] = int(port), int(pid)
        with open(options.password_file) as file:
            self.asks = asks(file.read().strip())
        self.token = None
        self.runs = 0

    def port(self, ask, target):
        return {"direct": self.ports[ask.service], "gateway": self.options.gateway, "peer": self.options.peer}[target]

    # Are they the same?

    def fetch(self, ask, target):
        connection = http.client.HTTPConnection("127.0.0.1", self.port(ask, target), timeout=10)
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        body = None
        if ask.body:
            headers["Content-Type"] = "application/json"
            body = json.dumps(ask.body).replace("@ID", target)
        connection.request("POST" if ask.body else "GET", ask.path, body, headers)
        response = connection.getresponse()
        text = response.read().decode()
        if response.status not in (200, 201):
            raise SystemExit(f"bench: {ask.name} ({target}): {response.status} {text}")
        return response.status, json.loads(text)

    def last_statement(self, application):
        """What the application ran last, of this role."""
        query = ("SELECT query FROM pg_stat_activity WHERE application_name = '%s' AND query !~ '^(LISTEN|SELECT 1$)'"
                 " ORDER BY state_change DESC LIMIT 1" % application)
        return " ".join(sql(query).split())

    def check(self, ask):
        answers = {}
        for target in ("direct", "gateway", "peer"):
            answers[target] = comparable(self.fetch(ask, target), target)
            if target == "direct":
                ask.statement = self.last_statement(f"mnemos-{ask.service}")
        if not answers["direct"] == answers["gateway"] == answers["peer"]:
            raise SystemExit(f"bench: {ask.name}: the answers differ: {json.dumps(answers, indent=1)}")
        peer = self.last_statement(f"peer-{ask.service}")
        if peer != ask.statement and not ask.guarded:
            ask.same_statement = False
            print(f"bench: {ask.name}: the statements differ; the peer should be brought up to date.\n"
                  f" service: {ask.statement}\n peer:    {peer}", file=sys.stderr)

    def log_in(self):
        login = next(ask for ask in self.asks if ask.name == "login")
        reply = self.fetch(login, "direct")[1]
        self.token, self.account = reply["access_token"], reply["account"]["id"]

    # Measuring

    def wrk(self, ask, target, seconds):
        command = ["wrk", "-t2", f"-c{ask.connections}", f"-d{seconds}s", "--latency", "--timeout", "5s",
                   "-H", f"Authorization: Bearer {self.token}"]
        environment = dict(os.environ)
        if ask.body:
            command += ["-s", os.path.join(HERE, "post.lua")]
            self.runs += 1
            environment.update(BENCH_BODY=json.dumps(ask.body), BENCH_RUN=str(self.runs))
        command.append(f"http://127.0.0.1:{self.port(ask, target)}{ask.path}")
        output = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
        failures = re.search(r"Socket errors:.*|Non-2xx.*", output)
        if failures:
            print(f"  {ask.name} ({target}): {failures.group()}", file=sys.stderr)
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))
        number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", output).groups()
        return rate, float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]

    def pgbench(self, ask, seconds):
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
            script.write(pgbench_script(ask.statement, self.account if ask.guarded else None))
            script.flush()
            variables = [f"-Dp{i + 1}={value}" for i, value in enumerate(ask.arguments)]
            output = subprocess.run(
                ["pgbench", "-n", "-M", "prepared", f"-c{self.database_connections(ask)}", "-j2", f"-T{seconds}",
                 f"-f{script.name}", *variables, "-U", f"mnemos_{ask.service}"],
                capture_output=True, text=True, check=True).stdout
        return float(re.search(r"tps = ([\d.]+)", output).group(1))

    def database_connections(self, ask):
        """As many as the service used under load."""
        return int(sql(f"SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mnemos-{ask.service}'"
                       f" AND md5(regexp_replace(query, '\\s+', ' ', 'g')) = md5($${ask.statement}$$)"))

    def measure(self, ask, target, seconds):
        if target == "pgbench":
            return self.pgbench(ask, seconds), None
        result = self.wrk(ask, target, seconds)
        if "@ID" in json.dumps(ask.body):
            sql("TRUNCATE imaging.element")
        return result

    def compete(self, ask):
        targets = ["direct", "gateway", "peer"]
        for target in targets:
            self.measure(ask, target, 2)
        if ask.arguments:
            targets.append("pgbench")
        for _ in range(self.options.rounds):
            for target in targets:
                rate, p99 = self.measure(ask, target, self.options.seconds)
                ask.rates.setdefault(target, []).append(rate)
                ask.p99.setdefault(target, []).append(p99)
        print(f"  {ask.name}: " + ", ".join(f"{t} {median(ask.rates[t]):,.0f}/s" for t in targets), file=sys.stderr)

    def resident(self):
        sizes = {}
        for name, pid in self.pids.items():
            with open(f"/proc/{pid}/status") as file:
                sizes[name] = int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) / 1024
        return sizes

    def run(self):
        self.idle = self.resident()
        self.log_in()
        chosen = [ask for ask in self.asks if self.options.only in ask.name]
        if not chosen:
            raise SystemExit("bench: there is no such request; there are: " + ", ".join(ask.name for ask in self.asks))
        for ask in chosen:
            self.check(ask)
        print(f"Measuring, about {self.duration(chosen):.0f} minutes:", file=sys.stderr)
        for ask in chosen:
            self.compete(ask)
        self.report(chosen)

    def duration(self, chosen):
        return sum(6 + self.options.rounds * self.options.seconds * (4 if ask.arguments else 3) for ask in chosen) / 60

    def report(self, chosen):
        loaded = self.resident()
        print("\n| request | connections | service/s | gateway/s | peer/s | pgbench/s | p99 service | p99 gateway |"
              " p99 peer | service : peer | service : pgbench |")
        print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
        for ask in chosen:
            rates = [f"{median(ask.rates[t]):,.0f}" if t in ask.rates else "" for t in ("direct", "gateway", "peer", "pgbench")]
            p99 = [f"{median(ask.p99[t]):.1f} ms" for t in ("direct", "gateway", "peer")]
            to_pgbench = f"{ratio(ask, 'pgbench'):.0%}" if ask.arguments else ""
            name = ask.name if ask.same_statement else f"{ask.name} (another statement than the peer's)"
            print("| " + " | ".join([name, str(ask.connections), *rates, *p99, f"{ratio(ask, 'peer'):.1f}", to_pgbench]) + " |")
        print("\n| resident memory | " + " | ".join(self.idle) + " |")
        print("|---|" + "--:|" * len(self.idle))
        print("| after the start | " + " | ".join(f"{mib:.1f} MiB" for mib in self.idle.values()) + " |")
        print("| after the load | " + " | ".join(f"{mib:.1f} MiB" for mib in loaded.values()) + " |")
        print(f"\n{machine()}, {datetime.date.today()}; medians of {self.options.rounds} rounds of {self.options.seconds} s.")


def sql(query):
    return subprocess.run(["psql", "-X", "-At", "-q", "-U", "postgres", "-c", query], capture_output=True, text=True,
                          check=True).stdout.strip()


def comparable(answer, target):
    """Without what differs between any two requests."""
    status, body = answer
    for member in ("access_token", "refresh_token", "created_at", "updated_at"):
        if member in body and (member.endswith("_token") or "data_size" in body):
            body[member] = bool(body[member])
    return status, json.loads(json.dumps(body).replace(f"bench-{target}", "bench"))


INTRODUCTION = ("SELECT set_config('mnemos.role', 'healthpro', true), set_config('mnemos.account', '%s', true),"
                " set_config('mnemos.request', 'person.read 00112233445566778899aabbccddeeff 127.0.0.1', true),"
                " set_config('synchronous_commit', 'off', true)")


def pgbench_script(statement, account):
    """Each $n becomes a variable, everywhere of the type that it has where it is cast. With an account, PostgreSQL is
    told who asks in the same pipeline, as the services do."""
    types = dict(re.findall(r"\$(\d+)(::\w+)", statement))
    script = re.sub(r"\$(\d+)(::\w+)?", lambda m: f":p{m[1]}{types.get(m[1], '')}", statement)
    if not account:
        return script + ";\n"
    return f"\\startpipeline\n{INTRODUCTION % account};\n{script};\n\\endpipeline\n"


def median(values):
    return statistics.median(values)


def ratio(ask, other):
    return median([mine / theirs for mine, theirs in zip(ask.rates["direct"], ask.rates[other])])


def machine():
    with open("/proc/cpuinfo") as file:
        models = re.findall(r"model name\s*: (.*)", file.read())
    return f"{models[0] if models else os.uname().machine}, {os.cpu_count()} cores"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--service", action="append", required=True, metavar="NAME=PORT/PID")
    parser.add_argument("--gateway", type=int, required=True, metavar="PORT")
    parser.add_argument("--peer", type=int, required=True, metavar="PORT")
    parser.add_argument("--password-file", required=True)
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="")
    Bench(parser.parse_args()).run()


if __name__ == "__main__":
    main()
