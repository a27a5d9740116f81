"""The measuring half of `plain`: asks service, gateway and both peers the same, checks that they answer the same by the
same statements, lets wrk and pgbench take turns and prints the table."""
import argparse
import base64
import datetime
import http.client
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import quote

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "peer"))

NAME = "Paula Patient"
LOGIN_NAME = "Dr. Ada Neuro"
NUMBERS = [" ".join(str((17 * (10 * line + i) + 3) % 98 + 1) for i in range(10)) for line in range(5)]
WITHIN_AGES = {"over": 20, "min_age": 60, "max_age": 75}
SERVERS = {"direct": "service", "gateway": "gateway", "lighter": "lighter peer", "equal": "equal peer"}
TITLES = {**SERVERS, "pgbench": "pgbench"}


@dataclass
class Ask:
    """A request that is measured."""
    name: str
    service: str
    path: str
    body: dict = None
    connections: int = 64
    arguments: tuple = None  # of its statement: also measured with pgbench
    refused: bool = False  # checked and not measured
    guarded: bool = False  # the lighter peer runs a plainer statement: no access log, no second factor
    rates: dict = field(default_factory=dict)
    p99: dict = field(default_factory=dict)
    statement: str = ""  # the service's last
    introduction: str = ""  # how the service told PostgreSQL who asks, where it does


def asks(password):
    import mmse  # of the peer
    return [
        Ask("login with a wrong password", "auth", "/login", {"name": LOGIN_NAME, "password": "not it"}, guarded=True,
            refused=True),
        Ask("login", "auth", "/login", {"name": LOGIN_NAME, "password": password}, connections=4, guarded=True),
        Ask("user by name", "users", f"/get_user_by_name/{quote(NAME)}", arguments=(NAME,), guarded=True),
        Ask("count", "analytics", "/api/v1/mmse/count?over=20", arguments=mmse.count_statement({"over": 20})[1]),
        Ask("count within ages", "analytics", "/api/v1/mmse/count?over=20&min_age=60&max_age=75",
            arguments=mmse.count_statement(WITHIN_AGES)[1]),
        Ask("distribution", "analytics", "/api/v1/mmse/distribution"),
        Ask("element create", "imaging", "/api/v1/elements",
            {"id": "bench-@ID", "data": NUMBERS, "device_name": "CT SCAN"}),
    ]


class StatementLog:
    """PostgreSQL's log, in which each statement stands behind its application's name until `end`."""

    def __init__(self, path):
        self.path = path

    def size(self):
        return os.path.getsize(self.path)

    def since(self, offset, application):
        """Its statements, and how it told who asks; without BEGIN and COMMIT."""
        with open(self.path, "rb") as file:
            file.seek(offset)
            text = file.read().decode()
        entries = re.findall(r"^@%s@ LOG:  (?:execute [^:]*|statement): (.*(?:\n\t.*)*)" % application, text, re.M)
        found = [re.sub(r"(?<=\() | (?=\))", "", " ".join(entry.split())) for entry in entries]
        introductions = {s for s in found if s.startswith("SELECT set_config('mnemos.role'")}
        return [s for s in found if s not in introductions and not re.fullmatch("(BEGIN|COMMIT);?", s)], introductions

    def end(self):
        sql("ALTER SYSTEM RESET log_statement")
        sql("SELECT pg_reload_conf()")


class Bench:
    def __init__(self, options):
        self.options = options
        self.log = StatementLog(options.statements)
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
        return self.ports[ask.service] if target == "direct" else getattr(self.options, target)

    # Are they the same?

    def fetch(self, ask, target):
        connection = http.client.HTTPConnection("127.0.0.1", self.port(ask, target), timeout=60)
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        body = None
        if ask.body:
            headers["Content-Type"] = "application/json"
            body = json.dumps(ask.body).replace("@ID", target)
        connection.request("POST" if ask.body else "GET", ask.path, body, headers)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        if response.status not in ((401,) if ask.refused else (200, 201)):
            raise SystemExit(f"bench: {ask.name} ({target}): {response.status} {text}")
        return response.status, json.loads(text)

    def ask_all(self, ask):
        """What each server answered, what it ran and how it told who asks."""
        answers, ran, told = {}, {}, {}
        for target in SERVERS:
            begin = self.log.size()
            answers[target] = comparable(self.fetch(ask, target), target)
            application = target if target in ("lighter", "equal") else "mnemos"
            ran[target], told[target] = self.log.since(begin, f"{application}-{ask.service}")
        self.forget_elements(ask)
        return answers, ran, told

    def differences(self, ask):
        answers, ran, told = self.ask_all(ask)
        ask.statement, ask.introduction = ran["direct"][-1], "".join(told["direct"])
        for target in ("gateway", "lighter", "equal"):
            if answers[target] != answers["direct"]:
                yield "answers", target, answers
            if ran[target] != ran["direct"] and not (ask.guarded and target == "lighter"):
                yield "statements", target, ran
            if told[target] != (set() if target == "lighter" else told["direct"]):
                yield "introductions", target, told

    def check(self, ask):
        """Twice when something differs: once a minute a service tidies up, which is in the log, too."""
        if not list(self.differences(ask)):
            return
        for what, target, all_of_them in self.differences(ask):
            theirs, ours = (json.dumps(all_of_them[t], indent=1, default=sorted) for t in (target, "direct"))
            raise SystemExit(f"bench: {ask.name}: the {what} of service and {TITLES[target]} differ.\n"
                             f"service: {ours}\n{TITLES[target]}: {theirs}")

    def log_in(self):
        login = next(ask for ask in self.asks if ask.name == "login")
        reply = self.fetch(login, "direct")[1]
        self.token, self.account = reply["access_token"], reply["account"]["id"]

    # Measuring

    def wrk(self, ask, target, seconds):
        threads, connections = (1, 1) if self.options.smoke else (2, ask.connections)
        command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "5s",
                   "-H", f"Authorization: Bearer {self.token}"]
        environment = dict(os.environ)
        if ask.body:
            command += ["-s", os.path.join(HERE, "post.lua")]
            self.runs += 1
            environment.update(BENCH_BODY=json.dumps(ask.body), BENCH_RUN=f"{self.runs}-{target}")
        command.append(f"http://127.0.0.1:{self.port(ask, target)}{ask.path}")
        output = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
        for failure in re.findall(r"Socket errors:.*|Non-2xx.*", output):
            self.failed(f"{ask.name} ({target}): {failure}")
        rate = float(wanted(r"Requests/sec:\s+([\d.]+)", output).group(1))
        number, unit = wanted(r"99%\s+([\d.]+)(us|ms|s|m)", output).groups()
        return rate, float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[unit]

    def failed(self, sentence):
        if not self.options.smoke:
            print(f"  {sentence}", file=sys.stderr)
        elif "connect 0, read 0, write 0," not in sentence:  # answers that come late on a busy machine are not wrong
            raise SystemExit(f"bench: {sentence}")

    def pgbench(self, ask, seconds):
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
            script.write(pgbench_script(ask, self.account))
            script.flush()
            variables = [f"-Dp{i + 1}={value}" for i, value in enumerate(ask.arguments)]
            output = subprocess.run(
                ["pgbench", "-n", "-M", "prepared", f"-c{self.database_connections(ask)}", "-j2", f"-T{seconds}",
                 f"-f{script.name}", *variables, "-U", f"mnemos_{ask.service}"],
                capture_output=True, text=True, check=True).stdout
        return float(wanted(r"tps = ([\d.]+)", output).group(1))

    def database_connections(self, ask):
        """As many as the service used under load."""
        return int(sql(f"SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mnemos-{ask.service}'"
                       f" AND md5(regexp_replace(query, '\\s+', ' ', 'g')) = md5($${ask.statement}$$)"))

    def measure(self, ask, target, seconds):
        if target == "pgbench":
            return self.pgbench(ask, seconds), None
        result = self.wrk(ask, target, seconds)
        self.forget_elements(ask)
        return result

    def forget_elements(self, ask):
        if ask.service == "imaging":
            sql("TRUNCATE imaging.element")

    def compete(self, ask):
        targets = list(SERVERS)
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

    def try_out(self, ask):
        """Do wrk and pgbench work? All at once, since nothing is measured."""
        with ThreadPoolExecutor() as threads:
            rates = dict(zip(SERVERS, threads.map(lambda target: self.some_requests(ask, target), SERVERS)))
        if ask.arguments:
            rates["pgbench"] = self.pgbench(ask, 1)
        for target, rate in rates.items():
            if not rate > 0:
                raise SystemExit(f"bench: {ask.name} ({TITLES[target]}): not one request was answered.")

    def some_requests(self, ask, target):
        """Longer only where the machine is too busy for one of them."""
        return next((rate for rate in (self.wrk(ask, target, s)[0] for s in (1, 4, 16)) if rate > 0), 0)

    def resident(self):
        sizes = {}
        for name, pid in self.pids.items():
            with open(f"/proc/{pid}/status") as file:
                sizes[name] = int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) / 1024
        return sizes

    def run(self):
        self.idle, self.load = self.resident(), os.getloadavg()
        self.log_in()
        chosen = [ask for ask in self.asks if self.options.only in ask.name]
        if not chosen:
            raise SystemExit("bench: there is no such request; there are: " + ", ".join(ask.name for ask in self.asks))
        for ask in chosen:
            self.check(ask)
        self.log.end()
        chosen = [ask for ask in chosen if not ask.refused]
        if self.options.smoke:
            for ask in chosen:
                self.try_out(ask)
            print("Service, gateway and both peers answer the same by the same statements; wrk and pgbench work.")
            return
        print(f"Measuring, about {self.duration(chosen):.0f} minutes:", file=sys.stderr)
        for ask in chosen:
            self.compete(ask)
        self.report(chosen)

    def duration(self, chosen):
        return sum(8 + self.options.rounds * self.options.seconds * (5 if ask.arguments else 4) for ask in chosen) / 60

    def report(self, chosen):
        loaded = self.resident()
        print()
        print_row("request", "connections", *(f"{title}/s" for title in TITLES.values()),
                  *(f"p99 {title}" for title in SERVERS.values()),
                  *(f"service : {TITLES[t]}" for t in ("lighter", "equal", "pgbench")))
        print("|---|" + "--:|" * (1 + len(TITLES) + len(SERVERS) + 3))
        for ask in chosen:
            print_row(ask.name, ask.connections,
                      *(f"{median(ask.rates[t]):,.0f}" if t in ask.rates else "" for t in TITLES),
                      *(f"{median(ask.p99[t]):.1f} ms" for t in SERVERS),
                      *(f"{ratio(ask, t):.1f}" for t in ("lighter", "equal")),
                      f"{ratio(ask, 'pgbench'):.0%}" if ask.arguments else "")
        print()
        print_row("resident memory", *self.idle)
        print("|---|" + "--:|" * len(self.idle))
        print_row("after the start", *(f"{mib:.1f} MiB" for mib in self.idle.values()))
        print_row("after the load", *(f"{mib:.1f} MiB" for mib in loaded.values()))
        print(f"\n{machine()}, {datetime.date.today()}, load average {self.load[0]:.1f} at the start, {os.getloadavg()[0]:.1f}"
              f" at the end; medians of {self.options.rounds} rounds of {self.options.seconds} s.")


def wanted(pattern, output):
    found = re.search(pattern, output)
    if not found:
        raise SystemExit(f"bench: there is no {pattern} in:\n{output}")
    return found


def print_row(*cells):
    print("| " + " | ".join(map(str, cells)) + " |")


def sql(query):
    return subprocess.run(["psql", "-X", "-At", "-q", "-U", "postgres", "-c", query], capture_output=True, text=True,
                          check=True).stdout.strip()


def comparable(answer, target):
    """Without what differs between any two requests."""
    status, body = answer
    if status == 401:
        return status, body["detail"]
    if "access_token" in body:
        body["access_token"], body["refresh_token"] = token_content(body["access_token"]), bool(body["refresh_token"])
    if "data_size" in body:
        body["created_at"], body["updated_at"] = bool(body["created_at"]), bool(body["updated_at"])
    return status, json.loads(json.dumps(body).replace(f"bench-{target}", "bench"))


def token_content(token):
    header, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2])
    lifetime = claims.pop("exp") - claims.pop("iat")
    return {"header": header, "claims": {**claims, "sid": bool(claims["sid"])}, "lifetime": lifetime}


def pgbench_script(ask, account):
    """The service's statement as a script, in which each $n is a variable, everywhere of the type that it has where it is
    cast. What the service tells PostgreSQL before comes in the same pipeline."""
    types = dict(re.findall(r"\$(\d+)(::\w+)", ask.statement))
    script = re.sub(r"\$(\d+)(::\w+)?", lambda m: f":p{m[1]}{types.get(m[1], '')}", ask.statement)
    if not ask.introduction:
        return script + ";\n"
    values = ["healthpro", account, "person.read 00112233445566778899aabbccddeeff 127.0.0.1"]
    introduction = re.sub(r"\$(\d)", lambda m: f"'{values[int(m[1]) - 1]}'", ask.introduction)
    return f"\\startpipeline\n{introduction};\n{script};\n\\endpipeline\n"


def median(values):
    return statistics.median(values)


def ratio(ask, other):
    return median([mine / theirs for mine, theirs in zip(ask.rates["direct"], ask.rates[other])])


def machine():
    with open("/proc/cpuinfo") as file:
        models = re.findall(r"model name\s*: (.*)", file.read())
    return f"{models[0] if models else os.uname().machine}, {os.cpu_count()} cores"


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # not without the wrk or pgbench that runs
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--service", action="append", required=True, metavar="NAME=PORT/PID")
    for server in ("gateway", "lighter", "equal"):
        parser.add_argument(f"--{server}", type=int, required=True, metavar="PORT")
    parser.add_argument("--password-file", required=True)
    parser.add_argument("--statements", required=True, metavar="LOG", help="PostgreSQL's")
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="")
    parser.add_argument("--smoke", action="store_true", help="only see whether all of it works")
    Bench(parser.parse_args()).run()


if __name__ == "__main__":
    main()
